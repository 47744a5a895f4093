"""What holds for every endpoint: routes, methods, the order of checks, headers, ids."""

import re

import pytest

from api import PREFIX, ROUTES


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture
def conversation(database, user):
    return database.conversation(user)


@pytest.fixture
def message(database, user, conversation):
    return database.message(conversation, user)


def body_for(route, conversation_id, message="MSG_1_1") -> dict:
    """A body that is good for the route; `message` is recalled."""
    body = {} if route == "get_conversations" else {"conversation_id": conversation_id}
    keys = {"send_message": {"message_type": "text", "content": "你好"}, "recall_message": {"message_id": message},
            "search_messages": {"query": "好"}}
    return body | keys.get(route, {})


WITH_CONVERSATION = [route for route in ROUTES if route != "get_conversations"]


# Routes and methods


@pytest.mark.parametrize("route", ROUTES)
def test_each_route_answers(api, user, conversation, message, route):
    api.post(user, route, body_for(route, conversation.id, message)).success()


@pytest.mark.parametrize("path", [
    PREFIX, PREFIX + "nothing", PREFIX + "send_message/", PREFIX + "send_message/x",
    PREFIX + "Send_Message", PREFIX + "../nothing",
    PREFIX[:-1], PREFIX + "send_message.php", PREFIX + "_nginx/404", PREFIX + "%ff",
])
def test_another_path_is_no_route(api, user, path):
    headers = {"Authorization": f"Bearer {api.token(user)}"}
    answer = api.transport.request("POST", path, headers, b"{}")
    if path == PREFIX + "../nothing":
        assert answer.status == 404  # outside the API: the server block's own answer
    else:
        assert answer.error(404) == "no such route"


@pytest.mark.parametrize("path", [PREFIX + "get_conversations?x=1", PREFIX + "get_conversations?",
                                  PREFIX + "get%5Fconversations", "/api//v1/conversation/mark_read"])
def test_a_query_or_an_escape_in_the_path_does_not_matter(api, user, conversation, path):
    headers = {"Authorization": f"Bearer {api.token(user)}"}
    body = b'{"conversation_id":%d}' % conversation.id
    api.transport.request("POST", path, headers, body).success()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("route", ROUTES)
def test_another_method_is_refused(api, user, method, route):
    headers = {"Authorization": f"Bearer {api.token(user)}"}
    answer = api.transport.request(method, PREFIX + route, headers, b"")
    answer.error(405)
    assert answer.headers["Allow"] == "POST"


def test_head_is_refused_without_a_body(api, user):
    headers = {"Authorization": f"Bearer {api.token(user)}"}
    answer = api.transport.request("HEAD", PREFIX + "get_messages", headers, b"")
    assert (answer.status, answer.body) == (405, b"")
    assert answer.headers["Allow"] == "POST"


# The order of checks: each request is wrong in two ways, and the earlier check decides


def test_the_route_comes_before_the_method(api):
    api.transport.request("GET", PREFIX + "nothing", {}, b"").error(404)


def test_the_method_comes_before_the_token(api):
    api.transport.request("GET", PREFIX + "get_messages", {}, b"").error(405)


@pytest.mark.parametrize("route", ROUTES)
def test_the_token_comes_before_the_body(api, route):
    api.post(None, route, b"not JSON").error(401)
    api.post_with_token("not.a.token", route, {"conversation_id": "x", "page": "x"}).error(401)


@pytest.mark.parametrize("route", ROUTES)
def test_the_body_comes_before_the_user(api, database, route):
    nobody, disabled = 9_000_000_000_000_000_000, database.user(status="disabled")
    for user in (nobody, disabled):
        api.post(user, route, b"not JSON").error(400)
        api.post(user, route, {"conversation_id": 1.5, "page": 1.5}).error(400)


@pytest.mark.parametrize("route", ROUTES)
def test_the_user_comes_before_the_conversation(api, database, route):
    body = body_for(route, 9_000_000_000_000_000_000)
    api.post(9_000_000_000_000_000_000, route, body).error(401)
    api.post(database.user(status="disabled"), route, body).error(403)


@pytest.mark.parametrize("route", WITH_CONVERSATION)
def test_the_conversation_comes_before_the_membership(api, database, user, route):
    deleted = database.conversation(deleted_at="2024-01-01 00:00:00")
    for conversation_id in (9_000_000_000_000_000_000, "CONV_1_9000000000000000000", deleted.id):
        answer = api.post(user, route, body_for(route, conversation_id))
        assert answer.error(404) == "conversation not found"


def test_the_membership_comes_before_the_state(api, database, user):
    closed = database.conversation(database.user(), status="closed")
    api.send_text(user, closed).error(403, "not a member")


# Users


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("status", ["disabled", "deleted"])
def test_a_user_whose_status_is_not_normal_is_refused(api, database, route, status):
    user = database.user(status=status)
    conversation = database.conversation(user)
    message = api.post(user, route, body_for(route, conversation.id)).error(403)
    assert "member" not in message
    assert database.stored_messages(conversation) == []


@pytest.mark.parametrize("route", ROUTES)
def test_a_user_who_is_disabled_is_refused_from_the_next_request_on(api, database, user,
                                                                    conversation, message, route):
    body = body_for(route, conversation.id, message)
    api.post(user, route, body).success()
    database.execute("UPDATE orbia_user SET status = 'disabled' WHERE id = %s", user.id)
    api.post(user, route, body).error(403)
    database.execute("UPDATE orbia_user SET status = 'normal' WHERE id = %s", user.id)
    api.post(user, route, body).success()


@pytest.mark.parametrize("route", ROUTES)
def test_a_token_of_a_user_who_is_not_there_is_refused(api, route):
    answer = api.post(9_000_000_000_000_000_000, route, body_for(route, 1))
    answer.error(401)
    assert answer.headers["WWW-Authenticate"].split()[0] == "Bearer"


@pytest.mark.parametrize("role", ["normal", "admin"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_member_of_either_role_may_call(api, database, route, role):
    user = database.user(role=role)
    conversation = database.conversation(user)
    api.post(user, route, body_for(route, conversation.id, database.message(conversation, user))).success()


# How a conversation is named


@pytest.mark.parametrize("route", WITH_CONVERSATION)
@pytest.mark.parametrize("form", [
    lambda c: c.id, lambda c: str(c.id), lambda c: c.conversation_id, lambda c: f"00{c.id}",
], ids=["integer", "digits", "string", "digits with zeros"])
def test_a_conversation_is_found_by_each_of_its_names(api, user, conversation, message, route, form):
    api.post(user, route, body_for(route, form(conversation), message)).success()


@pytest.mark.parametrize("route", WITH_CONVERSATION)
@pytest.mark.parametrize("number", ["{}.0", "{}.0e0", "{}000e-3", "0.{}e{digits}"])
def test_an_integer_may_be_written_as_json_allows(api, user, conversation, message, route, number):
    text = number.format(conversation.id, digits=len(str(conversation.id)))
    body = b'{"conversation_id":%s,"message_type":"text","content":"x","message_id":"%s"}' % (
        text.encode(), message.encode())
    api.post(user, route, body).success()


def test_the_answer_to_another_spelling_of_the_integer_carries_the_integer(api, user,
                                                                           conversation):
    body = b'{"conversation_id":%d.0,"message_type":"text","content":"x"}' % conversation.id
    message = api.post(user, "send_message", body).success()["message"]
    assert message["conversation_id"] == conversation.id
    assert isinstance(message["conversation_id"], int)


# Headers


def every_kind_of_answer(api, user, conversation, other):
    """One answer for each status that the service itself gives without a fault of its own."""
    good = {"conversation_id": conversation.id}
    return {
        200: api.post(user, "get_messages", good),
        400: api.post(user, "get_messages", b"[]"),
        401: api.post(None, "get_messages", good),
        403: api.post(other, "get_messages", good),
        404: api.post(user, "nothing", good),
        405: api.transport.request("GET", PREFIX + "get_messages", {}, b""),
    }


def test_every_answer_is_json_with_its_status_in_base_resp(api, database, user, conversation):
    for status, answer in every_kind_of_answer(api, user, conversation, database.user()).items():
        assert answer.status == answer.json["base_resp"]["code"] == status
        assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_every_answer_has_a_request_id_of_its_own(api, database, user, conversation):
    answers = every_kind_of_answer(api, user, conversation, database.user()).values()
    identifiers = [answer.headers["X-Request-Id"] for answer in answers]
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in identifiers)
    assert len(set(identifiers)) == len(identifiers)


def test_no_answer_may_be_stored_by_a_cache(api, database, user, conversation):
    for answer in every_kind_of_answer(api, user, conversation, database.user()).values():
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_refused_token_names_the_scheme(api):
    answer = api.post(None, "get_messages", {})
    answer.error(401)
    assert answer.headers["WWW-Authenticate"].split()[0] == "Bearer"


def test_the_requests_content_type_does_not_matter(api, user, conversation):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {"Authorization": f"Bearer {api.token(user)}", "Content-Type": content_type}
        body = b'{"conversation_id":%d}' % conversation.id
        api.transport.request("POST", PREFIX + "get_messages", headers, body).success()


# The log


def test_neither_token_nor_content_reaches_a_log(stack, api, user, conversation):
    token = api.token(user)
    content = "只有我们两个知道的事 xyzzy"
    body = {"conversation_id": conversation.id, "message_type": "text", "content": content}
    api.post_with_token(token, "send_message", body).success()
    api.post_with_token(token, "send_message", {**body, "message_type": content}).error(400)
    api.post_with_token(token, "nothing", body).error(404)
    api.post_with_token(token + "x", "send_message", body).error(401)
    lines = [("Authorization", f"Bearer {token}")] * 2
    api.transport.request_by_lines("POST", PREFIX + "send_message", lines).error(400)
    logs = stack.logs()
    for secret in (token, token.split(".")[2], content, "xyzzy", stack.secret, stack.mysql_password):
        assert secret not in logs
