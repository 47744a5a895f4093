"""What nginx answers by itself is JSON with base_resp too, and carries a request id."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import PREFIX, HttpTransport, https_api
from orbia.polling import eventually
from wire import Wire

KIB = 1024
LARGEST_BODY = 512 * KIB


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture(params=["https", "http"])
def wire(request, stack):
    """Both listeners."""
    if request.param == "https":
        return Wire(stack.ports.https, stack.certificate)
    return Wire(stack.ports.http)


def refused(answer, code):
    """Checks all that such an answer has."""
    answer.error(code)
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])
    assert answer.headers["Cache-Control"] == "no-store"


def padded(size: int, **keys) -> bytes:
    """A JSON object of exactly this many bytes."""
    body = b'{"padding":"%s"}'
    return body % (b"x" * (size - len(body) + 2))


# Size


def test_a_body_of_the_greatest_size_reaches_the_service(api, user):
    api.post(user, "get_conversations", padded(LARGEST_BODY)).success()


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, 1024 * KIB, 20 * 1024 * KIB])
def test_a_larger_body_is_too_large(api, user, size):
    refused(api.post(user, "get_conversations", padded(size)), 413)


@pytest.mark.parametrize("size, status", [(100, 200), (LARGEST_BODY, 200), (LARGEST_BODY + 1, 413)])
def test_the_limit_holds_for_a_body_of_unknown_length_too(api, user, size, status):
    def pieces():
        body = padded(size)
        for start in range(0, size, 60_000):
            yield body[start : start + 60_000]

    headers = {"Authorization": f"Bearer {api.token(user)}"}
    answer = api.transport.request("POST", PREFIX + "get_conversations", headers, pieces())
    assert answer.status == answer.json["base_resp"]["code"] == status


def test_the_longest_content_with_every_byte_escaped_is_accepted(api, database, user):
    conversation = database.conversation(user)
    body = (b'{"conversation_id":%d,"message_type":"text","content":"' % conversation.id
            + b"\\u0078" * 65_535 + b'"}')
    assert len(body) > 393_000
    message = api.post(user, "send_message", body).success()["message"]
    assert message["content"] == "x" * 65_535


# The head of the request


def test_two_authorization_headers_are_refused(api, user):
    lines = [("Authorization", f"Bearer {api.token(user)}")] * 2
    refused(api.transport.request_by_lines("POST", PREFIX + "get_conversations", lines, b"{}"), 400)


@pytest.mark.parametrize("kibibytes", [9, 32, 100])
def test_an_over_long_token_is_refused(wire, kibibytes):
    refused(wire.answer(
        b"POST /api/v1/conversation/get_conversations HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Bearer %s\r\nContent-Length: 2\r\n\r\n{}" % (b"x" * kibibytes * KIB)), 400)


@pytest.mark.parametrize("kibibytes", [9, 32, 100])
def test_an_over_long_address_is_refused(wire, kibibytes):
    refused(wire.answer(
        b"POST /api/v1/conversation/get_conversations?%s HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Length: 2\r\n\r\n{}" % (b"x" * kibibytes * KIB)), 400)


@pytest.mark.parametrize("head", [
    b"POST %s HTTP/1.1\r\n\r\n",  # no Host
    b"POST %s HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n{",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
    b"POST %s%%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST %s%%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST %s/../../../../.. HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST %s HTTP/9.9\r\nHost: localhost\r\n\r\n",
])
def test_a_malformed_request_is_refused(wire, head):
    refused(wire.answer(head.replace(b"%s", b"/api/v1/conversation/get_conversations")), 400)


def test_a_method_that_nginx_itself_knows_nothing_of_is_refused(wire):
    answer = wire.answer(b"TRACE /api/v1/conversation/get_messages HTTP/1.1\r\n"
                         b"Host: localhost\r\nConnection: close\r\n\r\n")
    refused(answer, 405)
    assert answer.headers["Allow"] == "POST"


def test_plain_http_on_the_https_port_is_refused(stack):
    refused(Wire(stack.ports.https).answer(
        b"POST /api/v1/conversation/get_messages HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400)


def test_a_path_outside_the_api_is_not_there(api):
    assert api.transport.request("GET", "/not-there", {}, b"").status == 404


# The service away


def test_a_service_that_cannot_be_reached(stack, api, user):
    """For a while the socket has another name: the service itself must not notice.

    nginx notices when it has closed the connections that it keeps, within about ten seconds.
    """
    socket = stack.directory / "service-1.sock"
    away = stack.directory / "service-1.sock.away"
    socket.rename(away)
    try:
        eventually(lambda: api.get_conversations(user).status != 200, within=60,
                   what="nginx connects anew", every=0.5)
        for _ in range(3):
            answer = api.get_conversations(user)
            refused(answer, 502)
            assert int(answer.headers["Retry-After"]) >= 1
    finally:
        away.rename(socket)
    api.get_conversations(user).success()


def test_a_service_that_does_not_answer_in_time(stack, user):
    """As long as nginx's patience: 10 s, and 35 s for the routes whose requests may wait. They wait together."""
    api = https_api(stack)

    def ask(route):
        transport, begun = HttpTransport(api.transport.base, stack.certificate, timeout=50), time.monotonic()
        return transport.request("POST", PREFIX + route, {}, b"{}"), time.monotonic() - begun

    patience = {"mark_read": 10, "send_message": 10, "get_conversations": 35, "get_messages": 35}
    with stack.frozen(), ThreadPoolExecutor(len(patience)) as threads:
        answers = dict(zip(patience, threads.map(ask, patience)))
    for route, (answer, took) in answers.items():
        refused(answer, 504)
        assert int(answer.headers["Retry-After"]) >= 1
        assert patience[route] - 1 < took < patience[route] + 10, route
    api.get_conversations(user).success()
