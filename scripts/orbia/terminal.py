"""What the commands say on the terminal, and how they give up.

Progress goes to standard error; standard output is kept for what a reader or a program wants from a command.
"""

import sys
from pathlib import Path
from typing import NoReturn


def command_name() -> str:
    """The running command as it stands in the documentation, for example scripts/run."""
    return f"scripts/{Path(sys.argv[0]).name}"


def say(text: str) -> None:
    """Prints a line of progress."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def complain(problem: str, *advice: str) -> None:
    """Says what is wrong, and on further lines what to do about it. The command goes on."""
    indented = [f"  {line}".rstrip() for text in advice for line in text.split("\n")]
    print(f"{command_name()}: {problem}", *indented, sep="\n", file=sys.stderr, flush=True)


def fail(problem: str, *advice: str) -> NoReturn:
    """Ends the command with status 1. `problem` says what is wrong, `advice` what to do about it."""
    sys.stdout.flush()
    complain(problem, *advice)
    sys.exit(1)
