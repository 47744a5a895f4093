"""scripts/run --instances: several processes of the service behind one nginx."""

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import requests

from api import http_api
from database import Database
from orbia.polling import eventually
from orbia.processes import running
from orbia.stack import Stack
from shared_fixtures import started

NAMES = ["service-1", "service-2"]


@pytest.fixture(scope="module")
def pair(make_directory):
    """A stack of two instances."""
    with started(Stack(make_directory(), instances=2)) as pair:
        yield pair


@pytest.fixture(scope="module")
def user(pair):
    return Database(pair.mysql_socket).user()


def pids(stack) -> dict:
    return {name: stack.pid_of(name) for name in NAMES}


def all_serve(stack) -> bool:
    sockets = [stack.directory / f"{name}.sock" for name in NAMES]
    return len(running(pids(stack).values())) == 2 and all(socket.exists() for socket in sockets)


@pytest.fixture
def healthy(pair):
    """The pair with both instances serving, and nginx knowing it.

    fail_timeout=1s is counted in whole seconds: it may last two. Then nginx wants a request to try.
    """
    eventually(lambda: all_serve(pair), within=30, what="both instances serve")
    time.sleep(2.5)
    for _ in range(8):
        http_api(pair).post(None, "mark_read", {}).error(401)
    return pair


def kill(stack, name, how):
    """Returns when the process is gone."""
    pid = stack.pid_of(name)
    os.kill(pid, how)
    eventually(lambda: not running([pid]), within=1, what=f"{name} is gone")


@contextmanager
def no_start(stack):
    """Inside, an instance that is started ends at once: it is given no secret. Those that run have theirs."""
    file = stack.directory / "jwt-secret"
    secret = file.read_text()
    file.write_text("")
    try:
        yield
    finally:
        file.write_text(secret)


def ask(stack, user, secret, times):
    api = http_api(stack)
    api.secret = secret
    for _ in range(times):
        api.get_conversations(user).success()


def test_each_instance_is_a_process_with_a_socket_and_a_log(pair):
    found = pids(pair)
    assert running(found.values()) == set(found.values())
    assert len(set(found.values())) == 2
    for name in NAMES:
        assert (pair.directory / f"{name}.sock").is_socket()
        assert f"{name}.sock" in pair.log(name)


def status(stack, path) -> requests.Response:
    """An answer of the listener for health and metrics."""
    return requests.get(f"http://127.0.0.1:{stack.ports.status}{path}", timeout=10,
                        proxies={"http": None})


def test_both_instances_have_their_share_of_the_requests(healthy, user):
    def share() -> list:
        ask(healthy, user, healthy.secret, 20)
        return [name for name in ("access-1", "access-2") if "get_conversations" in healthy.log(name)]

    eventually(lambda: len(share()) == 2, within=30, what="both have a line in their access logs")


@pytest.mark.parametrize("number", ["1", "2"])
def test_each_instance_tells_its_own_health_and_metrics(healthy, number):
    for page in ("healthz", "readyz"):
        answer = status(healthy, f"/{number}/{page}")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    [start] = re.findall(r"^process_start_time_seconds (\S+)$",
                         status(healthy, f"/{number}/metrics").text, re.M)
    ticks = int(Path(f"/proc/{pids(healthy)[f'service-{number}']}/stat").read_text()
                .rpartition(")")[2].split()[19])
    [booted] = re.findall(r"^btime (\d+)$", Path("/proc/stat").read_text(), re.M)
    assert float(start) == pytest.approx(int(booted) + ticks / os.sysconf("SC_CLK_TCK"), abs=2)


@pytest.mark.parametrize("path", ["/", "/1/", "/1/healthz/", "/1/other", "/healthz", "/x/healthz",
                                  "/api/v1/conversation/get_messages"])
def test_nothing_else_is_there_to_be_asked(pair, path):
    assert status(pair, path).status_code == 404


def test_an_instance_that_is_not_there_is_told_from_one_that_is(pair):
    assert status(pair, "/3/healthz").status_code == 502


@pytest.mark.parametrize("name, how", zip(NAMES, [signal.SIGKILL, signal.SIGSEGV]))
def test_one_that_dies_comes_back_and_the_other_serves_meanwhile(healthy, user, name, how):
    secret, before, said = healthy.secret, pids(healthy), len(healthy.output)
    with no_start(healthy):
        kill(healthy, name, how)
        # nginx needs a moment to see that its kept connections are closed: a POST on one of them would be a 502.
        time.sleep(0.5)
        ask(healthy, user, secret, 20)
        # Long enough to see that it does not try without a pause.
        eventually(lambda: re.search(rf"starting {name} again, 2 s", healthy.output[said:]), within=30,
                   what="it dies at its start, twice")
    eventually(lambda: running([healthy.pid_of(name)]), within=30, what="it is back")
    after = pids(healthy)
    [other] = set(NAMES) - {name}
    assert after[name] != before[name]
    assert after[other] == before[other]
    told = healthy.output[said:]
    assert f"{name} stopped unexpectedly, with exit status {128 + how} ({how.name})" in told
    assert "JWT_SECRET" in told, "the end of its log is shown"
    ask(healthy, user, secret, 20)


def restart(stack, said) -> str:
    """What scripts/run says of a restart, from `said` on, to its last line."""
    def told():
        return re.search(r"^.*?^==> restarted all \d+ instances$", stack.output[said:], re.M | re.S)

    return eventually(told, within=120, what="all are restarted", every=0.1)[0]


def test_a_hang_up_restarts_all_in_turn_without_a_lost_request(healthy, user):
    before, log, said = pids(healthy), healthy.log("service-1"), len(healthy.output)
    conversation = Database(healthy.mysql_socket).conversation(user)
    over = Event()

    def send(_) -> list:
        api, statuses = http_api(healthy), []
        while not over.is_set():
            statuses.append(api.send_text(user, conversation).status)
        return statuses

    with ThreadPoolExecutor(4) as threads:
        sending = threads.map(send, range(4))
        try:
            healthy.send_signal(signal.SIGHUP)
            told = restart(healthy, said)
        finally:
            over.set()
        statuses = [status for each in sending for status in each]
    assert set(statuses) == {200}
    assert len(Database(healthy.mysql_socket).stored_messages(conversation)) == len(statuses)
    assert re.findall(r"restarting (\S+)", told) == NAMES
    assert told.endswith("restarted all 2 instances")
    assert set(pids(healthy).values()).isdisjoint(before.values())
    assert running(before.values()) == set()
    assert healthy.log("service-1").startswith(log), "the log goes on"


@pytest.mark.slow
def test_hang_ups_during_a_restart_ask_for_one_more(pair):
    said = len(pair.output)
    pair.send_signal(signal.SIGHUP)
    eventually(lambda: "restarting service-1" in pair.output[said:], within=10, what="it has begun")
    for _ in range(3):
        pair.send_signal(signal.SIGHUP)
    said += len(restart(pair, said))
    between = pids(pair)
    restart(pair, said)
    assert set(pids(pair).values()).isdisjoint(between.values())
    assert pair.output.count("restarted all", said) == 1


def test_a_restart_ends_where_an_instance_does_not_come_up(healthy, user):
    """A new build or a new setting may be bad: those that still serve stay."""
    secret, before, said = healthy.secret, pids(healthy), len(healthy.output)
    with no_start(healthy):
        healthy.send_signal(signal.SIGHUP)
        eventually(lambda: "the restart ends here" in healthy.output[said:], within=60,
                   what="it gives up")
        ask(healthy, user, secret, 20)
        assert healthy.pid_of("service-2") == before["service-2"]
    assert "restarting service-2" not in healthy.output[said:]


def test_it_can_be_stopped_in_the_middle_of_a_restart(make_directory):
    mine = Stack(make_directory(), instances=2)
    try:
        mine.start()
        mine.send_signal(signal.SIGHUP)
        eventually(lambda: "restarting service-1" in mine.output, within=10, what="it has begun")
    finally:
        status = mine.stop()
    assert status == 0
    assert "restarted all" not in mine.output
    assert list((mine.directory / "pids").iterdir()) == []
