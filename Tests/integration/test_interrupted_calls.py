"""A send or mark that is stopped half-way leaves nothing of its transaction, whatever stopped it."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from orbia.polling import eventually
from service import Service, settings_for
from transactions import open_transactions, wait_for_lock_wait


@pytest.fixture(scope="module")
def database(server, quiet_database):
    database = server.create_service_database("interrupted_calls")
    return database


@pytest.fixture(scope="module")
def service(server, database, make_directory):
    """One worker: the next request runs on the connection that the failed call was on.

    It is that next request's START TRANSACTION which would commit a half that was left open.
    """
    with Service(make_directory(), {**settings_for(server, database), "ORBIA_WORKERS": "1"}).running() as service:
        yield service


@pytest.fixture
def world(database):
    """A conversation in which the reader has something to read already."""
    writer, reader = database.user(), database.user()
    conversation = database.conversation(writer, reader)
    database.execute("UPDATE orbia_conversation_member SET unread_count = 7"
                     " WHERE conversation_id = %s AND user_id = %s", conversation.id, reader.id)
    return SimpleNamespace(writer=writer, reader=reader, conversation=conversation)


# Rows that a call needs, each locked by somebody else

LOCKED = {
    "the conversation": "SELECT * FROM orbia_conversation WHERE id = {conversation} FOR UPDATE",
    "a member": "SELECT * FROM orbia_conversation_member WHERE conversation_id = {conversation}"
                " AND user_id = {reader} FOR UPDATE",
    "all members": "SELECT * FROM orbia_conversation_member WHERE conversation_id = {conversation}"
                   " FOR UPDATE",
    "the sender's user row": "SELECT * FROM orbia_user WHERE id = {writer} FOR UPDATE",
    "the end of the messages": "SELECT * FROM orbia_message WHERE conversation_id = {conversation}"
                               " FOR UPDATE",
}


def send(service, world):
    return service.api().send_text(world.writer, world.conversation)


def mark(service, world):
    return service.api().mark_read(world.reader, conversation_id=world.conversation.id)


CALLS = [(send, locked) for locked in LOCKED] + [
    (mark, locked) for locked in ("the conversation", "a member", "all members")]


@pytest.fixture(params=CALLS, ids=lambda case: f"{case[0].__name__} and {case[1]}")
def stuck(request, service, database, world):
    """A call that waits for a row which a transaction of somebody else's holds."""
    call, locked = request.param
    lock = LOCKED[locked].format(conversation=world.conversation.id, writer=world.writer.id,
                                 reader=world.reader.id)
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute(lock)
        answer = threads.submit(call, service, world)
        waiting = wait_for_lock_wait(database, database.account)
        yield SimpleNamespace(answer=answer, thread=waiting.thread, call=call,
                              release=cursor.connection.rollback)


def assert_nothing_remains(database, world):
    """No row changed, and no transaction of the service's is open."""
    assert database.stored_messages(world.conversation) == []
    assert database.stored_conversation(world.conversation)["last_message_at"] is None
    unread = [database.unread(world.conversation, user) for user in (world.writer, world.reader)]
    assert unread == [0, 7]
    assert database.member(world.conversation, world.reader)["last_read_at"] is None
    eventually(lambda: open_transactions(database, database.account) == [], within=1,
               what="no transaction of the service's is open")


def assert_the_next_call_works(service, database, world, call):
    """And it alone has an effect: nothing of the one before is committed with it."""
    call(service, world).success()
    sent = 1 if call is send else 0
    assert len(database.stored_messages(world.conversation)) == sent
    assert database.unread(world.conversation, world.reader) == (8 if sent else 0)


def assert_refused(answer):
    answer.error(503)
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_lock_time_out(service, database, world, stuck):
    """After innodb_lock_wait_timeout, 1 s in the service's sessions."""
    assert_refused(stuck.answer.result())
    assert_nothing_remains(database, world)
    stuck.release()
    assert_the_next_call_works(service, database, world, stuck.call)


def test_a_lock_that_outlasts_one_attempt_is_waited_for_by_the_next(database, world, stuck):
    time.sleep(1.25)  # the first gives up after 1 s, and what is left of 3 s is enough for another
    stuck.release()
    stuck.answer.result().success()
    sent = 1 if stuck.call is send else 0
    assert len(database.stored_messages(world.conversation)) == sent
    assert database.unread(world.conversation, world.reader) == (8 if sent else 0)


def test_a_query_that_is_killed(service, database, world, stuck):
    database.execute(f"KILL QUERY {stuck.thread}")
    assert_refused(stuck.answer.result())
    assert_nothing_remains(database, world)
    stuck.release()
    assert_the_next_call_works(service, database, world, stuck.call)


@pytest.mark.parametrize("how", ["HARD", "SOFT"])
def test_a_connection_that_is_killed(service, database, world, stuck, how):
    database.execute(f"KILL {how} CONNECTION {stuck.thread}")
    assert_refused(stuck.answer.result())
    assert_nothing_remains(database, world)
    stuck.release()
    assert_the_next_call_works(service, database, world, stuck.call)


def test_a_lock_that_is_released_in_time_is_only_waited_for(database, world, stuck):
    stuck.release()
    stuck.answer.result().success()
    sent = 1 if stuck.call is send else 0
    assert len(database.stored_messages(world.conversation)) == sent
    assert database.unread(world.conversation, world.reader) == (8 if sent else 0)


# Errors that need no second transaction


@pytest.fixture
def refusing_trigger(database):
    """Makes a table refuse what a call does to it, late in the call's transaction."""
    made = []

    def refuse(event, table):
        database.execute(f"CREATE TRIGGER refuse_{len(made)} {event} ON {table} FOR EACH ROW"
                         " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test'")
        made.append(f"refuse_{len(made)}")

    yield refuse
    for name in made:
        database.execute(f"DROP TRIGGER IF EXISTS {name}")


@pytest.mark.parametrize("call, event, table", [
    (send, "BEFORE INSERT", "orbia_message"),
    (send, "AFTER INSERT", "orbia_message"),
    (send, "BEFORE UPDATE", "orbia_conversation_member"),
    (send, "AFTER UPDATE", "orbia_conversation_member"),
    (send, "BEFORE UPDATE", "orbia_conversation"),
    (mark, "BEFORE UPDATE", "orbia_conversation_member"),
    (mark, "AFTER UPDATE", "orbia_conversation_member"),
])
def test_an_error_in_any_of_its_statements(service, database, world, refusing_trigger, call, event,
                                           table):
    refusing_trigger(event, table)
    answer = call(service, world)
    message = answer.error(500)
    assert "refused by a test" not in message
    assert_nothing_remains(database, world)
    database.execute("DROP TRIGGER refuse_0")
    assert_the_next_call_works(service, database, world, call)


@pytest.fixture
def hasty_server(database):
    """Stops statements that take longer than half a second; shorter than the lock time-out."""
    def renew_connections():
        for row in database.rows("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s"
                                 " AND DB = %s", database.account, database.name):
            database.execute(f"KILL {row['ID']}")

    database.execute("SET GLOBAL max_statement_time = 0.5")
    renew_connections()
    yield
    database.execute("SET GLOBAL max_statement_time = 0")
    renew_connections()


@pytest.mark.usefixtures("hasty_server")
def test_a_statement_that_takes_too_long(service, database, world, stuck):
    assert_refused(stuck.answer.result())
    assert_nothing_remains(database, world)
    stuck.release()
    assert_the_next_call_works(service, database, world, stuck.call)


# What becomes of the other callers


@pytest.mark.parametrize("stuck", [(send, "the conversation")], ids=["send"], indirect=True)
def test_a_connection_killed_after_a_long_wait_is_not_taken_for_a_dead_database(
        service, database, world, stuck):
    """Nobody else has asked meanwhile: all that the service knows is that this wait was long."""
    began = time.monotonic()
    eventually(lambda: time.monotonic() - began > 0.6, within=1, what="the wait is long")
    database.execute(f"KILL {stuck.thread}")
    assert_refused(stuck.answer.result())
    service.api().get_conversations(world.reader).success()
    stuck.release()
    assert_the_next_call_works(service, database, world, stuck.call)


def test_a_locked_conversation_keeps_nobody_from_the_others(server, database, world,
                                                            make_directory):
    service = Service(make_directory(), settings_for(server, database))
    service.start()
    other = database.conversation(world.writer)
    try:
        with database.transaction() as cursor, ThreadPoolExecutor() as threads:
            cursor.execute(LOCKED["the conversation"].format(conversation=world.conversation.id))
            sending = threads.submit(send, service, world)
            wait_for_lock_wait(database, database.account)
            while not sending.done():
                service.api().send_text(world.writer, other).success()
                service.api().get_conversations(world.reader).success()
                service.api().get_messages(
                    world.reader, conversation_id=world.conversation.id).success()
            assert_refused(sending.result())
    finally:
        service.stop()


def test_a_send_that_was_answered_with_503_is_not_stored_afterwards(service, database, world):
    """Waiting for a table ends before the caller's patience: what is refused stays undone."""
    with database.transaction() as cursor:
        cursor.execute("LOCK TABLES orbia_message WRITE")
        assert_refused(send(service, world))
        cursor.execute("UNLOCK TABLES")
    assert_nothing_remains(database, world)
    assert_the_next_call_works(service, database, world, send)


def test_waits_that_are_short_each_and_long_together(service, database, world):
    """Three rows, each held for less than a lock may be waited for."""
    held = [LOCKED[name].format(conversation=world.conversation.id, writer=world.writer.id,
                                reader=world.reader.id)
            for name in ("the conversation", "the end of the messages", "a member")]
    with database.transaction() as first, database.transaction() as second, \
            database.transaction() as third, ThreadPoolExecutor() as threads:
        for cursor, lock in zip((third, second, first), reversed(held)):
            cursor.execute(lock)
        answer = threads.submit(send, service, world)
        for cursor in (first, second):
            wait_for_lock_wait(database, database.account)
            time.sleep(0.85)  # shorter than the lock wait's 1 s; twice and more is past the limit
            cursor.connection.rollback()
        assert_refused(answer.result())
    assert_nothing_remains(database, world)
    assert_the_next_call_works(service, database, world, send)


def test_an_account_that_is_locked_is_a_database_out_of_reach(service, database, world):
    database.execute(f"ALTER USER `{database.account}`@'localhost' ACCOUNT LOCK")
    try:
        for row in database.rows("SELECT id FROM information_schema.PROCESSLIST WHERE user = %s", database.account):
            database.execute(f"KILL {row['id']}")
        assert_refused(send(service, world))
    finally:
        database.execute(f"ALTER USER `{database.account}`@'localhost' ACCOUNT UNLOCK")
    assert_the_next_call_works(service, database, world, send)
