"""send_message: what it answers, what it stores, and whom it refuses."""

import re

import pytest

from database import now_ms


@pytest.fixture
def sender(database):
    return database.user("张三", avatar_url="https://example.com/avatar.jpg")


@pytest.fixture
def other(database):
    return database.user("李四")


@pytest.fixture
def conversation(database, sender, other):
    return database.conversation(sender, other)


def test_it_answers_with_every_documented_key(api, sender, conversation):
    answer = api.send_message(sender, conversation_id=conversation.id, message_type="text",
                              content="消息内容").success()
    message = answer.pop("message")
    assert answer == {}
    created_at = message.pop("created_at")
    assert abs(created_at - now_ms()) < 60_000
    # It is no documented one.
    assert message.pop("recallable_until") > created_at
    assert message == {
        "message_id": f"MSG_{created_at}_{conversation.id}",
        "conversation_id": conversation.id,
        "sender_id": sender.id,
        "sender_nickname": "张三",
        "sender_avatar_url": "https://example.com/avatar.jpg",
        "message_type": "text",
        "content": "消息内容",
        "file_name": None,
        "file_size": None,
        "file_type": None,
        "status": "sent",
    }


def test_it_answers_with_the_files_keys(api, sender, conversation):
    file = {"file_name": "需求.pdf", "file_size": 1024, "file_type": "application/pdf"}
    message = api.send_message(sender, conversation_id=conversation.id, message_type="file",
                               content="https://example.com/a.pdf", **file).success()["message"]
    assert {key: message[key] for key in file} == file


def test_the_keys_stand_in_the_documented_order(api, sender, conversation):
    answer = api.send_text(sender, conversation)
    assert list(answer.json) == ["message", "base_resp"]
    assert list(answer.json["message"]) == [
        "message_id", "conversation_id", "sender_id", "sender_nickname", "sender_avatar_url",
        "message_type", "content", "file_name", "file_size", "file_type", "status", "created_at", "recallable_until"]


def test_it_stores_the_message(api, database, sender, conversation):
    message = api.send_message(
        sender, conversation_id=conversation.id, message_type="file", content="/f/a.pdf",
        file_name="a.pdf", file_size=2**63 - 1, file_type="application/pdf").success()["message"]
    [stored] = database.stored_messages(conversation)
    expected = {"message_id": message["message_id"], "sender_id": sender.id, "status": "sent",
                "message_type": "file", "content": "/f/a.pdf", "file_name": "a.pdf",
                "file_size": 2**63 - 1, "file_type": "application/pdf",
                "created_ms": message["created_at"], "deleted_at": None}
    assert {key: stored[key] for key in expected} == expected


def test_what_is_not_given_is_stored_as_null(api, database, sender, conversation):
    api.send_text(sender, conversation).success()
    [stored] = database.stored_messages(conversation)
    assert (stored["file_name"], stored["file_size"], stored["file_type"]) == (None, None, None)


def test_an_empty_file_name_and_type_are_stored_as_empty(api, database, sender, conversation):
    message = api.send_message(sender, conversation_id=conversation.id, message_type="file",
                               content="/f/a", file_name="", file_type="").success()["message"]
    [stored] = database.stored_messages(conversation)
    assert stored["file_name"] == stored["file_type"] == ""
    assert message["file_name"] == message["file_type"] == ""


@pytest.mark.parametrize("message_type, content", [
    ("text", "你好"),
    ("image", "https://example.com/a.png"),
    ("file", "https://example.com/a.pdf"),
    ("video", "http://example.com/a.mp4"),
    ("audio", "/uploads/a.mp3"),
])
def test_each_type_is_sent(api, database, sender, conversation, message_type, content):
    message = api.send_message(sender, conversation_id=conversation.id, message_type=message_type,
                               content=content).success()["message"]
    assert (message["message_type"], message["content"]) == (message_type, content)
    assert database.stored_messages(conversation)[0]["message_type"] == message_type


@pytest.mark.parametrize("url", [
    "https://example.com", "HTTPS://EXAMPLE.COM/A", "http://例え.jp/图片.png", "//cdn.example/a.png",
    "/uploads/a.png", "uploads/a.png", "a.png?x=1:2", "/a:b", "https://example.com/a%20b#c",
])
def test_a_files_url_may_be_absolute_or_relative(api, sender, conversation, url):
    api.send_message(sender, conversation_id=conversation.id, message_type="image",
                     content=url).success()


def test_each_message_of_a_conversation_is_newer_than_the_last(api, sender, other, conversation):
    times = [api.send_text(user, conversation).success()["message"]["created_at"]
             for user in [sender, other] * 5]
    assert times == sorted(set(times))


def test_a_message_is_newer_than_one_that_is_ahead_of_the_clock(api, database, sender,
                                                                conversation):
    # Less than the minute from which on the service tells of it, in a log in which other tests want no error.
    ahead = now_ms() + 45_000
    database.message(conversation, sender, at=ahead)
    assert api.send_text(sender, conversation).success()["message"]["created_at"] == ahead + 1


def test_the_others_have_one_more_to_read_and_the_sender_has_not(api, database, sender, other,
                                                                 conversation):
    third = database.user()
    database.join(conversation, third)
    for _ in range(3):
        api.send_text(sender, conversation).success()
    api.send_text(other, conversation).success()
    unread = [database.unread(conversation, user) for user in (sender, other, third)]
    assert unread == [1, 3, 4]


def test_it_moves_the_conversations_activity(api, database, sender, other, conversation):
    created_at = api.send_text(sender, conversation).success()["message"]["created_at"]
    assert database.stored_conversation(conversation)["last_message_ms"] == created_at
    for user in (sender, other):
        assert database.member(conversation, user)["last_activity_ms"] == created_at


def test_it_leaves_other_conversations_alone(api, database, sender, other, conversation):
    beside = database.conversation(sender, other)
    before = database.member(beside, other), database.stored_conversation(beside)
    api.send_text(sender, conversation).success()
    assert (database.member(beside, other), database.stored_conversation(beside)) == before
    assert database.stored_messages(beside) == []


@pytest.mark.parametrize("nickname", [None, ""])
def test_a_sender_without_a_nickname_is_named_by_number(api, database, nickname):
    sender = database.user(nickname, email=f"secret-{now_ms()}@example.com")
    message = api.send_text(sender, database.conversation(sender)).success()["message"]
    assert message["sender_nickname"] == f"用户{sender.id}"
    assert message["sender_avatar_url"] is None


def test_the_answer_names_the_conversation_as_the_request_did(api, sender, conversation):
    def sent_to(name):
        return api.send_message(sender, conversation_id=name, message_type="text",
                                content="你好").success()["message"]["conversation_id"]

    assert sent_to(conversation.id) == conversation.id
    assert sent_to(str(conversation.id)) == conversation.id
    assert sent_to(conversation.conversation_id) == conversation.conversation_id


def test_keys_that_are_not_documented_are_ignored(api, sender, conversation):
    message = api.send_message(
        sender, conversation_id=conversation.id, message_type="text", content="你好",
        sender_id=1, status="read", created_at=1, message_id="MSG_1_1").success()["message"]
    assert message["sender_id"] == sender.id
    assert message["status"] == "sent"
    assert re.fullmatch(rf"MSG_\d{{13}}_{conversation.id}", message["message_id"])


@pytest.mark.parametrize("absent", [{}, {"file_name": None, "file_size": None, "file_type": None}])
def test_null_is_the_same_as_absent(api, sender, conversation, absent):
    message = api.send_message(sender, conversation_id=conversation.id, message_type="text",
                               content="你好", **absent).success()["message"]
    assert message["file_name"] is message["file_size"] is message["file_type"] is None


def test_an_archived_conversation_accepts(api, database, sender, conversation):
    database.update_conversation(conversation, status="archived")
    api.send_text(sender, conversation).success()


def test_a_closed_conversation_refuses(api, database, sender, other, conversation):
    database.update_conversation(conversation, status="closed")
    assert api.send_text(sender, conversation).error(400) == "conversation is closed"
    assert database.stored_messages(conversation) == []
    assert database.unread(conversation, other) == 0


def test_who_is_no_member_is_refused(api, database, conversation):
    stranger = database.user()
    message = api.send_text(stranger, conversation).error(403)
    assert message == "user is not a member of this conversation"
    assert database.stored_messages(conversation) == []


def test_an_admin_has_no_way_round_membership(api, database, conversation):
    admin = database.user(role="admin")
    api.send_text(admin, conversation).error(403, "not a member")


def test_staff_added_by_a_plain_insert_may_write_at_once(api, database, conversation):
    staff = database.user("客服", role="admin")
    database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id, role)"
                     " VALUES (%s, %s, 'admin')", conversation.id, staff.id)
    api.send_text(staff, conversation).success()


def test_a_removed_member_is_refused_from_the_next_message_on(api, database, sender, conversation):
    api.send_text(sender, conversation).success()
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s"
                     " AND user_id = %s", conversation.id, sender.id)
    api.send_text(sender, conversation).error(403, "not a member")


def test_a_softly_deleted_conversation_is_not_there(api, database, sender, conversation):
    database.update_conversation(conversation, deleted_at="2024-01-01 00:00:00")
    assert api.send_text(sender, conversation).error(404) == "conversation not found"
    assert database.stored_messages(conversation) == []
