"""scripts/test: prepares the machine, and runs what was asked for."""

import os
import sys

from orbia.machine import extend_path
from orbia.paths import REPOSITORY
from orbia.supervision.signals import Signals, Stopped
from orbia.testing.fast import run_fast
from orbia.testing.machine import prepare_machine
from orbia.testing.options import Options, read_options
from orbia.testing.parts import ADDRESS, FUZZ, LINT, PACKAGE, PAGE, SLOW, THREAD, UNIT, UPGRADE
from orbia.testing.session import Session


def main() -> None:
    os.chdir(REPOSITORY)
    options = read_options(sys.argv[1:])
    extend_path()
    # From here on a signal raises Stopped.
    Signals()
    try:
        prepare_machine(REPOSITORY, options)
        is_good = run_fast(REPOSITORY, options) if options.fast else run_parts(options)
    except Stopped as stopped:
        sys.exit(stopped.status)
    sys.exit(0 if is_good else 1)


def run_parts(options: Options) -> bool:
    """Whether everything passed."""
    session = Session(REPOSITORY, "test-results", os.environ.get("SANITIZER", ""), options.workers,
                      options.pytest_arguments)
    if LINT in options.parts:
        session.lint()
    if any(part.needs_build for part in options.parts):
        session.build()
    if UNIT in options.parts:
        session.unit()
    if FUZZ in options.parts:
        session.fuzz()
    session.stack_tests(options.parts)
    if SLOW in options.parts:
        session.slow()
    if PAGE in options.parts:
        session.page()
    if UPGRADE in options.parts:
        session.upgrade()
    if PACKAGE in options.parts:
        session.package()
    if ADDRESS in options.parts:
        session.address()
    if THREAD in options.parts:
        session.thread()
    if options.parts != [LINT]:
        session.print_total()
    return session.is_good
