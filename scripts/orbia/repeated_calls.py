"""Calls repeated in threads beside a measurement: how many failed, and for how long none succeeded."""

import threading
import time
from collections.abc import Callable, Mapping


class RepeatedCalls:
    """`calls` are functions by name, which say whether they succeeded; each is called again and again by a thread of
    its own for as long as the block lasts."""

    def __init__(self, calls: Mapping[str, Callable[[], bool]], pause: float = 0.02):
        self._calls, self._pause = calls, pause
        self._stop = threading.Event()
        self._calls_made = {name: [] for name in calls}

    def __enter__(self):
        self.began = time.monotonic()
        self._threads = [threading.Thread(target=self._repeat, args=each, daemon=True) for each in self._calls.items()]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.ended = time.monotonic()

    def _repeat(self, name: str, call: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            succeeded = call()
            self._calls_made[name].append((began, time.monotonic(), succeeded))
            self._stop.wait(self._pause)

    def counts(self, prefix: str, since: float = 0.0) -> tuple:
        """How many of the calls whose names begin so, and which began since then, have failed and succeeded."""
        results = [succeeded for began, _, succeeded in self._of(prefix) if began > since]
        return results.count(False), results.count(True)

    def longest_gap(self, prefix: str, since: float = 0.0) -> float:
        """The longest time in seconds in which none of those calls succeeded; until now, where the last one did not."""
        begin = max(since, self.began)
        times = sorted(ended for _, ended, succeeded in self._of(prefix) if succeeded and ended > begin)
        points = [begin, *times, self.ended if self._stop.is_set() else time.monotonic()]
        return max(b - a for a, b in zip(points, points[1:]))

    def _of(self, prefix: str) -> list:
        return [call for name, calls in self._calls_made.items() if name.startswith(prefix) for call in list(calls)]
