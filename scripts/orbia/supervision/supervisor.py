"""The processes that a command starts, and only those: started, watched, restarted, stopped.

Should the command be killed, the kernel sends its children SIGTERM.

The end of a child ends the command, but for the children that are kept: such a one is started again, and a restart in
turn takes those of them that can be awaited.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from orbia.state import StateDirectory, set_aside
from orbia.supervision import sessions
from orbia.supervision.child import Child, Program
from orbia.supervision.restarts import RestartInTurn, Revivals
from orbia.supervision.signals import Signals
from orbia.terminal import say

# Seconds between two looks at a process that is to start or to end.
_INTERVAL = 0.1


@dataclass(frozen=True)
class _Keeping:
    start: Callable[[], None]
    await_ready: Callable[[], bool] | None


class Supervisor:
    """The children of one command, in the order in which they were first started."""

    def __init__(self, state: StateDirectory, signals: Signals):
        self._state, self._signals = state, signals
        self._children: dict[str, Child] = {}
        self._keeping: dict[str, _Keeping] = {}
        self._revivals = Revivals()
        self._restart = RestartInTurn()
        self._had_terminal = False

    # Starting

    def start(self, program: Program) -> None:
        """Starts a child. One that is started again goes on writing to its log, and keeps its place among the others.
        """
        if program.name not in self._children:
            set_aside(program.log)
        with self._signals.held(), open(program.log, "ab") as log:
            process = sessions.start(program.command, signal.SIGTERM, stdout=log, stderr=subprocess.STDOUT,
                                     env=program.environment)
            self._children[program.name] = Child(program, process, time.monotonic())
            self._pid_file(program.name).write_text(f"{process.pid}\n")

    def runs(self, name: str) -> bool:
        return self._children[name].runs

    def wait_for(self, name: str, seconds: float, condition: str, is_so: Callable[[], bool]) -> None:
        """Returns when `is_so`, which `condition` says in words. Ends the command where it does not come to that."""
        deadline = time.monotonic() + seconds
        while not is_so():
            if not self.runs(name):
                self._fail(name, f"stopped before {condition}")
            if time.monotonic() >= deadline:
                self._fail(name, f"runs, but in {seconds} s it was not so that {condition}")
            self._signals.pause(_INTERVAL)

    def keep(self, name: str, start: Callable[[], None], await_ready: Callable[[], bool] | None = None) -> None:
        """From now on `start` starts the child again when it has ended.

        `await_ready` returns when another one may be stopped after that: True, or False where it does not get so far.
        A child without it is not restarted in turn with the others.
        """
        self._keeping[name] = _Keeping(start, await_ready)
        self._revivals.keep(name)

    # Watching

    def restart_on_hangup(self) -> None:
        """From now on SIGHUP restarts the kept children in turn.

        A terminal that closes sends the same signal; who started the command in it is gone then, and it stops.
        """
        self._had_terminal = _has_terminal()
        self._signals.on_hangup(self._hang_up)

    def _hang_up(self) -> None:
        if self._had_terminal and not _has_terminal():
            self._signals.stop(signal.SIGHUP)
        else:
            self._restart.ask()

    def watch(self, look: Callable[[], None] | None = None, interval: float | None = None) -> NoReturn:
        """Minds the children, and restarts them in turn when that is asked for.

        `look` is called again and again, at the latest `interval` seconds after the last time.
        """
        while True:
            self._mind()
            if look is not None:
                look()
            if self._restart.begin([name for name, keeping in self._keeping.items() if keeping.await_ready]):
                self._restart_in_turn()
            else:
                waits = [interval, self._revivals.seconds_to_next(time.monotonic())]
                self._signals.pause(min((wait for wait in waits if wait is not None), default=None))

    def _mind(self) -> None:
        """A look at each child but the one that is being restarted."""
        for name in list(self._children):
            if name == self._restart.current or self.runs(name):
                continue
            if not self._revivals.keeps(name):
                self._fail(name, "stopped unexpectedly")
            self._revive(name)

    def _revive(self, name: str) -> None:
        """For a kept child that has ended: says so at the first look, and starts it when that is due."""
        now = time.monotonic()
        if not self._revivals.is_waiting(name):
            self._children[name].report("stopped unexpectedly")
            lived = now - self._children[name].started
            self.forget(name)
            pause = self._revivals.ended(name, lived, now)
            say(f"starting {name} again, {pause} s from now")
        if self._revivals.take(name, now):
            self._keeping[name].start()

    def forget(self, name: str) -> None:
        """Kills what is left of a child. It is not started again until somebody does that, or is told to."""
        child = self._children[name]
        if child.process is not None:
            sessions.stop(child.process, signal.SIGKILL, 0)
            child.process = None
        self._pid_file(name).unlink(missing_ok=True)
        if self._revivals.keeps(name):
            self._revivals.forget(name)

    # Restarting in turn

    def _restart_in_turn(self) -> None:
        while name := self._restart.current:
            say(f"restarting {name}")
            if self.runs(name):
                self._end(name)
            self._revivals.forget(name)
            self._keeping[name].start()
            if self._keeping[name].await_ready():
                self._restart.is_back()
            else:
                self._restart.give_up()
                say(f"the restart ends here; those after {name} run on as they are")
                return
        say(f"restarted all {self._restart.finished} instances")

    def _end(self, name: str) -> None:
        """Has a child finish what it has."""
        child = self._children[name]
        deadline = time.monotonic() + child.program.seconds_to_stop
        child.process.send_signal(child.program.stop_signal)
        while child.runs and time.monotonic() < deadline:
            self._pause_and_mind()
        if child.runs:
            say(f"{name} did not stop in {child.program.seconds_to_stop} s, and is killed")
        elif child.process.returncode != 0:
            self._children[name].report("stopped as it was told to")
        self.forget(name)

    def is_soon(self, name: str, seconds: float, is_so: Callable[[], bool]) -> bool:
        """Whether it comes to that in the time. Other children are minded meanwhile."""
        deadline = time.monotonic() + seconds
        while not is_so():
            if not self.runs(name):
                return False
            if time.monotonic() >= deadline:
                self._children[name].report(f"runs, but was not ready in {seconds} s")
                return False
            self._pause_and_mind()
        return True

    def _pause_and_mind(self) -> None:
        self._signals.pause(_INTERVAL)
        self._mind()

    def _fail(self, name: str, what: str) -> NoReturn:
        self._children[name].report(what)
        sys.exit(1)

    # Stopping

    def stop(self) -> None:
        """Stops all children, the youngest first.

        nginx takes no more requests while the service finishes those it has, and MariaDB goes last.
        """
        for name, child in reversed(self._children.items()):
            if child.runs:
                # A terminal that has gone must not end the clean-up.
                with contextlib.suppress(OSError):
                    say(f"stopping {name}")
            if child.process is not None:
                sessions.stop(child.process, child.program.stop_signal, child.program.seconds_to_stop)
            self._pid_file(name).unlink(missing_ok=True)
        self._children.clear()

    def _pid_file(self, name: str) -> Path:
        return self._state.pid_files / name


def _has_terminal() -> bool:
    try:
        with open("/dev/tty", "rb"):
            return True
    except OSError:
        return False
