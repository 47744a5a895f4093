"""How many tests passed, failed and were skipped, by what the test runners leave behind."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

# With pytest-xdist the outcome stands before the test's name, without it behind.
_PYTEST_LINE = re.compile(
    r"^(?:\[gw\d+\] \[ *\d+%\] (\w+) |\S.*::.* (PASSED|FAILED|ERROR|SKIPPED) +(?:\(.*\) +)?\[ *\d+%\]$)",
    re.MULTILINE)
_SECOND_TRY = re.compile(r"^RERUN \S", re.MULTILINE)
_PYTEST_OUTCOMES = {"PASSED": "passed", "FAILED": "failed", "ERROR": "failed", "SKIPPED": "skipped"}


@dataclass(frozen=True)
class Counts:
    """Numbers of tests by their outcome."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    # Of those that ended, how many had failed before, and were tried once more.
    tried_twice: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped,
                      self.tried_twice + other.tried_twice)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        tried_twice = f" ({self.tried_twice} tried twice)" if self.tried_twice else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}{tried_twice}"

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped

    def with_status(self, status: int) -> Counts:
        """A runner that fails without a failed test (it crashed), or succeeds without a test, counts as a failure."""
        return self + Counts(failed=1) if self.failed == 0 and (status != 0 or self.total == 0) else self

    def with_second_tries(self, output: str) -> Counts:
        """With the second tries that pytest-rerunfailures tells of at the end of its output, by -rR."""
        return self + Counts(tried_twice=len(_SECOND_TRY.findall(output)))


def of_junit(report: Path) -> Counts:
    """Those of a JUnit XML file. A runner that crashed leaves none, or half of one: no tests."""
    counts = Counts()
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return counts
    for case in cases:
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            counts += Counts(failed=1)
        elif "skipped" in outcomes:
            counts += Counts(skipped=1)
        else:
            counts += Counts(passed=1)
    return counts


def of_pytest(output: str) -> Counts:
    """Those that `pytest -v` has printed so far."""
    found = [_PYTEST_OUTCOMES.get(before or behind) for before, behind in _PYTEST_LINE.findall(output)]
    return Counts(*(found.count(outcome) for outcome in ("passed", "failed", "skipped")))
