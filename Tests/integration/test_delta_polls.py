"""get_messages with after_timestamp: what is new, and nothing else; and pages over messages of one time."""

import threading

import pytest

from api import http_api

AT = 1_700_000_000_000


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture
def conversation(database, user):
    return database.conversation(user)


def numbered(database, conversation, user, count):
    """Messages with their number as content, a millisecond apart from AT on."""
    for number in range(count):
        database.message(conversation, user, str(number), AT + number)


def get(api, user, conversation, **keys) -> tuple:
    """Contents, and whether there are more."""
    answer = api.get_messages(user, conversation_id=conversation.id, **keys).success()
    return [message["content"] for message in answer["messages"]], answer["has_more"]


def poll(api, user, conversation, after, limit=20) -> list:
    """All that is new, as a client reads it that goes on while there is more."""
    found = []
    while True:
        answer = api.get_messages(user, conversation_id=conversation.id, after_timestamp=after, limit=limit).success()
        found += answer["messages"]
        if not answer["has_more"]:
            return found
        after = answer["messages"][-1]["created_at"]


def scroll(api, user, conversation, limit) -> list:
    """All that there is, from the newest page to the oldest."""
    answer = api.get_messages(user, conversation_id=conversation.id, limit=limit).success()
    found = answer["messages"]
    while answer["has_more"]:
        answer = api.get_messages(user, conversation_id=conversation.id, limit=limit,
                                  before_timestamp=found[0]["created_at"]).success()
        assert answer["messages"]
        found = answer["messages"] + found
    return found


def test_newer_messages_come_oldest_first(api, database, user, conversation):
    numbered(database, conversation, user, 5)
    assert get(api, user, conversation, after_timestamp=AT + 1) == (["2", "3", "4"], False)


def test_it_is_exclusive(api, database, user, conversation):
    numbered(database, conversation, user, 3)
    assert get(api, user, conversation, after_timestamp=AT)[0] == ["1", "2"]
    assert get(api, user, conversation, after_timestamp=AT - 1)[0] == ["0", "1", "2"]


def test_when_more_are_new_than_asked_for_the_oldest_come_first(api, database, user, conversation):
    numbered(database, conversation, user, 5)
    assert get(api, user, conversation, after_timestamp=AT, limit=2) == (["1", "2"], True)
    assert get(api, user, conversation, after_timestamp=AT + 2, limit=2) == (["3", "4"], False)


@pytest.mark.parametrize("after", [AT + 4, AT + 5, 4_000_000_000_000, 2**62])
def test_nothing_new_is_a_short_answer(api, database, user, conversation, after):
    numbered(database, conversation, user, 5)
    answer = api.get_messages(user, conversation_id=conversation.id, after_timestamp=after)
    assert answer.success() == {"messages": [], "has_more": False}
    assert len(answer.body) < 100


@pytest.mark.parametrize("after", [0, 1, -1, -2**62])
def test_from_the_beginning(api, database, user, conversation, after):
    numbered(database, conversation, user, 3)
    assert get(api, user, conversation, after_timestamp=after) == (["0", "1", "2"], False)


def test_softly_deleted_messages_are_not_new(api, database, user, conversation):
    database.message(conversation, user, "gone", AT, deleted_at="2024-01-01 10:00:00")
    assert get(api, user, conversation, after_timestamp=AT - 1) == ([], False)
    database.message(conversation, user, "here", AT + 1)
    assert get(api, user, conversation, after_timestamp=AT - 1) == (["here"], False)


def test_by_the_conversations_other_name(api, database, user, conversation):
    numbered(database, conversation, user, 2)
    answer = api.get_messages(user, conversation_id=conversation.conversation_id, after_timestamp=AT).success()
    assert [message["conversation_id"] for message in answer["messages"]] == [conversation.conversation_id]


@pytest.mark.parametrize("keys, words", [
    ({"after_timestamp": 1, "before_timestamp": 2}, "before_timestamp"),
    ({"after_timestamp": "1"}, "integer"), ({"after_timestamp": 1.5}, "integer"),
    ({"after_timestamp": True}, "integer"),
])
def test_what_it_may_not_be(api, user, conversation, unharmed, keys, words):
    api.get_messages(user, conversation_id=conversation.id, **keys).error(400, "after_timestamp", words)


@pytest.mark.parametrize("keys", [{"after_timestamp": None}, {"after_timestamp": None, "before_timestamp": AT + 1},
                                  {"after_timestamp": AT - 1, "before_timestamp": None}])
def test_null_is_the_same_as_absent(api, database, user, conversation, keys):
    database.message(conversation, user, "one", AT)
    assert get(api, user, conversation, **keys) == (["one"], False)


def test_it_is_refused_like_any_other_reading(api, database, user, conversation):
    stranger = database.user()
    api.get_messages(stranger, conversation_id=conversation.id, after_timestamp=1).error(403)
    api.get_messages(user, conversation_id=9_000_000_000, after_timestamp=1).error(404)
    api.get_messages(9_000_000_000, conversation_id=conversation.id, after_timestamp=1).error(401)


def test_who_polls_while_many_write_misses_nothing_and_sees_nothing_twice(stack, database, user, conversation):
    writers = database.users(3)
    for writer in writers:
        database.join(conversation, writer)
    seen, done = [], threading.Event()

    def write(writer):
        api = http_api(stack)
        for number in range(60):
            api.send_text(writer, conversation, f"{writer.id} {number}").success()

    def follow():
        api, after = http_api(stack), 0
        while True:
            is_last = done.is_set()
            new = poll(api, user, conversation, after, limit=7)
            seen.extend(new)
            after = new[-1]["created_at"] if new else after
            if is_last:
                return

    reader = threading.Thread(target=follow)
    reader.start()
    threads = [threading.Thread(target=write, args=[writer]) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert [message["message_id"] for message in seen] == \
        [row["message_id"] for row in database.stored_messages(conversation)]
    assert len(seen) == 180


# Messages of one time, as rows of before can have them


@pytest.fixture
def crowded(database, user, conversation):
    """Groups of 1, 3, 1, 5, 2 messages of one time; their contents are their order."""
    number = 0
    for group, count in enumerate((1, 3, 1, 5, 2)):
        for _ in range(count):
            database.message(conversation, user, str(number), AT + 10 * group)
            number += 1
    return [str(each) for each in range(number)]


@pytest.mark.parametrize("limit", range(1, 14))
def test_scrolling_repeats_and_skips_nothing(api, user, conversation, crowded, limit):
    assert [message["content"] for message in scroll(api, user, conversation, limit)] == crowded


@pytest.mark.parametrize("limit", range(1, 14))
def test_polling_repeats_and_skips_nothing(api, user, conversation, crowded, limit):
    assert [message["content"] for message in poll(api, user, conversation, 0, limit)] == crowded


def test_a_page_that_would_cut_a_group_has_all_of_it(api, user, conversation, crowded):
    assert get(api, user, conversation, limit=4) == (crowded[5:], True)
    assert get(api, user, conversation, limit=3, before_timestamp=AT + 20) == (crowded[1:4], True)
    assert get(api, user, conversation, limit=2, before_timestamp=AT + 20) == (crowded[1:4], True)
    assert get(api, user, conversation, limit=2, after_timestamp=AT) == (crowded[1:4], True)
    assert get(api, user, conversation, limit=6, after_timestamp=AT + 10) == (crowded[4:10], True)
    assert get(api, user, conversation, limit=1, after_timestamp=AT + 30) == (crowded[10:], False)


def test_a_group_of_everything_is_one_page(api, database, user, conversation):
    for number in range(30):
        database.message(conversation, user, str(number), AT)
    assert get(api, user, conversation, limit=5) == ([str(number) for number in range(30)], False)
    assert get(api, user, conversation, limit=5, after_timestamp=0)[1] is False


def test_softly_deleted_messages_of_the_group_are_left_out(api, database, user, conversation, crowded):
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s AND content IN (6, 8)",
                     conversation.id)
    assert get(api, user, conversation, limit=3) == (["5", "7", "9", "10", "11"], True)
