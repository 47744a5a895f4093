"""An administrator kills all connections of the account, among them those that are just being made."""

import pytest

from mariadb import MariaDB
from orbia.database_server import ACCOUNT
from orbia.polling import eventually
from service import Service, settings_for


@pytest.fixture(scope="module")
def server(make_directory):
    with MariaDB(make_directory()) as server:
        server.create_service_database()
        yield server


@pytest.fixture
def kill_next(server):
    """Has the next connections of the account killed as they begin, so many of them; the ones that are there, too."""
    database = server.database()
    database.execute("CREATE OR REPLACE TABLE killed (n INT)")
    database.execute("INSERT INTO killed VALUES (0)")
    database.execute("""
        CREATE OR REPLACE DEFINER = root@localhost PROCEDURE kill_itself() SQL SECURITY DEFINER
        BEGIN
            UPDATE killed SET n = n - 1 WHERE n > 0;
            IF ROW_COUNT() > 0 THEN KILL CONNECTION_ID(); END IF;
        END""")
    database.execute(f"GRANT EXECUTE ON PROCEDURE kill_itself TO {ACCOUNT}@localhost")
    database.execute(f"SET GLOBAL init_connect = 'CALL {database.name}.kill_itself()'")

    def kill(count):
        database.execute("UPDATE killed SET n = %s", count)
        for row in database.rows("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s", ACCOUNT):
            database.execute(f"KILL {row['ID']}")

    kill.left = lambda: database.value("SELECT n FROM killed")
    yield kill
    database.execute("SET GLOBAL init_connect = ''")


def test_a_connection_that_is_killed_as_it_is_made_is_no_fault_of_the_host(server, make_directory, kill_next):
    database = server.database()
    user = database.user()
    conversation = database.conversation(user)
    with Service(make_directory(), {**settings_for(server, database), "ORBIA_WORKERS": "1"}).running() as service:
        api = service.kept_api()
        api.send_text(user, conversation).success()
        for _ in range(5):
            # The worker's connection and the keeper's, whichever comes first.
            kill_next(1)
            api.send_text(user, conversation).success()
            eventually(lambda: kill_next.left() == 0, within=5, what="one was killed")
            api.send_text(user, conversation).success()
        assert "is out" not in service.log()
        # The keeper's first probe may be among those that were killed.
        eventually(lambda: service.page("/readyz").json == {"status": "ok"}, within=10, what="it is ready")
