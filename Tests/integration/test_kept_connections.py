"""Connections that nginx keeps: one request after another, and no thread while nothing is asked."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from api import PREFIX, ROUTES
from orbia.fastcgi import records
from orbia.polling import eventually
from orbia.processes import open_files, threads
from target import answer

WORKERS = 2


@pytest.fixture(scope="module")
def service(target):
    """The target's: it has two workers."""
    return target.service


# One request after another


@pytest.mark.usefixtures("unshaken")
def test_several_requests_on_one_connection(service, database):
    user = database.user()
    conversation = database.conversation(user)
    body = database.body_for_all_routes(conversation, user)
    api = service.kept_api()
    for _ in range(20):
        for route in ROUTES:
            api.post(user, route, body).success()
    api.transport.close()
    # Beside the one that is recalled, and the one that tells it.
    assert len(database.stored_messages(conversation)) == 20 + 2


@pytest.mark.usefixtures("unshaken")
def test_a_request_knows_nothing_of_the_one_before_it(target):
    """Parameters and body of one request do not count for the next."""
    without_token = records.request(target.parameters(HTTP_AUTHORIZATION=None), target.body, keep=True)
    without_path = records.request(target.parameters(SCRIPT_NAME=None), target.body, keep=True)
    without_body = records.request(target.parameters(CONTENT_LENGTH="0"), b"", keep=True)
    with target.peer() as peer:
        for _ in range(5):
            for request, status in ((without_token, 401), (without_path, 404), (without_body, 400)):
                target.ask(peer)
                answer(peer.ask(request)).error(status)


@pytest.mark.usefixtures("unshaken")
def test_every_reply_ends_with_status_0(target):
    """libfcgi carries a request's status over to the connection's next one."""
    refused = [target.parameters(HTTP_AUTHORIZATION=None), target.parameters(REQUEST_METHOD="GET"),
               target.parameters(SCRIPT_NAME=PREFIX + "nothing"), target.parameters(HTTP_AUTHORIZATION="x")]
    with target.peer() as peer:
        for parameters in refused * 3:
            reply = peer.ask(records.request(parameters, target.body, keep=True))
            assert (reply.app_status, reply.protocol_status) == (0, records.REQUEST_COMPLETE)
            assert reply.errors == b""
            target.ask(peer)


@pytest.mark.usefixtures("unshaken")
def test_many_connections_that_are_used_in_turn(target):
    with ExitStack() as stack:
        peers = [stack.enter_context(target.peer()) for _ in range(50)]
        for _ in range(4):
            for peer in peers:
                target.ask(peer)
            for peer in reversed(peers):
                target.ask(peer)


@pytest.mark.usefixtures("unshaken")
def test_many_connections_that_are_used_at_once(target):
    def use(_):
        with target.peer() as peer:
            for _ in range(50):
                target.ask(peer)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(use, range(16)))


@pytest.mark.usefixtures("unshaken")
def test_a_request_that_is_sent_before_the_last_answer(target):
    """nginx does not; the first is answered, and the second too or the connection is closed."""
    with target.peer() as peer:
        first, *rest = records.split(target.request())
        peer.send(target.request() + first)
        target.check(peer.reply())
        peer.send(b"".join(rest))
        target.answered_or_closed(peer)


# The end of a connection


@pytest.mark.usefixtures("unshaken")
def test_a_connection_that_is_not_to_be_kept_is_closed_behind_the_answer(target):
    for request in (target.request(keep=False),
                    records.request(target.parameters(HTTP_AUTHORIZATION=None), target.body)):
        with target.peer() as peer:
            peer.ask(request)
            assert peer.rest() == b""


@pytest.mark.usefixtures("unshaken")
def test_the_last_request_of_a_kept_connection(target):
    with target.peer() as peer:
        for _ in range(5):
            target.ask(peer)
        target.check(peer.ask(target.request(keep=False)))
        assert peer.rest() == b""


@pytest.mark.usefixtures("unshaken")
def test_a_kept_connection_stays_open_behind_an_answer(target):
    with target.peer() as peer:
        target.ask(peer)
        assert peer.is_silent(0.3)
        target.ask(peer)


def test_connections_that_come_and_go_leave_nothing_behind(target, unshaken):
    numbers = itertools.count()

    def act():
        with target.peer() as peer:
            if next(numbers) % 2:
                target.ask(peer)
            target.check(peer.ask(target.request(keep=False)))

    target.loses_no_memory(act, 1000)


# Idle connections


@pytest.mark.parametrize("asked_before", [True, False], ids=["used before", "never used"])
def test_idle_connections_cost_no_thread(target, service, unshaken, asked_before):
    """A hundred times as many as workers; the others are served as if they were not there."""
    before = threads(service.pid)
    files = open_files(service.pid)
    with ExitStack() as stack:
        idle = [stack.enter_context(target.peer()) for _ in range(100 * WORKERS)]
        if asked_before:
            for peer in idle:
                target.ask(peer)
        eventually(lambda: open_files(service.pid) == files + len(idle), within=5,
                   what="every connection is accepted")
        assert threads(service.pid) == before
        for _ in range(20):
            target.ask_anew()
        with target.peer() as peer:
            for _ in range(20):
                target.ask(peer)
        assert threads(service.pid) == before
        for peer in idle:
            target.ask(peer)


def test_two_thousand_descriptors(target, unshaken):
    """Numbers above 1023 too, on which select() would fail or overrun its set."""
    with ExitStack() as stack:
        idle = [stack.enter_context(target.peer()) for _ in range(2000)]
        eventually(lambda: open_files(target.service.pid) > len(idle), within=10,
                   what="every connection is accepted")
        for peer in idle[-100:]:
            target.ask(peer)
        for _ in range(100):
            target.ask_anew()
        with target.peer() as peer:
            target.check(peer.ask(target.request(keep=False)))
            assert peer.rest() == b""
        with target.peer() as peer:
            peer.send(bytes(100))
            assert peer.rest() == b""
        for peer in idle[-100:]:
            peer.send(target.begin())  # one that stops in the middle
        target.ask(idle[0])


# As many as there may be


LIMIT = 4


@pytest.fixture
def limited(start_service):
    return start_service(ORBIA_CONNECTIONS=str(LIMIT), ORBIA_WORKERS="2")


def test_beyond_the_limit_a_connection_waits_until_another_one_closes(target, limited):
    """Nobody is refused: the backlog holds what is not accepted."""
    with ExitStack() as stack:
        kept = [stack.enter_context(limited.peer()) for _ in range(LIMIT)]
        for peer in kept:
            target.ask(peer)
        waiting = [stack.enter_context(limited.peer()) for _ in range(3)]
        for peer in waiting:
            peer.send(target.request())
        assert all(peer.is_silent(0.3) for peer in waiting)
        for peer in kept:  # those inside are served meanwhile
            target.ask(peer)
        for closing, peer in zip(kept, waiting):
            closing.close()
            target.check(peer.reply())
        target.ask(kept[-1])


def test_at_the_limit_everything_goes_on_for_a_long_time(target, limited):
    """More clients than connections, each with a connection for a request, or for some."""
    def use(number):
        for _ in range(20):
            with limited.peer(timeout=30) as peer:
                if number % 2:
                    target.ask(peer)
                target.check(peer.ask(target.request(keep=False)))

    with ThreadPoolExecutor(4 * LIMIT) as pool:
        list(pool.map(use, range(4 * LIMIT)))


def test_those_that_vanish_while_the_listener_rests(target, limited):
    with ExitStack() as stack:
        kept = [stack.enter_context(limited.peer()) for _ in range(LIMIT)]
        for peer in kept:
            target.ask(peer)
        for number in range(100):
            with limited.peer() as peer:
                if number % 2:
                    peer.send(target.request())
        target.ask(kept[0])
    with limited.peer() as peer:
        target.ask(peer)
