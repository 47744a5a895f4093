"""The platform's database around schema-remove.sql: what is used, who works meanwhile, and what has to be as before."""

import re
import threading

import pymysql

from layout import TABLES
from orbia.polling import eventually


def definitions(database) -> dict:
    """SHOW CREATE TABLE of the platform's tables, without the next id."""
    return {table: re.sub(r" AUTO_INCREMENT=\d+", "", database.row(f"SHOW CREATE TABLE {table}")["Create Table"])
            for table in TABLES}


def with_milliseconds(before: dict) -> dict:
    """Two times keep what schema.sql has widened them to, since their milliseconds would be lost."""
    after = dict(before)
    for table, column in (("orbia_conversation", "last_message_at"), ("orbia_conversation_member", "last_read_at")):
        after[table] = after[table].replace(f"`{column}` timestamp NULL", f"`{column}` timestamp(3) NULL")
        assert after[table] != before[table]
    return after


def use(database):
    """Something of everything that the service writes."""
    order = database.order(status="pending")
    database.execute("CALL orbia_order_progress_on()")
    database.set_order_status(order, "confirmed")
    database.set_order_status(order, "in_progress")
    conversation = database.conversation(order.user, order.kol.user)
    send = "CALL orbia_post_message(%s, %s, NULL, 'text', %s, NULL, NULL, NULL, %s, %s, FALSE)"
    [first] = database.rows(send, order.user.id, conversation.id, "一", "key 1", None)
    [second] = database.rows(send, order.kol.user.id, conversation.id, "二", "key 2", first["message_id"])
    assert (first["outcome"], second["outcome"]) == ("sent", "sent")
    database.rows("CALL orbia_mark_read(%s, %s, NULL, NULL)", order.user.id, conversation.id)
    [recalled] = database.rows("CALL orbia_recall_message(%s, %s, NULL, %s, 60000, 60000)",
                               order.user.id, conversation.id, first["message_id"])
    assert recalled["outcome"] == "recalled"


def work_as_the_platform(database):
    """What the platform's programs and its staff do, each with plain statements of their own."""
    order = database.order(status="pending_payment")
    for status in ("pending", "confirmed", "in_progress", "completed"):
        database.set_order_status(order, status)
    database.execute("UPDATE orbia_kol_order SET deleted_at = NOW() WHERE id = %s", order.id)
    # The platform's own code inserts the conversation of an order where there is none; a trigger may have been first.
    try:
        opened = database.conversation(order.user, order.kol.user, type="kol_order", related_order_type="kol_order",
                                       related_order_id=order.order_id)
    except pymysql.err.IntegrityError as error:
        assert error.args[0] == 1062
    else:
        database.update_conversation(opened, status="closed")
    conversation = database.conversation(order.user, type="support")
    staff = database.user("客服")
    database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id, role) VALUES (%s, %s, 'admin')",
                     conversation.id, staff.id)
    message = database.message(conversation, staff, "您好")
    database.update_conversation(conversation, last_message_at="2026-01-01 00:00:00", title="改了")
    database.execute("UPDATE orbia_conversation_member SET unread_count = unread_count + 1, last_read_at = NOW()"
                     " WHERE conversation_id = %s", conversation.id)
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE message_id = %s", message)
    assert [row["content"] for row in database.stored_messages(conversation)] == ["您好"]
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     conversation.id, staff.id)
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", conversation.id)
    gone = database.conversation(order.user)
    database.message(gone, order.user)
    database.execute("DELETE FROM orbia_conversation WHERE id = %s", gone.id)


class Platform:
    """The platform at work for as long as the block lasts."""

    def __init__(self, database):
        self._database, self._stopped = database, threading.Event()
        self.errors, self.rounds = [], 0
        self._threads = [threading.Thread(target=self._work) for _ in range(2)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        eventually(lambda: self.rounds or self.errors, within=10, what="it works")
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _work(self):
        while not self._stopped.is_set():
            try:
                work_as_the_platform(self._database)
            except Exception as error:
                self.errors.append(error)
            self.rounds += 1


def what_is_ours(database) -> list:
    """Names of what schema.sql has made in the database or for it."""
    platforms = ", ".join(f"'{table}'" for table in TABLES)
    return [next(iter(row.values())) for row in database.rows(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        " UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"
        " UNION ALL SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
        f"   AND TABLE_NAME NOT IN ({platforms})"
        " UNION ALL SELECT CONCAT(User, ' on ', Table_name) FROM mysql.tables_priv WHERE Db = DATABASE()"
        " UNION ALL SELECT CONCAT(User, ' on ', Routine_name) FROM mysql.procs_priv WHERE Db = DATABASE()"
        " UNION ALL SELECT User FROM mysql.global_priv WHERE User = CONCAT('orbia_conversation_app_', DATABASE())")]


def platforms_columns(found: dict) -> dict:
    """Rows without the columns of our own."""
    own = {"has_quotes", "last_activity_at", "conversation_type", "client_message_id", "event", "reply_to",
           "recalled_at"}
    return {table: [{name: value for name, value in row.items() if name not in own} for row in each]
            for table, each in found.items()}
