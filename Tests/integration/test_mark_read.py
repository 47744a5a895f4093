"""mark_read: the caller's unread count goes back to 0, and last_read_at forward."""

import pytest

from database import now_ms, timestamp


@pytest.fixture
def reader(database):
    return database.user()


@pytest.fixture
def writer(database):
    return database.user()


@pytest.fixture
def conversation(database, reader, writer):
    return database.conversation(writer, reader)


def mark(api, user, conversation):
    answer = api.mark_read(user, conversation_id=conversation.id)
    assert answer.success() == {}


def test_it_resets_the_unread_count(api, database, reader, writer, conversation):
    for _ in range(3):
        api.send_text(writer, conversation).success()
    assert database.unread(conversation, reader) == 3
    mark(api, reader, conversation)
    assert database.unread(conversation, reader) == 0
    found = api.get_conversation(reader, conversation_id=conversation.id).success()["conversation"]
    assert found["unread_count"] == 0


def test_messages_after_it_count_anew(api, database, reader, writer, conversation):
    api.send_text(writer, conversation).success()
    mark(api, reader, conversation)
    api.send_text(writer, conversation).success()
    assert database.unread(conversation, reader) == 1


def test_it_sets_last_read_at_to_the_millisecond(api, database, reader, conversation):
    assert database.member(conversation, reader)["last_read_at"] is None
    before = now_ms()
    mark(api, reader, conversation)
    assert before <= database.member(conversation, reader)["last_read_ms"] <= now_ms()


def test_last_read_at_is_never_before_the_last_message(api, database, reader, writer,
                                                       conversation):
    """A message's time can be ahead of the clock."""
    ahead = now_ms() + 3_600_000
    database.message(conversation, writer, at=ahead)
    sent = api.send_text(writer, conversation).success()["message"]["created_at"]
    mark(api, reader, conversation)
    assert database.member(conversation, reader)["last_read_ms"] == sent > ahead


def test_last_read_at_never_goes_back(api, database, reader, conversation):
    ahead = now_ms() + 3_600_000
    database.execute("UPDATE orbia_conversation_member SET last_read_at = %s"
                     " WHERE conversation_id = %s AND user_id = %s",
                     timestamp(ahead), conversation.id, reader.id)
    mark(api, reader, conversation)
    assert database.member(conversation, reader)["last_read_ms"] == ahead


def test_it_leaves_the_other_members_alone(api, database, reader, writer, conversation):
    third = database.user()
    database.join(conversation, third)
    api.send_text(writer, conversation).success()
    before = database.member(conversation, third), database.member(conversation, writer)
    mark(api, reader, conversation)
    assert (database.member(conversation, third), database.member(conversation, writer)) == before


def test_it_leaves_the_callers_other_conversations_alone(api, database, reader, writer,
                                                         conversation):
    beside = database.conversation(reader, writer)
    api.send_text(writer, beside).success()
    mark(api, reader, conversation)
    assert database.unread(beside, reader) == 1


def test_it_changes_no_activity(api, database, reader, writer, conversation):
    api.send_text(writer, conversation).success()
    before = database.stored_conversation(conversation)
    activity = database.member(conversation, reader)["last_activity_ms"]
    mark(api, reader, conversation)
    assert database.stored_conversation(conversation) == before
    assert database.member(conversation, reader)["last_activity_ms"] == activity


def test_it_may_be_repeated(api, database, reader, conversation):
    mark(api, reader, conversation)
    mark(api, reader, conversation)
    assert database.unread(conversation, reader) == 0


@pytest.mark.parametrize("status", ["archived", "closed"])
def test_it_works_in_an_archived_or_closed_conversation(api, database, reader, writer,
                                                        conversation, status):
    api.send_text(writer, conversation).success()
    database.update_conversation(conversation, status=status)
    mark(api, reader, conversation)
    assert database.unread(conversation, reader) == 0


def test_the_conversation_may_be_named_in_each_form(api, database, reader, writer, conversation):
    for name in (conversation.id, str(conversation.id), conversation.conversation_id):
        api.send_text(writer, conversation).success()
        api.mark_read(reader, conversation_id=name).success()
        assert database.unread(conversation, reader) == 0


def test_a_softly_deleted_message_counts_until_then(api, database, reader, writer, conversation):
    api.send_text(writer, conversation).success()
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s",
                     conversation.id)
    assert database.unread(conversation, reader) == 1
    mark(api, reader, conversation)
    assert database.unread(conversation, reader) == 0


@pytest.mark.parametrize("role", ["normal", "admin"])
def test_who_is_no_member_is_refused(api, database, conversation, role):
    stranger = database.user(role=role)
    message = api.mark_read(stranger, conversation_id=conversation.id).error(403)
    assert message == "user is not a member of this conversation"


def test_a_softly_deleted_conversation_is_not_there(api, database, reader, conversation):
    database.update_conversation(conversation, deleted_at="2024-01-01 00:00:00")
    answer = api.mark_read(reader, conversation_id=conversation.id)
    assert answer.error(404) == "conversation not found"
