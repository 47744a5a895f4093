"""What a server is configured to, and no session can overcome: named with its remedy, and 503, never 500."""

import pytest

from mariadb import MariaDB
from orbia.database_server import ACCOUNT
from orbia.polling import eventually
from service import Service, run, settings_for


@pytest.fixture(scope="module")
def logging_server(make_directory):
    """With a binary log, whose format matters."""
    with MariaDB(make_directory(), "--log-bin", "--binlog-format=ROW", "--log-bin-trust-function-creators=1") as server:
        server.create_service_database()
        yield server


@pytest.fixture(scope="module")
def service(logging_server, make_directory):
    service = Service(make_directory(), settings_for(logging_server, logging_server.database()))
    service.start()
    eventually(lambda: service.page("/readyz").json == {"status": "ok"}, within=5, what="it is ready")
    yield service
    assert service.stop() == 0


def renew_connections(database):
    for row in database.rows("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s", ACCOUNT):
        database.execute(f"KILL {row['ID']}")


@pytest.fixture(params=[
    ("read_only", "ON", "OFF"),
    ("binlog_format", "STATEMENT", "ROW"),
    ("max_allowed_packet", "65536", "16777216"),
], ids=lambda param: param[0])
def obstacle(request, logging_server):
    """A variable that is set so that it is in the way."""
    variable, bad, good = request.param
    database = logging_server.database()
    database.execute(f"SET GLOBAL {variable} = {bad}")
    renew_connections(database)
    yield variable
    database.execute(f"SET GLOBAL {variable} = {good}")
    renew_connections(database)


@pytest.fixture
def world(logging_server, service):
    """Made before the obstacle is, and when nothing is left of the one before."""
    eventually(lambda: service.page("/readyz").json == {"status": "ok"}, within=10, what="it is ready")
    database = logging_server.database()
    user = database.user()
    return user, database.conversation(user)


LONGEST = "长" * 21_845


def test_it_is_named_and_writes_are_503(world, obstacle, service, logging_server):
    user, conversation = world
    service.api().send_text(user, conversation, LONGEST).error(503)
    # A request may meet it before a probe does, and knows no more than the error.
    page = eventually(lambda: (page := degraded(service)).get("remedy") and page, within=10, what="it is named")
    assert obstacle in page["reason"] and obstacle in page["remedy"]
    assert service.page("/readyz").status == 200
    # What does not write goes on.
    service.api().get_messages(user, conversation_id=conversation.id).success()
    service.api().get_conversation(user, conversation_id=conversation.id).success()
    service.api().get_conversations(user).success()
    done = run("check", **settings_for(logging_server, logging_server.database()))
    assert done.returncode == 1
    assert f"wrong server: {obstacle}" in done.stdout and "to mend it: SET GLOBAL" in done.stdout
    metrics = service.metrics()
    assert [value for name, value in metrics.items() if name.startswith("orbia_database_host_up")] == [0]
    assert [value for name, value in metrics.items() if name.startswith("orbia_database_host_in_use")] == [1]


def degraded(service) -> dict:
    page = service.page("/readyz").json
    return page if page["status"] == "degraded" else {}


def test_all_is_well_again_without_it(world, service):
    """Behind the tests with obstacles."""
    user, conversation = world
    eventually(lambda: service.api().send_text(user, conversation, LONGEST).status == 200, within=5,
               what="it can be sent")
    eventually(lambda: service.page("/readyz").json == {"status": "ok"}, within=10, what="it is ready")
