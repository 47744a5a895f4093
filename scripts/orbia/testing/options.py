"""The command line of scripts/test."""

import argparse
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orbia.testing.parts import BY_NAME, DEFAULT, LONG, Part

USAGE = """scripts/test [OPTION]... [PART]... [-- PYTEST_ARGUMENT...]
       scripts/test [OPTION]... fast [--watch] [--stack DIR] FILE... [-- PYTEST_ARGUMENT...]"""
BEGINNING = """\
Tests Orbia Conversation, and does all its own set-up. Where tests ran, the last line says how many passed and failed.
Reports as JUnit XML and the output of each part are left in .build/test-results; those of fast, in
.build/test-results-fast.
"""
END = """
What follows "--" goes to each pytest, for example: scripts/test integration -- -k mark_read

Environment:
  FUZZ_CASES     how many sequences of FastCGI records the tests send (default: 1500; in the part slow 20 times as many)
  FUZZ_SEED      the seed that they follow from (default: a new one, which stands in the test's name)
  CONTRACT_CASES how many random requests the contract's tests make for each endpoint, beside those for the examples and
                 bounds (default: 1000)
  CONTRACT_SEED  the seed that they follow from (default: 1, so that each run makes the same)
  PACKAGE        a package of this commit, which the part package tests in place of one that it builds
  PICTURES       a directory for the pictures of the page that the tests take; docs/images for those that the README
                 shows (default: .build/test-results/pictures)
  SANITIZER      address or thread: the tests use the build with that sanitizer

Exit status: 0 when everything passed, 1 when something failed, 2 for a wrong command line.
"""


@dataclass
class Options:
    """What was asked for."""

    parts: list[Part]
    install: bool
    workers: int
    pytest_arguments: list[str] = field(default_factory=list)
    # Of `fast`: files of tests by their paths from the repository on, with "::" and a test's name where one is named.
    fast: list[str] = field(default_factory=list)
    watch: bool = False
    stack: Path | None = None


def read_options(arguments: Sequence[str]) -> Options:
    """Ends the process for a wrong command line, and for --help."""
    arguments, pytest_arguments = _split(list(arguments))
    parser = argparse.ArgumentParser(
        prog="scripts/test", usage=USAGE, description=BEGINNING + "\n" + _describe_parts(), epilog=END,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=20, width=120))
    parser.add_argument("names", nargs="*", metavar="PART", help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=2, metavar="N",
                        help="processes for the integration tests, each with a stack of its own (default: 2; 1 where"
                        " there is something behind --)")
    parser.add_argument("--watch", action="store_true",
                        help="with fast: again whenever a file has changed, until Ctrl-C")
    parser.add_argument("--stack", type=Path, metavar="DIR",
                        help="with fast: use the stack that scripts/run --dir DIR has started")
    parser.add_argument("--no-install", action="store_true",
                        help="install no packages; stop where one is missing (default: install Debian's, as root or"
                        " with sudo, and those of PyPI in .build/python)")
    given = parser.parse_intermixed_args(arguments)
    if given.workers < 1:
        parser.error("--workers: at least 1")
    if given.stack and not (given.stack / "jwt-secret").exists():
        parser.error(f"--stack: no stack of scripts/run in {given.stack}")
    options = Options([], not given.no_install, given.workers, pytest_arguments, watch=given.watch, stack=given.stack)
    if given.names[:1] == ["fast"]:
        options.fast = given.names[1:]
        for name in options.fast:
            if not _directory(name):
                parser.error(f"{name}: no file in Tests/{', Tests/'.join(_directories())}")
        if not options.fast:
            parser.error("fast: which file of tests?")
    elif given.watch or given.stack:
        parser.error("--watch and --stack are for fast")
    else:
        options.parts = _parts(given.names, parser)
    return options


def part_of(test: str) -> Part:
    """The part whose test this is, of those that run by default."""
    return next(part for part in DEFAULT if part.directory and part.directory == _directory(test))


def _directory(test: str) -> str:
    """The directory of Tests that a file of pytest's tests lies in; "" for any other."""
    path = Path(test.partition("::")[0])
    within = [directory for directory in _directories() if Path("Tests", directory) in path.parents]
    return within[0] if within and path.suffix == ".py" and path.exists() else ""


def _directories() -> list[str]:
    return [part.directory for part in DEFAULT if part.directory]


def _parts(names: Sequence[str], parser: argparse.ArgumentParser) -> list[Part]:
    wanted = set()
    for name in names:
        if name == "long":
            wanted |= set(LONG)
        elif name in BY_NAME:
            wanted.add(BY_NAME[name])
        else:
            parser.error(f"unknown part: {name}")
    return [part for part in BY_NAME.values() if part in (wanted or DEFAULT)]


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before the first "--", and behind it."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1:]


def _describe_parts() -> str:
    def lines(parts: Sequence[Part]) -> list[str]:
        return [textwrap.fill(part.description, 118, initial_indent=f"  {part.name:13}", subsequent_indent=" " * 15)
                for part in parts]

    return "\n".join([
        "Parts that run where none is named; the last five run side by side:", *lines(DEFAULT), "",
        "Parts that run where they are named; long stands for all of them. To be run before a change that touches what",
        "they test is handed in:", *lines(LONG), "",
        "For the loop of changing and testing:",
        *lines([Part("fast", "unit tests, and beside them the tests of some files:"
                     " scripts/test fast Tests/integration/test_mark_read.py")])])
