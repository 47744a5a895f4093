"""The signals that a command gets: most of them stop it, and all of them end its pauses."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Callable, Iterator

_STOPPING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """A signal has asked the command to stop: what it started is stopped on the way out."""

    def __init__(self, number: int):
        super().__init__(number)
        # As a shell tells of a command that a signal ended.
        self.status = 128 + number


class Signals:
    """From its making on, the first SIGHUP, SIGINT or SIGTERM raises Stopped; further ones are ignored."""

    def __init__(self):
        self._holders = 0
        self._held_back: int | None = None
        self._wakeup, wakeup_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wakeup_end, warn_on_full_buffer=False)
        # The end of a child is to end a pause.
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # Behind an "&" in a script SIGINT is ignored; who starts a command with nohup wants it to ignore SIGHUP.
        self._heeds_hangup = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
        for number in _STOPPING:
            if number != signal.SIGHUP or self._heeds_hangup:
                signal.signal(number, lambda number, frame: self.stop(number))

    def stop(self, number: int) -> None:
        """Raises Stopped for that signal, or has it raised where it is held back."""
        if self._holders:
            self._held_back = number
            return
        self.ignore()
        raise Stopped(number)

    def ignore(self) -> None:
        """From now on no signal stops the command: it is stopping what it started."""
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)

    def on_hangup(self, act: Callable[[], None]) -> None:
        """From now on SIGHUP calls `act` instead."""
        if self._heeds_hangup:
            signal.signal(signal.SIGHUP, lambda number, frame: act())

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Inside, a signal waits: between the start of a process and its entry in a list nobody would stop it."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if self._held_back is not None and not self._holders:
                self.stop(self._held_back)

    def pause(self, seconds: float | None) -> None:
        """Returns after `seconds` (None: never), or when a signal has come since the last pause."""
        readable, _, _ = select.select([self._wakeup], [], [], seconds)
        if readable:
            os.read(self._wakeup, 4096)
