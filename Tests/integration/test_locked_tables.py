"""An ALTER that waits, or a table that is locked: reads of it are refused quickly, others are served as ever."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from orbia.polling import eventually
from service import Service, settings_for

WORKERS = 4


@pytest.fixture(scope="module")
def database(server, quiet_database):
    database = server.create_service_database("locked_tables")
    return database


@pytest.fixture(scope="module")
def service(server, database, make_directory):
    settings = {**settings_for(server, database), "ORBIA_WORKERS": str(WORKERS)}
    with Service(make_directory(), settings).running() as service:
        yield service


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture
def conversation(database, user):
    conversation = database.conversation(user)
    database.message(conversation, user, "你好")
    return conversation


@contextmanager
def a_waiting_alter(database):
    """Behind an open transaction that has read orbia_message; it gives up when the block ends."""
    with database.transaction() as reading, ThreadPoolExecutor() as threads:
        reading.execute("SELECT COUNT(*) FROM orbia_message")
        altering = threads.submit(
            database.execute, "ALTER TABLE orbia_message COMMENT = '', ALGORITHM = INPLACE, LOCK = NONE")
        eventually(lambda: database.rows(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = %s AND INFO LIKE 'ALTER TABLE%%'"
            " AND STATE LIKE '%%metadata lock%%'", database.name), within=5, what="the ALTER waits")
        yield
        reading.connection.rollback()
        altering.result()


def seconds_of(call) -> tuple:
    began = time.monotonic()
    answer = call()
    return answer, time.monotonic() - began


def test_a_read_of_the_table_is_refused_quickly(service, database, user, conversation):
    get = service.api().get_messages
    get(user, conversation_id=conversation.id).success()
    with a_waiting_alter(database):
        for _ in range(5):
            answer, seconds = seconds_of(lambda: get(user, conversation_id=conversation.id))
            answer.error(503)
            assert answer.headers["Retry-After"] == "1"
            assert seconds < 0.8
    eventually(lambda: get(user, conversation_id=conversation.id).status == 200, within=2, what="it is read again")


@pytest.mark.parametrize("is_in_one", [True, False], ids=["one conversation", "all"])
def test_a_search_is_refused_quickly(service, database, user, conversation, is_in_one):
    body = {"query": "你好", **({"conversation_id": conversation.id} if is_in_one else {})}

    def search():
        return service.api().search_messages(user, **body)

    assert len(search().success()["messages"]) == 1
    with a_waiting_alter(database):
        for _ in range(5):
            answer, seconds = seconds_of(search)
            answer.error(503)
            assert seconds < 0.8
    eventually(lambda: search().status == 200, within=2, what="it is searched again")


def test_most_are_refused_at_once(service, database, user, conversation):
    """One in a quarter of a second finds out for all: nobody else waits, or asks the database."""
    with a_waiting_alter(database):
        ended, quick = time.monotonic() + 1.5, 0
        total = 0
        while time.monotonic() < ended:
            answer, seconds = seconds_of(lambda: service.api().get_messages(user, conversation_id=conversation.id))
            answer.error(503)
            total += 1
            quick += seconds < 0.1
        assert total - quick < 10 < quick


def test_reads_of_other_tables_keep_their_workers(service, database, user, conversation):
    """Twice as many clients ask for the locked table as there are workers."""
    get_conversation = service.api().get_conversation
    get_conversation(user, conversation_id=conversation.id).success()
    with a_waiting_alter(database), ThreadPoolExecutor(2 * WORKERS) as threads:
        ended = time.monotonic() + 2

        def ask_for_messages():
            while time.monotonic() < ended:
                service.api().get_messages(user, conversation_id=conversation.id).error(503)

        asking = [threads.submit(ask_for_messages) for _ in range(2 * WORKERS)]
        slowest = 0
        while time.monotonic() < ended:
            answer, seconds = seconds_of(lambda: get_conversation(user, conversation_id=conversation.id))
            answer.success()
            slowest = max(slowest, seconds)
        for each in asking:
            each.result()
    # They waited for none of the workers that found the table locked.
    assert slowest < 0.8


def test_a_read_does_not_notice_a_lock_of_a_moment(service, database, user, conversation):
    get = service.api().get_messages
    eventually(lambda: get(user, conversation_id=conversation.id).status == 200, within=2, what="it is read")
    with database.connect().cursor() as locking, ThreadPoolExecutor() as threads:
        locking.execute("LOCK TABLES orbia_message WRITE")
        reading = threads.submit(get, user, conversation_id=conversation.id)
        time.sleep(0.03)
        locking.execute("UNLOCK TABLES")
        reading.result().success()
