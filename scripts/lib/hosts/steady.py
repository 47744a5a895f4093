"""A steady stream of calls beside a measurement: which failed, and for how long none succeeded."""

import threading
import time


class Steady:
    """`calls` are functions by name, which say whether they succeeded; each is called again and again by a thread of
    its own for as long as the block lasts."""

    def __init__(self, calls, pause=0.02):
        self._calls, self._pause = calls, pause
        self._stop = threading.Event()
        self._ends = {name: [] for name in calls}

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

    def _repeat(self, name, call):
        while not self._stop.is_set():
            succeeded = call()
            self._ends[name].append((time.monotonic(), succeeded))
            self._stop.wait(self._pause)

    def counts(self, prefix, since=0.0):
        """How many of the calls whose names begin so have failed and succeeded."""
        ends = self._of(prefix, since)
        return sum(not succeeded for _, succeeded in ends), sum(succeeded for _, succeeded in ends)

    def longest_gap(self, prefix, since=0.0):
        """The longest time in seconds in which none of those calls succeeded; until now, where the last one did not."""
        begin = max(since, self.began)
        times = sorted(at for at, succeeded in self._of(prefix, since) if succeeded)
        points = [begin, *times, time.monotonic() if self._goes_on else self.ended]
        return max(b - a for a, b in zip(points, points[1:]))

    @property
    def _goes_on(self):
        return not self._stop.is_set()

    def _of(self, prefix, since):
        return [end for name, ends in self._ends.items() if name.startswith(prefix) for end in list(ends) if end[0] > since]
