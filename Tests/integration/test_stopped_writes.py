"""A write that the server stops while its commit waits: it is stored, and its caller is told so."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from mariadb import MariaDB
from orbia.polling import eventually
from service import Service, settings_for

# While a routine runs, its definer stands there as the user.
WAITING = "SELECT ID FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for semi-sync ACK%'"


@pytest.fixture(scope="module")
def replicating(make_directory):
    """A primary that is to hear from a replica before it answers a commit, and has none: each commit waits
    behind its storing, until it is stopped."""
    with MariaDB(make_directory(), "--log-bin", "--binlog-format=ROW", "--log-bin-trust-function-creators=1",
                 "--rpl-semi-sync-master-timeout=20000", "--rpl-semi-sync-master-wait-point=AFTER_COMMIT") as server:
        server.create_service_database()
        yield server


@pytest.fixture(scope="module")
def service(replicating, make_directory):
    settings = {**settings_for(replicating, replicating.database()), "ORBIA_WORKERS": "2"}
    with Service(make_directory(), settings).running() as service:
        yield service


@pytest.fixture
def world(replicating, service):
    database = replicating.database()
    writer, reader = database.user(), database.user()
    conversation = database.conversation(writer, reader)
    service.api().send_text(writer, conversation, "vorher").success()
    return SimpleNamespace(database=database, writer=writer, reader=reader, conversation=conversation)


@pytest.fixture
def commits_wait(world):
    world.database.execute("SET GLOBAL rpl_semi_sync_master_enabled = ON")
    yield
    world.database.execute("SET GLOBAL rpl_semi_sync_master_enabled = OFF")


def kill_query(world, call) -> object:
    """The answer to a call whose statement is killed while its commit waits."""
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(call)
        [waiting] = eventually(lambda: world.database.rows(WAITING), within=5, what="a commit waits")
        world.database.execute(f"KILL QUERY {waiting['ID']}")
        return answer.result()


def send(service, world, **key):
    return service.api().send_message(world.writer, conversation_id=world.conversation.id, message_type="text",
                                      content="你好", **key)


def assert_stored_once(world, answer):
    sent = answer.success()
    assert "duplicate" not in sent
    stored = world.database.stored_messages(world.conversation)
    assert [row["content"] for row in stored] == ["vorher", "你好"]
    assert stored[1]["message_id"] == sent["message"]["message_id"]
    assert stored[1]["created_ms"] == sent["message"]["created_at"]
    assert world.database.unread(world.conversation, world.reader) == 2


@pytest.mark.usefixtures("commits_wait")
@pytest.mark.parametrize("key", [{}, {"client_message_id": "mine"}], ids=["no key", "a key"])
def test_a_send_that_is_killed_behind_its_commit(service, world, key):
    assert_stored_once(world, kill_query(world, lambda: send(service, world, **key)))


@pytest.mark.usefixtures("commits_wait")
def test_a_send_that_runs_into_its_limit_behind_its_commit(service, world):
    assert_stored_once(world, send(service, world))


@pytest.mark.usefixtures("commits_wait")
@pytest.mark.parametrize("up_to", [False, True], ids=["all", "up to a time"])
def test_a_mark_that_is_killed_behind_its_commit(service, world, up_to):
    newest = world.database.stored_messages(world.conversation)[-1]["created_ms"]
    body = {"read_up_to": newest} if up_to else {}
    answer = kill_query(
        world, lambda: service.api().mark_read(world.reader, conversation_id=world.conversation.id, **body))
    assert answer.success() == {"unread_count": 0}
    assert world.database.unread(world.conversation, world.reader) == 0


@pytest.mark.usefixtures("commits_wait")
def test_the_settling_knows_another_message_with_the_same_key(service, world, replicating):
    """What stands there under the key is not what this send says: it is refused as ever."""
    world.database.execute("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
    service.api().send_message(world.writer, conversation_id=world.conversation.id, message_type="text",
                               content="etwas anderes", client_message_id="mine").success()
    world.database.execute("SET GLOBAL rpl_semi_sync_master_enabled = ON")
    send(service, world, client_message_id="mine").error(409)
