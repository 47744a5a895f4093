"""How a command that measures ends: by what it found, by what went wrong, or by a signal."""

import os
import signal
import sys
from collections.abc import Callable, Sequence

from orbia.polling import NotInTime
from orbia.stack import StackEnded
from orbia.terminal import fail


def run_and_exit(work: Callable[[], Sequence[str]]) -> None:
    """Does the work; whatever it complains of makes the exit status 1.

    Signals end it through its `finally` blocks, so that what it started does not outlive it.
    """
    # Where Debian keeps mariadbd and nginx; a user's PATH often lacks it.
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit)
    try:
        complaints = work()
    except (NotInTime, StackEnded) as error:
        fail(str(error))
    if complaints:
        fail(*complaints)


def _exit(number: int, _) -> None:
    # A second signal would cut short what the first one has begun to stop.
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)
