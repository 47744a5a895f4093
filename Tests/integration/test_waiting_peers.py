"""What peers do to polls that wait: hang up, send more, abort, or come in thousands; nothing is left behind."""

import json
import threading
import time

import pytest

from orbia.fastcgi import records
from orbia.polling import eventually
from polls import PROMPTLY, answered, polls_at

MANY = 500
OFTEN = 2_000


@pytest.fixture(scope="module", autouse=True)
def watched(target):
    """A poll has waited: the watcher has the connection that it keeps."""
    with polls_at(target.service) as polls:
        polls.for_messages(target.user, target.conversation)
        eventually(lambda: target.service.metrics()["orbia_watch_statements_total"] > 2, within=10,
                   what="the watcher looks for changes")


@pytest.fixture
def polls(target):
    with polls_at(target.service) as polls:
        yield polls


@pytest.fixture
def others(database):
    """The members of a conversation of a test's own, which changes."""
    members = database.users(2)
    conversation = database.conversation(*members)
    database.message(conversation, members[0], "您好")
    return conversation, members


def quiet(polls, target) -> bytes:
    """The body of a poll of the target's conversation, in which nothing happens."""
    return json.dumps(polls.next_message(target.user, target.conversation)).encode()


def crowd(polls, target, count=MANY) -> list:
    """Polls of as many users, since one user has few."""
    users = target.database.users(-(-count // 10))
    conversation = target.database.conversation(*users)
    body = json.dumps(polls.next_message(users[0], conversation)).encode()
    tokens = [polls.service.api().token(user) for user in users]
    started = [polls.send(users[n % len(users)], "get_messages", body, tokens[n % len(users)]) for n in range(count)]
    polls.wait_for(count, within=30)
    return started


@pytest.mark.usefixtures("unshaken")
def test_hundreds_that_hang_up_at_once_are_forgotten_at_once(target, polls):
    for poll in crowd(polls, target):
        poll.close()
    polls.wait_for(0, within=5)


@pytest.mark.usefixtures("unshaken")
def test_hundreds_that_hang_up_while_they_are_woken(target, polls):
    users = target.database.users(MANY // 10)
    conversation = target.database.conversation(*users)
    for _ in range(3):
        body = json.dumps(polls.next_message(users[0], conversation)).encode()
        started = [polls.send(users[n % len(users)], "get_messages", body) for n in range(MANY)]
        polls.wait_for(MANY, within=30)
        waker = threading.Thread(target=polls.service.api().send_text, args=[users[0], conversation])
        waker.start()
        for poll in started:
            poll.close()
        waker.join()
        polls.wait_for(0, within=5)


@pytest.mark.usefixtures("unshaken")
def test_a_peer_that_hangs_up_before_its_poll_waits(target, polls):
    body = quiet(polls, target)
    for _ in range(200):
        polls.send(target.user, "get_messages", body).close()
    polls.wait_for(0, within=5)


@pytest.mark.usefixtures("unshaken")
def test_waits_that_are_opened_and_closed_lose_no_memory(target, polls):
    body = quiet(polls, target)

    def act():
        with target.peer() as peer:
            peer.send(records.request(target.parameters(CONTENT_LENGTH=str(len(body))), body, keep=True))
            # Half of them wait when they are closed, the others do not yet.
            time.sleep(0.002)

    target.loses_no_memory(act, OFTEN)
    polls.wait_for(0, within=5)


@pytest.mark.usefixtures("unshaken")
def test_waits_that_end_by_themselves_lose_no_memory(target, polls):
    """A user's twenty-first poll ends the oldest, whose connection is used again."""
    body = quiet(polls, target)
    started = [polls.send(target.user, "get_messages", body) for _ in range(21)]

    def act():
        for poll in answered(started, 40, enough=1):
            poll.success()
            poll.send(body)

    target.loses_no_memory(act, OFTEN, side_by_side=1)


@pytest.mark.usefixtures("unshaken")
def test_a_crowd_that_is_woken_together_loses_no_memory(target, polls, others):
    conversation, (one, other) = others
    users = target.database.users(20)
    for user in users:
        target.database.join(conversation, user)

    def act():
        body = json.dumps(polls.next_message(one, conversation)).encode()
        started = [polls.send(users[n % 20], "get_messages", body) for n in range(200)]
        polls.wait_for(200, within=30)
        target.service.api().send_text(other, conversation).success()
        assert len(answered(started, 20)) == 200
        for poll in started:
            assert len(poll.success()["messages"]) == 1
            poll.close()

    target.loses_no_memory(act, 10, side_by_side=1)


@pytest.mark.usefixtures("unshaken")
def test_what_comes_behind_a_poll_is_answered_behind_it(target, polls, others):
    conversation, (one, other) = others
    poll = polls.for_messages(one, conversation)
    poll.send(json.dumps({"conversation_id": conversation.id}).encode())
    assert not answered([poll], 0.3), "the first one waits on"
    sent = target.service.api().send_text(other, conversation).success()["message"]["message_id"]
    assert [message["message_id"] for message in poll.success()["messages"]] == [sent]
    assert poll.success()["messages"][-1]["message_id"] == sent


@pytest.mark.usefixtures("unshaken")
@pytest.mark.parametrize("data", [
    records.record(records.ABORT_REQUEST), b"\xff" * 100, b"GET / HTTP/1.1\r\n\r\n", b"\x01", bytes(70_000),
], ids=["an abort", "garbage", "HTTP", "a byte", "zeros"])
def test_what_is_no_request_behind_a_poll(target, polls, others, data):
    """It confuses nobody: the poll is answered, or its connection is closed."""
    conversation, (one, other) = others
    poll = polls.for_messages(one, conversation)
    poll.peer.send(data)
    sent = target.service.api().send_text(other, conversation).success()["message"]["message_id"]
    assert answered([poll], PROMPTLY)
    try:
        assert [message["message_id"] for message in poll.success()["messages"]] == [sent]
    except ConnectionError:
        pass
    poll.close()
    polls.wait_for(0, within=5)


@pytest.mark.usefixtures("unshaken")
def test_a_connection_that_is_not_kept_is_closed_behind_the_answer(target, polls, others):
    conversation, (one, other) = others
    poll = polls.for_messages(one, conversation, keep=False)
    target.service.api().send_text(other, conversation).success()
    assert len(poll.success()["messages"]) == 1
    assert poll.peer.rest() == b""


@pytest.mark.usefixtures("unshaken")
def test_a_token_that_expires_during_the_wait(target, polls, others):
    """It was judged on arrival: the wait goes on, and the next request is the 401."""
    conversation, (one, other) = others
    api = target.service.api()
    # It is taken for half a minute longer, since clocks differ.
    token = api.token(one, exp=int(time.time()) - 27)
    poll = polls.start(one, "get_messages", polls.next_message(one, conversation), token)
    eventually(lambda: api.post_with_token(token).status == 401, within=10, what="the token has expired")
    api.send_text(other, conversation, "还在吗?").success()
    assert [message["content"] for message in poll.success()["messages"]] == ["还在吗?"]
    poll.send(b"{}")
    poll.answer().error(401)


@pytest.mark.usefixtures("unshaken")
def test_a_membership_that_ends_during_the_wait(target, polls, others):
    """Nothing of what is written then is told; the next request is the 403."""
    conversation, (one, other) = others
    body = polls.next_message(one, conversation, wait=3)
    poll = polls.start(one, "get_messages", body)
    target.database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                            conversation.id, one.id)
    target.service.api().send_text(other, conversation, "别告诉他").success()
    told = poll.answer()
    if told.status == 200:
        assert told.success()["messages"] == []
        poll.send(json.dumps(body).encode())
        told = poll.answer()
    told.error(403)
