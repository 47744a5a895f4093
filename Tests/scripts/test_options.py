"""The command line of scripts/test."""

import pytest

from orbia.testing.options import part_of, read_options
from orbia.testing.parts import ADDRESS, BROWSER, DEFAULT, FUZZ, INTEGRATION, LONG, SLOW, UNIT

FILE = "Tests/integration/test_mark_read.py"


@pytest.fixture(autouse=True)
def repository(monkeypatch, pytestconfig):
    monkeypatch.chdir(pytestconfig.rootpath.parents[1])


@pytest.mark.parametrize("arguments, parts", [
    ([], DEFAULT),
    (["unit"], [UNIT]),
    (["browser", "fuzz"], [FUZZ, BROWSER]),
    (["long"], LONG),
    (["address", "unit", "slow"], [UNIT, SLOW, ADDRESS]),
])
def test_parts_run_in_their_own_order(arguments, parts):
    assert read_options(arguments).parts == list(parts)


def test_what_stands_behind_two_hyphens_is_pytests():
    options = read_options(["integration", "--", "-k", "mark_read", "--", "-x"])
    assert options.parts == [INTEGRATION]
    assert options.pytest_arguments == ["-k", "mark_read", "--", "-x"]


def test_fast_takes_files_and_tests_in_them():
    test = f"{FILE}::test_it"
    options = read_options(["fast", "--watch", FILE, test])
    assert (options.fast, options.parts, options.watch) == ([FILE, test], [], True)
    assert part_of(test) == INTEGRATION


@pytest.mark.parametrize("arguments", [
    ["nothing"], ["--nothing"], ["--workers", "0"], ["--watch"], ["unit", "--stack", "x"], ["fast"],
    ["fast", "unit"], ["fast", "Tests/integration"], ["fast", "Tests/support/stack.py"],
    ["fast", "Tests/integration/test_no.py"], ["fast", FILE, "--stack", "docs"],
])
def test_a_wrong_command_line_is_told_so(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        read_options(arguments)
    assert ended.value.code == 2
    assert "scripts/test: error:" in capsys.readouterr().err


def test_help_names_each_part(capsys):
    with pytest.raises(SystemExit) as ended:
        read_options(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for part in (*DEFAULT, *LONG):
        assert f"\n  {part.name} " in text
