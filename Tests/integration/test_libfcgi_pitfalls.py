"""What libfcgi does to those who drive it without care, as far as it shows from outside.

Others have their tests elsewhere: bodies that are left unread, in test_request_bodies; the status that
is carried over and descriptors above 1023, in test_kept_connections; aborts, FCGI_GET_VALUES and
parameters without limit, in test_hostile_peers; time-outs, and answers to nobody, in test_slow_peers.
"""

import itertools
import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from orbia.fastcgi import records
from target import in_pieces

pytestmark = pytest.mark.usefixtures("unshaken")


# It does not resume what a signal interrupts


@contextmanager
def signals(pid: int, *kinds):
    """One after the other, many a second, for as long as the block runs."""
    stop = threading.Event()

    def send():
        for kind in itertools.cycle(kinds):
            if stop.wait(0.001):
                return
            os.kill(pid, kind)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        stop.set()
        sender.join()


KINDS = [signal.SIGUSR1, signal.SIGHUP, signal.SIGWINCH, signal.SIGPIPE, signal.SIGCHLD, signal.SIGURG,
         signal.SIGCONT]


@pytest.mark.parametrize("kinds", [*([kind] for kind in KINDS), KINDS],
                         ids=[*(kind.name for kind in KINDS), "all"])
def test_signals_break_no_request(target, kinds):
    """Neither one whose records are waited for, nor one whose answer waits for its reader."""
    body = {"conversation_id": target.conversation.id, "x": "x" * 100_000}
    slow = records.request(target.parameters(CONTENT_LENGTH=None), json.dumps(body).encode(), keep=True)
    with signals(target.service.pid, *kinds), ExitStack() as stack:
        crawling, quick = (stack.enter_context(target.peer()) for _ in range(2))
        for _ in range(3):
            in_pieces(crawling, slow, count=20, pause=0.005)
            target.check(crawling.reply())
            for _ in range(20):
                target.ask(quick)
            target.ask_anew()


def test_signals_break_no_long_answer(target, database):
    conversation = database.conversation(target.user)
    for number in range(20):
        database.message(conversation, target.user, "x" * 60_000, at=1_600_000_000_000 + number)
    body = json.dumps({"conversation_id": conversation.id}).encode()
    request = records.request(target.parameters(CONTENT_LENGTH=None), body, keep=True)
    with signals(target.service.pid, *KINDS), target.peer() as peer:
        for _ in range(5):
            peer.send(request)
            time.sleep(0.1)  # the answer is longer than what a socket holds: the writer waits
            assert peer.reply().output.count(b"x" * 60_000) == 20


def test_signals_while_nothing_happens(target):
    with signals(target.service.pid, *KINDS), target.peer() as peer:
        for _ in range(3):
            assert peer.is_silent(0.1)
            target.ask(peer)


def test_a_process_that_was_stopped_goes_on(target):
    """A wait with a time-out is interrupted by that even where no handler is: in a request that was
    arriving, libfcgi may have given up."""
    with ExitStack() as stack:
        kept, arriving = ([stack.enter_context(target.peer()) for _ in range(4)] for _ in range(2))
        for _ in range(5):
            for peer in arriving:
                peer.send(target.request()[:100])
                peer.wait_until_taken()
            os.kill(target.service.pid, signal.SIGSTOP)
            os.kill(target.service.pid, signal.SIGCONT)
            for peer in arriving:
                peer.send(target.request()[100:])
            arriving = [peer for peer in arriving if target.answered_or_closed(peer)]
            for peer in kept:
                target.ask(peer)
            target.ask_anew()


# It closes a connection that breaks the protocol by itself, and the number is used again


def test_a_descriptor_that_was_closed_is_not_closed_again(target):
    """Closed twice, it would be another connection's second time: one that was just accepted."""
    stop = threading.Event()
    broken = [bytes(100), target.begin() + bytes(8), target.request()[:50],
              target.begin() + target.params() + records.record(records.ABORT_REQUEST)]

    def misbehave(data):
        while not stop.is_set():
            with target.peer() as peer:
                peer.send(data)
                peer.stop_sending()
                peer.rest()

    def behave(_):
        for _ in range(50):
            with target.peer() as peer:
                for _ in range(4):
                    target.ask(peer)

    with ThreadPoolExecutor(len(broken)) as threads, ThreadPoolExecutor(4) as good:
        misbehaving = [threads.submit(misbehave, data) for data in broken]
        try:
            list(good.map(behave, range(4)))
        finally:
            stop.set()
        for each in misbehaving:
            each.result()


# It lingers for two seconds over a connection that it closes, in case more comes


def test_a_peer_that_does_not_close_its_end_holds_no_worker(target):
    """Forty of them, with two workers, would take forty seconds."""
    began = time.monotonic()
    with ExitStack() as stack:
        for number in range(40):
            peer = stack.enter_context(target.peer())
            if number % 2:
                target.check(peer.ask(target.request(keep=False)))
            else:
                peer.send(target.begin() + bytes(8))
        target.ask_anew()
        assert time.monotonic() - began < 20
