"""deploy/: what systemd and spawn-fcgi make of it."""

import re
import subprocess

import pytest

from api import Api, FastCGITransport
from orbia.paths import REPOSITORY
from orbia.polling import eventually
from orbia.stack import environment
from service import PROGRAM, settings_of
from settings import declared_settings

UNITS = REPOSITORY / "deploy" / "systemd"
# In tenths, as `systemd-analyze security` counts what a service could do to its machine: 0 to 100.
MOST_EXPOSURE = 20


@pytest.fixture
def units(tmp_path):
    """An instance's two units, with a program that is there."""
    for kind in ("service", "socket"):
        text = (UNITS / f"orbia-conversation@.{kind}").read_text()
        (tmp_path / f"orbia-conversation@1.{kind}").write_text(
            text.replace("/usr/local/bin/orbia-conversation", str(PROGRAM)))
    return tmp_path


@pytest.fixture
def stopped_at_the_end():
    started = []
    yield started.append
    for process in started:
        process.terminate()
        process.wait(timeout=30)


def test_systemd_finds_nothing_wrong_with_the_units(units):
    done = subprocess.run(["systemd-analyze", "verify", *map(str, units.iterdir())], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_service_can_do_little_to_its_machine(units):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", "--no-pager",
         str(units / "orbia-conversation@1.service")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_leaves_the_service_time_to_drain():
    text = (UNITS / "orbia-conversation@.service").read_text()
    stop = int(re.search(r"^TimeoutStopSec=(\d+)$", text, re.M)[1])
    drain = int(declared_settings()["ORBIA_DRAIN_TIMEOUT"].default.removesuffix("s"))
    assert stop > drain + 10


def test_what_is_included_in_production_gives_no_tokens_away():
    """Demo users and files are in nginx/local alone."""
    for file in (REPOSITORY / "nginx").glob("*.conf"):
        assert not re.search(r"demo-users|demo-files|demo\.conf", file.read_text()), file


def works(path, stack):
    def answers():
        return Api(FastCGITransport(str(path), 5), stack.secret).post(None, "mark_read", {}).status == 401

    eventually(answers, within=10, what="the service answers")


def test_systemd_hands_it_a_socket(stack, tmp_path, stopped_at_the_end):
    settings = {**settings_of(stack), "ORBIA_STATUS_LISTEN": "off"}
    passed = [f"--setenv={name}={value}" for name, value in settings.items()]
    stopped_at_the_end(subprocess.Popen(
        ["systemd-socket-activate", f"--listen={tmp_path / 's'}", *passed, PROGRAM, "serve"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    works(tmp_path / "s", stack)


def test_spawn_fcgi_hands_it_a_socket(stack, tmp_path, stopped_at_the_end):
    settings = environment(**settings_of(stack), ORBIA_STATUS_LISTEN="off")
    stopped_at_the_end(subprocess.Popen(
        ["spawn-fcgi", "-n", "-s", str(tmp_path / "s"), "--", PROGRAM, "serve"], env=settings,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    works(tmp_path / "s", stack)
