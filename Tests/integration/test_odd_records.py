"""Requests that are spelled as nobody spells them, and that the protocol allows all the same."""

import json

import pytest

from orbia.fastcgi import records
from orbia.fastcgi.records import PARAMS, STDIN

pytestmark = pytest.mark.usefixtures("unshaken")

PADDINGS = range(256)


# How the bytes arrive


def test_a_request_cut_in_two_anywhere(target):
    request = target.request()
    with target.peer() as peer:
        for cut in range(1, len(request)):
            peer.send(request[:cut])
            peer.wait_until_taken()
            peer.send(request[cut:])
            target.check(peer.reply(), f"cut at {cut} of {len(request)}")


def test_a_message_cut_in_two_anywhere_is_stored_once(target, database):
    conversation = database.conversation(target.user)
    parameters = target.parameters(SCRIPT_NAME="/api/v1/conversation/send_message")

    def request(content: str) -> bytes:
        body = {"conversation_id": conversation.id, "message_type": "text", "content": content}
        return records.request(parameters, json.dumps(body).encode(), keep=True)

    cuts = range(1, len(request("000")))
    with target.peer() as peer:
        for cut in cuts:
            whole = request(f"{cut:03}")
            peer.send(whole[:cut])
            peer.wait_until_taken()
            peer.send(whole[cut:])
            assert b"Status: 200" in peer.reply().output, cut
    stored = database.stored_messages(conversation)
    assert [row["content"] for row in stored] == [f"{cut:03}" for cut in cuts]


def test_a_request_that_arrives_byte_by_byte(target):
    with target.peer() as peer:
        for byte in target.request():
            peer.send(bytes([byte]))
            peer.wait_until_taken(within=0.0005)
        target.check(peer.reply())


def test_the_records_of_a_request_one_by_one(target):
    with target.peer() as peer:
        for _ in range(20):
            for each in records.split(target.request()):
                peer.send(each)
                peer.wait_until_taken()
            target.check(peer.reply())


@pytest.mark.parametrize("largest", [1, 2, 3, 7, 8, 9, 100, 1000])
def test_streams_in_small_records(target, largest):
    with target.peer() as peer:
        for _ in range(3):
            peer.send(target.begin() + target.params(largest=largest) + target.stdin(largest=largest))
            target.check(peer.reply())


def test_the_parameters_cut_into_two_records_anywhere(target):
    """A pair, and a length of four bytes too, may go on in the next record."""
    pairs = target.pairs() + records.pair(b"LONG", b"x" * 300)
    with target.peer() as peer:
        for cut in range(1, len(pairs)):
            peer.send(target.begin() + records.pieces(PARAMS, pairs[:cut])
                      + records.stream(PARAMS, pairs[cut:]) + target.stdin())
            target.check(peer.reply(), f"cut at {cut}")


# Padding


def test_padding_of_every_length(target):
    with target.peer() as peer:
        for padding in PADDINGS:
            peer.send(target.begin()
                      + records.pieces(PARAMS, target.pairs(), padding=padding)
                      + records.record(PARAMS)
                      + records.pieces(STDIN, target.body, padding=padding)
                      + records.record(STDIN))
            target.check(peer.reply(), f"padding of {padding}")


def test_padding_that_is_not_zero(target):
    padding = b"\x01\x01\xff" * 20
    with target.peer() as peer:
        for _ in range(3):
            params, stdin = (
                records.pieces(kind, content, padding=len(padding))[: -len(padding)] + padding
                for kind, content in ((PARAMS, target.pairs()), (STDIN, target.body)))
            peer.send(target.begin() + params + records.record(PARAMS)
                      + stdin + records.record(STDIN))
            target.check(peer.reply())


@pytest.mark.parametrize("padded", ["begin", "params", "stdin", "all"])
def test_padding_behind_records_that_are_otherwise_empty_or_first(target, padded):
    """The protocol allows it, libfcgi does not read it, nginx does not send it.

    So the connection may be closed over it; what must not be is an answer to half of the request.
    """
    def padding_of(part) -> dict:
        return {"padding": padding if padded in (part, "all") else 0}

    for padding in PADDINGS:
        with target.peer() as peer:
            peer.send(target.begin(**padding_of("begin"))
                      + records.pieces(PARAMS, target.pairs())
                      + records.record(PARAMS, **padding_of("params"))
                      + records.pieces(STDIN, target.body)
                      + records.record(STDIN, **padding_of("stdin")))
            if target.answered_or_closed(peer, f"padding of {padding}"):
                target.in_step_or_closed(peer, f"behind padding of {padding}")


# Parameters


ENCODINGS = [(records.length, records.length), (records.length, records.wide),
             (records.wide, records.length), (records.wide, records.wide)]


@pytest.mark.parametrize("names, values", ENCODINGS, ids=["short, short", "short, long",
                                                          "long, short", "long, long"])
def test_lengths_of_names_and_values_in_both_encodings(target, names, values):
    pairs = b"".join(
        records.pair(name.encode(), value.encode(), names(len(name)), values(len(value.encode())))
        for name, value in target.parameters().items())
    with target.peer() as peer:
        for _ in range(3):
            peer.send(target.begin() + records.stream(PARAMS, pairs) + target.stdin())
            target.check(peer.reply())


def test_lengths_at_the_border_of_the_encodings(target):
    sizes = [0, 1, 126, 127, 128, 129, 255, 256, 8191, 8192, 8193]
    with target.peer() as peer:
        for name in sizes:
            for value in sizes:
                strange = records.pair(b"N" * name, b"v" * value)
                for pairs in (strange + target.pairs(), target.pairs() + strange):
                    peer.send(target.begin() + records.stream(PARAMS, pairs) + target.stdin())
                    target.check(peer.reply(), f"a name of {name}, a value of {value}")


@pytest.mark.parametrize("name, value", [
    (b"", b""), (b"", b"x"), (b"X", b""), (b"=", b"="), (b"X=Y", b"Z"), (b"X\x00Y", b"x\x00y"),
    (b"\xff\xfe", b"\xff\xfe"), (b"SCRIPT_NAMES", b"/"), (b"SCRIPT_NAM", b"/"), (b"script_name", b"/"),
    (b"REQUEST_METHOD ", b"GET"), ("名".encode(), "值".encode()), (b"X\r\nY", b"x\r\ny"),
    (b"%s%n", b"%s%n" * 50),
])
def test_a_strange_parameter_beside_the_others(target, name, value):
    strange = records.pair(name, value)
    with target.peer() as peer:
        for pairs in (strange + target.pairs(), target.pairs() + strange):
            peer.send(target.begin() + records.stream(PARAMS, pairs) + target.stdin())
            target.check(peer.reply())


def test_a_request_without_any_parameter(target):
    with target.peer() as peer:
        for _ in range(3):
            reply = peer.ask(target.begin() + records.record(PARAMS) + target.stdin())
            assert b"Status: 404" in reply.output
        target.ask(peer)


@pytest.mark.parametrize("name", ["REQUEST_METHOD", "SCRIPT_NAME", "HTTP_AUTHORIZATION",
                                  "REQUEST_ID", "CONTENT_LENGTH"])
def test_a_request_without_one_of_the_parameters(target, name):
    expected = {"REQUEST_METHOD": 405, "SCRIPT_NAME": 404, "HTTP_AUTHORIZATION": 401}.get(name, 200)
    request = records.request(target.parameters(**{name: None}), target.body, keep=True)
    with target.peer() as peer:
        assert b"Status: %d" % expected in peer.ask(request).output
        target.ask(peer)


# Numbers


@pytest.mark.parametrize("request_id", [1, 2, 255, 256, 32_767, 32_768, 65_535])
def test_any_request_id_but_0(target, request_id):
    with target.peer() as peer:
        for _ in range(3):
            reply = peer.ask(target.request(request_id=request_id), request_id)
            target.check(reply)
            assert reply.strays == []


def test_each_request_of_a_connection_with_another_id(target):
    with target.peer() as peer:
        for request_id in (1, 2, 1, 65_535, 3, 256, 1):
            target.check(peer.ask(target.request(request_id=request_id), request_id))


def test_flags_that_nobody_has_defined(target):
    """The first bit counts, the others are reserved."""
    begin = bytearray(target.begin())
    begin[records.HEADER.size + 2 :] = b"\xff" * 6
    with target.peer() as peer:
        for _ in range(3):
            peer.send(bytes(begin) + target.params() + target.stdin())
            target.check(peer.reply())


def test_a_reserved_byte_of_the_header_that_is_set(target):
    altered = [each[:7] + b"\xff" + each[8:] for each in records.split(target.request())]
    with target.peer() as peer:
        for _ in range(3):
            peer.send(b"".join(altered))
            target.check(peer.reply())


# Requests behind one another


def test_many_requests_in_one_piece_are_answered_one_by_one(target):
    foreign = records.record(STDIN, b"x" * 50, request_id=7)
    own = records.split(target.request())
    odd = b"".join(own[:1] + [foreign] + own[1:-1] + [foreign] + own[-1:])
    with target.peer() as peer:
        for _ in range(3):
            peer.send((target.request() + odd) * 100)
            for number in range(200):
                target.check(peer.reply(), f"request {number}")


# Records of another request


FOREIGN = {
    "parameters": records.record(PARAMS, b"\x01\x01XY", request_id=7),
    "stdin": records.record(STDIN, b"{}", request_id=7),
    "an abort": records.record(records.ABORT_REQUEST, b"x", request_id=7),
    "an unknown type": records.record(99, b"x" * 100, request_id=7, padding=4),
    "a long one": records.record(STDIN, b"x" * 65_535, request_id=7),
}
FOREIGN_EMPTY = {
    "parameters": records.record(PARAMS, request_id=7),
    "stdin": records.record(STDIN, request_id=7),
    "an abort": records.record(records.ABORT_REQUEST, request_id=7),
    "one with padding": records.record(STDIN, request_id=7, padding=9),
}


def among(target, foreign: bytes) -> list:
    """The request's records with a foreign one behind each of them but the last."""
    own = records.split(target.begin() + target.params(largest=100) + target.stdin(largest=10))
    return [b"".join(own[:place]) + foreign + b"".join(own[place:]) for place in range(1, len(own))]


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_record_of_another_request_is_skipped(target, foreign):
    with target.peer() as peer:
        for place, request in enumerate(among(target, foreign), start=1):
            peer.send(request)
            target.check(peer.reply(), f"behind record {place}")


@pytest.mark.parametrize("foreign", FOREIGN_EMPTY.values(), ids=FOREIGN_EMPTY.keys())
def test_an_empty_record_of_another_request_hides_nothing_of_this_one(target, foreign):
    """libfcgi skips the next record that has content in its place: the answer would be to the rest."""
    for place, request in enumerate(among(target, foreign), start=1):
        with target.peer() as peer:
            peer.send(request)
            target.answered_or_closed(peer, f"behind record {place}")
