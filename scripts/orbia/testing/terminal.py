"""What scripts/test says, and how it gives up."""

import sys
from typing import NoReturn


def say(text: str) -> None:
    """A line of progress."""
    print(f"==> {text}", flush=True)


def fail(problem: str, *advice: str) -> NoReturn:
    """Ends scripts/test with status 1. The first line says what is wrong, the others what to do about it."""
    sys.stdout.flush()
    print(f"scripts/test: {problem}", *(f"  {line}" for line in advice), sep="\n", file=sys.stderr)
    sys.exit(1)
