"""A build that says of itself that it is one of another commit."""

from pathlib import Path

from service import PROGRAM

# Where the compiler keeps the beginning of the text that `git archive` replaces by a commit (BuildVersion.swift).
_PLACE, _COMMIT = b"$Format:", b"another:"


def another_build(directory: Path) -> Path:
    """The program, with another commit written into a copy of it."""
    program = PROGRAM.read_bytes()
    assert program.count(_PLACE) == 1
    copy = directory / PROGRAM.name
    copy.write_bytes(program.replace(_PLACE, _COMMIT))
    copy.chmod(0o755)
    return copy
