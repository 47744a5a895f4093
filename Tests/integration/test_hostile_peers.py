"""Connections that break the protocol are closed without an answer, and cost nobody else anything."""

import itertools
from contextlib import ExitStack

import pytest

from orbia.fastcgi import records
from orbia.fastcgi.records import (ABORT_REQUEST, BEGIN_REQUEST, DATA, END_REQUEST, GET_VALUES, GET_VALUES_RESULT,
                                   NO_REQUEST, PARAMS, STDERR, STDIN, STDOUT, UNKNOWN_TYPE, pair, record, stream,
                                   wide)
from orbia.polling import eventually

pytestmark = pytest.mark.usefixtures("unshaken")

LARGEST_PARAMETERS = 128 << 10
REPETITIONS = 300


# Records that have no place where they stand. Each case: what is sent by a peer that is otherwise
# in order; as a function of the target, which has the parts of a good request.

KNOWN_VARIABLES = [b"FCGI_MAX_CONNS", b"FCGI_MAX_REQS", b"FCGI_MPXS_CONNS"]


def get_values(*names) -> bytes:
    return record(GET_VALUES, b"".join(pair(name, b"") for name in names), request_id=NO_REQUEST)


def management(kind: int, content=bytes(8)) -> bytes:
    return record(kind, content, request_id=NO_REQUEST)


def first(*strangers):
    """Before a good request."""
    return lambda target: b"".join(strangers) + target.request()


def in_params(*strangers):
    """Between two records of the parameters."""
    def build(target):
        begin, *rest = records.split(target.begin() + target.params(largest=100))
        return begin + rest[0] + b"".join([*strangers, *rest[1:]]) + target.stdin()

    return build


def in_stdin(*strangers):
    """Between two records of the body."""
    def build(target):
        start, *rest = records.split(target.stdin(largest=10))
        return target.begin() + target.params() + start + b"".join([*strangers, *rest])

    return build


BROKEN = {
    # Versions
    "version 0 first": lambda target: target.request(version=0),
    "version 2 first": lambda target: target.request(version=2),
    "version 255 first": lambda target: target.request(version=255),
    "version 0 in the parameters": in_params(record(PARAMS, b"\x01\x01XY", version=0)),
    "version 2 in the parameters": in_params(record(PARAMS, b"\x01\x01XY", version=2)),
    "version 2 in the body": in_stdin(record(STDIN, b" ", version=2)),
    "version 2 at the end of the body": lambda target: (
        target.begin() + target.params() + records.pieces(STDIN, target.body)
        + record(STDIN, version=2)),

    # Types
    **{f"type {kind} first": first(record(kind, bytes(8))) for kind in (
        0, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR, DATA, GET_VALUES, 12, 255)},
    **{f"type {kind} in the parameters": in_params(record(kind, b"x")) for kind in (
        0, END_REQUEST, STDIN, STDOUT, STDERR, DATA, GET_VALUES, UNKNOWN_TYPE, 12, 255)},
    **{f"type {kind} in the body": in_stdin(record(kind, b"x")) for kind in (
        0, END_REQUEST, PARAMS, STDOUT, STDERR, DATA, GET_VALUES, UNKNOWN_TYPE, 12, 255)},
    "an empty stdin before the parameters": lambda target: (
        target.begin() + record(STDIN) + target.params() + target.stdin()),
    "stdin before the parameters": lambda target: (
        target.begin() + target.stdin() + target.params()),
    "empty parameters in the body": in_stdin(record(PARAMS)),

    # The first record
    **{f"a begin of {length} bytes": lambda target, length=length: (
        record(BEGIN_REQUEST, (b"\x00\x01\x01" + bytes(65_535))[:length])
        + target.params() + target.stdin())
       for length in (0, 1, 7, 9, 16, 65_535)},
    "a begin of request 0": lambda target: target.begin(request_id=0) + target.params() + target.stdin(),
    "all of request 0": lambda target: target.request(request_id=0),
    **{f"role {role}": lambda target, role=role: (
        target.begin(role=role) + target.params() + target.stdin())
       for role in (0, records.AUTHORIZER, records.FILTER, 4, 256, 65_535)},
    "a filter with its data": lambda target: (
        target.begin(role=records.FILTER) + target.params() + target.stdin()
        + stream(DATA, b"x" * 100)),

    # Management records
    "get values first": first(get_values(*KNOWN_VARIABLES)),
    "get values of nothing first": first(get_values()),
    "get values alone": lambda target: get_values(*KNOWN_VARIABLES),
    "get values in the parameters": in_params(get_values(*KNOWN_VARIABLES)),
    "get values in the body": in_stdin(get_values(*KNOWN_VARIABLES)),
    "get values that overrun libfcgi, first": first(get_values(*KNOWN_VARIABLES * 1000)),
    "get values that overrun libfcgi, in the parameters": in_params(get_values(*KNOWN_VARIABLES * 1000)),
    "get values that overrun libfcgi, in the body": in_stdin(get_values(*KNOWN_VARIABLES * 1000)),
    "get values that overrun libfcgi by a little, in the body": in_stdin(
        get_values(*KNOWN_VARIABLES, b"FCGI_MPXS_CONNS")),
    "get values with a cut pair, in the body": in_stdin(management(GET_VALUES, b"\x0e\x00FCGI")),
    "get values with an absurd length, in the body": in_stdin(
        management(GET_VALUES, b"\xff\xff\xff\xff\xff\xff\xff\xff")),
    **{f"management type {kind} first": first(management(kind)) for kind in (
        0, ABORT_REQUEST, PARAMS, STDIN, GET_VALUES_RESULT, UNKNOWN_TYPE, 12, 255)},
    **{f"management type {kind} in the parameters": in_params(management(kind)) for kind in (
        0, PARAMS, GET_VALUES_RESULT, UNKNOWN_TYPE, 12, 255)},
    **{f"management type {kind} in the body": in_stdin(management(kind)) for kind in (
        0, STDIN, GET_VALUES_RESULT, UNKNOWN_TYPE, 12, 255)},

    # Aborts
    "an abort behind begin": lambda target: target.begin() + record(ABORT_REQUEST),
    "an abort in the parameters": in_params(record(ABORT_REQUEST)),
    "an abort before the body": lambda target: (
        target.begin() + target.params() + record(ABORT_REQUEST) + target.stdin()),
    "an abort in the body": in_stdin(record(ABORT_REQUEST)),
    "an abort with content in the body": in_stdin(record(ABORT_REQUEST, b"x" * 100, padding=4)),

    # What is no FastCGI at all
    "HTTP": lambda target: b"GET /api/v1/conversation/get_messages HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": lambda target: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "zeros": lambda target: bytes(1000),
    "ones": lambda target: b"\xff" * 1000,
}


# Streams of parameters that are no pairs, or too many


def with_parameters(pairs: bytes):
    """The good parameters, and these behind them."""
    return lambda target: target.begin() + stream(PARAMS, target.pairs() + pairs) + target.stdin()


LAST_PAIR = pair(b"N" * 5, b"v" * 200)
CUT_PAIR = {f"a pair cut at {cut}": with_parameters(LAST_PAIR[:cut])
            for cut in (*range(1, 12), 50, len(LAST_PAIR) - 1)}
ABSURD = [0x0002_0000, 0x00FF_FFFF, 0x7FFF_FFF0, 0x7FFF_FFFE, 0x7FFF_FFFF]

MALFORMED = {
    **CUT_PAIR,
    **{f"a name of {size:#x}": with_parameters(pair(b"NAME", b"x", wide(size))) for size in ABSURD},
    **{f"a value of {size:#x}": with_parameters(pair(b"NAME", b"x", value_length=wide(size)))
       for size in ABSURD},
    **{f"a name and a value of {size:#x}": with_parameters(pair(b"NAME", b"x", wide(size), wide(size)))
       for size in ABSURD},
    "a name longer than the stream": with_parameters(pair(b"NAME", b"x", b"\x06")),
    "a value longer than the stream": with_parameters(pair(b"NAME", b"x", value_length=b"\x02")),
    "a name of an absurd length at once": lambda target: (
        target.begin() + stream(PARAMS, wide(0x7FFF_FFFF) * 2) + target.stdin()),
}


def grown_to(target, size: int) -> bytes:
    """The good parameters, and one more that makes them this many bytes."""
    pairs = target.pairs()
    bare = len(pair(b"X", b"", value_length=wide(0)))
    return pairs + pair(b"X", b"x" * (size - len(pairs) - bare), value_length=wide(size - len(pairs) - bare))


TOO_LONG = {
    "one byte too many": lambda target: (
        target.begin() + stream(PARAMS, grown_to(target, LARGEST_PARAMETERS + 1)) + target.stdin()),
    "one long value": with_parameters(pair(b"X", b"x" * (256 << 10))),
    "one long name": with_parameters(pair(b"X" * (256 << 10), b"x")),
    "many pairs": with_parameters(pair(b"X", b"x") * (64 << 10)),
    "many empty pairs": with_parameters(bytes(256 << 10)),
}

CLOSED = {**BROKEN, **MALFORMED, **TOO_LONG}


@pytest.mark.parametrize("case", CLOSED.values(), ids=CLOSED.keys())
def test_a_broken_peer_gets_no_answer(target, case):
    with target.peer() as peer:
        peer.send(case(target))
        assert peer.rest() == b""


@pytest.mark.parametrize("case", CLOSED.values(), ids=CLOSED.keys())
def test_a_broken_peer_gets_no_answer_on_a_connection_that_was_good_before(target, case):
    with target.peer() as peer:
        target.ask(peer)
        peer.send(case(target))
        assert peer.rest() == b""


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_peer_that_sends_record_by_record(target, case):
    with target.peer() as peer:
        for each in records.split(case(target)):
            peer.send(each)
            peer.wait_until_taken()
        assert peer.rest() == b""


@pytest.mark.parametrize("case", CLOSED.values(), ids=CLOSED.keys())
def test_many_broken_peers_leave_nothing_behind(target, case):
    data = case(target)

    def act():
        with target.peer() as peer:
            peer.send(data)
            assert peer.rest() == b""

    target.loses_no_memory(act, REPETITIONS)


# At the limit, and far beyond it


def test_parameters_of_the_greatest_size(target):
    pairs = grown_to(target, LARGEST_PARAMETERS)
    assert len(pairs) == LARGEST_PARAMETERS
    with target.peer() as peer:
        for largest in (records.LARGEST_CONTENT, 8192, 1000):
            peer.send(target.begin() + stream(PARAMS, pairs, largest) + target.stdin())
            target.check(peer.reply())


def test_as_many_parameters_as_there_is_room_for(target):
    pairs = target.pairs()
    pairs += pair(b"X", b"x") * ((LARGEST_PARAMETERS - len(pairs)) // 4)
    with target.peer() as peer:
        for _ in range(3):
            peer.send(target.begin() + stream(PARAMS, pairs) + target.stdin())
            target.check(peer.reply())


@pytest.mark.parametrize("kind", [PARAMS, STDIN])
def test_a_stream_without_end(target, kind):
    """It is closed long before so much is taken, and nothing of it is kept."""
    endless = record(kind, pair(b"X" * 100, b"x" * 400) * 100)

    def act():
        with target.peer() as peer:
            peer.send(target.begin() + (target.params() if kind == STDIN else b""))
            assert not all(peer.send(endless) for _ in range(1000))

    target.loses_no_memory(act, 20, side_by_side=2)


@pytest.mark.parametrize("content", [b"", b"x" * 10_000])
def test_foreign_records_without_end(target, content):
    """Skipping them takes no longer than a request may take to arrive."""
    foreign = record(STDIN, content, request_id=7) * (1000 if content == b"" else 1)
    with target.peer() as peer:
        peer.send(target.begin())
        eventually(lambda: not peer.send(foreign), within=20, every=0, what="the connection is closed")


# What may be answered or not


BEGUN_AGAIN = {
    "another request": dict(request_id=2),
    "another request, not kept": dict(request_id=2, keep=False),
    "the same request": dict(),
    "another role": dict(request_id=2, role=records.FILTER),
}


@pytest.mark.parametrize("place", [in_params, in_stdin])
@pytest.mark.parametrize("header", BEGUN_AGAIN.values(), ids=BEGUN_AGAIN.keys())
def test_a_second_begin_in_a_request(target, place, header):
    """The first one is answered as it deserves, or nothing is."""
    with target.peer() as peer:
        peer.send(place(target.begin(**header))(target))
        try:
            while True:
                reply = peer.reply()
                if reply.protocol_status != records.CANT_MPX_CONN:
                    break
        except ConnectionError:
            return
        target.check(reply)
        assert {stray.request_id for stray in reply.strays} <= {2}
        target.in_step_or_closed(peer)


def test_two_whole_requests_that_interleave(target):
    mine, others = (records.split(target.request(request_id=each)) for each in (1, 2))
    with target.peer() as peer:
        peer.send(b"".join(itertools.chain.from_iterable(zip(mine, others))))
        target.answered_or_closed(peer)


def test_an_abort_behind_the_body(target):
    """It may come too late; the connection is closed all the same."""
    for _ in range(20):
        with target.peer() as peer:
            peer.send(target.request() + record(ABORT_REQUEST))
            target.answered_or_closed(peer)
            peer.send(target.request())
            target.answered_or_closed(peer)


def test_an_abort_between_two_requests(target):
    with target.peer() as peer:
        target.ask(peer)
        peer.send(record(ABORT_REQUEST))
        assert peer.rest() == b""


@pytest.mark.parametrize("tail", [record(STDIN), record(STDIN, b"x"), record(PARAMS), b"\x00", b"x" * 7,
                                  bytes(100), record(DATA, b"x" * 1000), get_values()],
                         ids=["an empty stdin", "stdin", "parameters", "a byte", "seven bytes",
                              "zeros", "data", "get values"])
def test_something_behind_the_request(target, tail):
    """The request itself is complete, and is answered; what comes behind it confuses nobody."""
    for _ in range(5):
        with target.peer() as peer:
            peer.send(target.request() + tail)
            target.answered_or_closed(peer)
            target.in_step_or_closed(peer)


def test_broken_peers_of_all_kinds_at_once_beside_good_ones(target):
    """More of them than workers, and the good ones are answered in between."""
    cases = [case(target) for case in CLOSED.values()]
    with ExitStack() as stack:
        peers = [stack.enter_context(target.peer()) for _ in cases]
        good = [stack.enter_context(target.peer()) for _ in range(4)]
        for number, (peer, data) in enumerate(zip(peers, cases)):
            peer.send(data)
            target.ask(good[number % len(good)])
        for peer in peers:
            assert peer.rest() == b""
        for peer in good:
            target.ask(peer)
