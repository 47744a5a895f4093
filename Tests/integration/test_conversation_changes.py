"""orbia_conversation_change: for each user what no message shows, whoever made the change."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pymysql
import pytest

from database import Database, now_ms, timestamp
from orbia.polling import eventually
from transactions import WITHOUT_SNAPSHOT_ISOLATION

CHANGES = ("SELECT conversation_id, user_id, CAST(UNIX_TIMESTAMP(changed_at) * 1000 AS INTEGER) AS changed_ms,"
           " CAST(UNIX_TIMESTAMP(membership_at) * 1000 AS INTEGER) AS membership_ms FROM orbia_conversation_change")
READ_COMMITTED = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
REPEATABLE_READ = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"


@pytest.fixture
def database(quiet_database):
    return quiet_database


@pytest.fixture
def people(database):
    """Three members and somebody who is none."""
    return database.users(4)


@pytest.fixture
def conversation(database, people):
    """Nothing has changed yet that a test could mistake for its own."""
    conversation = database.conversation(*people[:3], last_message_at=timestamp(now_ms() - 60_000))
    forget(database, conversation)
    return conversation


def forget(database, *conversations):
    for conversation in conversations:
        database.execute("DELETE FROM orbia_conversation_change WHERE conversation_id = %s", conversation.id)


def changes(database, conversation) -> dict:
    """The changes of a conversation, by user."""
    rows = database.rows(f"{CHANGES} WHERE conversation_id = %s", conversation.id)
    return {row["user_id"]: (row["changed_ms"], row["membership_ms"]) for row in rows}


def ids(users) -> set:
    return {user.id for user in users}


def send(database, user, conversation):
    row = database.row("CALL orbia_send_message(%s, %s, NULL, 'text', '你好', NULL, NULL, NULL, NULL)",
                       user.id, conversation.id)
    assert row["outcome"] == "sent", row


def mark(database, user, conversation, up_to=None) -> int:
    row = database.row("CALL orbia_mark_read(%s, %s, NULL, %s)", user.id, conversation.id, up_to)
    assert row["outcome"] == "read", row
    return row["unread_count"]


# Memberships


def test_a_member_who_is_inserted_by_plain_sql_is_told(database, people, conversation):
    before = now_ms()
    database.join(conversation, people[3])
    [(user, (changed, membership))] = changes(database, conversation).items()
    assert user == people[3].id
    assert before <= changed == membership <= now_ms()


def test_a_member_who_is_deleted_is_told(database, people, conversation):
    before = now_ms()
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     conversation.id, people[1].id)
    [(user, (changed, membership))] = changes(database, conversation).items()
    assert user == people[1].id
    assert before <= changed == membership <= now_ms()


def test_one_statement_may_insert_and_delete_many(database, people, conversation):
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s", conversation.id)
    assert set(changes(database, conversation)) == ids(people[:3])
    forget(database, conversation)
    database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id)"
                     f" SELECT {conversation.id}, id FROM orbia_user WHERE id IN %s", [each.id for each in people])
    assert set(changes(database, conversation)) == ids(people)


def test_an_insert_that_is_rolled_back_leaves_nothing(database, people, conversation):
    with database.transaction() as cursor:
        cursor.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id) VALUES (%s, %s)",
                       [conversation.id, people[3].id])
    assert changes(database, conversation) == {}


def test_an_orders_conversation_is_told_to_both(database):
    order = database.order(status="confirmed")
    [row] = database.conversations_of(order)
    found = {change["user_id"] for change in database.rows(f"{CHANGES} WHERE conversation_id = %s", row["id"])}
    assert found == {order.user.id, order.kol.user.id}


def test_a_conversation_that_is_deleted_with_its_row_is_told_to_its_members(database, people, conversation):
    """Its foreign key deletes the members without their trigger."""
    database.execute("DELETE FROM orbia_conversation WHERE id = %s", conversation.id)
    assert set(changes(database, conversation)) == ids(people[:3])
    assert all(membership for _, membership in changes(database, conversation).values())


# The conversation's row


@pytest.mark.parametrize("columns, is_membership", [
    ({"status": "closed"}, False), ({"title": "新标题"}, False), ({"title": None}, False),
    ({"related_order_id": "KORD_1"}, False), ({"related_order_type": "kol_order"}, False),
    ({"type": "support"}, True), ({"deleted_at": "2024-01-01 00:00:00"}, True),
    ({"last_message_at": None}, False), ({"last_message_at": "2020-01-01 00:00:00"}, False),
    ({"last_message_at": "2037-01-01 00:00:00"}, False),
], ids=str)
def test_a_change_of_the_conversation_is_told_to_each_member(database, people, conversation, columns, is_membership):
    before = now_ms()
    database.update_conversation(conversation, **columns)
    found = changes(database, conversation)
    assert set(found) == ids(people[:3])
    for changed, membership in found.values():
        assert before <= changed <= now_ms()
        assert membership == (changed if is_membership else None)


def test_a_conversation_that_is_restored_is_told_too(database, people, conversation):
    database.update_conversation(conversation, deleted_at="2024-01-01 00:00:00")
    forget(database, conversation)
    database.update_conversation(conversation, deleted_at=None)
    assert set(changes(database, conversation)) == ids(people[:3])


@pytest.mark.parametrize("columns", [{"status": "active"}, {"title": "测试"}, {"updated_at": "2030-01-01 00:00:00"}],
                         ids=str)
def test_what_a_client_does_not_see_is_not_told(database, conversation, columns):
    database.update_conversation(conversation, **columns)
    assert changes(database, conversation) == {}


def test_a_title_that_differs_in_case_alone_has_changed(database, people, conversation):
    database.update_conversation(conversation, title="Order")
    forget(database, conversation)
    database.update_conversation(conversation, title="ORDER")
    assert set(changes(database, conversation)) == ids(people[:3])


def test_a_later_change_keeps_the_time_of_the_membership(database, people, conversation):
    database.join(conversation, people[3])
    joined = changes(database, conversation)[people[3].id][1]
    time.sleep(0.01)
    database.update_conversation(conversation, status="archived")
    changed, membership = changes(database, conversation)[people[3].id]
    assert membership == joined < changed


@pytest.mark.parametrize("statement", [
    "UPDATE orbia_conversation SET status = 'closed' WHERE id IN"
    " (SELECT conversation_id FROM orbia_conversation_member WHERE user_id = {user})",
    "UPDATE orbia_conversation SET deleted_at = NOW() WHERE id IN"
    " (SELECT conversation_id FROM orbia_conversation_member WHERE user_id = {user})",
    "UPDATE orbia_conversation c JOIN orbia_conversation_member m ON m.conversation_id = c.id SET c.title = 'x'"
    " WHERE m.user_id = {user}",
    "DELETE c FROM orbia_conversation c JOIN orbia_conversation_member m ON m.conversation_id = c.id"
    " WHERE m.user_id = {user}",
    "DELETE m FROM orbia_conversation_member m JOIN orbia_conversation c ON c.id = m.conversation_id"
    " WHERE c.id = {conversation}",
    "INSERT INTO orbia_conversation_member (conversation_id, user_id) SELECT {conversation}, u.id FROM orbia_user u"
    " WHERE u.id = {stranger} AND NOT EXISTS (SELECT 1 FROM orbia_conversation_member m"
    " WHERE m.conversation_id = {conversation} AND m.user_id = u.id)",
])
def test_a_statement_may_name_the_table_of_members_too(database, people, conversation, statement):
    """It would fail with error 1442 where a trigger wrote to a table that it names."""
    database.execute(statement.format(user=people[0].id, stranger=people[3].id, conversation=conversation.id))
    assert changes(database, conversation)


# Messages and reads


def test_a_send_is_no_change(database, people, conversation):
    for _ in range(3):
        send(database, people[0], conversation)
    assert changes(database, conversation) == {}


def test_a_read_that_lowers_the_count_is_told_to_each_member(database, people, conversation):
    send(database, people[0], conversation)
    before = now_ms()
    assert mark(database, people[1], conversation) == 0
    found = changes(database, conversation)
    assert set(found) == ids(people[:3])
    for changed, membership in found.values():
        assert before <= changed <= now_ms() + 1 and membership is None


def test_a_second_read_is_no_change(database, people, conversation):
    send(database, people[0], conversation)
    mark(database, people[1], conversation)
    before = changes(database, conversation)
    for _ in range(3):
        mark(database, people[1], conversation)
    assert changes(database, conversation) == before


def test_a_read_of_nothing_is_no_change(database, people, conversation):
    mark(database, people[1], conversation)
    assert changes(database, conversation) == {}


def test_a_read_of_ones_own_messages_is_no_change(database, people, conversation):
    send(database, people[0], conversation)
    mark(database, people[0], conversation)
    assert changes(database, conversation) == {}


def test_a_read_of_a_message_that_was_not_counted_is_a_change(database, people, conversation):
    """As after a read up to a time: the counts of those who joined late, or of staff's inserts, say nothing of it."""
    database.message(conversation, people[0], at=now_ms() - 10_000)
    mark(database, people[1], conversation)
    assert set(changes(database, conversation)) == ids(people[:3])


def test_a_read_of_a_deleted_message_is_no_change(database, people, conversation):
    database.message(conversation, people[0], at=now_ms() - 10_000, deleted_at="2024-01-01 00:00:00")
    mark(database, people[1], conversation)
    assert changes(database, conversation) == {}


def test_a_read_up_to_a_time_is_a_change_where_it_passes_over_a_message(database, people, conversation):
    first = now_ms() - 10_000
    database.messages(conversation, people[0], 3, first)
    mark(database, people[1], conversation, first - 1)
    assert changes(database, conversation) == {}
    mark(database, people[1], conversation, first)
    told = changes(database, conversation)
    assert set(told) == ids(people[:3])
    mark(database, people[1], conversation, first + 999)
    assert changes(database, conversation) == told


def test_a_read_that_lowers_the_count_alone_is_a_change(database, people, conversation):
    """As where a message of those that were counted was deleted."""
    mark(database, people[1], conversation)
    database.execute("UPDATE orbia_conversation_member SET unread_count = 2"
                     " WHERE conversation_id = %s AND user_id = %s", conversation.id, people[1].id)
    mark(database, people[1], conversation)
    assert set(changes(database, conversation)) == ids(people[:3])


def test_a_refused_read_is_no_change(database, people, conversation):
    send(database, people[0], conversation)
    row = database.row("CALL orbia_mark_read(%s, %s, NULL, NULL)", people[3].id, conversation.id)
    assert row == {"outcome": "not_a_member", "unread_count": 0}
    assert changes(database, conversation) == {}


# Times


def test_each_change_has_another_time_than_the_one_before(database, people, conversation):
    """Also those of one millisecond."""
    seen = []
    for number in range(50):
        database.update_conversation(conversation, title=f"{number}")
        seen.append(changes(database, conversation)[people[0].id][0])
    assert len(set(seen)) == 50 and seen == sorted(seen)


@pytest.mark.parametrize("change", ["read", "title"])
def test_a_time_just_ahead_is_followed_by_a_later_one(database, people, conversation, change):
    """As where the clock of another node is ahead."""
    ahead = now_ms() + 1500
    for user in people[:3]:
        database.insert("orbia_conversation_change", conversation_id=conversation.id, user_id=user.id,
                        changed_at=timestamp(ahead))
    make(database, people, conversation, change)
    assert {changed for changed, _ in changes(database, conversation).values()} == {ahead + 1}


@pytest.mark.parametrize("change", ["read", "title"])
def test_a_time_far_ahead_does_not_stay(database, people, conversation, change):
    """As after a clock that was wrong."""
    for user in people[:3]:
        database.insert("orbia_conversation_change", conversation_id=conversation.id, user_id=user.id,
                        changed_at=timestamp(now_ms() + 3_600_000))
    make(database, people, conversation, change)
    assert all(changed <= now_ms() for changed, _ in changes(database, conversation).values())


def make(database, people, conversation, change):
    if change == "title":
        database.update_conversation(conversation, title="新")
    else:
        send(database, people[0], conversation)
        mark(database, people[1], conversation)


def row_lock_waits(database) -> int:
    return int(database.row("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")["Value"])


def test_a_time_is_that_of_the_change_and_not_of_a_statement_that_waited(database, people, conversation):
    with database.transaction() as holder:
        holder.execute("SELECT id FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(database.update_conversation, conversation, status="closed")
            eventually(lambda: row_lock_waits(database) > 0, within=10, what="the statement waits")
            time.sleep(0.3)
            released = now_ms()
            holder.connection.rollback()
            waiting.result()
    assert all(changed >= released for changed, _ in changes(database, conversation).values())


def test_a_session_whose_clock_was_set_dates_a_change_with_the_present_time(database, people, conversation):
    before = now_ms()
    with database.transaction() as cursor:
        cursor.execute("SET timestamp = 1700000000, time_zone = '+08:00'")
        cursor.execute("UPDATE orbia_conversation SET title = 'x' WHERE id = %s", [conversation.id])
        cursor.connection.commit()
    assert all(before <= changed <= now_ms() for changed, _ in changes(database, conversation).values())


# Locks


def new_conversation(people) -> list:
    return ["INSERT INTO orbia_conversation (conversation_id, title) VALUES (UUID(), 'x')",
            "INSERT INTO orbia_conversation_member (conversation_id, user_id)"
            f" VALUES (LAST_INSERT_ID(), {people[3].id})"]


def insert(conversation, user) -> str:
    return f"INSERT INTO orbia_conversation_member (conversation_id, user_id) VALUES ({conversation.id}, {user.id})"


def close(conversation) -> str:
    return f"UPDATE orbia_conversation SET status = 'closed' WHERE id = {conversation.id}"


@pytest.mark.parametrize("level", [READ_COMMITTED, REPEATABLE_READ], ids=["READ COMMITTED", "REPEATABLE READ"])
@pytest.mark.parametrize("has_rows", [False, True], ids=["first changes", "later changes"])
def test_an_open_transaction_of_staff_holds_up_no_other_conversation(database, people, level, has_rows):
    """The gaps of the table of changes and of the members stay free, in which rows of new conversations go."""
    one, other = database.conversations(2, *people[:2])
    if not has_rows:
        forget(database, one, other)
    for held, untouched in ((one, other), (other, one)):
        for statement in (insert(held, people[2]), close(held)):
            with database.transaction() as staff, database.transaction() as beside:
                staff.execute(level)
                staff.execute(statement)
                run_at_once(beside, [
                    *new_conversation(people), insert(untouched, people[3]), close(untouched),
                    f"CALL orbia_mark_read({people[0].id}, {untouched.id}, NULL, NULL)"])


def run_at_once(cursor, statements):
    """None of them waits for a lock."""
    cursor.execute("SET innodb_lock_wait_timeout = 0")
    for statement in statements:
        cursor.execute(statement)
        while cursor.nextset():
            pass


@pytest.mark.parametrize("level", [READ_COMMITTED, REPEATABLE_READ], ids=["READ COMMITTED", "REPEATABLE READ"])
def test_two_inserts_into_a_conversation_do_not_wait_for_each_other(database, people, conversation, level):
    with database.transaction() as one, database.transaction() as other:
        for cursor in (one, other):
            cursor.execute(level)
            cursor.execute("SET innodb_lock_wait_timeout = 0")
        newcomers = database.users(2)
        one.execute(insert(conversation, newcomers[0]))
        other.execute(insert(conversation, newcomers[1]))
        one.connection.commit()
        other.connection.commit()
    assert set(changes(database, conversation)) == ids(newcomers)


@pytest.mark.parametrize("level", [READ_COMMITTED, REPEATABLE_READ], ids=["READ COMMITTED", "REPEATABLE READ"])
def test_staff_beside_sends_and_reads_deadlock_with_nobody(database, people, level):
    """For two seconds, on three conversations."""
    conversations = database.conversations(3, *people[:2])
    end, deadlocks, done = time.monotonic() + 2, [], itertools.count()

    def repeat(*statements):
        with database.transaction() as cursor:
            cursor.execute(level)
            if statements[0].startswith("CALL"):
                cursor.execute(WITHOUT_SNAPSHOT_ISOLATION)
            for number in itertools.count():
                if time.monotonic() > end:
                    return
                conversation = conversations[number % 3]
                try:
                    for statement in statements:
                        cursor.execute(statement.format(conversation=conversation.id))
                        while cursor.nextset():
                            pass
                    cursor.connection.commit()
                    next(done)
                except pymysql.err.OperationalError as error:
                    deadlocks.append((statements, error))
                    cursor.connection.rollback()

    newcomers = database.users(4)
    member = "orbia_conversation_member"
    work = [
        *([f"CALL orbia_send_message({user.id}, {{conversation}}, NULL, 'text', 'x', NULL, NULL, NULL, NULL)",
           f"CALL orbia_mark_read({user.id}, {{conversation}}, NULL, NULL)"] for user in people[:2]),
        *([f"INSERT INTO {member} (conversation_id, user_id) VALUES ({{conversation}}, {user.id})", "COMMIT",
           f"DELETE FROM {member} WHERE conversation_id = {{conversation}} AND user_id = {user.id}"]
          for user in newcomers),
        ["UPDATE orbia_conversation SET status = IF(status = 'active', 'archived', 'active')"
         " WHERE id = {conversation}"],
    ]
    with ThreadPoolExecutor(len(work)) as threads:
        for finished in [threads.submit(repeat, *statements) for statements in work]:
            finished.result()
    assert deadlocks == [] and next(done) > 50


# Old rows


def old_rows(database: Database, count: int, hours: int = 26):
    database.execute(
        "INSERT INTO orbia_conversation_change (conversation_id, user_id, changed_at)"
        f" SELECT 900000000 + seq, 1, NOW(3) - INTERVAL {hours} HOUR FROM seq_1_to_{count}")


def number_of_rows(database) -> int:
    return database.value("SELECT COUNT(*) FROM orbia_conversation_change WHERE conversation_id > 900000000")


def test_the_backfill_deletes_rows_that_are_older_than_25_hours(database, people, conversation):
    database.update_conversation(conversation, title="新")
    old_rows(database, 2500)
    database.execute("UPDATE orbia_conversation_change SET changed_at = NOW(3) - INTERVAL 24 HOUR"
                     " WHERE conversation_id = 900000001")
    database.rows("CALL orbia_backfill_conversations(1)")
    assert number_of_rows(database) == 1
    assert set(changes(database, conversation)) == ids(people[:3])
    database.execute("DELETE FROM orbia_conversation_change WHERE conversation_id = 900000001")


def test_one_call_deletes_ten_thousand_at_the_most(database):
    old_rows(database, 10_500)
    database.rows("CALL orbia_backfill_conversations(1)")
    assert number_of_rows(database) == 500
    database.rows("CALL orbia_backfill_conversations(1)")
    assert number_of_rows(database) == 0


def test_the_backfill_does_not_wait_for_a_row_that_is_locked(database):
    old_rows(database, 10)
    with database.transaction() as holder:
        holder.execute("SELECT * FROM orbia_conversation_change WHERE conversation_id = 900000005 FOR UPDATE")
        database.execute("SET innodb_lock_wait_timeout = 1")
        database.rows("CALL orbia_backfill_conversations(1)")
        assert number_of_rows(database) == 1
    database.rows("CALL orbia_backfill_conversations(1)")
    assert number_of_rows(database) == 0
