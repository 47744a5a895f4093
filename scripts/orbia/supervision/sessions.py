"""Processes that have a session of their own each, and are stopped with everything that they started in it.

The terminal's Ctrl-C reaches the command alone, so that it can stop its processes in order. Should the command be
killed, the kernel sends them a signal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from orbia.supervision.signals import Signals

# What a step has to clean up after SIGINT, in seconds.
_STEP_SECONDS_TO_STOP = 5
# Seconds between two looks at a process that is to end.
_INTERVAL = 0.05


def start(command: Sequence, at_parents_end: signal.Signals, **options) -> subprocess.Popen:
    """Starts a command in a session of its own. Should this process end first, it gets the signal `at_parents_end`.

    A program that cannot be started is a process that ends with status 126 or 127, and says so on standard error.
    """
    name = at_parents_end.name.removeprefix("SIG")
    return subprocess.Popen(["setpriv", "--pdeathsig", name, "--", *map(str, command)], stdin=subprocess.DEVNULL,
                            start_new_session=True, preexec_fn=_restore_default_signals, **options)


def _restore_default_signals() -> None:
    # Where this process was started behind an "&" in a script, it has inherited them as ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def run_step(signals: Signals, command: Sequence, **options) -> int:
    """Runs a command to its end, and gives its exit status. A signal that stops this process stops the command, too.

    It is stopped with SIGINT, for which build systems clean up.
    """
    process = None
    try:
        with signals.held():
            process = start(command, signal.SIGINT, **options)
        return process.wait()
    except BaseException:
        if process is not None:
            stop(process, signal.SIGINT, _STEP_SECONDS_TO_STOP)
        raise


def stop(process: subprocess.Popen, how: signal.Signals, seconds: float) -> None:
    """Sends a signal to the process that began the session, and waits until it has ended, for `seconds` at most.

    What is left of the session by then is killed.
    """
    deadline = time.monotonic() + seconds
    process.send_signal(how)
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(_INTERVAL)
    send(signal.SIGKILL, members(process.pid))
    process.wait()


def send(how: signal.Signals, pids: Sequence[int]) -> None:
    """Sends a signal to those of the processes that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)


def members(session: int) -> list[int]:
    """The process ids of the session's members that run. One that has ended and was not waited for does not count."""
    return [pid for pid, status in _processes() if status[0] != "Z" and int(status[3]) == session]


def writers(session: int, directory: Path) -> list[int]:
    """Those members of the session whose output or error output goes into a file of the directory.

    Process ids come round again: a stranger that has got one does not write there.
    """
    return [pid for pid in members(session) if any(path.startswith(f"{directory}/") for path in _outputs(pid))]


def _outputs(pid: int) -> Iterator[str]:
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            yield os.readlink(f"/proc/{pid}/fd/{descriptor}")


def _processes() -> Iterator[tuple[int, list[str]]]:
    """The process ids of all processes, each with its state, parent, group, session and more (man 5 proc)."""
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError):
                # The program's name stands in parentheses before them, and can hold anything.
                yield int(name), Path("/proc", name, "stat").read_text(errors="replace").rpartition(")")[2].split()
