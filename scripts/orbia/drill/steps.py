"""The steps of a drill: said when they begin and while they last, and how long each took."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from orbia.terminal import say

# Seconds between two lines of a step that lasts.
_BETWEEN_LINES = 15


class DrillFailed(Exception):
    """What was restored is not what it should be, or does not work."""


class Steps:
    """`seconds` has the steps that have ended, by their names."""

    def __init__(self):
        self.seconds = {}

    @contextlib.contextmanager
    def step(self, name: str, so_far: Callable[[], str] = lambda: "") -> Iterator[None]:
        """`so_far` says how far it has got."""
        say(name)
        ended = threading.Event()
        teller = threading.Thread(target=self._tell, args=[name, so_far, ended], daemon=True)
        teller.start()
        began = time.monotonic()
        try:
            yield
            self.seconds[name] = time.monotonic() - began
        finally:
            ended.set()
            teller.join()

    def _tell(self, name: str, so_far: Callable[[], str], ended: threading.Event) -> None:
        began = time.monotonic()
        while not ended.wait(_BETWEEN_LINES):
            say(" ".join([f"{name}: {time.monotonic() - began:.0f} s", so_far()]).rstrip())
