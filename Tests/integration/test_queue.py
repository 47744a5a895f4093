"""Requests that wait for a worker: not behind too many, not for too long, not for one who has gone."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event
from types import SimpleNamespace

import pytest

from api import PREFIX, cgi_answer
from concurrency import all_at_once
from orbia.fastcgi import records
from orbia.polling import eventually


@pytest.fixture
def world(database):
    """A conversation whose page is too large for a socket's buffer, and another one."""
    user = database.user()
    large = database.conversation(user)
    database.fill(large, user, count=100, size=60_000)
    return SimpleNamespace(user=user, large=large, other=database.conversation(user))


@contextmanager
def held(service, world, workers=1):
    """So many workers wait for peers that do not take their answers.

    Gives the calls that hold them, and a function that lets them go on.
    """
    goes_on = Event()

    def call():
        with service.peer() as peer:
            peer.send(request(service, world, "get_messages", conversation_id=world.large.id, limit=100))
            goes_on.wait()
            return cgi_answer(peer.reply().output)

    with ThreadPoolExecutor(workers) as threads:
        calls = [threads.submit(call) for _ in range(workers)]
        try:
            eventually(lambda: service.metrics()["orbia_workers_busy"] == workers, within=5, what="they are busy")
            yield SimpleNamespace(calls=calls, release=goes_on.set)
        finally:
            goes_on.set()


def request(service, world, route: str, **body) -> bytes:
    """As bytes, on a connection that is kept."""
    parameters = {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": PREFIX + route,
        "HTTP_AUTHORIZATION": f"Bearer {service.api().token(world.user)}",
    }
    return records.request(parameters, json.dumps(body).encode(), keep=True)


def message_request(service, world, content: str) -> bytes:
    """A message to the other conversation."""
    return request(service, world, "send_message", conversation_id=world.other.id, message_type="text",
                   content=content)


def refused(answer):
    """As a request is that did not get a worker."""
    answer.error(503)
    assert answer.headers["Retry-After"] == "1"


def still_held(holding) -> bool:
    return not any(call.done() for call in holding.calls)


def contents(database, conversation) -> list:
    return [row["content"] for row in database.stored_messages(conversation)]


@pytest.fixture(params=[1, 2], ids=["1 worker", "2 workers"])
def workers(request):
    return request.param


def test_a_request_waits_for_a_worker(start_service, database, world, workers):
    service = start_service(ORBIA_WORKERS=str(workers), ORBIA_QUEUE_AGE="10s")
    with held(service, world, workers) as holding, ThreadPoolExecutor(5) as threads:
        queued = [threads.submit(service.api().send_text, world.user, world.other, str(number))
                  for number in range(5)]
        assert still_held(holding) and not any(call.done() for call in queued)
        holding.release()
        for call in [*holding.calls, *queued]:
            call.result().success()
    assert sorted(contents(database, world.other)) == ["0", "1", "2", "3", "4"]


def test_a_full_queue_refuses_at_once(start_service, database, world, workers):
    """Of three more requests one waits, in the only place of the queue, and two are told to come again."""
    service = start_service(ORBIA_WORKERS=str(workers), ORBIA_WRITE_QUEUE_LENGTH="1", ORBIA_QUEUE_AGE="10s")
    with held(service, world, workers) as holding, ThreadPoolExecutor(3) as threads:
        calls = [threads.submit(service.api().send_text, world.user, world.other, str(number))
                 for number in range(3)]
        eventually(lambda: sum(call.done() for call in calls) == 2, within=5, what="two are refused")
        assert still_held(holding)
        holding.release()
        answers = [call.result() for call in calls]
        for call in holding.calls:
            call.result().success()
    for answer in answers:
        if answer.status != 200:
            refused(answer)
    stored = [str(number) for number, answer in enumerate(answers) if answer.status == 200]
    assert len(stored) == 1
    assert contents(database, world.other) == stored


def test_requests_for_which_there_are_workers_need_no_room_in_the_queue(start_service, database, world):
    """They come at once, and a worker is free for each."""
    workers = 8
    service = start_service(ORBIA_WORKERS=str(workers), ORBIA_QUEUE_LENGTH="1")
    with ExitStack() as stack:
        apis = [service.kept_api() for _ in range(workers)]
        for api in apis:
            stack.callback(api.transport.close)
        for _ in range(30):
            all_at_once(*(lambda api=api: api.get_conversations(world.user).success() for api in apis))


def test_a_request_that_has_waited_too_long_is_refused(start_service, database, world, workers):
    service = start_service(ORBIA_WORKERS=str(workers), ORBIA_QUEUE_AGE="300ms")
    with held(service, world, workers) as holding, ThreadPoolExecutor(4) as threads:
        calls = [threads.submit(service.api().send_text, world.user, world.other) for _ in range(4)]
        for call in calls:
            refused(call.result())
        assert still_held(holding)
        holding.release()
        for call in holding.calls:
            call.result().success()
    assert contents(database, world.other) == []
    service.api().send_text(world.user, world.other).success()


@pytest.mark.parametrize("settings", [
    {"ORBIA_QUEUE_LENGTH": "1", "ORBIA_QUEUE_AGE": "10s"}, {"ORBIA_QUEUE_AGE": "300ms"},
], ids=["full", "too long"])
@pytest.mark.parametrize("size", [100, 300_000])
def test_a_refused_requests_connection_is_in_step_or_closed(start_service, database, world, settings,
                                                            size):
    """With a body that nobody has read, too."""
    service = start_service(ORBIA_WORKERS="1", **settings)
    body = {"conversation_id": world.other.id, "x": "x" * size}
    with ExitStack() as stack:
        apis = [service.kept_api() for _ in range(4)]
        for api in apis:
            stack.callback(api.transport.close)
            api.get_messages(world.user, **body).success()
        with held(service, world) as holding, ThreadPoolExecutor(4) as threads:
            calls = [threads.submit(api.get_messages, world.user, **body) for api in apis]
            eventually(lambda: sum(call.done() for call in calls) >= 3, within=5, what="three are refused")
            holding.release()
            answers = [call.result() for call in calls]
        assert sum(answer.status == 503 for answer in answers) >= 3
        for api, answer in zip(apis, answers):
            if answer.status == 200:
                api.get_messages(world.user, **body).success()
                continue
            refused(answer)
            try:
                again = api.get_messages(world.user, **body)
            except ConnectionError:
                continue
            again.success()


def test_a_request_whose_client_has_gone_is_not_carried_out(start_service, database, world, workers):
    """It was complete and in the queue; those behind it, whose clients wait, are served."""
    service = start_service(ORBIA_WORKERS=str(workers), ORBIA_QUEUE_AGE="10s")
    with held(service, world, workers) as holding, ThreadPoolExecutor(1) as threads:
        for number in range(5):
            with service.peer() as peer:
                peer.send(message_request(service, world, f"gone {number}"))
                peer.wait_until_taken(within=0.1)
        behind = threads.submit(service.api().send_text, world.user, world.other, "here")
        holding.release()
        behind.result().success()
    assert contents(database, world.other) == ["here"]
    service.api().send_text(world.user, world.other, "afterwards").success()
    assert contents(database, world.other) == ["here", "afterwards"]


def test_a_kept_connections_client_who_has_gone(start_service, database, world):
    """As nginx leaves: its kept connection is closed when the client behind it hangs up."""
    service = start_service(ORBIA_WORKERS="1", ORBIA_QUEUE_AGE="10s")
    with service.peer() as peer, service.peer() as other:
        for each in (peer, other):
            assert each.ask(message_request(service, world, "before")).output.startswith(b"Status: 200")
        with held(service, world) as holding:
            peer.send(message_request(service, world, "gone"))
            peer.wait_until_taken(within=0.1)
            peer.close()
            other.send(message_request(service, world, "here"))
            holding.release()
            assert other.reply().output.startswith(b"Status: 200")
    assert contents(database, world.other) == ["before", "before", "here"]
