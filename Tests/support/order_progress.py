"""The progress of orders, as tests turn it on, change it, and find it told."""

import json

from database import Conversation, Database, Order


def turn_on(database: Database):
    database.execute("CALL orbia_order_progress_on()")


def turn_off(database: Database):
    database.execute("CALL orbia_order_progress_off()")


def opened(database: Database, *people, **columns) -> tuple[Order, Conversation]:
    """A confirmed order, and its conversation; `people` are its user and KOL."""
    order = database.order(*people, status="confirmed", **columns)
    return order, conversation_of(database, order)


def conversation_of(database: Database, order: Order) -> Conversation:
    [row] = database.conversations_of(order)
    return Conversation(row["id"], row["conversation_id"])


def recorded(database: Database) -> list:
    """The changes that are recorded and not told."""
    return database.rows("SELECT * FROM orbia_order_progress ORDER BY id")


def tell(database: Database, order=None, after=None) -> dict:
    """One call of what the service calls, as its session makes it."""
    connection = database.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION tx_isolation = 'READ-COMMITTED'")
            cursor.execute("SET STATEMENT innodb_lock_wait_timeout = 0 FOR CALL orbia_tell_order_progress(%s, %s)",
                           [order and order.id, after])
            return cursor.fetchone()
    finally:
        connection.close()


def told(database: Database, conversation: Conversation) -> list:
    """The changes that stand in a conversation, in its order: pairs of statuses."""
    return [(event["from"], event["to"]) for event in events(database, conversation)]


def events(database: Database, conversation: Conversation) -> list:
    return [json.loads(row["event"]) for row in database.stored_messages(conversation)
            if row["message_type"] == "system"]


def steps(*statuses: str) -> list:
    """What is told of an order that goes through these."""
    return list(zip(statuses, statuses[1:]))


def deadlocks(database: Database) -> int:
    """How many InnoDB has found since the server started."""
    return database.value("SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'")
