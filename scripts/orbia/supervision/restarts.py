"""When a process that has ended is started again, and when all are restarted in turn: values without I/O or clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Seconds that a process has to have run for its end to be one of its life, not of its start.
_SHORT_LIFE = 5
_LONGEST_PAUSE = 10


def next_pause(previous: int, lived: float) -> int:
    """Seconds until a process that has ended is started again: none for one that had lived for a while.

    One that dies at its start, again and again, must not keep the machine busy with it: 1, 2, 4, 8, 10, 10, … s.
    """
    if lived >= _SHORT_LIFE:
        return 0
    return min(2 * previous or 1, _LONGEST_PAUSE)


@dataclass
class _Kept:
    pause: int = 0
    # When it is started again; None while it runs.
    due: float | None = None


class Revivals:
    """The processes that are kept, and when those of them that have ended are started again.

    Times are seconds of one clock. A process has a time due from its end to its start, and at no other time.
    """

    def __init__(self):
        self._kept: dict[str, _Kept] = {}

    def keep(self, name: str) -> None:
        """From now on the process is started again when it has ended."""
        self._kept[name] = _Kept()

    def keeps(self, name: str) -> bool:
        return name in self._kept

    def ended(self, name: str, lived: float, now: float) -> int:
        """The process has ended; gives the pause until it is due, in seconds."""
        kept = self._kept[name]
        kept.pause = next_pause(kept.pause, lived)
        kept.due = now + kept.pause
        return kept.pause

    def is_waiting(self, name: str) -> bool:
        return self._kept[name].due is not None

    def take(self, name: str, now: float) -> bool:
        """Whether the process is to be started now; if so, it is no longer due."""
        due = self._kept[name].due
        if due is None or now < due:
            return False
        self.forget(name)
        return True

    def forget(self, name: str) -> None:
        """Somebody else starts it."""
        self._kept[name].due = None

    def seconds_to_next(self, now: float) -> float | None:
        """Until the first one is due; None where none is waiting."""
        return min((max(0.0, kept.due - now) for kept in self._kept.values() if kept.due is not None), default=None)


class RestartInTurn:
    """A restart of several processes, each when the one before is back, and the wish for one.

    A wish that comes during a restart asks for another one after it, however many of them come.
    """

    def __init__(self):
        self._is_wanted = False
        self._waiting: list[str] = []
        self.current: str | None = None
        self.finished = 0

    def ask(self) -> None:
        self._is_wanted = True

    def begin(self, names: Sequence[str]) -> bool:
        """Whether a restart was asked for; if so, it begins with the first of the names."""
        if not self._is_wanted:
            return False
        self._is_wanted = False
        self._waiting, self.current, self.finished = list(names), None, 0
        self._advance()
        return True

    def is_back(self) -> None:
        """The current one serves again."""
        self.finished += 1
        self._advance()

    def give_up(self) -> None:
        """The current one did not come up again: those after it have no turn."""
        self._waiting.clear()
        self.current = None

    def _advance(self) -> None:
        self.current = self._waiting.pop(0) if self._waiting else None
