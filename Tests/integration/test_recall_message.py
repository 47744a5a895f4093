"""recall_message: what its sender has recalled is in no answer any more, and a system message says so."""

import json

import pytest

from database import now_ms, timestamp

TEXT_TIME, FILE_TIME = 120_000, 3 * 3_600_000


@pytest.fixture
def sender(database):
    return database.user("王五")


@pytest.fixture
def reader(database):
    return database.user()


@pytest.fixture
def conversation(database, sender, reader):
    return database.conversation(sender, reader)


def recall(api, user, conversation, message_id):
    return api.recall_message(user, conversation_id=conversation.id, message_id=message_id)


def sent(api, user, conversation, content="写错了"):
    return api.send_text(user, conversation, content).success()["message"]


def shown(api, user, conversation) -> list:
    return api.get_messages(user, conversation_id=conversation.id).success()["messages"]


def listed(api, user, conversation) -> dict:
    conversations = api.get_conversations(user).success()["conversations"]
    return next(each for each in conversations if each["id"] == conversation.id)


def test_it_answers_with_the_system_message_that_tells_it(api, database, sender, reader, conversation):
    message = sent(api, sender, conversation)
    told = recall(api, sender, conversation, message["message_id"]).success()["message"]
    assert told["message_type"] == "system"
    assert told["content"] == "王五 撤回了一条消息"
    assert told["event"] == {"type": "recall", "message_id": message["message_id"]}
    assert told["sender_id"] == sender.id and told["conversation_id"] == conversation.id
    assert told["created_at"] > message["created_at"]
    assert "recallable_until" not in told and "client_message_id" not in told
    for user in (sender, reader):
        assert shown(api, user, conversation) == [told | {"conversation_id": conversation.id}]


def test_the_row_stays_softly_deleted(api, database, sender, conversation):
    message = sent(api, sender, conversation, "留作证据")
    recall(api, sender, conversation, message["message_id"]).success()
    row = database.stored_messages(conversation)[0]
    assert row["content"] == "留作证据" and row["deleted_at"] and row["recalled_at"]


def test_the_content_is_in_no_answer_any_more(api, sender, reader, conversation):
    quoted = sent(api, sender, conversation, "绝密")
    api.send_message(reader, conversation_id=conversation.id, message_type="text", content="好的",
                     reply_to=quoted["message_id"]).success()
    recall(api, sender, conversation, quoted["message_id"]).success()
    for user in (sender, reader):
        answers = [api.get_messages(user, conversation_id=conversation.id),
                   api.get_messages(user, conversation_id=conversation.id, after_timestamp=0),
                   api.get_conversation(user, conversation_id=conversation.id), api.get_conversations(user),
                   api.search_messages(user, query="密"), api.search_messages(user, message_type="text")]
        assert all("绝密" not in answer.body.decode() for answer in answers)


def test_it_is_the_last_message_of_the_list(api, sender, reader, conversation):
    message = sent(api, sender, conversation)
    told = recall(api, sender, conversation, message["message_id"]).success()["message"]
    last = listed(api, reader, conversation)["last_message"]
    assert last["message_id"] == told["message_id"] and last["message_type"] == "system"
    assert last["event"] == told["event"] and last["content"] == told["content"]


def test_it_moves_the_conversation_to_the_front(api, database, sender, reader, conversation):
    message = sent(api, sender, conversation)
    other = database.conversation(sender, reader)
    sent(api, sender, other)
    recall(api, sender, conversation, message["message_id"]).success()
    assert api.get_conversations(reader).success()["conversations"][0]["id"] == conversation.id


def test_the_unread_counts_that_hold_it_go_down(api, database, sender, reader, conversation):
    read = sent(api, sender, conversation)
    api.mark_read(reader, conversation_id=conversation.id).success()
    unread = [sent(api, sender, conversation)["message_id"] for _ in range(2)]
    recall(api, sender, conversation, read["message_id"]).success()
    assert database.unread(conversation, reader) == 2
    recall(api, sender, conversation, unread[0]).success()
    assert database.unread(conversation, reader) == 1
    assert api.get_conversations(reader).success()["total_unread"] == 1
    recall(api, sender, conversation, unread[1]).success()
    assert database.unread(conversation, reader) == 0
    assert database.unread(conversation, sender) == 0


def test_an_unread_count_that_was_zero_stays_so(api, database, sender, reader, conversation):
    message = sent(api, sender, conversation)
    database.execute("UPDATE orbia_conversation_member SET unread_count = 0 WHERE conversation_id = %s",
                     conversation.id)
    recall(api, sender, conversation, message["message_id"]).success()
    assert database.unread(conversation, reader) == 0


def test_who_joined_after_it_keeps_its_count(api, database, sender, reader, conversation):
    """Within the second of the message, too: joined_at has whole seconds."""
    message = sent(api, sender, conversation)
    late = database.user()
    database.join(conversation, late)
    sent(api, reader, conversation)
    assert database.unread(conversation, late) == 1
    recall(api, sender, conversation, message["message_id"]).success()
    assert database.unread(conversation, late) == 1


def test_a_repeat_gets_the_same_answer_and_changes_nothing(api, database, sender, reader, conversation):
    message = sent(api, sender, conversation)
    first = recall(api, sender, conversation, message["message_id"]).success()
    sent(api, sender, conversation)
    before = database.stored_messages(conversation), database.member(conversation, reader)
    database.update_conversation(conversation, status="closed")
    assert recall(api, sender, conversation, message["message_id"]).success() == first
    assert before == (database.stored_messages(conversation), database.member(conversation, reader))


def test_a_repeat_that_is_late_gets_the_same_answer(api, database, sender, conversation):
    message = sent(api, sender, conversation)
    first = recall(api, sender, conversation, message["message_id"]).success()
    database.execute("UPDATE orbia_message SET created_at = created_at - INTERVAL 1 DAY WHERE message_id = %s",
                     message["message_id"])
    assert recall(api, sender, conversation, message["message_id"]).success() == first


@pytest.mark.parametrize("type, time", [("text", TEXT_TIME), ("image", FILE_TIME), ("audio", FILE_TIME)])
def test_it_can_be_recalled_until_its_time_is_over(api, database, sender, conversation, type, time):
    content = "https://cdn.orbia.example/a.jpg"
    early = database.message(conversation, sender, content, at=now_ms() - time + 20_000, message_type=type)
    late = database.message(conversation, sender, content, at=now_ms() - time - 1, message_type=type)
    ends = {each["message_id"]: each.get("recallable_until") for each in shown(api, sender, conversation)}
    assert ends[late] is None and ends[early] > now_ms()
    recall(api, sender, conversation, late).error(400, "the message can no longer be recalled")
    recall(api, sender, conversation, early).success()


def test_only_own_messages_have_recallable_until(api, sender, reader, conversation):
    message = sent(api, sender, conversation)
    assert message["recallable_until"] == message["created_at"] + TEXT_TIME
    own, = shown(api, sender, conversation)
    assert own["recallable_until"] == message["recallable_until"]
    others, = shown(api, reader, conversation)
    assert "recallable_until" not in others


def test_a_closed_conversation_refuses(api, database, sender, conversation):
    message = sent(api, sender, conversation)
    database.update_conversation(conversation, status="closed")
    recall(api, sender, conversation, message["message_id"]).error(400, "conversation is closed")
    assert len(database.stored_messages(conversation)) == 1


def test_anothers_message_is_refused(api, sender, reader, conversation):
    message = sent(api, sender, conversation)
    recall(api, reader, conversation, message["message_id"]).error(403, "only the sender can recall a message")


def test_a_system_message_is_refused(api, sender, conversation):
    message = sent(api, sender, conversation)
    told = recall(api, sender, conversation, message["message_id"]).success()["message"]
    recall(api, sender, conversation, told["message_id"]).error(403, "only the sender can recall a message")


def test_a_message_that_is_not_there(api, database, sender, conversation):
    other = database.conversation(sender)
    message = sent(api, sender, other)
    deleted = database.message(conversation, sender, deleted_at=timestamp(now_ms()))
    for message_id in ("MSG_1_1", "消息", message["message_id"], deleted, message["message_id"].lower()):
        recall(api, sender, conversation, message_id).error(404, "message not found")


def test_what_is_checked_first(api, database, sender, reader, conversation):
    stranger = database.user()
    message = sent(api, sender, conversation)["message_id"]
    recall(api, stranger, conversation, message).error(403, "not a member")
    api.recall_message(sender, conversation_id=2**40, message_id=message).error(404, "conversation not found")
    recall(api, database.user(status="disabled"), conversation, "MSG_1_1").error(403, "disabled")
    database.update_conversation(conversation, status="closed")
    recall(api, reader, conversation, message).error(403, "only the sender")
    recall(api, sender, conversation, "MSG_1_1").error(404, "message not found")


@pytest.mark.parametrize("body, key", [
    ({}, "message_id"), ({"message_id": None}, "message_id"), ({"message_id": ""}, "message_id"),
    ({"message_id": 7}, "message_id"), ({"message_id": "M" * 65}, "message_id"),
])
def test_a_bad_request(api, sender, conversation, body, key):
    api.recall_message(sender, conversation_id=conversation.id, **body).error(400, key)


def test_it_needs_a_conversation(api, sender):
    api.recall_message(sender, message_id="MSG_1_1").error(400, "conversation_id")


def test_by_the_conversations_code(api, sender, conversation):
    message = sent(api, sender, conversation)
    told = api.recall_message(sender, conversation_id=conversation.conversation_id,
                              message_id=message["message_id"]).success()["message"]
    assert told["conversation_id"] == conversation.conversation_id


def test_a_sender_without_a_nickname(api, database, reader):
    nameless = database.user(nickname=None)
    conversation = database.conversation(nameless, reader)
    told = recall(api, nameless, conversation, sent(api, nameless, conversation)["message_id"]).success()["message"]
    assert told["content"] == f"用户{nameless.id} 撤回了一条消息"


def test_a_repeated_send_of_a_recalled_message(api, database, sender, conversation):
    body = {"conversation_id": conversation.id, "message_type": "text", "content": "写错了", "client_message_id": "k1"}
    first = api.send_message(sender, **body).success()["message"]
    recall(api, sender, conversation, first["message_id"]).success()
    again = api.send_message(sender, **body).success()
    assert again["duplicate"] is True and again["recalled"] is True
    assert again["message"]["message_id"] == first["message_id"] and again["message"]["content"] == ""
    assert "recallable_until" not in again["message"]
    assert len(database.stored_messages(conversation)) == 2
    api.send_message(sender, **{**body, "content": "别的"}).error(409)


def test_system_messages_are_nobodys_unread_messages(api, database, sender, reader, conversation):
    first = sent(api, sender, conversation)
    for _ in range(3):
        recall(api, sender, conversation, sent(api, sender, conversation)["message_id"]).success()
    assert database.unread(conversation, reader) == 1
    left = api.mark_read(reader, conversation_id=conversation.id, read_up_to=first["created_at"] - 1).success()
    assert left == {"unread_count": 1}
    assert api.mark_read(reader, conversation_id=conversation.id,
                         read_up_to=first["created_at"]).success() == {"unread_count": 0}


@pytest.mark.parametrize("event", ["", "{", "[1]", "null", '"text"', '{"type": "x"} {}'])
def test_an_event_that_is_no_object_is_left_out(api, database, sender, conversation, event):
    database.message(conversation, sender, "订单已完成", message_type="system", event=event)
    message, = shown(api, sender, conversation)
    assert message["content"] == "订单已完成" and "event" not in message


def test_an_event_of_another_kind_of_message_is_not_shown(api, database, sender, conversation):
    database.message(conversation, sender, "你好", event=json.dumps({"type": "recall"}))
    assert "event" not in shown(api, sender, conversation)[0]
