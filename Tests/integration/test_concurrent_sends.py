"""Many senders at once: nobody sees a deadlock, and order and counts are right."""

from concurrent.futures import ThreadPoolExecutor

import pymysql
import pytest

from api import http_api
from concurrency import Sending, all_at_once, counted_unread
from orbia.database_server import ACCOUNT
from transactions import wait_for_lock_wait


def is_strictly_increasing(numbers) -> bool:
    return all(earlier < later for earlier, later in zip(numbers, numbers[1:]))


def times(messages) -> list:
    return [message["created_at"] for message in messages]


def test_sixteen_senders_in_one_conversation(stack, database):
    users = database.users(16)
    conversation = database.conversation(*users)
    answered = all_at_once(*Sending(stack, conversation, users, 30).senders)
    stored = database.stored_messages(conversation)

    assert len(stored) == 16 * 30
    by_id = sorted(stored, key=lambda row: row["id"])  # ids are given under the conversation's lock
    assert is_strictly_increasing([row["created_ms"] for row in by_id])
    for messages in answered:
        assert is_strictly_increasing(times(messages))
    assert sorted(message["message_id"] for messages in answered for message in messages) == sorted(
        row["message_id"] for row in stored)
    for user in users:
        assert database.unread(conversation, user) == 15 * 30
    newest = stored[-1]["created_ms"]
    assert database.stored_conversation(conversation)["last_message_ms"] == newest
    assert database.member(conversation, users[0])["last_activity_ms"] == newest


def test_two_senders_in_each_of_two_hundred_conversations(stack, database):
    """32 threads at a time; each conversation's two senders stand side by side in the queue."""
    pairs = [(database.user(), database.user()) for _ in range(40)]
    conversations = [(database.conversation(*pair), pair) for pair in pairs for _ in range(5)]
    work = [(conversation, user) for conversation, pair in conversations for user in pair]

    def send_a_share(share):
        api = http_api(stack)
        for conversation, user in share:
            for number in range(3):
                api.send_text(user, conversation, str(number)).success()

    threads = 32
    all_at_once(*(lambda share=work[start::threads]: send_a_share(share) for start in range(threads)))
    for conversation, pair in conversations:
        stored = sorted(database.stored_messages(conversation), key=lambda row: row["id"])
        assert len(stored) == 6
        assert is_strictly_increasing([row["created_ms"] for row in stored])
        assert [database.unread(conversation, user) for user in pair] == [3, 3]


def test_a_reader_sees_messages_appear_in_the_order_of_their_times(stack, database):
    """Commit order: what a reader has seen once is the beginning of all that it sees later."""
    users = database.users(4)
    conversation = database.conversation(*users)
    writers = Sending(stack, conversation, users, 20).senders

    def watch() -> list:
        api, seen = http_api(stack), []
        while len(seen) < 80:
            page = api.get_messages(users[0], conversation_id=conversation.id, limit=100)
            found = times(page.success()["messages"])
            assert found[:len(seen)] == seen
            seen = found
        return seen

    *_, seen = all_at_once(*writers, watch)
    assert is_strictly_increasing(seen)


@pytest.mark.parametrize("staff", [
    "INSERT IGNORE INTO orbia_conversation_member (conversation_id, user_id) VALUES (%s, %s)",
    "DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
    "UPDATE orbia_conversation SET status = 'archived', updated_at = NOW() WHERE id = %s OR id = -%s",
    "UPDATE orbia_conversation_member m JOIN orbia_conversation c ON c.id = m.conversation_id"
    " SET m.role = IF(m.role = 'member', 'admin', 'member')"
    " WHERE m.conversation_id = %s AND m.user_id <> %s",
], ids=["adding a member", "removing a member", "archiving", "an update that joins both tables"])
def test_staff_at_work_beside_senders_and_readers(stack, database, staff):
    """Whoever of the two must give way: it is not the API's caller who hears of it."""
    users, guest = database.users(4), database.user()
    conversation = database.conversation(*users)

    def work():
        with database.connect().cursor() as cursor:
            for _ in range(200):
                try:
                    cursor.execute(staff, [conversation.id, guest.id])
                except pymysql.err.OperationalError as error:
                    assert error.args[0] == 1213  # a deadlock: the staff's statement may give way

    def mark():
        api = http_api(stack)
        for _ in range(100):
            api.mark_read(users[0], conversation_id=conversation.id).success()

    all_at_once(*Sending(stack, conversation, users, 50).senders, work, mark)
    assert len(database.stored_messages(conversation)) == 200
    for user in users[1:]:
        assert database.unread(conversation, user) == counted_unread(database, conversation, user)


def test_orders_confirmed_beside_each_other_and_beside_sends(stack, database):
    user, kol = database.user(), database.kol()
    orders = [database.order(user, kol) for _ in range(40)]
    conversation = database.conversation(user, kol.user)

    def confirm(share):
        with database.connect().cursor() as cursor:
            for order in share:
                cursor.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s",
                               [order.id])

    all_at_once(lambda: confirm(orders[::2]), lambda: confirm(orders[1::2]),
                *Sending(stack, conversation, [user, kol.user], 20).senders)
    assert [len(database.conversations_of(order)) for order in orders] == [1] * 40
    assert len(database.stored_messages(conversation)) == 40


@pytest.mark.parametrize("route, keys", [
    ("send_message", {"message_type": "text", "content": "你好"}), ("mark_read", {})])
def test_the_caller_does_not_hear_of_a_deadlock(stack, database, route, keys):
    """A platform transaction has more to lose than the call: the call gives way, and is tried again."""
    caller, other = database.user(), database.user()
    conversation = database.conversation(caller, other)
    database.execute("CREATE TABLE IF NOT EXISTS test_ballast (number INT)")

    before = deadlocks(database)
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("INSERT INTO test_ballast SELECT seq FROM seq_1_to_5000")
        cursor.execute("UPDATE orbia_conversation_member SET role = 'admin'"
                       " WHERE conversation_id = %s AND user_id = %s", [conversation.id, caller.id])
        body = {"conversation_id": conversation.id, **keys}
        calling = threads.submit(http_api(stack).post, caller, route, body)
        wait_for_lock_wait(database, ACCOUNT)  # the call holds the conversation, and waits for the member
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE",
                       [conversation.id])
        cursor.connection.commit()
        calling.result().success()
    assert deadlocks(database) == before + 1
    sent = 1 if route == "send_message" else 0
    assert len(database.stored_messages(conversation)) == sent
    assert [database.unread(conversation, user) for user in (caller, other)] == [0, sent]
    assert database.member(conversation, caller)["role"] == "admin"


def deadlocks(database) -> int:
    [row] = database.rows("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
    return int(row["Value"])
