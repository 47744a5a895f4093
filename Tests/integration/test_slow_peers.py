"""Peers that stop, crawl, do not read, or vanish: they end by a time-out, and nobody waits for them."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from orbia.fastcgi import records
from orbia.fastcgi.records import PARAMS, STDIN, record
from orbia.polling import eventually
from orbia.processes import open_files
from target import MARGIN, READ_TIMEOUT, SETTINGS, WRITE_TIMEOUT, in_pieces

pytestmark = pytest.mark.usefixtures("unshaken")

LONG_MESSAGES, LENGTH = 34, 60_000


def stages(target) -> dict:
    """What a peer has sent of a request when it stops."""
    header = records.HEADER.size
    begin, params, stdin = target.begin(), target.params(), target.stdin()
    return {
        "one byte": begin[:1],
        "half a header": begin[:4],
        "a header": begin[:header],
        "half of begin": begin[:12],
        "begin": begin,
        "a header of parameters": begin + params[:header],
        "half of the parameters": begin + params[: len(params) // 2],
        "parameters without their end": begin + params[:-header],
        "half of the parameters' end": begin + params[:-4],
        "the parameters": begin + params,
        "a header of stdin": begin + params + stdin[:header],
        "half of stdin": begin + params + stdin[: header + len(target.body) // 2],
        "stdin without its end": begin + params + stdin[:-header],
        "all but a byte": begin + params + stdin[:-1],
        "a declared record of 64 KiB": begin + record(PARAMS, b"", length=65_535),
        "padding that does not come": begin + record(PARAMS, b"\x01\x01XY", padding=255)[:-200],
        "the length of a name": begin + record(PARAMS, records.wide(0x7FFF_FFFF)),
        "half a large body": begin + params + records.pieces(STDIN, target.body.ljust(300_000)),
    }


# Reading


def test_a_peer_that_stops_in_the_middle_is_closed(target):
    """At every stage, several at each: many more than there are workers. They wait side by side."""
    with ExitStack() as stack:
        stopped = [(name, stack.enter_context(target.peer(READ_TIMEOUT + MARGIN)))
                   for name in stages(target) for _ in range(3)]
        for name, peer in stopped:
            peer.send(stages(target)[name])
        for name, peer in stopped:
            assert peer.rest() == b"", name


def test_a_peer_that_stops_in_its_second_request_is_closed(target):
    with ExitStack() as stack:
        stopped = []
        for name, sent in stages(target).items():
            peer = stack.enter_context(target.peer(READ_TIMEOUT + MARGIN))
            target.ask(peer)
            peer.send(sent)
            stopped.append((name, peer))
        for name, peer in stopped:
            assert peer.rest() == b"", name


def test_others_are_served_while_many_peers_stand_still(target):
    """At the latest when the time-out has passed for all of them, which is for all at once."""
    with ExitStack() as stack:
        for sent in stages(target).values():
            for _ in range(5):
                stack.enter_context(target.peer()).send(sent)

        def served() -> bool:
            target.ask_anew()
            return True

        eventually(served, within=READ_TIMEOUT + 2, what="a good request is answered")


@pytest.mark.parametrize("stage", ["half of begin", "half of the parameters", "half of stdin"])
def test_a_peer_that_crawls_is_closed(target, stage):
    """No wait for a byte is long; the whole time is what is limited."""
    start = stages(target)[stage]
    with target.peer() as peer:
        peer.send(start)
        rest = iter(target.request()[len(start) :])
        began = time.monotonic()
        while peer.send(bytes([next(rest)])):
            time.sleep(READ_TIMEOUT / 4)
            assert time.monotonic() - began < READ_TIMEOUT + MARGIN
        assert peer.rest() == b""


def test_a_peer_that_is_slow_but_in_time(target):
    with target.peer() as peer:
        for _ in range(5):
            in_pieces(peer, target.request(), count=5, pause=READ_TIMEOUT / 50)
            target.check(peer.reply())


def test_each_request_of_a_connection_has_the_whole_time(target):
    """Together they take longer than the time-out."""
    with target.peer() as peer:
        began = time.monotonic()
        while time.monotonic() - began < 2 * READ_TIMEOUT:
            in_pieces(peer, target.request(), count=3, pause=READ_TIMEOUT / 20)
            target.check(peer.reply())


# Vanishing


def test_a_peer_that_vanishes_leaves_nothing_behind(target):
    """At every stage, and behind the request, before the answer: the service writes to nobody."""
    sent = [*stages(target).values(), b"", target.request(), target.request(keep=False)]

    def act():
        for data in sent:
            with target.peer() as peer:
                peer.send(data)

    target.loses_no_memory(act, 100)


def test_a_peer_that_vanishes_while_it_is_served(target):
    def act():
        with target.peer() as peer:
            target.ask(peer)
            peer.send(target.request())
            peer.wait_until_taken()

    target.loses_no_memory(act, 300)


def test_a_peer_that_sends_no_more_may_still_be_answered(target):
    """Its end of the connection is half closed: to the service that is a client who has gone."""
    for _ in range(20):
        with target.peer() as peer:
            peer.send(target.request())
            peer.stop_sending()
            target.answered_or_closed(peer)
            assert peer.rest() == b""


@pytest.mark.parametrize("stage", ["one byte", "begin", "half of the parameters", "half of stdin"])
def test_a_peer_that_sends_no_more_in_the_middle_is_closed(target, stage):
    with target.peer() as peer:
        peer.send(stages(target)[stage])
        peer.stop_sending()
        assert peer.rest() == b""


# Writing


@pytest.fixture(scope="module")
def long_request(target, database) -> bytes:
    """A request whose answer is some megabytes long: more than any socket holds."""
    conversation = database.conversation(target.user)
    database.execute(
        "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
        " SELECT CONCAT('MSG_', seq, '_', %s), %s, %s, REPEAT('x', %s), FROM_UNIXTIME(1600000000 + seq)"
        f" FROM seq_1_to_{LONG_MESSAGES}",
        conversation.id, conversation.id, target.user.id, LENGTH)
    body = json.dumps({"conversation_id": conversation.id, "limit": LONG_MESSAGES}).encode()
    parameters = target.parameters(CONTENT_LENGTH=str(len(body)))
    return records.request(parameters, body, keep=True)


def test_a_long_answer_is_complete(target, long_request):
    with target.peer() as peer:
        for _ in range(3):
            output = peer.ask(long_request).output
            assert output.startswith(b"Status: 200")
            assert output.count(b"x" * LENGTH) == LONG_MESSAGES
        target.ask(peer)


def test_each_answer_of_a_connection_has_the_whole_time(target, long_request):
    """The writer has to wait in each, and the second begins when the first one's time is over."""
    with target.peer() as peer:
        for _ in range(2):
            peer.send(long_request)
            time.sleep(WRITE_TIMEOUT / 5)
            assert peer.reply().output.count(b"x" * LENGTH) == LONG_MESSAGES
            time.sleep(WRITE_TIMEOUT)


def connections(service) -> float:
    return sum(value for name, value in service.metrics().items() if name.startswith("orbia_connections{"))


def test_a_peer_that_does_not_read_the_answer_is_closed(target, long_request, start_service):
    """More of them than workers: the workers go from one to the next, and then serve the others."""
    service = start_service(**SETTINGS, ORBIA_QUEUE_AGE="20s")
    with ExitStack() as stack:
        peers = [stack.enter_context(service.peer()) for _ in range(6)]
        for peer in peers:
            peer.send(long_request)
        with service.peer(timeout=3 * WRITE_TIMEOUT + MARGIN) as good:
            target.ask(good)
        eventually(lambda: connections(service) == 0, within=WRITE_TIMEOUT + MARGIN, what="all of them are closed")
        for peer in peers:
            assert len(peer.rest()) < LENGTH * LONG_MESSAGES


def test_a_peer_that_reads_the_answer_too_slowly_is_closed(target, long_request):
    """Each write succeeds soon; the whole time is what is limited."""
    with target.peer() as peer:
        peer.send(long_request)
        began = time.monotonic()
        received = 0
        try:
            while True:
                header, content = peer.record()
                received += len(content)
                assert header.kind == records.STDOUT
                assert time.monotonic() - began < WRITE_TIMEOUT + MARGIN
                time.sleep(WRITE_TIMEOUT / 20)
        except ConnectionError:
            pass
        assert received < LENGTH * LONG_MESSAGES


def test_a_peer_that_vanishes_in_the_middle_of_the_answer(target, long_request):
    def act():
        with target.peer() as peer:
            peer.send(long_request)
            peer.record()

    target.loses_no_memory(act, 40, side_by_side=2, bound=4 * LENGTH * LONG_MESSAGES)


def test_long_answers_that_nobody_reads_leave_nothing_behind(target, long_request):
    def act():
        with target.peer() as peer:
            peer.send(long_request)
            time.sleep(WRITE_TIMEOUT + 0.2)

    target.loses_no_memory(act, 10, side_by_side=2, bound=4 * LENGTH * LONG_MESSAGES)


# Idle connections


def settled_open_files(pid: int) -> int:
    """How many descriptors a service has open once that has not changed for half a second: at its start it answers
    before all of its connections to the database are there."""
    counts = []

    def settled() -> bool:
        counts.append(open_files(pid))
        return len(counts) > 5 and len(set(counts[-6:])) == 1

    eventually(settled, within=10, every=0.1, what="it has opened its connections")
    return counts[-1]


def test_a_connection_on_which_nothing_ever_comes_is_closed(target, start_service):
    service = start_service(ORBIA_WORKERS="2", ORBIA_IDLE_TIMEOUT="1s")
    before = settled_open_files(service.pid)
    with ExitStack() as stack:
        silent = [stack.enter_context(service.peer()) for _ in range(100)]
        kept = [stack.enter_context(service.peer()) for _ in range(10)]
        for peer in kept:
            peer.ask(target.request())
        for peer in [*silent, *kept]:
            assert peer.rest() == b""
    eventually(lambda: open_files(service.pid) <= before, within=MARGIN,
               what="all descriptors are closed")


def test_a_connection_that_is_used_is_not_idle(target, start_service):
    """The time begins anew with each answer."""
    service = start_service(ORBIA_WORKERS="2", ORBIA_IDLE_TIMEOUT="2s")
    with service.peer() as peer:
        for _ in range(6):
            target.check(peer.ask(target.request()))
            assert peer.is_silent(0.5)
        assert peer.rest() == b""


# All of it at once


def test_slow_and_vanishing_peers_of_all_kinds_beside_good_ones(target, long_request):
    """The good ones are answered, or told to come again."""
    def misbehave(data, waits):
        with target.peer() as peer:
            peer.send(data)
            if waits:
                assert peer.rest() == b""

    def behave(_) -> int:
        answered = 0
        with target.peer() as peer:
            for _ in range(20):
                reply = peer.ask(target.request())
                if reply.output.startswith(b"Status: 503"):
                    assert b"\r\nRetry-After: 1\r\n" in reply.output
                    peer.close()
                    return answered
                target.check(reply)
                answered += 1
        return answered

    bad = [(data, waits) for data in stages(target).values() for waits in (True, True, False)]
    bad += [(long_request, False), (target.request(), False)] * 5
    with ThreadPoolExecutor(len(bad)) as threads, ThreadPoolExecutor(4) as good:
        misbehaving = [threads.submit(misbehave, *each) for each in bad]
        assert sum(good.map(behave, range(16))) > 0
        for each in misbehaving:
            each.result()
