"""The fast loop: unit tests and the tests of some files, side by side; again when a file has changed."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from orbia.terminal import say
from orbia.testing.options import Options, part_of
from orbia.testing.session import Session

# What the tests depend on; and the seconds between two looks at it.
WATCHED = ("Package.swift", "Sources", "Tests", "nginx", "openapi.yaml", "schema.sql", "scripts")
INTERVAL = 0.5


def run_fast(repository: Path, options: Options) -> bool:
    """Whether everything passed, the last time."""
    if options.stack:
        os.environ["ORBIA_TEST_STACK"] = str(options.stack.resolve())
    while True:
        seen = change_times(repository)
        try:
            is_good = run_once(repository, options)
        except SystemExit:
            # It does not build.
            if not options.watch:
                raise
        if not options.watch:
            return is_good
        say("waiting for a file to change; Ctrl-C ends it")
        while change_times(repository) == seen:
            time.sleep(INTERVAL)


def run_once(repository: Path, options: Options) -> bool:
    began = time.monotonic()
    session = Session(repository, "test-results-fast", os.environ.get("SANITIZER", ""), 1, options.pytest_arguments)
    session.build()
    by_part = {}
    for test in options.fast:
        by_part.setdefault(part_of(test), []).append(test)
    session.unit_beside_files(by_part)
    session.print_total()
    say(f"{time.monotonic() - began:.0f} s")
    return session.is_good


def change_times(repository: Path) -> dict[str, float]:
    """When each file that the tests depend on was changed."""
    return {path: changed for name in WATCHED for path, changed in _files(repository / name)}


def _files(path: Path) -> Iterator[tuple[str, float]]:
    if path.is_file():
        yield str(path), path.stat().st_mtime
        return
    for directory, names, files in os.walk(path):
        names[:] = [name for name in names if not name.startswith((".", "__pycache__"))]
        # Hidden ones, and those that end in "~", are an editor's own.
        for name in files:
            if name.startswith(".") or name.endswith("~"):
                continue
            file = os.path.join(directory, name)
            try:
                yield file, os.stat(file).st_mtime
            except FileNotFoundError:
                # It was there a moment ago.
                continue
