"""Waiting for something to become true, with a limit and a reason when it does not."""

import time


def eventually(condition, within: float, what: str, every: float = 0.02):
    """Calls `condition` until it answers something true, and returns that.

    Fails with `what` once `within` seconds have passed. An AssertionError or OSError that
    `condition` raises counts as "not yet"; the last one is the failure's cause.
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
            raise AssertionError(f"not within {within} s: {what}") from cause
        time.sleep(every)
