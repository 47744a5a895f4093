"""A process that a command starts, watches and stops."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orbia.terminal import complain

# How many lines of a log are shown, and how many bytes of it are read for them.
_LAST_LINES, _LAST_BYTES = 20, 65536


@dataclass(frozen=True)
class Program:
    """How a child is run: what is started, where its output goes, and what makes it stop gracefully."""

    name: str
    command: Sequence
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    seconds_to_stop: float = 30
    environment: Mapping[str, str] | None = None


@dataclass
class Child:
    """A program that was started."""

    program: Program
    # None from its end to its next start: a process id comes round again, and nothing may be sent there any more.
    process: subprocess.Popen | None
    # In seconds of time.monotonic().
    started: float

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def report(self, what: str) -> None:
        """Says what became of it, with how it ended, where it has, and the end of its log."""
        name, log = self.program.name, self.program.log
        if not self.runs and self.process is not None:
            what += f", with exit status {_describe(self.process.returncode)}"
        lines = _last_lines(log)
        if lines:
            complain(f"{name} {what}.", f"The last lines of {log}:", *(f"  {line}" for line in lines))
        else:
            complain(f"{name} {what}.", f"It wrote nothing to {log}.")


def _describe(returncode: int) -> str:
    """The exit status as a shell gives it, with the name of the signal that ended the process: 137 (SIGKILL)."""
    if returncode >= 0:
        return str(returncode)
    names = [each.name for each in signal.Signals if each == -returncode]
    return " ".join([str(128 - returncode), *(f"({name})" for name in names)])


def _last_lines(log: Path) -> list[str]:
    """The end of the log; no line where there is no log, or nothing in it."""
    try:
        with open(log, "rb") as file:
            file.seek(max(0, log.stat().st_size - _LAST_BYTES))
            return file.read().decode(errors="replace").splitlines()[-_LAST_LINES:]
    except FileNotFoundError:
        return []
