"""Errors that take more than a request to come about: each is as openapi.yaml declares it."""

import os
import signal
from contextlib import contextmanager

import pytest

from api import http_api, https_api
from concurrency import all_at_once
from orbia.polling import eventually
from orbia.processes import freeze, thaw
from specification import DOCUMENT, OPERATIONS, answers, example_request, validator


def conforms(answer, name: str, status: int, message: str):
    """An answer of an endpoint has that status, and body and headers as they are declared for it."""
    assert answer.status == status, answer
    declared = answers(name)[status]
    validator(declared["content"]["application/json"]["schema"]).validate(answer.json)
    assert answer.json["base_resp"]["message"] == message
    for header, reference in declared["headers"].items():
        schema = DOCUMENT["components"]["headers"][reference["$ref"].rsplit("/", 1)[1]]["schema"]
        value = answer.headers[header]
        validator(schema).validate(int(value) if schema.get("type") == "integer" else value)


def body(caller, name) -> dict:
    request = example_request(name)
    return request | ({"conversation_id": caller.conversation.id} if "conversation_id" in request else {})


@contextmanager
def gone(stack, name):
    """Inside, a process of the stack is not there; scripts/run, which would start it again, is held."""
    freeze(stack.pid)
    try:
        os.kill(stack.pid_of(name), signal.SIGKILL)
        yield
    finally:
        thaw(stack.pid)


@pytest.fixture
def whole_again(stack, caller):
    """What a test did to the stack is over when the next one begins."""
    yield
    eventually(lambda: http_api(stack).get_conversations(caller.user).status == 200, within=30, what="all is well")


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_user_who_is_disabled(database, caller, name):
    user = database.user(status="disabled")
    conforms(caller.api.post(user, name, body(caller, name)), name, 403, "user is disabled or deleted")


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_body_that_is_too_large(caller, name):
    conforms(caller.api.post(caller.user, name, b" " * (512 * 1024 + 1)), name, 413, "request body is too large")


@pytest.mark.usefixtures("whole_again")
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_database_that_stands_still(stack, caller, name):
    with stack.frozen("mariadb"):
        conforms(caller.api.post(caller.user, name, body(caller, name)), name, 503, "service temporarily unavailable")


def test_a_closed_conversation(database, caller):
    closed = database.conversation(caller.user, status="closed")
    conforms(caller.api.send_text(caller.user, closed), "send_message", 400, "conversation is closed")


def test_a_conversation_whose_newest_message_is_at_the_end_of_time(database, caller):
    conversation = database.conversation(caller.user)
    last_second = database.value("SELECT NUMERIC_MAX_VALUE FROM information_schema.SYSTEM_VARIABLES"
                                 " WHERE VARIABLE_NAME = 'TIMESTAMP'")
    database.message(conversation, caller.user, at=int(last_second) * 1000 + 999)
    conforms(caller.api.send_text(caller.user, conversation), "send_message", 400, "conversation is at the end of time")


def test_a_client_message_id_that_was_used(caller):
    def send(content):
        return caller.api.send_message(caller.user, **body(caller, "send_message") | {
            "content": content, "client_message_id": "used"})

    send("你好").success()
    conforms(send("再见"), "send_message", 409, "client_message_id was used for another message")


def test_too_many_requests(stack, caller):
    """More than nginx lets through at once, of one address."""
    def send():
        api = https_api(stack, address="127.2.0.1")
        return [api.get_conversations(None) for _ in range(200)]

    refused = [answer for answers in all_at_once(*[send] * 8) for answer in answers if answer.status != 401]
    assert refused
    for answer in refused:
        conforms(answer, "get_conversations", 429, "too many requests")


@pytest.mark.usefixtures("whole_again")
def test_a_service_that_is_not_there(stack, caller):
    with gone(stack, "service-1"):
        conforms(caller.api.get_conversations(caller.user), "get_conversations", 502, "service is not reachable")


@pytest.mark.usefixtures("whole_again")
@pytest.mark.parametrize("name, timeout", [("get_conversation", 20), ("get_conversations", 45)])
def test_a_service_that_stands_still(stack, caller, name, timeout):
    """nginx waits longer where the request may be one that waits itself."""
    api = https_api(stack)
    api.transport.timeout = timeout
    with stack.frozen("service-1"):
        answer = api.post(caller.user, name, body(caller, name))
    conforms(answer, name, 504, "service did not answer in time")
