"""A connection that is lost before, during or behind a commit: what was asked for has happened once, or not at all."""

from itertools import product
from types import SimpleNamespace

import pytest

from fault_proxy import FaultProxy
from orbia.polling import eventually
from service import Service, settings_for

MOMENTS = ["before", "during", "after"]


@pytest.fixture(scope="module")
def database(server, quiet_database):
    database = server.create_service_database("settled_writes")
    return database


@pytest.fixture(scope="module")
def proxy(server):
    proxy = FaultProxy(server.socket)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def service(server, database, proxy, make_directory):
    """One worker: the executions that the proxy counts are those of one request after another."""
    settings = {**settings_for(server, database), "MYSQL_SOCKET": "", "MYSQL_HOST": f"127.0.0.1:{proxy.port}",
                "ORBIA_WORKERS": "1", "ORBIA_STATUS_LISTEN": "off"}
    with Service(make_directory(), settings).running() as service:
        yield service


@pytest.fixture
def world(database):
    writer, reader = database.user(), database.user()
    return SimpleNamespace(writer=writer, reader=reader, conversation=database.conversation(writer, reader))


@pytest.fixture
def call(service, proxy, world):
    """Calls with faults on the way; all of them must come to pass."""
    def call(method, faults, user=None, **body):
        # The back-fill's own call is over by now, and the worker has its connection.
        eventually(lambda: "back-fill" in service.log() or proxy.executions > 0, within=10, what="it has started")
        service.api().get_conversations(world.writer).success()
        proxy.faults[:] = faults
        answer = getattr(service.api(), method)(user or world.writer, conversation_id=world.conversation.id, **body)
        left, proxy.faults[:] = list(proxy.faults), []
        return answer, left

    return call


def text(key=None) -> dict:
    return {"message_type": "text", "content": "你好"} | ({"client_message_id": key} if key else {})


def assert_sent_once(database, world, answer):
    sent = answer.success()
    assert "duplicate" not in sent
    [stored] = database.stored_messages(world.conversation)
    assert stored["message_id"] == sent["message"]["message_id"]
    assert database.unread(world.conversation, world.reader) == 1


@pytest.mark.parametrize("key", [None, "the client's own"])
@pytest.mark.parametrize("faults", [*product(MOMENTS), *product(MOMENTS, MOMENTS), ("after",) * 4],
                         ids="-".join)
def test_a_send_is_settled_by_its_key(database, world, call, faults, key):
    answer, left = call("send_message", faults, **text(key))
    assert left == []
    assert_sent_once(database, world, answer)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_mark_is_made_again(database, world, call, service, moment):
    service.api().send_text(world.writer, world.conversation).success()
    answer, left = call("mark_read", [moment, moment], user=world.reader)
    assert left == []
    assert answer.success() == {"unread_count": 0}
    assert database.unread(world.conversation, world.reader) == 0


@pytest.mark.parametrize("faults", [*product(MOMENTS), *product(MOMENTS, MOMENTS)], ids="-".join)
def test_a_recall_is_settled_by_its_message(database, world, call, service, faults):
    message = service.api().send_text(world.writer, world.conversation).success()["message"]["message_id"]
    answer, left = call("recall_message", faults, message_id=message)
    assert left == []
    recalled, told = database.stored_messages(world.conversation)
    assert recalled["recalled_at"] and told["message_id"] == answer.success()["message"]["message_id"]
    assert database.unread(world.conversation, world.reader) == 0


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("method", ["get_messages", "get_conversation"])
def test_a_read_is_run_again_from_its_beginning(database, world, call, service, method, moment, place):
    service.api().send_text(world.writer, world.conversation).success()
    answer, left = call(method, [None] * place + [moment])
    assert left == []
    assert answer.success()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_send_that_cannot_be_settled_is_a_503_and_safe_to_repeat(database, world, call, service, moment):
    answer, _ = call("send_message", [moment] * 50, **text("mine"))
    answer.error(503)
    assert answer.headers["Retry-After"] == "1"
    again = service.api().send_message(world.writer, conversation_id=world.conversation.id, **text("mine")).success()
    assert again.get("duplicate", False) is (moment != "before")
    assert len(database.stored_messages(world.conversation)) == 1
    assert database.unread(world.conversation, world.reader) == 1


def test_the_attempts_are_bounded(world, call, proxy):
    before = proxy.executions
    call("send_message", ["before"] * 50, **text("bounded"))
    assert proxy.executions - before < 20


def test_a_refusal_is_not_tried_again(database, world, call, proxy):
    database.update_conversation(world.conversation, status="closed")
    before = proxy.executions
    answer, _ = call("send_message", [], **text())
    answer.error(400)
    # One for the list that the fixture asks for, and one for the send.
    assert proxy.executions - before <= 4
