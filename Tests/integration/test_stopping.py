"""How the service comes to its end: no request is lost, and none is waited for too long."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import PREFIX
from orbia.database_server import ACCOUNT
from orbia.fastcgi import records
from orbia.polling import eventually
from orbia.processes import freeze, thaw
from target import answer
from transactions import wait_for_lock_wait


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture
def service(start_service):
    return start_service(ORBIA_WORKERS="2")


def is_gone(service):
    """It listens no more."""
    eventually(lambda: not service.socket.exists(), within=5, what="its socket is gone")


def request(service, user) -> bytes:
    parameters = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": PREFIX + "get_conversations",
                  "HTTP_AUTHORIZATION": f"Bearer {service.api().token(user)}"}
    return records.request(parameters, b"{}", keep=True)


def test_without_connections_it_stops_at_once(service):
    start = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - start < 10  # it waits for up to 20 s where there are any


def test_kept_connections_are_served_until_the_peer_closes_them(service, user):
    kept = service.kept_api()
    kept.get_conversations(user).success()
    service.signal()
    is_gone(service)
    for _ in range(20):
        kept.get_conversations(user).success()
    assert service.runs
    kept.transport.close()
    assert service.wait(within=10) == 0


def test_idle_connections_are_closed_when_the_time_for_draining_is_over(start_service, user):
    service = start_service(ORBIA_DRAIN_TIMEOUT="500ms")
    kept = service.kept_api()
    kept.get_conversations(user).success()
    service.signal()
    assert service.wait(within=10) == 0
    kept.transport.close()


def test_without_time_for_draining_they_are_closed_at_once(start_service, user):
    service = start_service(ORBIA_DRAIN_TIMEOUT="0s")
    kept = service.kept_api()
    kept.get_conversations(user).success()
    service.signal()
    assert service.wait(within=10) == 0
    kept.transport.close()


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_hastens_it(start_service, user, second):
    service = start_service(ORBIA_DRAIN_TIMEOUT="10m")
    kept = service.kept_api()
    kept.get_conversations(user).success()
    service.signal()
    is_gone(service)
    time.sleep(0.3)
    assert service.runs
    service.signal(second)
    assert service.wait(within=10) == 0
    kept.transport.close()


def test_what_runs_at_the_second_signal_is_finished(service, database, user):
    conversation = database.conversation(user)
    kept = service.kept_api()
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        sending = threads.submit(kept.send_text, user, conversation)
        wait_for_lock_wait(database, ACCOUNT)
        service.signal()
        is_gone(service)
        service.signal()
        cursor.connection.rollback()
        sending.result().success()
    assert service.wait(within=10) == 0
    assert len(database.stored_messages(conversation)) == 1


def test_what_waits_for_a_worker_at_the_signal_is_served(start_service, database, user):
    service = start_service(ORBIA_WORKERS="1", ORBIA_QUEUE_AGE="10s")
    conversation = database.conversation(user)
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        calls = [threads.submit(service.api().send_text, user, conversation) for _ in range(5)]
        eventually(lambda: service.metrics()["orbia_queue_length"] == 4, within=5, what="four wait")
        service.signal()
        is_gone(service)
        cursor.connection.rollback()
        for call in calls:
            call.result().success()
    assert service.wait(within=10) == 0
    assert len(database.stored_messages(conversation)) == 5


def test_who_has_connected_before_the_signal_is_served(service, user):
    """The process stands still while they connect: it has accepted none of them when it learns of the signal."""
    data = request(service, user)
    freeze(service.pid)
    peers = [service.peer() for _ in range(30)]
    for peer in peers:
        peer.send(data)
    service.signal()
    thaw(service.pid)
    for peer in peers:
        answer(peer.reply()).success()
        peer.close()
    assert service.wait(within=10) == 0


def test_a_connection_that_is_idle_at_the_signal_can_still_begin_a_request(service, user):
    with service.peer() as peer:
        answer(peer.ask(request(service, user))).success()
        data = request(service, user)
        peer.send(data[:20])
        service.signal()
        is_gone(service)
        peer.send(data[20:])
        answer(peer.reply()).success()
    assert service.wait(within=10) == 0


def test_a_request_that_does_not_come_to_its_end_is_not_waited_for(start_service, user):
    service = start_service(ORBIA_READ_TIMEOUT="300ms")
    with service.peer() as peer:
        peer.send(request(service, user)[:20])
        service.signal()
        assert service.wait(within=10) == 0


def test_other_signals_stop_nothing(service, user):
    for each in (signal.SIGHUP, signal.SIGUSR1, signal.SIGPIPE):
        service.signal(each)
    service.api().get_conversations(user).success()
    assert service.runs


def test_who_has_connected_and_asks_for_nothing_is_not_waited_for(start_service):
    """They are accepted when the process stops already, and idle connections are closed by then."""
    service = start_service(ORBIA_DRAIN_TIMEOUT="0s", ORBIA_READ_TIMEOUT="300ms", ORBIA_IDLE_TIMEOUT="10m")
    freeze(service.pid)
    peers = [service.peer() for _ in range(20)]
    service.signal()
    thaw(service.pid)
    assert service.wait(within=10) == 0
    for peer in peers:
        peer.close()
