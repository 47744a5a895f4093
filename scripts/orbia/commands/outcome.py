"""How a command that measures ends: by what it found, by what went wrong, or by a signal."""

import sys
from collections.abc import Callable, Sequence

from orbia.machine import extend_path
from orbia.polling import NotInTime
from orbia.stack import StackEnded
from orbia.supervision.signals import Signals, Stopped
from orbia.terminal import fail


def run_and_exit(work: Callable[[], Sequence[str]]) -> None:
    """Does the work; what it complains of makes the exit status 1.

    A signal ends it through its `finally` blocks, so that what it started does not outlive it.
    """
    extend_path()
    # From here on a signal raises Stopped.
    Signals()
    try:
        complaints = work()
    except Stopped as stopped:
        sys.exit(stopped.status)
    except (NotInTime, StackEnded) as error:
        fail(str(error))
    if complaints:
        fail(*complaints)
