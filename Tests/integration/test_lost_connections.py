"""A database connection that was killed or dropped is replaced, and the caller does not notice."""


import pytest

from orbia.paths import SCHEMA
from orbia.polling import eventually
from service import Service, settings_for

READS = ["get_messages", "get_conversation", "get_conversations"]
WRITES = {"send_message": {"message_type": "text", "content": "你好"}, "mark_read": {}}


@pytest.fixture(scope="module")
def database(server, quiet_database):
    database = server.create_service_database("lost_connections")
    return database


@pytest.fixture(scope="module")
def service(server, database, make_directory):
    """One worker, so that it is its connection that a test has killed."""
    with Service(make_directory(), {**settings_for(server, database), "ORBIA_WORKERS": "1"}).running() as service:
        yield service


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture
def conversation(database, user):
    return database.conversation(user, database.user())


@pytest.fixture
def call(service, user, conversation):
    """Calls a route with a body that is good for it."""
    def call(route):
        body = {"conversation_id": conversation.id, **WRITES.get(route, {})}
        return service.api().post(user, route, body)

    call("get_conversations").success()  # the worker has its connection
    return call


def connections(database) -> list:
    return [row["ID"] for row in database.rows(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s AND DB = %s",
        database.account, database.name)]


def kill_all(database, how="CONNECTION"):
    """All that are there; the keeper of the service's makes itself a new one within a second."""
    killed = connections(database)
    for connection in killed:
        database.execute(f"KILL {how} {connection}")
    eventually(lambda: not set(killed) & set(connections(database)), within=5, what="the connections are gone")


@pytest.mark.parametrize("how", ["CONNECTION", "SOFT CONNECTION", "HARD CONNECTION"])
@pytest.mark.parametrize("route", READS)
def test_a_read_after_its_connection_was_killed(database, call, route, how):
    kill_all(database, how)
    call(route).success()


def test_a_read_after_each_of_many_kills(database, call):
    for _ in range(20):
        kill_all(database)
        call("get_messages").success()


@pytest.mark.parametrize("route", WRITES)
def test_a_write_after_its_connection_was_killed_is_done_once_or_refused(
        database, call, conversation, route):
    kill_all(database)
    answer = call(route)
    if answer.status != 200:
        answer.error(503)
    sent = 1 if route == "send_message" and answer.status == 200 else 0
    assert len(database.stored_messages(conversation)) == sent
    call(route).success()


@pytest.fixture
def impatient_server(database):
    """Drops connections that were idle for a second."""
    patience = database.value("SELECT @@GLOBAL.wait_timeout")
    database.execute("SET GLOBAL wait_timeout = 1")
    kill_all(database)  # the setting is for new connections
    yield
    database.execute("SET GLOBAL wait_timeout = %s", patience)
    kill_all(database)


def dropped(database):
    """Returns when the worker's idle connection is gone; the keeper's is not idle for a second."""
    eventually(lambda: len(connections(database)) <= 1, within=5, what="the connection was dropped")


@pytest.mark.usefixtures("impatient_server")
@pytest.mark.parametrize("route", READS)
def test_a_read_after_the_server_dropped_the_idle_connection(database, call, route):
    dropped(database)
    call(route).success()


@pytest.mark.usefixtures("impatient_server")
@pytest.mark.parametrize("route", WRITES)
def test_a_write_after_the_server_dropped_the_idle_connection_is_done_once_or_refused(
        database, call, conversation, route):
    dropped(database)
    answer = call(route)
    if answer.status != 200:
        answer.error(503)
    sent = 1 if route == "send_message" and answer.status == 200 else 0
    assert len(database.stored_messages(conversation)) == sent
    call(route).success()


def test_a_new_connection_speaks_as_the_first_one_did(database, call, conversation, user):
    """Character set and time zone are set anew: text and times come back as they were sent."""
    database.message(conversation, user, "你好 😀", at=1_698_765_432_123)
    before = call("get_messages").success(), call("get_conversation").success()
    kill_all(database)
    assert (call("get_messages").success(), call("get_conversation").success()) == before


def test_statements_are_prepared_anew_after_the_schema_was_loaded_again(database, call):
    """schema.sql replaces the routines under a running service."""
    call("send_message").success()
    database.load(SCHEMA)
    for route in [*READS, *WRITES]:
        call(route).success()
