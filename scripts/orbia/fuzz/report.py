"""What runs of libFuzzer came to, for people and as pytest reports it."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from orbia.fuzz.libfuzzer import Run
from orbia.paths import REPOSITORY


def report(run: Run) -> Run:
    """Prints it; gives it back."""
    outcome = "no finding"
    if run.failed:
        outcome = f"a finding: {run.finding or 'no input was kept'}\n{run.reason}"
        if run.finding:
            program = run.program.relative_to(REPOSITORY)
            outcome += f"\nAgain: FUZZ_TARGET={run.target} SWIFT_BACKTRACE=enable=no {program} {run.finding}"
    print(
        f"{run.target}: {run.executions:,} executions in {run.seconds:.0f} s, {run.coverage:,} branches reached, "
        f"{run.inputs:,} inputs kept; {outcome}",
        flush=True,
    )
    return run


def write_junit(path: str, runs: Sequence[Run]) -> None:
    """As pytest does."""
    suite = ElementTree.Element("testsuite", name="fuzz")
    for run in runs:
        case = ElementTree.SubElement(suite, "testcase", classname="fuzz", name=run.target, time=f"{run.seconds:.1f}")
        if run.failed:
            ElementTree.SubElement(case, "failure", message=str(run.finding)).text = run.reason
    ElementTree.ElementTree(suite).write(path)
