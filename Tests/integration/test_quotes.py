"""reply_to: a message that quotes another one of its conversation."""

import pytest

from database import now_ms, timestamp


@pytest.fixture
def one(database):
    return database.user("王五")


@pytest.fixture
def other(database):
    return database.user("赵六")


@pytest.fixture
def conversation(database, one, other):
    return database.conversation(one, other)


def send(api, user, conversation, content="好的", **keys):
    return api.send_message(user, conversation_id=conversation.id, message_type="text", content=content, **keys)


def shown(api, user, conversation) -> list:
    return api.get_messages(user, conversation_id=conversation.id).success()["messages"]


def test_every_answer_shows_what_is_quoted(api, one, other, conversation):
    quoted = send(api, one, conversation, "几点?").success()["message"]
    answer = send(api, other, conversation, reply_to=quoted["message_id"]).success()["message"]
    expected = {"message_id": quoted["message_id"], "sender_id": one.id, "sender_nickname": "王五",
                "message_type": "text", "content": "几点?", "file_name": None}
    assert answer["reply_to"] == expected
    first, second = shown(api, one, conversation)
    assert "reply_to" not in first and second["reply_to"] == expected


def test_a_file_is_quoted_with_its_name(api, one, other, conversation):
    url = "https://cdn.orbia.example/" + "a" * 300
    quoted = api.send_message(one, conversation_id=conversation.id, message_type="file", content=url,
                              file_name="合同 \"终稿\".pdf").success()["message"]
    quote = send(api, other, conversation, reply_to=quoted["message_id"]).success()["message"]["reply_to"]
    assert quote["message_type"] == "file" and quote["file_name"] == "合同 \"终稿\".pdf"
    assert quote["content"] == url[:200]


@pytest.mark.parametrize("content", ["引" * 201, "😀" * 250, 'a"\\\n\t\u2028</script>' * 20])
def test_its_first_200_characters(api, one, other, conversation, content):
    quoted = send(api, one, conversation, content).success()["message"]
    answer = send(api, other, conversation, reply_to=quoted["message_id"]).success()["message"]
    assert answer["reply_to"]["content"] == content[:200]
    assert shown(api, one, conversation)[1]["reply_to"] == answer["reply_to"]


def test_a_quote_of_a_quote_has_no_quote(api, one, other, conversation):
    first = send(api, one, conversation).success()["message"]
    second = send(api, other, conversation, reply_to=first["message_id"]).success()["message"]
    third = send(api, one, conversation, reply_to=second["message_id"]).success()["message"]
    assert third["reply_to"]["message_id"] == second["message_id"] and "reply_to" not in third["reply_to"]


def test_what_was_recalled_is_quoted_without_its_content(api, one, other, conversation):
    quoted = send(api, one, conversation, "秘密").success()["message"]
    send(api, other, conversation, reply_to=quoted["message_id"], client_message_id="k").success()
    api.recall_message(one, conversation_id=conversation.id, message_id=quoted["message_id"]).success()
    expected = {"message_id": quoted["message_id"], "sender_id": one.id, "sender_nickname": "王五",
                "message_type": "text", "recalled": True}
    assert shown(api, one, conversation)[0]["reply_to"] == expected
    again = send(api, other, conversation, reply_to=quoted["message_id"], client_message_id="k").success()
    assert again["duplicate"] and again["message"]["reply_to"] == expected


def test_what_staff_deleted_is_quoted_like_a_recalled_one(api, database, one, other, conversation):
    quoted = send(api, one, conversation, "秘密").success()["message"]
    send(api, other, conversation, reply_to=quoted["message_id"]).success()
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE message_id = %s", quoted["message_id"])
    assert shown(api, one, conversation)[0]["reply_to"]["recalled"] is True
    database.execute("DELETE FROM orbia_message WHERE message_id = %s", quoted["message_id"])
    assert "reply_to" not in shown(api, one, conversation)[0]


def test_what_cannot_be_quoted(api, database, one, conversation):
    elsewhere = send(api, one, database.conversation(one)).success()["message"]["message_id"]
    recalled = send(api, one, conversation).success()["message"]["message_id"]
    told = api.recall_message(one, conversation_id=conversation.id, message_id=recalled).success()["message"]
    deleted = database.message(conversation, one, deleted_at=timestamp(now_ms()))
    before = database.stored_messages(conversation)
    for message_id in ("MSG_1_1", "消息", elsewhere, recalled, told["message_id"], deleted, "x" * 64):
        send(api, one, conversation, reply_to=message_id).error(400, "reply_to")
    assert database.stored_messages(conversation) == before


@pytest.mark.parametrize("value", ["", 7, ["MSG_1_1"], "x" * 65])
def test_a_bad_value(api, one, conversation, value):
    send(api, one, conversation, reply_to=value).error(400, "reply_to")


def test_null_is_no_quote(api, one, conversation):
    assert "reply_to" not in send(api, one, conversation, reply_to=None).success()["message"]


def test_a_closed_conversation_is_told_before_a_bad_quote(api, database, one, conversation):
    database.update_conversation(conversation, status="closed")
    send(api, one, conversation, reply_to="MSG_1_1").error(400, "closed")


def test_the_quote_is_part_of_what_makes_a_repeat(api, one, conversation):
    first = send(api, one, conversation).success()["message"]["message_id"]
    second = send(api, one, conversation).success()["message"]["message_id"]
    sent = send(api, one, conversation, reply_to=first, client_message_id="k").success()["message"]
    again = send(api, one, conversation, reply_to=first, client_message_id="k").success()
    assert again["duplicate"] and again["message"] == sent
    send(api, one, conversation, reply_to=second, client_message_id="k").error(409)
    send(api, one, conversation, client_message_id="k").error(409)
    send(api, one, conversation, client_message_id="plain").success()
    send(api, one, conversation, client_message_id="plain", reply_to=first).error(409)


def test_a_sender_without_a_nickname(api, database, one):
    nameless = database.user(nickname="")
    conversation = database.conversation(one, nameless)
    quoted = send(api, nameless, conversation).success()["message"]["message_id"]
    assert send(api, one, conversation, reply_to=quoted).success()["message"]["reply_to"]["sender_nickname"] == \
        f"用户{nameless.id}"
