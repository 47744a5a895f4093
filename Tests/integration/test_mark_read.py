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
    assert answer.success() == {"unread_count": 0}


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


# Milliseconds; less than the minute from which on the service tells of it, in a log in which other tests want no error.
AHEAD = 45_000


def test_it_sets_last_read_at_to_the_millisecond(api, database, reader, conversation):
    assert database.member(conversation, reader)["last_read_at"] is None
    before = now_ms()
    mark(api, reader, conversation)
    assert before <= database.member(conversation, reader)["last_read_ms"] <= now_ms()


def test_last_read_at_is_never_before_the_last_message(api, database, reader, writer,
                                                       conversation):
    """A message's time can be ahead of the clock."""
    ahead = now_ms() + AHEAD
    database.message(conversation, writer, at=ahead)
    sent = api.send_text(writer, conversation).success()["message"]["created_at"]
    mark(api, reader, conversation)
    assert database.member(conversation, reader)["last_read_ms"] == sent > ahead


def test_last_read_at_never_goes_back(api, database, reader, conversation):
    ahead = now_ms() + AHEAD
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


# read_up_to: what the user has seen


@pytest.fixture
def sent(api, writer, conversation):
    """The times of five messages of the other one."""
    return [api.send_text(writer, conversation, str(number)).success()["message"]["created_at"]
            for number in range(5)]


def mark_up_to(api, user, conversation, time) -> int:
    """The count that the answer gives."""
    return api.mark_read(user, conversation_id=conversation.id, read_up_to=time).success()["unread_count"]


def test_what_came_after_it_stays_unread(api, database, reader, conversation, sent):
    for place, time in enumerate(sent):
        assert mark_up_to(api, reader, conversation, time) == 4 - place
        assert database.unread(conversation, reader) == 4 - place
        assert database.member(conversation, reader)["last_read_ms"] == time


def test_a_time_between_two_messages_is_good_too(api, database, reader, conversation, sent):
    database.execute("UPDATE orbia_message SET created_at = created_at - INTERVAL 10 SECOND WHERE message_id = %s",
                     f"MSG_{sent[0]}_{conversation.id}")
    assert mark_up_to(api, reader, conversation, sent[0] - 1) == 4


def test_an_earlier_time_gives_nothing_back(api, database, reader, conversation, sent):
    assert mark_up_to(api, reader, conversation, sent[3]) == 1
    assert mark_up_to(api, reader, conversation, sent[0]) == 1
    assert database.member(conversation, reader)["last_read_ms"] == sent[3]


@pytest.mark.parametrize("time", [0, 1, 999])
def test_before_the_first_message_all_stay_unread(api, database, reader, conversation, sent, time):
    assert mark_up_to(api, reader, conversation, time) == 5


@pytest.mark.parametrize("time", [4_000_000_000_000, 2**62])
def test_nobody_has_read_what_is_not_written_yet(api, database, reader, conversation, sent, time):
    assert mark_up_to(api, reader, conversation, time) == 0
    assert sent[-1] <= database.member(conversation, reader)["last_read_ms"] <= now_ms() + 1000


def test_ones_own_messages_are_not_unread(api, database, reader, conversation, sent):
    api.send_text(reader, conversation).success()
    assert mark_up_to(api, reader, conversation, sent[2]) == 2


def test_softly_deleted_messages_are_not_unread(api, database, reader, conversation, sent):
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE message_id = %s",
                     f"MSG_{sent[4]}_{conversation.id}")
    assert database.unread(conversation, reader) == 5
    assert mark_up_to(api, reader, conversation, sent[1]) == 2


def test_what_was_read_before_joining_is_not_unread(api, database, writer, conversation, sent):
    """History that a member found there does not become unread by reading a part of it."""
    late = database.user()
    database.join(conversation, late)
    assert mark_up_to(api, late, conversation, sent[0]) == 0


@pytest.mark.parametrize("value, words", [
    (-1, "at least 0"), (1.5, "integer"), ("1", "integer"), (True, "integer"), ([], "integer")])
def test_another_read_up_to_is_refused(api, reader, conversation, unharmed, value, words):
    api.mark_read(reader, conversation_id=conversation.id, read_up_to=value).error(400, "read_up_to", words)


def test_null_is_the_same_as_absent(api, database, reader, conversation, sent):
    assert mark_up_to(api, reader, conversation, None) == 0


def test_the_receipts_show_how_far_each_has_read(api, reader, writer, conversation, sent):
    mark_up_to(api, reader, conversation, sent[2])
    found = api.get_conversation(writer, conversation_id=conversation.id).success()["conversation"]
    receipts = {member["user_id"]: member["last_read_at"] for member in found["members"]}
    assert receipts == {reader.id: sent[2], writer.id: None}
