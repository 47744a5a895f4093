"""The rate limit: 200 requests a second from one address with a burst of 400, over HTTPS alone."""

import re

import pytest

from api import PREFIX
from orbia.polling import eventually
from wire import Wire, parse

BURST = 400
# nginx closes a connection after 1,000 requests.
REQUESTS = 900

LOUD, QUIET = "127.3.0.1", "127.3.0.2"


def pipelined(wire, count) -> list:
    """The answers to requests that are sent in one go, without waiting for any."""
    request = f"POST {PREFIX}get_conversations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
    last = request + "Connection: close\r\n\r\n"
    received = wire.exchange(((request + "\r\n") * (count - 1) + last).encode())
    return [parse(b"HTTP/1.1 " + answer) for answer in received.split(b"HTTP/1.1 ")[1:]]


@pytest.fixture
def loud(stack):
    return Wire(stack.ports.https, stack.certificate, LOUD)


def lines_of(log, request_id) -> list:
    return [line for line in log.read_text().splitlines() if line.endswith(f"id={request_id}")]


def answered_by_the_service(wire) -> bool:
    [answer] = pipelined(wire, 1)
    return answer.status == 401


def test_a_client_above_the_rate_is_told_to_wait_and_the_others_are_not(stack, loud):
    answers = pipelined(loud, REQUESTS)
    refused = [answer for answer in answers if answer.status == 429]
    assert len(answers) == REQUESTS
    assert len(answers) - len(refused) >= BURST
    assert refused, "nothing was refused"
    for answer in refused:
        answer.error(429)
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.headers["X-Request-Id"]
    assert {answer.status for answer in answers} == {401, 429}
    assert answered_by_the_service(Wire(stack.ports.https, stack.certificate, QUIET))
    log = stack.directory / "log" / "nginx-access.log"
    lines = eventually(lambda: lines_of(log, refused[-1].headers["X-Request-Id"]), within=10, what="it is logged")
    assert re.search(rf'^\S+ {LOUD} "POST .*" 429 .* service=- instance=- limit=REJECTED id=\w+$', lines[0])
    eventually(lambda: answered_by_the_service(loud), within=5, what="the client may call again")


def test_plain_http_has_no_limit(stack):
    answers = pipelined(Wire(stack.ports.http, address=LOUD), REQUESTS)
    assert [answer.status for answer in answers] == [401] * REQUESTS
