"""The numbers of scripts/test, out of what each test runner leaves behind."""

import subprocess
import sys

import pytest

from orbia.builds import Build
from orbia.testing import counts, steps
from orbia.testing.counts import Counts
from orbia.testing.runners import Runners

TESTS = """
import pytest

def test_good(): pass
def test_bad(): assert False
@pytest.mark.skip(reason="of a test")
def test_skipped(): pass
@pytest.fixture
def broken(): raise RuntimeError
def test_error(broken): pass
"""


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "two"])
def test_pytest_is_counted_alike_by_its_report_and_by_its_output(tmp_path, options):
    (tmp_path / "test_kinds.py").write_text(TESTS)
    report = tmp_path / "report.xml"
    done = subprocess.run([sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", f"--junit-xml={report}",
                           *options, tmp_path], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert counts.of_junit(report) == counts.of_pytest(done.stdout) == Counts(passed=1, failed=2, skipped=1)


def test_what_fails_is_tried_once_more_and_told(tmp_path):
    (tmp_path / "test_kinds.py").write_text("""
from pathlib import Path

def test_good(): pass
def test_bad(): assert False
def test_good_at_last():
    mark = Path(__file__).with_name("mark")
    was_there = mark.exists()
    mark.touch()
    assert was_there
""")
    runners = Runners(tmp_path, Build(tmp_path), tmp_path / "results", second_try=True)
    step = runners.pytest("kinds", "scripts", "-p", "no:cacheprovider", paths=[str(tmp_path)])
    assert steps.run(step) == 1
    assert step.counts == Counts(passed=2, failed=1, tried_twice=2)
    assert str(step.counts) == "2 passed, 1 failed (2 tried twice)"


@pytest.mark.parametrize("content", [None, "", "<testsuite><testcase"])
def test_without_a_whole_report_there_are_no_tests(tmp_path, content):
    report = tmp_path / "report.xml"
    if content is not None:
        report.write_text(content)
    assert counts.of_junit(report) == Counts()


@pytest.mark.parametrize("found, status, expected", [
    (Counts(passed=3), 0, Counts(passed=3)),
    (Counts(passed=3, failed=1), 1, Counts(passed=3, failed=1)),
    (Counts(passed=3), -9, Counts(passed=3, failed=1)),
    (Counts(), 1, Counts(failed=1)),
    (Counts(), 0, Counts(failed=1)),
])
def test_a_runner_that_fails_without_a_failed_test_or_has_none_counts_as_one(found, status, expected):
    assert found.with_status(status) == expected


def test_skipped_tests_are_told_where_there_are_any():
    assert str(Counts(passed=2)) == "2 passed, 0 failed"
    assert str(Counts(passed=2, skipped=1)) == "2 passed, 0 failed, 1 skipped"
