"""The client module in Node, on the real stack: the tests in the files *.test.mjs, one of them a test of pytest's."""

import re

import pytest

from node_tests import DIRECTORY, node_tests

TESTS = node_tests()


@pytest.mark.parametrize("test", TESTS, ids=str)
def test_in_node(node_runs, test):
    failure = node_runs.failure_of(test)

    assert failure is None, failure


def test_each_test_is_found_by_its_declaration():
    """It is read where a line begins with it: another one would run, and nobody would look at its outcome."""
    for file in DIRECTORY.glob("*.test.mjs"):
        declared = len(re.findall(r"(?<![.\w])test\(", file.read_text()))
        assert declared > 0 and [test.file for test in TESTS].count(file.name) == declared, file.name
    assert len(set(TESTS)) == len(TESTS)
