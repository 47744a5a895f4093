"""Waiting for something to become true, with a limit and a reason when it does not."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class NotInTime(AssertionError):
    """A condition did not become true within its time."""


def eventually(condition: Callable[[], Result], within: float, what: str, every: float = 0.02) -> Result:
    """Calls `condition` until it answers something true, and returns that.

    Raises NotInTime with `what` once `within` seconds have passed. An AssertionError or OSError that `condition` raises
    counts as "not yet"; the last one is the failure's cause.
    """
    deadline = time.monotonic() + within
    while True:
        cause = None
        try:
            result = condition()
            if result:
                return result
        except (AssertionError, OSError) as error:
            cause = error
        if time.monotonic() > deadline:
            raise NotInTime(f"not within {within} s: {what}") from cause
        time.sleep(every)
