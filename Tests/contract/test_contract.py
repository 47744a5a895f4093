"""Requests generated from openapi.yaml, valid and invalid ones: each answer is one that the file declares."""

import pytest
from schemathesis.generation.meta import CONTENT_TYPE_PROBES, CoverageScenario, coverage_scenario
from schemathesis.specs.openapi.checks import (
    content_type_conformance, response_headers_conformance, response_schema_conformance, status_code_conformance)

from orbia import tokens
from specification import CASES, DOCUMENT, OPERATIONS, generator, validator

OF_THE_FILE = [status_code_conformance, content_type_conformance, response_headers_conformance,
               response_schema_conformance]
CONTENT_BYTES = DOCUMENT["components"]["schemas"]["SendMessage"]["properties"]["content"]["maxLength"]
# Of so many requests one keeps the conversation that was generated; the others ask for the caller's own.
STRANGERS = 8

requests = generator()
few_requests = generator(cases=10)

names_a_conversation = validator({"$ref": "#/components/schemas/ConversationReference"}).is_valid


def point(case, conversation, number: int):
    """Has a case that names a conversation ask for one that is there, in one of the forms for it."""
    if isinstance(case.body, dict) and names_a_conversation(case.body.get("conversation_id")):
        forms = [conversation.id, str(conversation.id), float(conversation.id), f"00{conversation.id}",
                 conversation.conversation_id]
        case.body = {**case.body, "conversation_id": forms[number % len(forms)]}


def give_cursor(case, caller):
    """Has a case that asks for changes do so with a cursor: the generator makes texts that are none. And has none wait,
    which would take its time; test_bounds.py has requests that do."""
    if isinstance(case.body, dict):
        if isinstance(case.body.get("after_cursor"), str):
            case.body = {**case.body, "after_cursor": caller.cursor}
        if isinstance(case.body.get("cursor"), str):
            # It belongs to one search, which is not the generated one; test_search_messages.py has those that are good.
            case.body = {**case.body, "cursor": None}
        if case.body.get("wait"):
            case.body = {**case.body, "wait": 0}


def give_messages(case, caller):
    """Has a case that names a message name one that is there: a text that is none cannot be told by the file."""
    if isinstance(case.body, dict):
        if isinstance(case.body.get("reply_to"), str):
            case.body = {**case.body, "reply_to": caller.message}
        if isinstance(case.body.get("message_id"), str):
            case.body = {**case.body, "message_id": caller.recalled_message}


def is_there(case, conversation) -> bool:
    """Whether a valid case asks for something that the caller may see."""
    if case.operation.path.endswith("get_conversations"):
        return True
    if (asked := case.body.get("conversation_id")) is None:
        # It searches all conversations, or asks for the conversation of an order.
        return case.operation.path.endswith("search_messages")
    return asked == conversation.conversation_id or not str(asked).startswith("CONV_") and int(asked) == conversation.id


def kind(case) -> str:
    """What is wrong with a request, if something is."""
    if coverage_scenario(case) == CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return "wrong method"
    # To the generator it is invalid; the service does not look at it.
    if coverage_scenario(case) in CONTENT_TYPE_PROBES:
        return "valid"
    return "valid" if case.meta.generation.mode.is_positive else "invalid"


def is_expected(status, case, conversation) -> bool:
    """More exact than the file can be: it cannot know which conversations are there."""
    match kind(case):
        case "wrong method":
            return status == 405
        case "invalid":
            return status == 400
    if not is_there(case, conversation):
        return status in (403, 404)
    # The generator gives one client_message_id to several messages.
    return status == 200 or status == 409 and case.body.get("client_message_id") is not None


def good(api, user):
    return {"Authorization": "Bearer " + api.token(user)}


@requests.parametrize()
def test_a_generated_request(case, caller, tally):
    number = sum(tally.values())
    if number % STRANGERS:
        point(case, caller.conversation, number)
    if kind(case) == "valid":
        give_cursor(case, caller)
        give_messages(case, caller)

    response = caller.send(case, good)
    tally[case.operation.path.rsplit("/", 1)[1], kind(case), response.status_code] += 1
    case.validate_response(response)
    assert is_expected(response.status_code, case, caller.conversation), (kind(case), response.status_code, case.body)


@pytest.mark.parametrize("character", ["x", "é", "你", "😀"])
def test_content_of_the_greatest_size(caller, character):
    """Its bound is in bytes of UTF-8, which a schema cannot count."""
    def send(content):
        return caller.api.send_text(caller.user, caller.conversation, content)

    size = len(character.encode())
    send(character * (CONTENT_BYTES // size) + "x" * (CONTENT_BYTES % size)).success()
    send(character * (CONTENT_BYTES // size + 1)).error(400, "content")


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_generated_requests_got_far(tally, name):
    """A service that refuses everything would keep to the file, too."""
    counts = {(what, status): count for (endpoint, what, status), count in tally.items() if endpoint == name}
    if not counts:
        pytest.skip("no request was generated in this run")
    # Of half of the random ones that much, and more, is due.
    assert counts[("valid", 200)] > CASES / 10, counts
    assert counts[("invalid", 400)] > CASES / 10, counts
    assert ("wrong method", 405) in counts


def no_token(api, user):
    return {}


def another_scheme(api, user):
    return {"Authorization": "Basic dXNlcjpwYXNzd29yZA=="}


def of_another_secret(api, user):
    return {"Authorization": "Bearer " + tokens.token("another", tokens.claims_of(user.id))}


def expired(api, user):
    return {"Authorization": "Bearer " + api.token(user, exp=1)}


def of_nobody(api, user):
    return {"Authorization": "Bearer " + api.token(10**15)}


@few_requests.parametrize()
@pytest.mark.parametrize("authorization", [no_token, another_scheme, of_another_secret, expired])
def test_a_generated_request_without_a_good_token(case, caller, authorization):
    """A 401 comes before anything that is wrong with the body."""
    if kind(case) == "wrong method":
        return
    response = caller.send(case, authorization)
    assert response.status_code == 401
    case.validate_response(response, checks=OF_THE_FILE)


@few_requests.include(path_regex="send_message|mark_read").parametrize()
def test_a_generated_request_of_a_user_who_is_not_there(case, caller):
    if kind(case) != "valid":
        return
    response = caller.send(case, of_nobody)
    assert response.status_code == 401
    case.validate_response(response, checks=OF_THE_FILE)
