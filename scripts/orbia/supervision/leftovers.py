"""What an earlier run on a directory left behind.

The kernel sends the children of a run that is killed SIGTERM; those that were killed, too, leave processes of their
own, and others need their time to stop.
"""

import signal
import time

from orbia.state import StateDirectory
from orbia.supervision import sessions
from orbia.supervision.signals import Signals
from orbia.terminal import say

# Seconds that a process has to end after SIGTERM.
_SECONDS_TO_STOP = 30
# Seconds between two looks at it.
_INTERVAL = 0.1


def stop_leftovers(state: StateDirectory, signals: Signals) -> None:
    """Stops the sessions that the files in pids/ name, as far as they write to logs of the directory."""
    for file in sorted(state.pid_files.iterdir()):
        session = file.read_text().strip()
        if session.isdecimal() and sessions.writers(int(session), state.logs):
            say(f"stopping {file.name}, left over from a run that was killed")
            _stop(int(session), state, signals)
        file.unlink()


def _stop(session: int, state: StateDirectory, signals: Signals) -> None:
    """None of the processes is a child of this one, which could wait for it."""
    deadline = time.monotonic() + _SECONDS_TO_STOP
    sessions.send(signal.SIGTERM, sessions.writers(session, state.logs))
    while (left := sessions.writers(session, state.logs)) and time.monotonic() < deadline:
        signals.pause(_INTERVAL)
    sessions.send(signal.SIGKILL, left)
