"""Searches that take long: they hold few workers, each call is bounded, and each gets on."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from transactions import eventually

# Each is compared in full: its last character is another one.
LONG = 60_000


@pytest.fixture(scope="module")
def world(database):
    """A user with 60 MB of messages in one conversation, and 3,000 short ones in others."""
    user = database.user()
    slow = database.conversation(user)
    database.fill(slow, user, 1_000, LONG)
    return user, slow


def aaab(size=50):
    """A query that agrees with the contents up to its last character, at each place."""
    return "x" * (size - 1) + "y"


def test_a_call_is_bounded_and_gets_on(start_service, world):
    """Though no statement of the usual size could finish in time."""
    user, slow = world
    service = start_service(ORBIA_WORKERS="4")
    api, cursor, calls, longest = service.api(), {}, 0, 0.0
    for asked in ({"conversation_id": slow.id}, {}):
        cursor, calls = {}, 0
        while True:
            begun = time.monotonic()
            answer = api.search_messages(user, query=aaab(), **asked, **cursor).success()
            longest = max(longest, time.monotonic() - begun)
            calls += 1
            assert answer["messages"] == []
            if not answer["has_more"]:
                break
            assert cursor != {"cursor": answer["cursor"]}
            cursor = {"cursor": answer["cursor"]}
            assert calls < 2_000
        assert calls > 1
    # The bound is half a second; the machine of a test has other things to do.
    assert longest < 1.5


def test_searches_leave_the_workers_to_others(start_service, database, world):
    """With eight workers two searches run at once, and twenty wait: other requests are answered at once."""
    user, slow = world
    service = start_service(ORBIA_WORKERS="8", ORBIA_QUEUE_AGE="5s")
    other = database.user()
    conversation = database.conversation(other)
    running = True

    def keep_searching(_):
        api, statuses = service.api(), []
        while running:
            statuses.append(api.search_messages(user, query=aaab(), conversation_id=slow.id).status)
        return statuses

    with ThreadPoolExecutor(22) as threads:
        searches = [threads.submit(keep_searching, number) for number in range(22)]
        try:
            eventually(lambda: service.metrics()["orbia_searches_waiting"] >= 15, within=10, what="they wait")
            api, durations = service.api(), []
            for _ in range(40):
                begun = time.monotonic()
                api.get_messages(other, conversation_id=conversation.id).success()
                api.send_text(other, conversation).success()
                durations.append(time.monotonic() - begun)
                metrics = service.metrics()
                assert metrics["orbia_searches"] <= 2
                assert metrics["orbia_workers_busy"] <= 3
                assert metrics["orbia_queue_length"] == 0
        finally:
            running = False
        statuses = {status for search in searches for status in search.result()}
    assert sorted(durations)[len(durations) // 2] < 0.25
    assert statuses <= {200, 503}
    assert service.metrics()["orbia_searches"] == 0


def test_a_search_that_waits_too_long_is_refused(start_service, world):
    user, slow = world
    service = start_service(ORBIA_WORKERS="2", ORBIA_QUEUE_AGE="100ms")
    with ThreadPoolExecutor(12) as threads:
        calls = [threads.submit(service.api().search_messages, user, query=aaab(), conversation_id=slow.id)
                 for _ in range(12)]
        statuses = [call.result().status for call in calls]
    assert 200 in statuses and 503 in statuses
    refused = service.metrics()['orbia_refused_total{reason="searches_age"}']
    assert refused == statuses.count(503)


def test_more_searches_than_there_are_places_for_are_refused(start_service, world):
    user, slow = world
    service = start_service(ORBIA_WORKERS="2", ORBIA_QUEUE_LENGTH="2", ORBIA_QUEUE_AGE="5s")
    with ThreadPoolExecutor(12) as threads:
        calls = [threads.submit(service.api().search_messages, user, query=aaab(), conversation_id=slow.id)
                 for _ in range(12)]
        statuses = [call.result().status for call in calls]
    assert statuses.count(200) >= 3
    assert service.metrics()['orbia_refused_total{reason="searches_full"}'] == statuses.count(503) > 0


def test_one_worker_searches_too(start_service, world):
    user, slow = world
    service = start_service(ORBIA_WORKERS="1")
    service.api().search_messages(user, query=aaab(), conversation_id=slow.id).success()
