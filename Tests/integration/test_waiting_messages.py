"""get_messages with `wait`: answered as soon as something is newer, whoever committed it, or empty at the end."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from orbia.polling import eventually
from polls import PROMPTLY, polls_at
from service import Service, settings_of


@pytest.fixture(scope="module")
def service(stack, make_directory):
    with Service(make_directory(), settings_of(stack)).running() as service:
        yield service


@pytest.fixture
def conversation(database):
    members = database.users(2)
    conversation = database.conversation(*members)
    database.message(conversation, members[0], "您好")
    return conversation, members


@contextmanager
def waiting(service, count=1):
    """Inside, so many polls wait beside those that waited before."""
    before = service.metrics()["orbia_polls_waiting"]
    with ThreadPoolExecutor(16) as threads:
        def start(user, **body):
            return threads.submit(timed, service.api(timeout=40), user, body)

        def all_wait():
            return service.metrics()["orbia_polls_waiting"] == before + count

        yield start, lambda: eventually(all_wait, within=10, what="the polls wait")


def timed(api, user, body):
    start = time.monotonic()
    answer = api.get_messages(user, **body)
    return answer, time.monotonic() - start


def newest(service, user, conversation) -> int:
    messages = service.api().get_messages(user, conversation_id=conversation.id).success()["messages"]
    return messages[-1]["created_at"]


def test_something_newer_is_answered_at_once(service, conversation):
    conversation, (one, other) = conversation
    start = time.monotonic()
    body = service.api().get_messages(one, conversation_id=conversation.id, after_timestamp=0, wait=25).success()

    assert [message["content"] for message in body["messages"]] == ["您好"]
    assert "retry_after" not in body
    assert time.monotonic() - start < PROMPTLY


def test_a_send_wakes_those_who_wait(service, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    with waiting(service, 2) as (start, all_wait):
        polls = [start(user, conversation_id=conversation.id, after_timestamp=after, wait=25) for user in (one, other)]
        all_wait()
        sent = service.api().send_text(other, conversation, "在吗?").success()["message"]
        begun = time.monotonic()
        answers = [poll.result()[0].success() for poll in polls]
        assert time.monotonic() - begun < PROMPTLY

    for body in answers:
        assert [message["message_id"] for message in body["messages"]] == [sent["message_id"]]
        assert body["has_more"] is False


def test_what_plain_sql_inserts_wakes_as_well(service, database, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    with waiting(service) as (start, all_wait):
        poll = start(one, conversation_id=conversation.id, after_timestamp=after, wait=25)
        all_wait()
        database.message(conversation, other, "来自客服")
        answer, took = poll.result()

    assert [message["content"] for message in answer.success()["messages"]] == ["来自客服"]
    assert took < 20


def test_another_instances_send_wakes_as_well(service, start_service, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    with waiting(service) as (start, all_wait):
        poll = start(one, conversation_id=conversation.id, after_timestamp=after, wait=25)
        all_wait()
        start_service().api().send_text(other, conversation, "另一台").success()
        answer, took = poll.result()

    assert [message["content"] for message in answer.success()["messages"]] == ["另一台"]


def test_a_message_of_another_conversation_wakes_nobody(service, database, conversation):
    conversation, (one, other) = conversation
    elsewhere = database.conversation(one, other)
    after = newest(service, one, conversation)
    with waiting(service) as (start, all_wait):
        poll = start(one, conversation_id=conversation.id, after_timestamp=after, wait=2)
        all_wait()
        service.api().send_text(other, elsewhere).success()
        answer, took = poll.result()

    assert answer.success()["messages"] == []
    assert took > 1.5


@pytest.mark.parametrize("wait", [1, 2])
def test_where_nothing_comes_the_answer_is_empty_at_the_end(service, conversation, wait):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    body = {"conversation_id": conversation.id, "after_timestamp": after, "wait": wait}
    answer, took = timed(service.api(), one, body)

    assert answer.success() == {"messages": [], "has_more": False}
    # A tick of a tenth of a second, and what a busy machine adds.
    assert 0.8 * wait - 0.01 <= took < wait + PROMPTLY


def test_more_than_25_seconds_count_as_25(service, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    with waiting(service) as (start, all_wait):
        poll = start(one, conversation_id=conversation.id, after_timestamp=after, wait=10**9)
        all_wait()
        service.api().send_text(other, conversation).success()
        assert len(poll.result()[0].success()["messages"]) == 1


@pytest.mark.parametrize("wait", [-1, "5", 1.5, True, [1], {}])
def test_a_bad_wait_is_named(service, conversation, wait):
    conversation, (one, other) = conversation
    body = {"conversation_id": conversation.id, "after_timestamp": 0, "wait": wait}
    service.api().get_messages(one, **body).error(400, "wait")


@pytest.mark.parametrize("other_keys", [{}, {"before_timestamp": 5}])
def test_a_wait_without_after_timestamp_is_named(service, conversation, other_keys):
    conversation, (one, other) = conversation
    service.api().get_messages(one, conversation_id=conversation.id, wait=5, **other_keys).error(400, "wait")
    service.api().get_messages(one, conversation_id=conversation.id, wait=0, **other_keys).success()


def test_who_may_not_read_is_told_at_once(service, database, conversation):
    conversation, (one, other) = conversation
    body = {"conversation_id": conversation.id, "after_timestamp": 0, "wait": 25}
    service.api().get_messages(database.user(), **body).error(403)
    service.api().get_messages(one, **{**body, "conversation_id": 2**40}).error(404)


def test_a_conversation_that_is_deleted_ends_the_wait(service, database, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    with waiting(service) as (start, all_wait):
        poll = start(one, conversation_id=conversation.id, after_timestamp=after, wait=25)
        all_wait()
        database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", conversation.id)
        poll.result()[0].error(404)


def test_a_recall_is_told(service, conversation):
    conversation, (one, other) = conversation
    message = service.api().send_text(other, conversation).success()["message"]["message_id"]
    with polls_at(service) as polls:
        waiting_polls = [polls.for_messages(one, conversation), polls.for_changes(one)]
        service.api().recall_message(other, conversation_id=conversation.id, message_id=message).success()
        told, listed = [poll.success() for poll in waiting_polls]
    expected = {"type": "recall", "message_id": message}
    assert [each["event"] for each in told["messages"]] == [expected]
    [changed] = listed["conversations"]
    assert (changed["last_message"]["event"], changed["unread_count"]) == (expected, 0)


def test_a_wait_needs_one_statement_and_its_end_none(service, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    body = {"conversation_id": conversation.id, "after_timestamp": after}
    with polls_at(service) as polls:
        # The first poll in a while runs its statement again when the watcher has begun.
        first = polls.for_messages(other, conversation)
        before = service.metrics()["orbia_database_statements_total"]
        assert service.api().get_messages(one, **body, wait=1).success()["messages"] == []
        assert service.metrics()["orbia_database_statements_total"] == before + 1
        service.api().send_text(one, conversation).success()
        first.success()


def test_the_watcher_asks_only_while_somebody_waits(service, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    body = {"conversation_id": conversation.id, "after_timestamp": after}
    eventually(lambda: service.metrics()["orbia_polls_waiting"] == 0, within=30, what="nobody waits")
    time.sleep(0.1)  # a look that has begun
    before = service.metrics()["orbia_watch_statements_total"]
    time.sleep(1)
    assert service.metrics()["orbia_watch_statements_total"] == before
    start = time.monotonic()
    service.api().get_messages(one, **body, wait=3).success()
    statements = service.metrics()["orbia_watch_statements_total"] - before
    assert 0 < statements <= 50 * (time.monotonic() - start) + 2


def test_the_access_log_tells_the_wait_and_it_is_not_slow(service, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    api = service.api()
    api.get_messages(one, conversation_id=conversation.id, after_timestamp=after, wait=2).success()
    request = api.transport.request_id

    def line():
        lines = [json.loads(line) for line in service.access_log.read_text().splitlines() if request in line]
        return lines[0] if lines else None

    found = eventually(line, within=10, what="the request is in the access log")
    assert 1_600_000 <= found["wait_us"] <= 5_000_000
    assert found["total_us"] < 1_000_000
    assert "slow" not in service.log()


def test_a_peer_that_hangs_up_is_forgotten(service, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    api = service.api(timeout=1)
    before = service.metrics()["orbia_polls_waiting"]
    with pytest.raises(OSError):
        api.get_messages(one, conversation_id=conversation.id, after_timestamp=after, wait=25)

    eventually(lambda: service.metrics()["orbia_polls_waiting"] == before, within=5, what="nobody waits")


def test_the_twenty_first_poll_of_a_user_ends_the_first(service, conversation):
    conversation, (one, other) = conversation
    after = newest(service, one, conversation)
    body = {"conversation_id": conversation.id, "after_timestamp": after, "wait": 25}
    before = service.metrics()["orbia_polls_waiting"]
    with ThreadPoolExecutor(30) as threads:
        polls = []
        for number in range(20):
            polls.append(threads.submit(timed, service.api(timeout=40), one, body))
            eventually(lambda: service.metrics()["orbia_polls_waiting"] == before + number + 1, within=10, every=0.02,
                       what="it waits")
        polls.append(threads.submit(timed, service.api(timeout=40), one, body))
        first = polls[0].result(timeout=10)[0].success()
        assert first["messages"] == [] and first["retry_after"] >= 3_000
        assert service.metrics()["orbia_polls_waiting"] == before + 20
        service.api().send_text(other, conversation).success()
        assert all(len(poll.result()[0].success()["messages"]) == 1 for poll in polls[1:])
