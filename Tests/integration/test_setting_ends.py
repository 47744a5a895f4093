"""Settings at their ends and past them, as --help tells them: an error that names the variable, and never a signal."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from service import PROGRAM, SECRET, run
from settings import declared_settings

SETTINGS = declared_settings()
RANGES = {name: [setting.lowest, setting.highest] for name, setting in SETTINGS.items() if setting.lowest}
MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}

# A part of those that the unit tests try; here with all that follows from them in the process.
ODDITIES = [
    b" ", b"-1", b"/\xff", b"%s%n", b"9" * 1_000, b"2147483647m", b"/" + b"x" * 100_000, b"a," * 50_000, b"[" * 100_000,
]


def step(text: str, by: int) -> str:
    """The value next to an end: of a time by a millisecond, of an octal number in octal."""
    unit = re.search(r"[a-z]+$", text)
    if unit:
        return f"{int(text[:unit.start()]) * MILLISECONDS[unit[0]] + by}ms"
    if text.startswith("0") and text != "0":
        return f"{int(text, 8) + by:o}"
    return str(int(text) + by)


def start(command: str, directory, **settings) -> subprocess.CompletedProcess:
    """There is no database: `check` comes to its end whatever the settings are."""
    return run(command, **{"MYSQL_SOCKET": "/nowhere/mariadb.sock", "JWT_SECRET": SECRET,
                           "ORBIA_LISTEN": str(directory / "s"), "ORBIA_ACCESS_LOG": "off", **settings})


def is_refused(done, name: str, value: str):
    assert done.returncode not in (0, None) and done.returncode > 0, (name, value, done.returncode)
    assert f"{name} must be" in done.stdout + done.stderr, (name, value, done.stdout + done.stderr)


def test_help_declares_them():
    assert len(SETTINGS) > 30 and len(RANGES) > 10
    assert RANGES["MYSQL_PORT"] == ["1", "65535"]


@pytest.mark.parametrize("name", RANGES)
def test_a_value_past_an_end_stops_the_start_and_is_named(tmp_path, name):
    for command, value in [("serve", step(RANGES[name][0], -1)), ("check", step(RANGES[name][1], 1)),
                           ("serve", "9" * 30), ("serve", "153722868m")]:
        is_refused(start(command, tmp_path, **{name: value}), name, value)


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_are_good(tmp_path, name):
    for value in RANGES[name]:
        done = start("check", tmp_path, **{name: value})
        assert "ok    settings" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("name", SETTINGS)
def test_whatever_is_written_there_no_signal_ends_it(tmp_path, name):
    def check(value):
        done = start("check", tmp_path, **{name: os.fsdecode(value)})
        assert done.returncode > 0, (value[:40], done.returncode, done.stderr)
        assert "ok    settings" in done.stdout or f"{name} must be" in done.stdout, (value[:40], done.stdout)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(check, ODDITIES))


def test_what_the_machine_does_not_allow_is_named(tmp_path):
    """As many connections as a setting allows, and fewer descriptors than that."""
    # Root could raise the limit.
    weaken = ["setpriv", "--bounding-set=-sys_resource", "--inh-caps=-all"] if os.geteuid() == 0 else []
    done = subprocess.run(["prlimit", "--nofile=1024:1024", *weaken, PROGRAM, "serve"],
                          capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL,
                          env={"JWT_SECRET": SECRET, "ORBIA_LISTEN": str(tmp_path / "s"), "ORBIA_CONNECTIONS": "65535"})
    assert done.returncode == 1
    assert "ORBIA_CONNECTIONS is 65535, but the process may open 1024 descriptors" in done.stderr


@pytest.mark.parametrize("settings, name", [
    ({"ORBIA_LISTEN": "/x.sock", "ORBIA_STATUS_LISTEN": "/x.sock"}, "ORBIA_STATUS_LISTEN"),
    ({"ORBIA_LISTEN": "/" + "x" * 106}, "ORBIA_STATUS_LISTEN"),
    ({"JWT_SECRET": ""}, "JWT_SECRET"), ({"JWT_SECRET": "", "JWT_SECRET_PREVIOUS": SECRET}, "JWT_SECRET"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_settings_that_do_not_go_together_are_named(tmp_path, settings, name):
    is_refused(start("check", tmp_path, **settings), name, "")


def test_a_group_that_is_not_there_is_named(tmp_path):
    for group in ("no_such_group", "x" * 100_000, ":", "\n"):
        done = start("serve", tmp_path, ORBIA_LISTEN_GROUP=group)
        assert done.returncode == 1 and "no group" in done.stderr


# token


@pytest.mark.parametrize("arguments", [
    [], ["--user-id"], ["--user-id", ""], ["--user-id", "9" * 1_000], ["--user-id", "-0"], ["--user-id", "１"],
    ["--user-id", "1", "--ttl", ""], ["--user-id", "1", "--ttl", "3155760001"],
    ["--user-id", "1", "--ttl", "9" * 1_000], ["--user-id", "1", "--ttl", "1s"], ["--user-id", "1", "x"],
    ["--user-id", "1", "--user", "2"], ["--" + "x" * 100_000],
], ids=lambda arguments: " ".join(arguments)[:30])
def test_what_is_no_order_for_a_token_is_refused(arguments):
    done = run("token", *arguments, JWT_SECRET=SECRET)
    assert done.returncode > 0 and done.stdout == ""


@pytest.mark.parametrize("user, ttl", [("1", "1"), (str(2**63 - 1), "3155760000")])
def test_a_token_at_the_ends_of_its_options_is_one(user, ttl):
    done = run("token", "--user-id", user, "--ttl", ttl, JWT_SECRET=SECRET)
    assert done.returncode == 0 and len(done.stdout.split(".")) == 3


@pytest.mark.parametrize("variable, value", [
    ("JWT_SECRET", os.fsdecode(b"\xff" * 40)), ("JWT_ISSUER", os.fsdecode(b"\xff")), ("JWT_SECRET", "x" * 100_000),
    ("JWT_ISSUER", '"\\\n\x01'), ("JWT_ISSUER", "x" * 100_000),
], ids=["secret of other bytes", "issuer of other bytes", "long secret", "odd issuer", "long issuer"])
def test_no_secret_and_no_issuer_ends_it_by_a_signal(variable, value):
    done = run("token", "--user-id", "1", **{"JWT_SECRET": SECRET, variable: value})
    assert done.returncode >= 0
    assert done.returncode == 0 or f"{variable} must be UTF-8" in done.stderr


def test_a_token_that_cannot_be_written_is_no_success():
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "token", "--user-id", "1"], stdout=full, stderr=subprocess.PIPE, timeout=10,
                              env={"JWT_SECRET": SECRET})
    assert done.returncode > 0
    assert b"No space left on device" in done.stderr
