"""client_message_id: a send that is repeated has happened once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import http_api
from concurrency import all_at_once
from service import settings_of

KEY = "0b6e1f1a-8a43-4c1a-9a0e-1d2c3b4a5968"


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture
def other(database):
    return database.user()


@pytest.fixture
def conversation(database, user, other):
    return database.conversation(user, other)


def send(api, user, conversation, key=KEY, **changes):
    body = {"conversation_id": conversation.id, "message_type": "text", "content": "你好",
            "client_message_id": key, **changes}
    return api.send_message(user, **body)


def test_the_first_is_an_ordinary_send(api, database, user, conversation):
    answer = send(api, user, conversation).success()
    assert "duplicate" not in answer
    assert answer["message"]["client_message_id"] == KEY
    [stored] = database.stored_messages(conversation)
    assert (stored["message_id"], stored["client_message_id"]) == (answer["message"]["message_id"], KEY)


def test_a_repeat_is_answered_with_the_original_and_changes_nothing(api, database, user, other, conversation):
    first = send(api, user, conversation).success()
    api.send_text(other, conversation).success()
    before = database.content_checksum()
    for _ in range(3):
        assert send(api, user, conversation).success() == {**first, "duplicate": True}
    assert database.content_checksum() == before


def test_a_repeat_shows_what_became_of_the_original(api, database, user, conversation):
    send(api, user, conversation).success()
    database.execute("UPDATE orbia_message SET status = 'read' WHERE conversation_id = %s", conversation.id)
    assert send(api, user, conversation).success()["message"]["status"] == "read"


FILE = {"message_type": "file", "content": "https://cdn.example.com/a.pdf", "file_name": "a.pdf", "file_size": 5,
        "file_type": "application/pdf"}


def test_a_file_is_repeated_with_all_that_belongs_to_it(api, user, conversation):
    first = send(api, user, conversation, **FILE).success()
    assert send(api, user, conversation, **FILE).success() == {**first, "duplicate": True}


@pytest.mark.parametrize("change", [
    {"content": "https://cdn.example.com/b.pdf"}, {"content": "https://cdn.example.com/A.pdf"},
    {"message_type": "image"}, {"file_name": "A.pdf"}, {"file_name": "a.pdf "}, {"file_name": None},
    {"file_size": 6}, {"file_size": None}, {"file_type": "application/PDF"}, {"file_type": None},
])
def test_another_message_with_the_same_key_is_refused(api, database, user, conversation, change):
    send(api, user, conversation, **FILE).success()
    before = database.content_checksum()
    message = send(api, user, conversation, **{**FILE, **change}).error(409)
    assert "client_message_id" in message
    assert database.content_checksum() == before


@pytest.mark.parametrize("one, another", [("Ä", "ä"), ("é", "e\u0301"), ("a", "a "), ("ａ", "a"), ("ß", "ss")])
def test_content_is_compared_byte_by_byte(api, user, conversation, one, another):
    send(api, user, conversation, content=one).success()
    send(api, user, conversation, content=another).error(409)


@pytest.mark.parametrize("one, another", [("a", "A"), ("a", "a "), ("é", "e\u0301"), ("1", "１"), ("a", "\u0000a")])
def test_keys_are_compared_byte_by_byte(api, database, user, conversation, one, another):
    for key in (one, another):
        assert "duplicate" not in send(api, user, conversation, key=key).success()
    assert len(database.stored_messages(conversation)) == 2


def test_a_key_counts_for_one_sender_in_one_conversation(api, database, user, other, conversation):
    elsewhere = database.conversation(user)
    for sender, place in ((user, conversation), (other, conversation), (user, elsewhere)):
        assert "duplicate" not in send(api, sender, place).success()


def test_a_repeat_is_good_by_either_name_of_the_conversation(api, user, conversation):
    first = send(api, user, conversation).success()["message"]
    again = send(api, user, conversation, conversation_id=conversation.conversation_id).success()
    assert again["duplicate"] and again["message"]["message_id"] == first["message_id"]
    assert again["message"]["conversation_id"] == conversation.conversation_id


def test_a_repeat_is_good_after_the_conversation_was_closed(api, database, user, conversation):
    first = send(api, user, conversation).success()
    database.update_conversation(conversation, status="closed")
    assert send(api, user, conversation).success() == {**first, "duplicate": True}
    send(api, user, conversation, content="other").error(409)
    send(api, user, conversation, key="new").error(400, "closed")


def test_who_is_no_member_any_more_learns_nothing(api, database, user, conversation):
    send(api, user, conversation).success()
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     conversation.id, user.id)
    send(api, user, conversation).error(403)


def test_a_softly_deleted_original_is_not_sent_again(api, database, user, conversation):
    first = send(api, user, conversation).success()
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s", conversation.id)
    assert send(api, user, conversation).success() == {**first, "duplicate": True}
    assert len(database.stored_messages(conversation)) == 1


def test_of_many_at_once_one_is_sent(stack, database, user, other, conversation):
    answers = all_at_once(*(lambda: send(http_api(stack), user, conversation).success() for _ in range(16)))
    assert len(database.stored_messages(conversation)) == 1
    assert len({answer["message"]["message_id"] for answer in answers}) == 1
    assert sum("duplicate" not in answer for answer in answers) == 1
    assert database.unread(conversation, other) == 1


@pytest.mark.parametrize("key", ["x", "x" * 64, "长" * 64, "\U0001f600" * 64, " ", "a'b\"c\\d\n%_", "\u0000"])
def test_what_a_key_may_be(api, database, user, conversation, key):
    assert send(api, user, conversation, key=key).success()["message"]["client_message_id"] == key
    assert send(api, user, conversation, key=key).success()["duplicate"] is True
    [message] = api.get_messages(user, conversation_id=conversation.id).success()["messages"]
    assert message["client_message_id"] == key


@pytest.mark.parametrize("key", ["", "x" * 65, "长" * 65, "server:x", 1, 1.5, True, [], {}])
def test_what_a_key_may_not_be(api, user, conversation, unharmed, key):
    send(api, user, conversation, key=key).error(400, "client_message_id")


def test_without_a_key_every_send_is_one_of_its_own(api, database, user, conversation):
    for key in (None, None):
        answer = send(api, user, conversation, key=key).success()
        assert "duplicate" not in answer and "client_message_id" not in answer["message"]
    assert len(database.stored_messages(conversation)) == 2
    for message in api.get_messages(user, conversation_id=conversation.id).success()["messages"]:
        assert "client_message_id" not in message


def test_the_servers_own_keys_are_all_different(stack, database, start_service, user, conversation):
    services = [start_service(**settings_of(stack)) for _ in range(2)]
    all_at_once(*(lambda s=service: [s.api().send_text(user, conversation).success() for _ in range(20)]
                  for service in services))
    keys = [row["client_message_id"] for row in database.stored_messages(conversation)]
    assert len(set(keys)) == len(keys) == 40
    assert all(key.startswith("server:") for key in keys)


def test_a_repeat_that_had_to_wait_for_a_lock_is_still_known_for_one(api, database, user, conversation):
    """The first attempt inside gives up after a second, and has done nothing; the next one finds the original."""
    first = send(api, user, conversation).success()
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        repeat = threads.submit(send, api, user, conversation)
        time.sleep(1.25)
        cursor.connection.rollback()
        assert repeat.result().success() == {**first, "duplicate": True}
