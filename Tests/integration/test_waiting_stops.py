"""A process that is told to stop answers waiting polls one by one, so that others get their clients one by one."""

import json
import signal
import time

import pytest

from orbia.fastcgi import records
from orbia.polling import eventually
from polls import PROMPTLY, answered, polls_at

COUNT = 60


@pytest.fixture
def conversation(database):
    members = database.users(4)
    conversation = database.conversation(*members)
    database.message(conversation, members[0], "您好")
    return conversation, members


def start_waiting(polls, conversation, members, count=COUNT) -> list:
    """Polls of the conversation's members, who take turns."""
    bodies = [polls.next_message(member, conversation) for member in members]
    started = [polls.send(members[n % len(members)], "get_messages", bodies[n % len(members)]) for n in range(count)]
    polls.wait_for(count)
    return started


def drained(poll):
    """It was told that nothing is new, and that it can come again at once."""
    assert poll.success() == {"messages": [], "has_more": False, "retry_after": 0}


def test_the_answers_are_spread_over_half_of_the_drain(start_service, conversation):
    service = start_service(ORBIA_DRAIN_TIMEOUT="8s")
    with polls_at(service) as polls:
        started = start_waiting(polls, *conversation)
        service.signal()
        begun = time.monotonic()
        early = answered(started, 1.5)
        # Evenly it would be three eighths of them.
        assert COUNT / 10 < len(early) < COUNT * 3 / 4
        assert len(answered(started, 4 + PROMPTLY)) == COUNT
        assert 3 < time.monotonic() - begun < 4 + PROMPTLY
        for poll in started:
            drained(poll)
    assert service.wait(within=10) == 0


def test_what_is_new_is_told_meanwhile(start_service, database, conversation):
    conversation, members = conversation
    service = start_service(ORBIA_DRAIN_TIMEOUT="1m")
    with polls_at(service) as polls:
        started = start_waiting(polls, conversation, members[1:])
        service.signal()
        eventually(lambda: not service.socket.exists(), within=5, what="it listens no more")
        sent = database.message(conversation, members[0], "再见")
        assert len(answered(started, PROMPTLY)) == COUNT
        told = [poll.success() for poll in started]
    assert [sent] in [[message["message_id"] for message in body["messages"]] for body in told]
    # Those whose time had come before it are told by their next poll.
    assert all(body["retry_after"] == 0 if body["messages"] == [] else "retry_after" not in body for body in told)
    assert sum(body["messages"] != [] for body in told) > COUNT / 2
    assert service.wait(within=10) == 0


def test_no_poll_begins_to_wait_meanwhile(start_service, conversation):
    conversation, members = conversation
    service = start_service(ORBIA_DRAIN_TIMEOUT="1m")
    with polls_at(service) as polls:
        body = polls.next_message(members[0], conversation)
        kept = polls.start(members[0], "get_messages", {**body, "wait": 1})
        kept.success()
        service.signal()
        eventually(lambda: not service.socket.exists(), within=5, what="it listens no more")
        for _ in range(3):
            kept.send(json.dumps(body).encode())
            assert answered([kept], PROMPTLY)
            drained(kept)
    assert service.wait(within=10) == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_answers_all_at_once(start_service, conversation, second):
    service = start_service(ORBIA_DRAIN_TIMEOUT="10m")
    with polls_at(service) as polls:
        started = start_waiting(polls, *conversation)
        service.signal()
        eventually(lambda: not service.socket.exists(), within=5, what="it listens no more")
        assert not answered(started, 0.3)
        service.signal(second)
        assert len(answered(started, PROMPTLY)) == COUNT
        for poll in started:
            drained(poll)
        assert service.wait(within=10) == 0


def test_without_time_for_draining_they_are_answered_at_once(start_service, conversation):
    service = start_service(ORBIA_DRAIN_TIMEOUT="0s")
    with polls_at(service) as polls:
        started = start_waiting(polls, *conversation)
        service.signal()
        assert len(answered(started, PROMPTLY)) == COUNT
        for poll in started:
            drained(poll)
        assert service.wait(within=10) == 0


def test_the_list_is_drained_with_the_cursor_that_was_sent(start_service, conversation):
    conversation, members = conversation
    service = start_service(ORBIA_DRAIN_TIMEOUT="0s")
    with polls_at(service) as polls:
        body = polls.next_change(members[0])
        poll = polls.start(members[0], "get_conversations", body)
        service.signal()
        assert poll.success() == {"conversations": [], "has_more": False, "cursor": body["after_cursor"],
                                  "retry_after": 0}
        # It has nginx close the connection, which would else bring the client's next poll here.
        header, _ = poll.peer.record()
        assert (header.kind, header.request_id, header.length) == (records.GET_VALUES_RESULT, 0, 0)
    assert service.wait(within=10) == 0


def test_peers_that_do_not_close_keep_no_process_alive(start_service, conversation):
    """The answers' readers have all time, and their connections are closed when the drain is over."""
    service = start_service(ORBIA_DRAIN_TIMEOUT="1s")
    with polls_at(service) as polls:
        started = start_waiting(polls, *conversation)
        service.signal()
        assert service.wait(within=10) == 0
        for poll in started:
            drained(poll)


def test_sigkill_breaks_the_connections_at_once(start_service, conversation):
    service = start_service()
    with polls_at(service) as polls:
        started = start_waiting(polls, *conversation)
        service.kill()
        assert len(answered(started, PROMPTLY)) == COUNT
        for poll in started:
            with pytest.raises(ConnectionError):
                poll.answer()
