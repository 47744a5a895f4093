"""The processes of scripts/test: one after the other with their output as it comes, or side by side."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from orbia.supervision import sessions

# Seconds between two looks at a process that runs.
_INTERVAL = 0.1
# Seconds between two lines of progress while several processes run side by side.
_PROGRESS_INTERVAL = 30


class Step:
    """One process, in a session of its own, whose output goes into a file.

    A signal or the end of scripts/test ends it with SIGINT, for which build systems and test runners clean up.
    """

    def __init__(self, name: str, command: Sequence, log: Path, environment: Mapping[str, str] | None = None,
                 seconds_to_stop: float = 60, directory: Path | None = None):
        self.name, self.log = name, log
        self._command = list(command)
        self._environment = {**os.environ, **(environment or {})}
        self._seconds_to_stop = seconds_to_stop
        self._directory = directory
        self._process: subprocess.Popen | None = None
        self._began = self._ended = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "wb") as log:
            self._process = sessions.start(self._command, signal.SIGINT, stdout=log, stderr=subprocess.STDOUT,
                                           env=self._environment, cwd=self._directory)
        self._began = time.monotonic()

    @property
    def status(self) -> int | None:
        """The exit status; None while the process runs."""
        status = self._process.poll()
        if status is not None and not self._ended:
            self._ended = time.monotonic()
        return status

    @property
    def seconds(self) -> float:
        """How long it has run, or ran."""
        return (self._ended or time.monotonic()) - self._began

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def interrupt(self) -> None:
        if self._process is not None and self.status is None:
            self._process.send_signal(signal.SIGINT)

    def await_end(self) -> None:
        """Returns when the process is gone, which is made so where it takes longer than it has to stop."""
        if self._process is None:
            return
        try:
            self._process.wait(self._seconds_to_stop)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def run(step: Step) -> int:
    """Runs a step to its end, prints its output as it comes, and gives its exit status."""
    try:
        step.start()
        with open(step.log, "rb") as output:
            while True:
                # The status first: what is written before the end is still printed.
                status = step.status
                _copy(output)
                if status is not None:
                    return status
                time.sleep(_INTERVAL)
    finally:
        _stop([step])


def _copy(output) -> None:
    while piece := output.read(65536):
        sys.stdout.buffer.write(piece)
    sys.stdout.flush()


def run_side_by_side(queues: Sequence[Sequence[Step]], report_end: Callable[[Step], None],
                     report_progress: Callable[[Sequence[Step]], None]) -> None:
    """Runs the steps of each queue one after the other, and the queues at the same time.

    `report_end` is called with each step that has ended, `report_progress` every half a minute with those that run.
    """
    waiting = [list(queue) for queue in queues]
    running: list[Step | None] = [None] * len(waiting)
    next_progress = time.monotonic() + _PROGRESS_INTERVAL
    try:
        while any(waiting) or any(running):
            for number, queue in enumerate(waiting):
                step = running[number]
                if step is not None and step.status is not None:
                    running[number] = None
                    report_end(step)
                if running[number] is None and queue:
                    running[number] = queue.pop(0)
                    running[number].start()
            if time.monotonic() >= next_progress:
                next_progress += _PROGRESS_INTERVAL
                report_progress([step for step in running if step is not None])
            time.sleep(_INTERVAL)
    finally:
        _stop([step for step in running if step is not None])


def _stop(steps: Sequence[Step]) -> None:
    # All are told before one is waited for.
    for step in steps:
        step.interrupt()
    for step in steps:
        step.await_end()
