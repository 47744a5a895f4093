"""systemd's part, played by the tests: readiness, status, watchdog, the journal's priorities, and the units' words."""

import ctypes
import os
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

from journal import journal_stream
from orbia.database_server import ACCOUNT
from orbia.paths import REPOSITORY
from orbia.polling import eventually
from orbia.stack import environment
from service import PROGRAM, SECRET, Service, run, settings_of

UNIT = REPOSITORY / "deploy" / "systemd" / "orbia-conversation@.service"
# Of the watchdog; the service is to be heard twice as often.
WATCHDOG = 2.0
BAD_SETTING = 78


class Manager:
    """The socket that systemd would listen on."""

    def __init__(self, address: str):
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))
        self._socket.setblocking(False)
        # When each came, and what it said.
        self.told: list[tuple[float, str]] = []

    def collect(self) -> list[str]:
        """All assignments so far."""
        try:
            while True:
                message = self._socket.recv(65536).decode()
                self.told += [(time.monotonic(), line) for line in message.split("\n")]
        except BlockingIOError:
            return [line for _, line in self.told]

    def await_word(self, word: str, within: float = 10) -> None:
        eventually(lambda: word in self.collect(), within=within, what=f"systemd is told {word}")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def any_manager(request, make_directory):
    path = str(make_directory() / "notify")
    manager = Manager(path if request.param == "path" else f"@{path}")
    yield manager
    manager.close()


@pytest.fixture
def manager(make_directory):
    manager = Manager(str(make_directory() / "notify"))
    yield manager
    manager.close()


def watched(manager: Manager, **settings) -> dict:
    return {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": str(int(WATCHDOG * 1e6)), **settings}


# Readiness


def test_it_says_when_it_is_ready_what_it_is_and_that_it_stops(start_service, any_manager):
    service = start_service(NOTIFY_SOCKET=any_manager.address)
    any_manager.await_word("STATUS=ready")
    assert service.page("/readyz").status == 200
    service.stop()
    told = any_manager.collect()
    assert [told.count(word) for word in ("READY=1", "STOPPING=1")] == [1, 1]
    assert told.index("READY=1") < told.index("STOPPING=1")
    assert not [line for line in told if line.startswith("WATCHDOG")]


def test_it_is_ready_without_a_database_and_its_status_says_what_is_wrong(make_directory, manager):
    service = Service(make_directory(), {"MYSQL_SOCKET": "/nowhere/mariadb.sock", "JWT_SECRET": SECRET,
                                         "NOTIFY_SOCKET": manager.address})
    service.start()
    try:
        manager.await_word("READY=1", within=5)
        assert any(re.match("STATUS=database: .*error 2002", line) for line in manager.collect())
    finally:
        service.stop()


def test_its_status_follows_the_database(mortal, make_directory, manager):
    service = Service(make_directory(), {"MYSQL_SOCKET": str(mortal.socket), "MYSQL_USERNAME": ACCOUNT,
                                         "MYSQL_PASSWORD": "wrong", "JWT_SECRET": SECRET,
                                         "NOTIFY_SOCKET": manager.address})
    service.start()
    try:
        eventually(lambda: any("error 1045" in line for line in manager.collect()), within=10,
                   what="the status has the database's error")
    finally:
        service.stop()


def test_a_manager_that_is_gone_costs_nothing_but_a_line(start_service, manager):
    os.unlink(manager.address)
    service = start_service(NOTIFY_SOCKET=manager.address)
    eventually(lambda: f"cannot notify {manager.address}" in service.log(), within=5, what="the log says so")
    assert service.stop() == 0


# The watchdog


def test_the_watchdog_hears_of_it_in_time(start_service, manager):
    start_service(**watched(manager))
    eventually(lambda: manager.collect().count("WATCHDOG=1") >= 4, within=10, what="four words for the watchdog")
    times = [moment for moment, line in manager.told if line == "WATCHDOG=1"]
    assert all(later - earlier < WATCHDOG for earlier, later in zip(times, times[1:]))


def test_the_watchdog_of_another_process_hears_nothing(start_service, manager):
    start_service(**watched(manager, WATCHDOG_PID="1"))
    manager.await_word("READY=1")
    start = time.monotonic()
    eventually(lambda: time.monotonic() > start + WATCHDOG, within=10, what="the time of a word is over")
    assert "WATCHDOG=1" not in manager.collect()


def test_the_watchdog_hears_nothing_of_a_dispatcher_that_is_stuck(start_service, manager):
    """The main thread alone is stopped, as ptrace can: all others go on."""
    service = start_service(**watched(manager))
    manager.await_word("WATCHDOG=1")
    with stopped_thread(service.pid):
        # What was on its way.
        start = time.monotonic()
        eventually(lambda: manager.collect() and time.monotonic() > start + 2 * WATCHDOG, within=20,
                   what="the watchdog's time is over")
        assert [at for at, line in manager.told if line == "WATCHDOG=1" and at > start + WATCHDOG] == []
    heard = len(manager.collect())
    eventually(lambda: "WATCHDOG=1" in manager.collect()[heard:], within=10, what="it is heard again")


class stopped_thread:
    """A thread that a tracer holds; threads beside it run."""

    PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17

    def __init__(self, thread: int):
        self._thread = thread
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self._libc.ptrace.restype = ctypes.c_long

    def __enter__(self):
        for request in (self.PTRACE_SEIZE, self.PTRACE_INTERRUPT):
            assert self._libc.ptrace(request, self._thread, None, None) == 0
        os.waitpid(self._thread, 0x40000000)  # __WALL
        return self

    def __exit__(self, *_):
        assert self._libc.ptrace(self.PTRACE_DETACH, self._thread, None, None) == 0


# A start that fails


@pytest.mark.parametrize("settings, problem", [({}, "JWT_SECRET must be set"),
                                               ({"JWT_SECRET": SECRET, "MYSQL_PORT": "x"}, "MYSQL_PORT must be")])
def test_a_bad_setting_has_an_exit_status_of_its_own_and_is_the_status(manager, settings, problem):
    done = run("serve", **settings, NOTIFY_SOCKET=manager.address)
    assert done.returncode == BAD_SETTING
    assert problem in done.stderr
    [status] = manager.collect()
    assert status.startswith("STATUS=settings: ") and problem in status


def test_the_unit_does_not_start_again_what_a_bad_setting_keeps_from_starting():
    assert f"\nRestartPreventExitStatus={BAD_SETTING}\n" in UNIT.read_text()


def test_what_may_pass_by_itself_is_started_again(stack, tmp_path, manager):
    done = run("serve", **settings_of(stack), ORBIA_LISTEN=str(tmp_path / "missing" / "s"),
               NOTIFY_SOCKET=manager.address)
    assert done.returncode == 1
    assert any("missing" in line for line in manager.collect())


# The journal


def test_each_line_in_the_journal_has_its_priority(make_directory, tmp_path):
    with open(tmp_path / "journal", "a+b") as journal:
        service = Service(make_directory(), {"MYSQL_SOCKET": "/nowhere/mariadb.sock", "JWT_SECRET": "short",
                                             "JOURNAL_STREAM": journal_stream(journal)})
        service.start(stderr=journal)
        eventually(lambda: b"<3>" in (tmp_path / "journal").read_bytes(), within=10, what="an error is logged")
        service.stop()
    priorities = {"debug": "7", "info": "6", "notice": "5", "warning": "4", "error": "3", "critical": "2"}
    lines = (tmp_path / "journal").read_text().splitlines()
    found = [re.match(r"<(\d)>\S+Z (\w+) ", line) for line in lines]
    assert all(found), lines
    assert all(priorities[line[2]] == line[1] for line in found)
    assert {"info", "warning", "error"} <= {line[2] for line in found}


def test_a_start_that_fails_is_an_error_in_the_journal(tmp_path):
    with open(tmp_path / "journal", "w+b") as journal:
        subprocess.run([PROGRAM, "serve"], stderr=journal, stdin=subprocess.DEVNULL, timeout=10,
                       env=environment(JOURNAL_STREAM=journal_stream(journal)))
    [line] = (tmp_path / "journal").read_text().splitlines()
    assert re.match(r"<3>\S+Z error settings: JWT_SECRET must be set", line)


def test_elsewhere_lines_have_none(make_directory, tmp_path):
    """systemd's variable is still there where somebody has redirected the output."""
    with open(tmp_path / "other", "wb") as other:
        service = Service(make_directory(), {"MYSQL_SOCKET": "/nowhere/mariadb.sock", "JWT_SECRET": SECRET,
                                             "JOURNAL_STREAM": journal_stream(other)})
        service.start()
    service.stop()
    assert service.log() and not re.search(r"^<", service.log(), re.MULTILINE)


def test_the_unit_lets_the_journal_drop_nothing():
    assert "\nLogRateLimitIntervalSec=0\n" in UNIT.read_text()


# The build


def test_the_log_begins_with_version_and_commit(start_service):
    service = start_service()
    eventually(lambda: "listening on" in service.log(), within=5, what="the start is logged")
    [line] = [line for line in service.log().splitlines() if "listening on" in line]
    assert re.search(r" commit=\S+ version=\d+\.\d+\.\d+", line)


def test_version_and_commit_are_a_metric_and_what_version_prints(start_service):
    number, commit = re.fullmatch(r"(\S+) \(commit (\w+)\)\n", run("--version").stdout).groups()
    assert start_service().metrics()[f'orbia_build_info{{version="{number}",commit="{commit}"}}'] == 1


# The instance's name


def test_the_unit_names_the_instance_where_systemd_replaces_it():
    """%i stands in the unit's own lines, and no example of a settings file has it."""
    text = UNIT.read_text()
    for name in ("ORBIA_LISTEN", "ORBIA_ACCESS_LOG"):
        assert re.search(rf"^Environment={name}=/\S*/%i\.\w+$", text, re.MULTILINE)
    settings = (REPOSITORY / "deploy" / "environment" / "all.env").read_text()
    assert "%" not in settings
    for document in (REPOSITORY / "docs").glob("*.md"):
        for line in document.read_text().splitlines():
            assert not re.match(r"\s*(ORBIA|MYSQL|JWT)_\w+=\S*%i", line), document


# check


@pytest.fixture
def settings_file(tmp_path) -> Path:
    path = tmp_path / "all.env"
    path.write_text("JWT_SECRET='x'\n")
    os.chown(path, 0, 0)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mode, group, who", [
    (0o644, 0, "everybody"), (0o604, 0, "everybody"), (0o602, 0, "everybody"), (0o640, 33, "the group www-data"),
    (0o660, 33, "the group www-data")])
def test_check_says_when_others_can_read_the_settings(stack, settings_file, mode, group, who):
    os.chown(settings_file, 0, group)
    settings_file.chmod(mode)
    done = run("check", "--environment-file", settings_file, **settings_of(stack))
    assert f"note  environment: {settings_file} is open to {who}" in done.stdout
    assert f"to mend it: chmod 600 {settings_file}" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("mode, group", [(0o600, 0), (0o400, 33), (0o640, 0)])
def test_check_is_silent_where_root_alone_can_read_them(stack, settings_file, mode, group):
    os.chown(settings_file, 0, group)
    settings_file.chmod(mode)
    done = run("check", "--environment-file", settings_file, **settings_of(stack))
    assert "environment" not in done.stdout
    assert done.returncode == 0


def test_check_without_settings_says_how_to_give_it_those_of_the_units(settings_file):
    bare = run("check", "--environment-file", settings_file, JWT_SECRET="")
    assert bare.returncode == 1
    assert f"to mend it: set it in {settings_file}, and give this command what is there: (set -a; . {settings_file}; " \
        "orbia-conversation check)" in bare.stdout
    bad = run("check", "--environment-file", settings_file, JWT_SECRET=SECRET, MYSQL_TLS="verfy")
    assert "to mend it: set it in the service's environment; see --help" in bad.stdout


def test_check_says_so_where_the_file_is_not_there(stack, tmp_path):
    done = run("check", "--environment-file", tmp_path / "none.env", **settings_of(stack))
    assert f"note  environment: cannot look at {tmp_path / 'none.env'}" in done.stdout
