"""scripts/chaos: nothing is lost, doubled or miscounted when parts are killed, and its comparison would notice."""

import json
import subprocess

import pytest

from orbia.paths import REPOSITORY
from orbia.ports import free_port
from orbia.stack import environment

CHAOS = REPOSITORY / "scripts" / "chaos"


def chaos(*arguments) -> subprocess.CompletedProcess:
    command = [CHAOS, *map(str, arguments)]
    process = subprocess.Popen(command, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    try:
        output, errors = process.communicate(timeout=900)
    finally:
        # Where the tests are interrupted it still has a stack to stop: nobody else would.
        process.terminate()
        process.wait(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


@pytest.mark.parametrize("arguments", [["--nothing"], ["--kills", "0"], ["--seconds", "x"]])
def test_a_wrong_command_line_is_told_so(arguments):
    done = chaos(*arguments)
    assert done.returncode == 2
    assert arguments[0] in done.stderr


def test_the_comparison_notices_each_kind_of_tampering():
    done = chaos("--self-check")
    assert done.returncode == 0, done.stderr


def test_kills_under_load_lose_double_and_miscount_nothing(make_directory):
    directory = make_directory()
    done = chaos("--no-install", "--dir", directory, "--http", free_port(), "--https", free_port(),
                 "--status", free_port(), "--seconds", 24, "--kills", 6, "--seed", 5, "--clients", 6,
                 "--readers", 2, "--conversations", 4, "--pause", 0.03)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads((directory / "chaos.json").read_text())
    kills = {kind: each["kills"] for kind, each in figures["seconds_without_a_send"].items()}
    assert kills == {"instance": 1, "database": 1, "frozen database": 1, "read-only database": 1, "connections": 1,
                     "nginx reload": 1}
    assert figures["acknowledged"] > 100 and figures["marks"] > 10 and figures["polls"] > 10
    assert figures["recalls"] > 3 and figures["quotes"] > 3
    assert sum(figures["failed_attempts"].values()) > 0, "the kills were felt"
    assert set(figures["wrong"].values()) == {0}
    assert figures["given_up"] == 0
