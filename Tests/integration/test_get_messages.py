"""get_messages: a page of a conversation's messages, and the way to the older ones."""

import pytest

from database import now_ms

START = 1_698_765_432_000


@pytest.fixture
def reader(database):
    return database.user("张三", avatar_url="https://example.com/avatar.jpg")


@pytest.fixture
def conversation(database, reader):
    return database.conversation(reader, database.user("李四"))


def page(api, user, conversation, **keys):
    """The times of a page's messages, and whether there are older ones."""
    answer = api.get_messages(user, conversation_id=conversation.id, **keys).success()
    return [message["created_at"] for message in answer["messages"]], answer["has_more"]


def test_a_message_has_the_documented_keys(api, database, reader, conversation):
    message_id = database.message(conversation, reader, "消息内容", START)
    assert api.get_messages(reader, conversation_id=conversation.id).success() == {
        "messages": [{
            "message_id": message_id,
            "conversation_id": conversation.id,
            "sender_id": reader.id,
            "sender_nickname": "张三",
            "sender_avatar_url": "https://example.com/avatar.jpg",
            "message_type": "text",
            "content": "消息内容",
            "status": "sent",
            "created_at": START,
        }],
        "has_more": False,
    }


def test_the_keys_stand_in_the_documented_order(api, database, reader, conversation):
    database.message(conversation, reader, at=1_600_000_000_000)
    answer = api.get_messages(reader, conversation_id=conversation.id).json
    assert list(answer) == ["messages", "has_more", "base_resp"]
    assert list(answer["messages"][0]) == [
        "message_id", "conversation_id", "sender_id", "sender_nickname", "sender_avatar_url",
        "message_type", "content", "status", "created_at"]


def test_a_files_keys_are_there_where_the_message_has_them(api, database, reader, conversation):
    database.message(conversation, reader, "/a.pdf", message_type="file", file_name="a.pdf",
                     file_size=1024, file_type="application/pdf")
    database.message(conversation, reader, "/b.pdf", message_type="file", file_size=0)
    database.message(conversation, reader, "/c.pdf", message_type="file", file_name="")
    found = api.get_messages(reader, conversation_id=conversation.id).success()["messages"]
    keys = ("file_name", "file_size", "file_type")
    assert [{key: message[key] for key in keys if key in message} for message in found] == [
        {"file_name": "a.pdf", "file_size": 1024, "file_type": "application/pdf"},
        {"file_size": 0},
        {"file_name": ""},
    ]


def test_a_sender_without_nickname_and_avatar(api, database, reader, conversation):
    nameless = database.user(None, email=f"secret-{now_ms()}@example.com")
    database.message(conversation, nameless)
    answer = api.get_messages(reader, conversation_id=conversation.id)
    [message] = answer.success()["messages"]
    assert message["sender_nickname"] == f"用户{nameless.id}"
    assert message["sender_avatar_url"] is None
    assert b"secret-" not in answer.body


@pytest.mark.parametrize("message_type", ["text", "image", "file", "video", "audio", "system"])
def test_every_stored_type_is_shown(api, database, reader, conversation, message_type):
    database.message(conversation, reader, message_type=message_type)
    [message] = api.get_messages(reader, conversation_id=conversation.id).success()["messages"]
    assert message["message_type"] == message_type


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "failed"])
def test_the_stored_status_is_shown(api, database, reader, conversation, status):
    database.message(conversation, reader, status=status)
    [message] = api.get_messages(reader, conversation_id=conversation.id).success()["messages"]
    assert message["status"] == status


def test_a_conversation_without_messages(api, reader, conversation):
    assert api.get_messages(reader, conversation_id=conversation.id).success() == {
        "messages": [], "has_more": False}


def test_the_newest_twenty_come_oldest_first(api, database, reader, conversation):
    times = database.messages(conversation, reader, 25, START)
    assert page(api, reader, conversation) == (times[-20:], True)


def test_twenty_messages_leave_no_more(api, database, reader, conversation):
    times = database.messages(conversation, reader, 20, START)
    assert page(api, reader, conversation) == (times, False)


def test_before_timestamp_is_exclusive(api, database, reader, conversation):
    times = database.messages(conversation, reader, 5, START)
    assert page(api, reader, conversation, before_timestamp=times[3]) == (times[:3], False)
    assert page(api, reader, conversation, before_timestamp=times[3] + 1) == (times[:4], False)
    assert page(api, reader, conversation, before_timestamp=times[0]) == ([], False)


@pytest.mark.parametrize("limit", [1, 7, 20, 100])
def test_paging_backwards_shows_every_message_once(api, database, reader, conversation, limit):
    times = database.messages(conversation, reader, 42, START)
    seen, more, before = [], True, {}
    while more:
        found, more = page(api, reader, conversation, limit=limit, **before)
        assert found == sorted(found) and len(found) <= limit
        seen = found + seen
        before = {"before_timestamp": found[0]}
    assert seen == times


@pytest.mark.parametrize("limit, count", [(1, 1), (99, 99), (100, 100), (101, 100), (10**9, 100)])
def test_a_limit_above_one_hundred_counts_as_one_hundred(api, database, reader, conversation,
                                                         limit, count):
    database.execute(
        "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
        " SELECT CONCAT('MSG_', seq, '_', %s), %s, %s, seq, FROM_UNIXTIME(1600000000 + seq)"
        " FROM seq_1_to_105", conversation.id, conversation.id, reader.id)
    found, more = page(api, reader, conversation, limit=limit)
    assert (len(found), more) == (count, True)


@pytest.mark.parametrize("keys", [{}, {"limit": None, "before_timestamp": None}])
def test_null_is_the_same_as_absent(api, database, reader, conversation, keys):
    times = database.messages(conversation, reader, 21, START)
    assert page(api, reader, conversation, **keys) == (times[1:], True)


@pytest.mark.parametrize("before, all_of_them", [
    (0, False), (-1, False), (-2**63, False),
    (2**31 * 1000, True), (253_402_300_800_000, True), (2**63 - 1, True),
])
def test_a_timestamp_beyond_the_calendar_is_clamped(api, database, reader, conversation, before,
                                                    all_of_them):
    times = database.messages(conversation, reader, 3, START)
    assert page(api, reader, conversation, before_timestamp=before) == (
        times if all_of_them else [], False)


def test_softly_deleted_messages_are_left_out(api, database, reader, conversation):
    times = database.messages(conversation, reader, 22, START)
    for gone in (times[0], times[10], times[21]):
        database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s"
                         " AND created_at = FROM_UNIXTIME(%s / 1000)", conversation.id, gone)
    left = [at for at in times if at not in (times[0], times[10], times[21])]
    assert page(api, reader, conversation) == (left, False)
    assert page(api, reader, conversation, limit=19) == (left, False)
    assert page(api, reader, conversation, limit=18) == (left[1:], True)


def test_messages_of_other_conversations_are_left_out(api, database, reader, conversation):
    database.message(database.conversation(reader), reader, "别处")
    assert page(api, reader, conversation) == ([], False)


def test_older_rows_that_share_a_time_come_in_the_order_of_their_ids(api, database, reader,
                                                                     conversation):
    sent = [database.message(conversation, reader, str(number), START) for number in range(5)]
    found = api.get_messages(reader, conversation_id=conversation.id).success()["messages"]
    assert [message["message_id"] for message in found] == sent


def test_reading_changes_nothing(api, database, reader, conversation):
    api.send_text(reader, conversation).success()
    before = database.content_checksum()
    page(api, reader, conversation)
    assert database.content_checksum() == before


def test_a_message_just_sent_is_there_as_it_was_answered(api, reader, conversation):
    sent = api.send_text(reader, conversation, "刚发的").success()["message"]
    [found] = api.get_messages(reader, conversation_id=conversation.id).success()["messages"]
    assert found == {key: value for key, value in sent.items() if not key.startswith("file_")}


def test_the_answer_names_the_conversation_as_the_request_did(api, database, reader, conversation):
    database.message(conversation, reader)

    def found_in(name):
        answer = api.get_messages(reader, conversation_id=name).success()
        return answer["messages"][0]["conversation_id"]

    assert found_in(conversation.id) == conversation.id
    assert found_in(str(conversation.id)) == conversation.id
    assert found_in(conversation.conversation_id) == conversation.conversation_id


@pytest.mark.parametrize("status", ["archived", "closed"])
def test_an_archived_or_closed_conversation_can_be_read(api, database, reader, conversation,
                                                        status):
    database.message(conversation, reader, at=START)
    database.update_conversation(conversation, status=status)
    assert page(api, reader, conversation) == ([START], False)


def test_staff_added_by_a_plain_insert_read_the_whole_history(api, database, reader, conversation):
    times = database.messages(conversation, reader, 3, START)
    staff = database.user(role="admin")
    database.join(conversation, staff, role="admin")
    assert page(api, staff, conversation) == (times, False)


@pytest.mark.parametrize("role", ["normal", "admin"])
def test_who_is_no_member_is_refused(api, database, conversation, role):
    stranger = database.user(role=role)
    message = api.get_messages(stranger, conversation_id=conversation.id).error(403)
    assert message == "user is not a member of this conversation"


def test_a_softly_deleted_conversation_is_not_there(api, database, reader, conversation):
    database.update_conversation(conversation, deleted_at="2024-01-01 00:00:00")
    answer = api.get_messages(reader, conversation_id=conversation.id)
    assert answer.error(404) == "conversation not found"
