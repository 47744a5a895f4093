"""A body is what stands in its stream, whatever CONTENT_LENGTH says; too much of it is a 413."""

import json

import pytest

from orbia.fastcgi import records
from orbia.fastcgi.records import PARAMS, STDIN
from target import answer

pytestmark = pytest.mark.usefixtures("unshaken")

KIB = 1024
LARGEST_BODY = 512 * KIB
STAYS_IN_STEP = 1024 * KIB  # beyond the largest body

REFUSALS = {
    404: {"SCRIPT_NAME": "/api/v1/conversation/nothing"},
    405: {"REQUEST_METHOD": "PUT"},
    401: {"HTTP_AUTHORIZATION": None},
}


def request(target, body: bytes, **parameters) -> bytes:
    """CONTENT_LENGTH is the body's unless it is given."""
    return records.request(
        target.parameters(**{"CONTENT_LENGTH": str(len(body)), **parameters}), body, keep=True)


def padded(target, size: int) -> bytes:
    """The good body, with spaces up to this many bytes."""
    return target.body.ljust(size)


# CONTENT_LENGTH


@pytest.mark.parametrize("declared", [
    None, "", "0", "1", "10", "1000000", "2147483647", "2147483648", "9223372036854775807",
    "9223372036854775808", "99999999999999999999999", "-1", "-9223372036854775808", "+1", "x", "1x",
    " 1", "1.5", "1e3", "0x10", "1,1", "１", "\0", "9" * 10_000,
])
def test_the_streams_bytes_count_and_not_content_length(target, declared):
    with target.peer() as peer:
        for body in (target.body, padded(target, 100 * KIB)):
            target.check(peer.ask(request(target, body, CONTENT_LENGTH=declared)))


def test_a_content_length_for_each_byte_of_the_body(target):
    with target.peer() as peer:
        for declared in range(len(target.body) + 20):
            target.check(peer.ask(request(target, target.body, CONTENT_LENGTH=declared)), declared)


@pytest.mark.parametrize("kept", [0, 1, 10, -1])
def test_a_body_that_is_cut_is_taken_as_it_is(target, kept):
    """CONTENT_LENGTH tells of more: what came is no JSON, and nothing is waited for."""
    length = str(len(target.body))
    with target.peer() as peer:
        cut = answer(peer.ask(request(target, target.body[:kept], CONTENT_LENGTH=length)))
        cut.error(400)
        target.ask(peer)


@pytest.mark.parametrize("more", [b"x", b"{}", b'{"conversation_id":1}', b"x" * 100 * KIB])
def test_what_stands_behind_the_declared_length_belongs_to_the_body(target, more):
    length = str(len(target.body))
    with target.peer() as peer:
        answer(peer.ask(request(target, target.body + more, CONTENT_LENGTH=length))).error(400)
        target.ask(peer)


# Size


@pytest.mark.parametrize("declared", ["right", None, "1", "999999999"])
@pytest.mark.parametrize("size, too_large", [(LARGEST_BODY - 1, False), (LARGEST_BODY, False),
                                             (LARGEST_BODY + 1, True), (LARGEST_BODY + KIB, True)])
def test_the_largest_body(target, size, too_large, declared):
    length = str(size) if declared == "right" else declared
    with target.peer() as peer:
        for _ in range(2):
            reply = peer.ask(request(target, padded(target, size), CONTENT_LENGTH=length))
            if too_large:
                answer(reply).error(413)
            else:
                target.check(reply)
        target.ask(peer)


@pytest.mark.parametrize("largest", [500, 8192, records.LARGEST_CONTENT])
def test_a_body_in_records_of_any_size(target, largest):
    for size in (8191, 8192, 8193, 16_384, 65_535, 65_536, LARGEST_BODY, LARGEST_BODY + 1):
        with target.peer() as peer:
            reply = peer.ask(target.begin() + target.params()
                             + records.stream(STDIN, padded(target, size), largest))
            if size > LARGEST_BODY:
                answer(reply).error(413)
            else:
                target.check(reply, f"a body of {size}")
            target.ask(peer)


@pytest.mark.parametrize("size", [LARGEST_BODY + 64 * KIB, LARGEST_BODY + 512 * KIB,
                                  LARGEST_BODY + STAYS_IN_STEP - 64 * KIB])
def test_a_connection_stays_in_step_behind_a_body_that_is_too_large(target, size):
    with target.peer() as peer:
        for _ in range(3):
            answer(peer.ask(request(target, padded(target, size)))).error(413)
        target.ask(peer)


@pytest.mark.parametrize("size", [LARGEST_BODY + STAYS_IN_STEP + 64 * KIB, 20 * 1024 * KIB])
def test_a_body_far_beyond_the_limit_ends_the_connection(target, size):
    def act():
        with target.peer() as peer:
            peer.send(request(target, padded(target, size)))
            try:
                answer(peer.reply()).error(413)
            except ConnectionError:
                pass  # the answer may be lost where not all was read
            assert peer.rest() == b""

    act()
    target.loses_no_memory(act, 20, side_by_side=2)


def test_a_small_limit(start_service, database):
    service = start_service(ORBIA_BODY_LIMIT=str(2 * KIB), ORBIA_WORKERS="1")
    user = database.user()
    api = service.kept_api()
    try:
        for size, status in ((2047, 200), (2048, 200), (2049, 413), (100 * KIB, 413), (2048, 200)):
            assert api.post(user, "get_conversations", b"{}".ljust(size)).status == status, size
    finally:
        api.transport.close()


# Bodies that nobody looks at


@pytest.mark.parametrize("size", [0, 1, 8 * KIB, 100 * KIB, LARGEST_BODY])
@pytest.mark.parametrize("status", REFUSALS)
def test_a_request_that_is_refused_unread_keeps_the_connection_in_step(target, status, size):
    with target.peer() as peer:
        for _ in range(3):
            refused = request(target, padded(target, size)[:size], **REFUSALS[status])
            answer(peer.ask(refused)).error(status)
            target.ask(peer)


def test_many_bodies_of_all_sizes_on_one_connection(target):
    sizes = [0, 300 * KIB, 1, 8 * KIB, LARGEST_BODY + 1, 100 * KIB, 10, LARGEST_BODY, 65_535]
    with target.peer() as peer:
        for size in sizes * 4:
            body = padded(target, max(size, len(target.body)))
            reply = peer.ask(request(target, body))
            if size > LARGEST_BODY:
                answer(reply).error(413)
            else:
                target.check(reply, f"a body of {size}")


def test_a_body_without_parameters(target):
    """The stream of the parameters is empty, that of the body is not."""
    with target.peer() as peer:
        for _ in range(3):
            body = records.stream(STDIN, padded(target, 100 * KIB))
            answer(peer.ask(target.begin() + records.record(PARAMS) + body)).error(404)
        target.ask(peer)


def test_large_bodies_leave_nothing_behind(target):
    body = json.dumps({"conversation_id": target.conversation.id, "x": "x" * (400 * KIB)}).encode()
    data = request(target, body)

    def act():
        with target.peer() as peer:
            target.check(peer.ask(data))

    target.loses_no_memory(act, 300, side_by_side=4)
