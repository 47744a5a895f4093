"""The order's progress in the database: what its trigger records, and what becomes of it in the conversation."""

import json
import subprocess
import threading
import time
from contextlib import contextmanager

import pymysql
import pytest

from concurrency import all_at_once
from database import now_ms
from mariadb import MariaDB
from orbia.paths import SCHEMA
from order_progress import (conversation_of, deadlocks, events, opened, recorded, steps, tell, told, turn_off,
                            turn_on)
from transactions import WITHOUT_SNAPSHOT_ISOLATION

SENTENCES = {
    "pending_payment": "订单状态已变更为待付款", "pending": "订单状态已变更为待确认", "confirmed": "订单状态已变更为已确认",
    "in_progress": "订单已开始进行", "completed": "订单已完成", "cancelled": "订单已取消", "refunded": "订单已退款",
}
NOTHING = {"told": 0, "dropped": 0, "failed": 0, "last_error": None, "locked": None, "next_after": None,
           "oldest_age": None}


@pytest.fixture(scope="module")
def own(server):
    """A database of this file's, without a service."""
    database = server.create_service_database("order_progress")
    yield database
    database.execute("DROP DATABASE order_progress")


@pytest.fixture
def database(own):
    """The same, with the progress on, and nothing recorded."""
    own.execute("DELETE FROM orbia_order_progress")
    turn_on(own)
    return own


# On and off


def test_until_it_is_turned_on_nothing_is_recorded_or_told(server):
    database = server.create_service_database("progress_off")
    order, conversation = opened(database)
    for status in ("in_progress", "completed"):
        database.set_order_status(order, status)
    assert recorded(database) == []
    assert tell(database) == {"is_on": 0, **NOTHING}
    assert database.stored_messages(conversation) == []
    database.execute("DROP DATABASE progress_off")


def test_it_is_turned_on_and_off_by_a_statement_each(database):
    order, conversation = opened(database)
    database.set_order_status(order, "in_progress")
    turn_off(database)
    database.set_order_status(order, "completed")
    assert tell(database) == {"is_on": 0, **NOTHING, "told": 1}
    turn_on(database)
    database.set_order_status(order, "refunded")
    assert tell(database) == {"is_on": 1, **NOTHING, "told": 1}
    assert told(database, conversation) == [("confirmed", "in_progress"), ("completed", "refunded")]


@pytest.mark.parametrize("turn, is_on", [(turn_on, 1), (turn_off, 0)])
def test_schema_sql_turns_it_neither_on_nor_off(database, turn, is_on):
    turn(database)
    before = database.rows("SELECT * FROM orbia_conversation_feature")
    database.load(SCHEMA)
    assert database.rows("SELECT * FROM orbia_conversation_feature") == before
    assert tell(database)["is_on"] == is_on


@pytest.mark.parametrize("turn, is_on", [(turn_on, 1), (turn_off, 0)])
def test_a_restored_dump_has_it_on_or_off_and_what_was_not_told(server, database, tmp_path, turn, is_on):
    order, _ = opened(database)
    database.set_order_status(order, "completed")
    turn(database)
    dump = tmp_path / "dump.sql"
    with open(dump, "wb") as file:
        subprocess.run(["mariadb-dump", "--no-defaults", f"--socket={database.socket}", "--user=root",
                        "--single-transaction", "--routines", "--triggers", database.name], check=True, stdout=file)
    restored = server.create_database("restored_progress")
    restored.load(dump)
    restored.load(SCHEMA)
    assert tell(restored) == {"is_on": is_on, **NOTHING, "told": 1}
    assert told(restored, conversation_of(restored, order)) == [("confirmed", "completed")]
    restored.execute("DROP DATABASE restored_progress")


def test_the_report_says_whether_it_is_on_and_what_is_not_told(database):
    assert database.row("CALL orbia_order_progress_report()") == {"is_on": 1, "recorded": 0, "oldest_age": None}
    order, _ = opened(database)
    database.set_order_status(order, "in_progress")
    database.execute("UPDATE orbia_order_progress SET changed_at = NOW() - INTERVAL 1 HOUR")
    assert database.row("CALL orbia_order_progress_report()") == {"is_on": 1, "recorded": 1, "oldest_age": 3600}
    turn_off(database)
    tell(database)
    assert database.row("CALL orbia_order_progress_report()") == {"is_on": 0, "recorded": 0, "oldest_age": None}


@pytest.mark.parametrize("binlog_format", ["MIXED", "ROW"])
def test_beside_open_transactions_no_order_waits_for_who_turns_it_off(make_directory, binlog_format):
    """With a binary log that is not in row format, the server locks what a trigger reads."""
    with MariaDB(make_directory(), "--log-bin", f"--binlog-format={binlog_format}",
                 "--innodb-autoinc-lock-mode=0") as server:
        database = server.create_service_database()
        turn_on(database)
        (first, _), (second, conversation) = opened(database), opened(database)
        with database.transaction() as open_transaction:
            open_transaction.execute("UPDATE orbia_kol_order SET status = 'in_progress' WHERE id = %s", [first.id])
            turning = threading.Thread(target=turn_off, args=[database])
            turning.start()
            time.sleep(0.3)
            begun = time.monotonic()
            database.set_order_status(second, "in_progress")
            assert time.monotonic() - begun < 0.3
            # Nor does it wait for sends, whatever the server locks.
            with database.transaction() as sender:
                sender.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
                database.set_order_status(second, "completed")
            assert turning.is_alive() == (binlog_format == "MIXED")
            open_transaction.connection.commit()
        turning.join()
        assert database.row("CALL orbia_order_progress_report()")["is_on"] == 0


# What is told


@pytest.mark.parametrize("status", SENTENCES)
def test_a_change_is_told_in_a_sentence_and_an_event(database, status):
    order, conversation = opened(database)
    if status == "confirmed":
        database.set_order_status(order, "pending")
        tell(database)
        database.execute("DELETE FROM orbia_message WHERE conversation_id = %s", conversation.id)
    before = database.value("SELECT status FROM orbia_kol_order WHERE id = %s", order.id)
    database.set_order_status(order, status)
    tell(database)
    [message] = database.stored_messages(conversation)
    assert (message["message_type"], message["sender_id"]) == ("system", order.user.id)
    assert message["content"] == SENTENCES[status]
    assert json.loads(message["event"]) == {"type": "order_status", "order_id": order.order_id,
                                            "from": before, "to": status}
    assert message["client_message_id"].startswith("server:order:")


def test_a_status_that_the_platform_adds_is_told_by_its_name(database):
    column = database.row("SELECT COLUMN_TYPE AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
                          " AND TABLE_NAME = 'orbia_kol_order' AND COLUMN_NAME = 'status'")["type"]
    changed = column[:-1] + ",'in_review \"复审\"')"
    database.execute(f"ALTER TABLE orbia_kol_order MODIFY status {changed} NOT NULL DEFAULT 'pending_payment'")
    order, conversation = opened(database)
    database.set_order_status(order, 'in_review "复审"')
    tell(database)
    [message] = database.stored_messages(conversation)
    assert message["content"] == '订单状态已变更为 in_review "复审"'
    assert json.loads(message["event"])["to"] == 'in_review "复审"'


@pytest.mark.parametrize("order_id", ["KORD_\"'\\_1", "订单_😀", "<&>", "x" * 64, "\t\n\x01" * 20])
def test_an_order_id_is_told_as_it_is(database, order_id):
    order, conversation = opened(database)
    database.execute("UPDATE orbia_kol_order SET order_id = %s WHERE id = %s", order_id, order.id)
    database.execute("UPDATE orbia_conversation SET related_order_id = %s WHERE id = %s", order_id, conversation.id)
    database.set_order_status(order, "in_progress")
    assert tell(database)["told"] == 1
    assert [event["order_id"] for event in events(database, conversation)] == [order_id]
    database.execute("UPDATE orbia_kol_order SET order_id = CONCAT('past_', id) WHERE id = %s", order.id)
    database.execute("UPDATE orbia_conversation SET related_order_id = NULL WHERE id = %s", conversation.id)


@pytest.fixture
def wide(server):
    """A database whose platform has wider ids of orders."""
    database = server.create_service_database("wide_progress")
    database.execute("ALTER TABLE orbia_kol_order MODIFY order_id VARCHAR(700) NOT NULL")
    turn_on(database)
    yield database
    database.execute("DROP DATABASE wide_progress")


def test_an_order_id_that_no_conversation_can_have_is_dropped(wide):
    order = wide.order(status="confirmed", order_id="长" * 200)
    wide.set_order_status(order, "completed")
    assert tell(wide) == {"is_on": 1, **NOTHING, "dropped": 1}


def test_an_order_id_that_does_not_fit_into_the_event_is_left_out(wide):
    wide.execute("ALTER TABLE orbia_conversation MODIFY related_order_id VARCHAR(700)")
    wide.load(SCHEMA)
    order_id = "\x01" * 600
    order = wide.order(status="confirmed", order_id=order_id)
    wide.set_order_status(order, "completed")
    assert tell(wide)["told"] == 1
    conversation = wide.row("SELECT * FROM orbia_conversation")
    event = json.loads(wide.value("SELECT event FROM orbia_message WHERE conversation_id = %s", conversation["id"]))
    assert event == {"type": "order_status", "order_id": None, "from": "confirmed", "to": "completed"}


def test_with_nothing_to_tell_a_call_reads_next_to_nothing(database):
    def rows_read() -> int:
        return int(database.row("SHOW SESSION STATUS LIKE 'Rows_read'")["Value"])

    opened(database)
    before = rows_read()
    database.execute("CALL orbia_tell_order_progress(NULL, NULL)")
    assert rows_read() - before < 10


def test_several_changes_are_told_in_their_order_each_behind_the_newest_message(database):
    order, conversation = opened(database)
    database.message(conversation, order.user, at=now_ms() + 5000)
    path = ["confirmed", "in_progress", "confirmed", "in_progress", "completed", "refunded"]
    for status in path[1:]:
        database.set_order_status(order, status)
    assert tell(database)["told"] == 5
    assert told(database, conversation) == steps(*path)
    times = [row["created_ms"] for row in database.stored_messages(conversation)]
    assert times == sorted(set(times))
    assert database.stored_conversation(conversation)["last_message_ms"] == times[-1]
    for user in (order.user, order.kol.user):
        member = database.member(conversation, user)
        assert (member["last_activity_ms"], member["unread_count"]) == (times[-1], 0)


def test_several_changes_of_one_transaction_are_all_told(database):
    order, conversation = opened(database)
    with database.transaction() as cursor:
        for status in ("in_progress", "completed"):
            cursor.execute("UPDATE orbia_kol_order SET status = %s WHERE id = %s", [status, order.id])
        cursor.connection.commit()
    tell(database)
    assert told(database, conversation) == steps("confirmed", "in_progress", "completed")


def test_orders_that_one_statement_changes_are_told_one_by_one(database):
    user, kol = database.user(), database.kol()
    made = [opened(database, user, kol) for _ in range(30)]
    database.execute("UPDATE orbia_kol_order SET status = 'cancelled' WHERE user_id = %s", user.id)
    # A call ends when a quarter of a second has passed, which may be before it has told all.
    report = tell(database)
    count = report["told"]
    while report["next_after"] is not None:
        report = tell(database, after=report["next_after"])
        count += report["told"]
    assert count == 30
    assert all(told(database, conversation) == [("confirmed", "cancelled")] for _, conversation in made)


def test_a_change_of_something_else_or_to_the_same_status_is_none(database):
    order, _ = opened(database)
    database.execute("UPDATE orbia_kol_order SET title = 'neu', status = 'confirmed' WHERE id = %s", order.id)
    assert recorded(database) == []


def test_what_is_rolled_back_is_not_told(database):
    order, conversation = opened(database)
    with database.transaction() as cursor:
        change = "UPDATE orbia_kol_order SET status = %s WHERE id = %s"
        cursor.execute(change, ["in_progress", order.id])
        cursor.execute("SAVEPOINT here")
        cursor.execute(change, ["completed", order.id])
        cursor.execute("ROLLBACK TO here")
        assert tell(database) == {"is_on": 1, **NOTHING}, "what is not committed is not waited for either"
        cursor.connection.commit()
    with database.transaction() as cursor:
        cursor.execute(change, ["refunded", order.id])
    tell(database)
    assert told(database, conversation) == [("confirmed", "in_progress")]


# The opening


def test_the_opening_and_what_came_before_it_is_not_told(database):
    order = database.order(status="pending_payment")
    for status in ("pending", "confirmed", "in_progress"):
        database.set_order_status(order, status)
    report = tell(database)
    assert (report["told"], report["dropped"]) == (1, 2)
    assert told(database, conversation_of(database, order)) == [("confirmed", "in_progress")]


def test_an_order_without_a_conversation_tells_nothing_later_either(database):
    order = database.order(status="pending_payment")
    database.set_order_status(order, "cancelled")
    assert tell(database)["dropped"] == 1
    database.set_order_status(order, "confirmed")
    tell(database)
    assert database.stored_messages(conversation_of(database, order)) == []


def test_what_came_before_the_backfill_opened_it_is_not_told(database):
    order, _ = opened(database)
    database.execute("DELETE FROM orbia_conversation WHERE related_order_id = %s", order.order_id)
    database.set_order_status(order, "in_progress")
    database.execute("CALL orbia_backfill_conversations(60)")
    database.set_order_status(order, "completed")
    tell(database)
    assert told(database, conversation_of(database, order)) == [("in_progress", "completed")]


def test_a_confirmation_whose_opening_failed_is_not_told_once_it_is_opened(database):
    order = database.order(status="pending")
    database.execute("CREATE TRIGGER refuse BEFORE INSERT ON orbia_conversation FOR EACH ROW"
                     " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test'")
    try:
        database.set_order_status(order, "confirmed")
    finally:
        database.execute("DROP TRIGGER refuse")
    database.execute("CALL orbia_backfill_conversations(60)")
    tell(database)
    assert database.stored_messages(conversation_of(database, order)) == []


def test_a_confirmation_of_an_order_that_has_its_conversation_is_told(database):
    order, conversation = opened(database)
    database.set_order_status(order, "pending")
    database.set_order_status(order, "confirmed")
    tell(database)
    assert told(database, conversation) == steps("confirmed", "pending", "confirmed")


def test_a_transaction_that_began_before_the_opening_tells_its_later_change(database):
    """Under REPEATABLE READ it does not see the conversation. With snapshot isolation the server would refuse its
    change of the order."""
    order = database.order(status="pending")
    with database.transaction() as old:
        old.execute(WITHOUT_SNAPSHOT_ISOLATION)
        old.execute("SELECT COUNT(*) FROM orbia_conversation")
        database.set_order_status(order, "confirmed")
        database.set_order_status(order, "pending")
        old.execute("UPDATE orbia_kol_order SET status = 'cancelled' WHERE id = %s", [order.id])
        old.connection.commit()
    tell(database)
    assert told(database, conversation_of(database, order)) == steps("confirmed", "pending", "cancelled")


# States of the conversation, the order and the user


@pytest.mark.parametrize("status", ["closed", "archived"])
def test_it_is_told_in_a_conversation_that_takes_no_messages(database, status):
    order, conversation = opened(database)
    database.update_conversation(conversation, status=status)
    database.set_order_status(order, "completed")
    tell(database)
    assert told(database, conversation) == [("confirmed", "completed")]


def test_in_a_deleted_conversation_nothing_is_told_also_when_it_comes_back(database):
    order, conversation = opened(database)
    database.set_order_status(order, "in_progress")
    database.update_conversation(conversation, deleted_at="2026-01-01 00:00:00")
    database.set_order_status(order, "completed")
    assert tell(database)["dropped"] == 2
    database.update_conversation(conversation, deleted_at=None)
    assert tell(database) == {"is_on": 1, **NOTHING}
    assert database.stored_messages(conversation) == []


GONE = {
    "the order is deleted softly":
        "UPDATE orbia_kol_order SET deleted_at = NOW(), status = 'cancelled' WHERE id = {order}",
    "the conversation's row is gone": "DELETE FROM orbia_conversation WHERE id = {conversation}",
    "the user's row is gone": "DELETE FROM orbia_user WHERE id = {user}",
}


@pytest.mark.parametrize("statement", GONE.values(), ids=GONE.keys())
def test_where_something_is_gone_nothing_is_told_and_nothing_tried_again(database, statement):
    order, conversation = opened(database)
    if "deleted_at" not in statement:
        database.set_order_status(order, "completed")
    database.execute(statement.format(order=order.id, conversation=conversation.id, user=order.user.id))
    assert tell(database)["failed"] == 0
    assert recorded(database) == []
    assert database.stored_messages(conversation) == []


def test_an_order_whose_row_is_gone_is_told_to_its_end(database):
    order, conversation = opened(database)
    database.set_order_status(order, "cancelled")
    database.execute("DELETE FROM orbia_kol_order WHERE id = %s", order.id)
    tell(database)
    assert [event["order_id"] for event in events(database, conversation)] == [order.order_id]


def test_at_the_end_of_time_it_is_dropped(database):
    order, conversation = opened(database)
    database.message(conversation, order.user, at=database.end_of_time())
    database.set_order_status(order, "completed")
    report = tell(database)
    assert (report["told"], report["dropped"]) == (0, 1)
    assert recorded(database) == []


def test_who_has_left_the_conversation_still_has_their_orders_told(database):
    order, conversation = opened(database)
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     conversation.id, order.user.id)
    database.set_order_status(order, "completed")
    assert tell(database)["told"] == 1


def test_a_record_that_is_there_again_tells_nothing_twice(database):
    """As after a restore of this table alone."""
    order, conversation = opened(database)
    database.set_order_status(order, "completed")
    [record] = recorded(database)
    tell(database)
    database.insert("orbia_order_progress", **record)
    assert tell(database)["dropped"] == 1
    assert told(database, conversation) == [("confirmed", "completed")]


def test_a_table_that_begins_anew_loses_nothing(database):
    """Its ids are given out again."""
    order, conversation = opened(database)
    for status in ("in_progress", "completed"):
        database.execute("TRUNCATE orbia_order_progress")
        database.set_order_status(order, status)
        tell(database)
    assert told(database, conversation) == steps("confirmed", "in_progress", "completed")


# Locks


@contextmanager
def holding(database, sql, *values):
    with database.transaction() as cursor:
        cursor.execute(sql, values)
        yield cursor


HELD = {
    "the conversation": "SELECT * FROM orbia_conversation WHERE id = {conversation} FOR UPDATE",
    "its members": "SELECT * FROM orbia_conversation_member WHERE conversation_id = {conversation} FOR UPDATE",
    "the user": "SELECT * FROM orbia_user WHERE id = {user} FOR UPDATE",
}


@pytest.mark.parametrize("held", HELD.values(), ids=HELD.keys())
def test_a_row_that_staff_hold_keeps_neither_the_order_nor_other_conversations(database, held):
    order, conversation = opened(database)
    other, other_conversation = opened(database)
    with holding(database, held.format(conversation=conversation.id, user=order.user.id)):
        begun = time.monotonic()
        for each in (order, other):
            database.set_order_status(each, "in_progress")
        report = tell(database)
        assert time.monotonic() - begun < 0.5
        assert (report["told"], report["failed"], report["locked"]) == (1, 0, str(order.id))
        assert told(database, other_conversation) == [("confirmed", "in_progress")]
        database.set_order_status(order, "completed")
    assert tell(database)["told"] == 2
    assert told(database, conversation) == steps("confirmed", "in_progress", "completed")


def test_one_order_can_be_waited_for(database):
    order, conversation = opened(database)
    database.set_order_status(order, "completed")
    with holding(database, HELD["the conversation"].format(conversation=conversation.id)) as holder:
        threading.Timer(0.3, holder.connection.rollback).start()
        [report] = database.rows("CALL orbia_tell_order_progress(%s, NULL)", order.id)
    assert report["told"] == 1


def test_who_waits_gives_up_at_the_statements_limit(database):
    order, conversation = opened(database)
    database.set_order_status(order, "completed")
    with holding(database, HELD["the conversation"].format(conversation=conversation.id)):
        begun = time.monotonic()
        [report] = database.rows("SET STATEMENT max_statement_time = 0.25 FOR CALL orbia_tell_order_progress(%s, NULL)",
                                 order.id)
        assert time.monotonic() - begun < 0.9
    assert (report["told"], report["locked"]) == (0, str(order.id))
    assert tell(database)["told"] == 1


def test_a_change_that_is_not_committed_holds_up_neither_the_conversation_nor_the_others(database):
    order, conversation = opened(database)
    other, _ = opened(database)
    database.set_order_status(order, "in_progress")
    with holding(database, "UPDATE orbia_kol_order SET status = 'completed' WHERE id = %s", order.id) as holder:
        database.set_order_status(other, "in_progress")
        assert tell(database)["told"] == 2
        holder.connection.commit()
    tell(database)
    assert told(database, conversation) == steps("confirmed", "in_progress", "completed")


def test_many_orders_behind_one_that_is_locked_are_told_call_by_call(database):
    """Each call goes on where the one before has ended."""
    user, kol = database.user(), database.kol()
    made = [opened(database, user, kol) for _ in range(250)]
    database.execute("UPDATE orbia_kol_order SET status = 'in_progress' WHERE user_id = %s", user.id)
    first, conversation = made[0]
    count, after = 0, None
    with holding(database, HELD["the conversation"].format(conversation=conversation.id)):
        for _ in range(100):
            report = tell(database, after=after)
            count, after = count + report["told"], report["next_after"]
            if after is None:
                break
        assert (count, [row["kol_order_id"] for row in recorded(database)]) == (249, [first.id])


# Failures


def test_an_order_that_fails_is_said_and_keeps_no_other(database):
    bad, bad_conversation = opened(database)
    good, good_conversation = opened(database)
    for order in (bad, good):
        database.set_order_status(order, "completed")
    database.execute("CREATE TRIGGER refuse BEFORE INSERT ON orbia_message FOR EACH ROW BEGIN"
                     f" IF NEW.conversation_id = {bad_conversation.id} THEN"
                     " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test'; END IF; END")
    try:
        report = tell(database)
    finally:
        database.execute("DROP TRIGGER refuse")
    assert (report["told"], report["failed"], report["locked"]) == (1, 1, None)
    assert report["last_error"] == f"order {bad.id}: refused by a test"
    assert told(database, good_conversation) == [("confirmed", "completed")]
    assert tell(database)["told"] == 1
    assert told(database, bad_conversation) == [("confirmed", "completed")]


@contextmanager
def away(database, table):
    database.execute(f"RENAME TABLE {table} TO {table}_away")
    try:
        yield
    finally:
        database.execute(f"RENAME TABLE {table}_away TO {table}")


@contextmanager
def revoked(database, right):
    database.execute(f"REVOKE {right} FROM orbia_conversation_definer@localhost")
    try:
        yield
    finally:
        database.execute(f"GRANT {right} TO orbia_conversation_definer@localhost")


TROUBLES = {
    "the table of records is away": lambda database: away(database, "orbia_order_progress"),
    "the table of features is away": lambda database: away(database, "orbia_conversation_feature"),
    "no right to record": lambda database: revoked(database, "INSERT ON orbia_order_progress"),
    "no right to read features": lambda database: revoked(database, "SELECT ON orbia_conversation_feature"),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_an_error_of_its_own_fails_no_order_and_opens_its_conversation(database, trouble):
    order = database.order(status="pending")
    with trouble(database), database.transaction() as cursor:
        for status in ("confirmed", "in_progress"):
            cursor.execute("UPDATE orbia_kol_order SET status = %s WHERE id = %s", [status, order.id])
        cursor.connection.commit()
    assert database.value("SELECT status FROM orbia_kol_order WHERE id = %s", order.id) == "in_progress"
    assert len(database.conversations_of(order)) == 1


def test_the_platform_sees_its_own_row_count_and_insert_id(database):
    order, _ = opened(database)
    with database.transaction() as cursor:
        cursor.execute("INSERT INTO orbia_user (nickname) VALUES ('新')")
        inserted = cursor.lastrowid
        changed = cursor.execute("UPDATE orbia_kol_order SET status = 'completed' WHERE id = %s", [order.id])
        cursor.execute("SELECT LAST_INSERT_ID() AS id")
        assert (changed, cursor.fetchone()["id"]) == (1, inserted)


# Several at once


def test_several_sessions_tell_each_change_once(database):
    user, kol = database.user(), database.kol()
    made = [opened(database, user, kol) for _ in range(60)]
    for status in ("in_progress", "completed"):
        database.execute("UPDATE orbia_kol_order SET status = %s WHERE user_id = %s", status, user.id)

    def tell_all() -> int:
        count = 0
        while recorded(database):
            report = tell(database)
            assert report["failed"] == 0, report
            count += report["told"]
        return count

    assert sum(all_at_once(*[tell_all] * 4)) == 120
    assert all(told(database, conversation) == steps("confirmed", "in_progress", "completed")
               for _, conversation in made)


@pytest.mark.parametrize("isolation", ["REPEATABLE-READ", "READ-COMMITTED", "SERIALIZABLE"])
def test_transactions_of_any_isolation_change_orders_beside_each_other(database, isolation):
    """Each holds what it has locked while the others go on."""
    before = deadlocks(database)
    made = [opened(database) for _ in range(3)]
    sessions = [database.connect(autocommit=False) for _ in made]
    for session, (order, _) in zip(sessions, made):
        cursor = session.cursor()
        cursor.execute(f"SET SESSION tx_isolation = '{isolation}', innodb_lock_wait_timeout = 1")
        cursor.execute("UPDATE orbia_kol_order SET status = 'in_progress' WHERE id = %s", [order.id])
    for session, (order, _) in zip(reversed(sessions), reversed(made)):
        session.cursor().execute("UPDATE orbia_kol_order SET status = 'completed' WHERE id = %s", [order.id])
        tell(database)
        session.commit()
    tell(database)
    for session in sessions:
        session.close()
    assert all(told(database, conversation) == steps("confirmed", "in_progress", "completed")
               for _, conversation in made)
    assert deadlocks(database) == before
