"""scripts/fuzz: parts of the service with libFuzzer and the address sanitizer."""

import argparse
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

from orbia import packages
from orbia.fuzz.build import build
from orbia.fuzz.libfuzzer import FINDINGS, TARGETS, Run, keep_corpus, kill_all, make
from orbia.fuzz.report import report, write_junit
from orbia.terminal import command_name


def main() -> None:
    options = read_options()
    if not options.no_install:
        packages.install(*packages.BUILD)
    program = build(optimized=not options.debug)
    make(FINDINGS)
    if options.keep:
        for target in options.targets:
            keep_corpus(program, target)
        return
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)
    with ThreadPoolExecutor(options.jobs) as threads:
        runs = list(threads.map(lambda target: report(Run(program, target, options.seconds)), options.targets))
    if options.junit_xml:
        write_junit(options.junit_xml, runs)
    failed = sum(run.failed for run in runs)
    print(f"\n{len(runs) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def _stop(number: int, _) -> None:
    """Ends the processes that run, and this one, without a word about findings."""
    kill_all()
    os._exit(128 + number)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Feeds parts of the service with inputs that libFuzzer makes up, guided by the code that they "
        "reach, on a build with the address sanitizer in .build-fuzz. The targets are in Tests/fuzz: "
        f"{', '.join(TARGETS)}. Each begins with its inputs in Tests/fuzz/corpus, and with those that earlier runs "
        "left in .build-fuzz/corpus. An input that breaks a property, the memory, or takes too long is kept in "
        ".build-fuzz/findings, and makes the exit status 1; 2 is a wrong command line.",
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="only these (default: all)")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), metavar="N",
        help="targets at once (default: one for each processor)"
    )
    parser.add_argument(
        "--debug", action="store_true", help="build without optimization: that is sooner done, and runs more slowly"
    )
    parser.add_argument(
        "--keep", action="store_true",
        help="no run: bring the inputs of earlier runs that reach something new into Tests/fuzz/corpus",
    )
    parser.add_argument("--junit-xml", metavar="FILE", help="also report there, as pytest does")
    parser.add_argument("--no-install", action="store_true", help="install no packages (default: install Debian's)")
    options = parser.parse_args()
    for target in options.targets:
        if target not in TARGETS:
            parser.error(f"unknown target: {target}")
    options.targets = options.targets or list(TARGETS)
    return options
