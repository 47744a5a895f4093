"""Where a poll may not wait: it is answered as one that does not ask to, and told when to come again."""

import json

import pytest

from polls import PROMPTLY, answered, polls_at
from service import run, settings_of

# Milliseconds, by the contract.
LEAST_PAUSE = 3_000


@pytest.fixture
def conversation(database):
    members = database.users(3)
    conversation = database.conversation(*members)
    database.message(conversation, members[0], "您好")
    return conversation, members


@pytest.fixture
def start(start_service):
    """Starts a service with other limits."""
    def start(**settings):
        return start_service(ORBIA_WORKERS="2", **settings)

    return start


def bodies(polls, user, conversation) -> dict:
    """A poll of each endpoint that finds nothing new."""
    return {"get_messages": polls.next_message(user, conversation), "get_conversations": polls.next_change(user)}


def refused(poll) -> dict:
    """The body of a poll that was answered at once that nothing is new."""
    assert answered([poll], PROMPTLY), "it waits"
    body = poll.success()
    assert body.pop("retry_after") >= LEAST_PAUSE
    return body


@pytest.mark.parametrize("settings", [{"ORBIA_WAITERS": "0"}, {"ORBIA_WAITERS_PER_USER": "0"}])
def test_where_none_may_wait_a_poll_is_answered_at_once(start, conversation, settings):
    conversation, (one, other, _) = conversation
    service = start(**settings)
    with polls_at(service) as polls:
        for route, body in bodies(polls, one, conversation).items():
            answer = refused(polls.send(one, route, body))
            if route == "get_messages":
                assert answer == {"messages": [], "has_more": False}
            else:
                assert answer == {"conversations": [], "has_more": False, "cursor": body["after_cursor"]}
        metrics = service.metrics()
        assert metrics["orbia_polls_waiting"] == 0
        assert metrics['orbia_polls_ended_total{reason="refused"}'] == 2


def test_where_none_may_wait_what_is_new_is_told(start, conversation):
    conversation, (one, other, _) = conversation
    service = start(ORBIA_WAITERS="0")
    with polls_at(service) as polls:
        asked = bodies(polls, one, conversation)
        sent = service.api().send_text(other, conversation).success()["message"]
        messages = polls.send(one, "get_messages", asked["get_messages"]).success()
        changes = polls.send(one, "get_conversations", asked["get_conversations"]).success()
    assert [message["message_id"] for message in messages["messages"]] == [sent["message_id"]]
    assert [each["id"] for each in changes["conversations"]] == [conversation.id]
    assert "retry_after" not in messages and "retry_after" not in changes


def test_beyond_the_limit_one_is_answered_at_once_and_the_others_wait_on(start, conversation):
    conversation, members = conversation
    service = start(ORBIA_WAITERS="2")
    with polls_at(service) as polls:
        first, second = polls.for_messages(members[0], conversation), polls.for_changes(members[1])
        refused(polls.send(members[2], "get_messages", polls.next_message(members[2], conversation)))
        assert not answered([first, second], 0.2)
        first.close()
        polls.wait_for(1)
        third = polls.for_changes(members[2])
        service.api().send_text(members[0], conversation).success()
        for poll in (second, third):
            assert [each["id"] for each in poll.success()["conversations"]] == [conversation.id]


def test_a_users_oldest_poll_ends_whichever_endpoint_it_asks(start, conversation):
    conversation, (one, other, _) = conversation
    service = start(ORBIA_WAITERS_PER_USER="2")
    with polls_at(service) as polls:
        bystander = polls.for_messages(other, conversation)
        started = [polls.for_messages(one, conversation), polls.for_changes(one)]
        for number, route in enumerate(["get_messages", "get_conversations", "get_messages"]):
            oldest = started.pop(0)
            started.append(polls.send(one, route, bodies(polls, one, conversation)[route]))
            refused(oldest)
            polls.wait_for(3)
            assert service.metrics()['orbia_polls_ended_total{reason="superseded"}'] == number + 1
        service.api().send_text(other, conversation).success()
        assert len(answered([bystander, *started], PROMPTLY)) == 3
        assert all("retry_after" not in poll.success() for poll in [bystander, *started])


def test_at_the_limit_of_the_process_a_users_own_polls_are_refused_as_well(start, conversation):
    conversation, (one, other, _) = conversation
    service = start(ORBIA_WAITERS="1", ORBIA_WAITERS_PER_USER="1")
    with polls_at(service) as polls:
        first = polls.for_messages(other, conversation)
        for _ in range(3):
            refused(polls.send(one, "get_messages", polls.next_message(one, conversation)))
        assert not answered([first], 0.2)


def padded(body: dict, size: int) -> bytes:
    """The body with white space behind it, which JSON allows."""
    return json.dumps(body).encode().ljust(size)


@pytest.mark.parametrize("size", [4_096, 20_000, 500_000])
def test_a_large_request_does_not_wait(start, conversation, size):
    """What waits is held in memory as it was received, and that is bounded."""
    conversation, (one, other, _) = conversation
    with polls_at(start()) as polls:
        refused(polls.send(one, "get_messages", padded(polls.next_message(one, conversation), size)))
        assert polls.waiting == 0


def test_a_request_of_a_moderate_size_waits(start, conversation):
    conversation, (one, other, _) = conversation
    service = start()
    with polls_at(service) as polls:
        poll = polls.start(one, "get_messages", padded(polls.next_message(one, conversation), 3_000))
        service.api().send_text(other, conversation, "在吗?").success()
        assert [message["content"] for message in poll.success()["messages"]] == ["在吗?"]


def test_the_watchers_interval_is_a_setting(start, conversation):
    conversation, (one, other, _) = conversation
    service = start(ORBIA_WATCH_INTERVAL="500ms")
    with polls_at(service) as polls:
        poll = polls.for_messages(one, conversation)
        before = service.metrics()["orbia_watch_statements_total"]
        assert not answered([poll], 3)
        assert 2 <= service.metrics()["orbia_watch_statements_total"] - before <= 8
        service.api().send_text(other, conversation).success()
        assert answered([poll], PROMPTLY)


@pytest.mark.parametrize("name, value", [
    ("ORBIA_WAITERS", "-1"), ("ORBIA_WAITERS", "many"), ("ORBIA_WAITERS_PER_USER", "1.5"),
    ("ORBIA_WATCH_INTERVAL", "1ms"), ("ORBIA_WATCH_INTERVAL", "never"),
])
def test_a_bad_value_is_refused_at_the_start(name, value, stack):
    done = run("serve", **{**settings_of(stack), name: value})
    assert done.returncode != 0 and name in done.stderr
