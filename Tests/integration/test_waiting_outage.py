"""The database goes away while polls wait: they miss nothing, and new ones get what plain polls get."""

import time
from contextlib import contextmanager

import pytest

from mariadb import MariaDB
from orbia.database_server import ACCOUNT
from orbia.polling import eventually
from orbia.ports import free_port
from polls import PROMPTLY, answered, polls_at
from service import Service, settings_for

# Until the service has found a server again that was away.
RECOVER_WITHIN = 3.0


@pytest.fixture(scope="module")
def service(mortal, make_directory):
    with Service(make_directory(), settings_for(mortal, mortal.database())).running() as service:
        yield service
        assert service.runs


@pytest.fixture
def database(mortal):
    yield mortal.database()
    mortal.resume()
    if not mortal.runs:
        mortal.start()


@pytest.fixture
def conversation(database):
    members = database.users(2)
    conversation = database.conversation(*members)
    database.message(conversation, members[0], "您好")
    return conversation, members


@pytest.fixture
def polls(service, conversation):
    """Behind the conversation, which an outage must not keep from being made."""
    with polls_at(service) as polls:
        yield polls


def both(polls, conversation, user) -> list:
    return [polls.for_messages(user, conversation), polls.for_changes(user)]


def told(started, conversation, sent: str):
    """Both polls of a user were told of the message."""
    messages, changes = (poll.success() for poll in started)
    assert sent in [message["message_id"] for message in messages["messages"]]
    assert [each["id"] for each in changes["conversations"]] == [conversation.id]


def asks_again(service):
    """The watcher has found its database again."""
    before = service.metrics()["orbia_watch_statements_total"]
    eventually(lambda: service.metrics()["orbia_watch_statements_total"] > before + 2, within=RECOVER_WITHIN + PROMPTLY,
               what="the watcher looks for changes")


def test_what_is_committed_before_the_service_is_back_is_told(service, mortal, conversation, polls):
    conversation, (one, other) = conversation
    started = both(polls, conversation, one)
    mortal.kill()
    service.api().send_text(other, conversation).error(503)
    mortal.start()
    # The service may have connected by now, or not.
    sent = mortal.database().message(conversation, other, "刚回来")
    mortal.database().execute("UPDATE orbia_conversation SET last_message_at = NOW(3) WHERE id = %s", conversation.id)
    assert len(answered(started, RECOVER_WITHIN + PROMPTLY)) == 2
    told(started, conversation, sent)


def test_a_database_that_stands_still_for_some_seconds(service, mortal, conversation, polls):
    conversation, (one, other) = conversation
    started = both(polls, conversation, one)
    mortal.freeze()
    assert not answered(started, 4)
    mortal.resume()
    asks_again(service)
    assert not answered(started, 0.5), "nothing is new, and so they wait on"
    sent = service.api().send_text(other, conversation).success()["message"]["message_id"]
    assert len(answered(started, PROMPTLY)) == 2
    told(started, conversation, sent)


@pytest.mark.parametrize("state", ["killed", "frozen"])
def test_while_it_is_away_new_polls_are_answered_as_plain_ones(service, mortal, conversation, polls, state):
    conversation, (one, other) = conversation
    asked = [("get_messages", polls.next_message(one, conversation)), ("get_conversations", polls.next_change(one))]
    {"killed": mortal.kill, "frozen": mortal.freeze}[state]()
    for route, body in asked:
        begun = time.monotonic()
        answer = polls.send(one, route, body).answer()
        answer.error(503)
        assert int(answer.headers["Retry-After"]) >= 1
        assert time.monotonic() - begun < 3 + PROMPTLY
    {"killed": mortal.start, "frozen": mortal.resume}[state]()
    eventually(lambda: service.api().get_conversations(one).status == 200, within=RECOVER_WITHIN, what="it is back")
    asks_again_with_a_poll(service, polls, conversation, one, other)


def asks_again_with_a_poll(service, polls, conversation, one, other):
    """A wait works again."""
    def waits() -> bool:
        before = polls.waiting
        poll = polls.send(one, "get_messages", polls.next_message(one, conversation))
        return not answered([poll], 0.5) and polls.waiting > before

    eventually(waits, within=RECOVER_WITHIN + PROMPTLY, what="a poll waits again")
    poll = polls.for_messages(one, conversation)
    service.api().send_text(other, conversation).success()
    assert answered([poll], PROMPTLY) and len(poll.success()["messages"]) == 1


def test_a_wait_that_ends_while_it_is_away_ends_as_ever(mortal, conversation, polls):
    conversation, (one, other) = conversation
    poll = polls.for_messages(one, conversation, wait=2)
    mortal.freeze()
    assert answered([poll], 2 + PROMPTLY)
    assert poll.success() == {"messages": [], "has_more": False}


def test_a_database_that_takes_no_writes_is_good_enough_to_wait(service, mortal, conversation, polls):
    conversation, (one, other) = conversation
    with read_only(mortal):
        started = both(polls, conversation, one)
        service.api().send_text(other, conversation).error(503)
        # An administrator may write, as replication does.
        sent = mortal.database().message(conversation, other, "只读")
        messages, changes = started
        assert answered([messages], PROMPTLY)
        assert [message["message_id"] for message in messages.success()["messages"]] == [sent]
    messages = polls.for_messages(one, conversation)
    eventually(lambda: service.api().send_text(other, conversation).status == 200, within=RECOVER_WITHIN + PROMPTLY,
               what="it takes writes")
    assert len(answered([messages, changes], PROMPTLY)) == 2


@contextmanager
def read_only(mortal):
    """It takes no writes, but from administrators."""
    mortal.database().execute("SET GLOBAL read_only = ON")
    try:
        yield
    finally:
        mortal.database().execute("SET GLOBAL read_only = OFF")


def kill_connections(mortal):
    """All of the service's, the watcher's among them."""
    database = mortal.database()
    for row in database.rows("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s", ACCOUNT):
        database.execute(f"KILL CONNECTION {row['ID']}")


def test_a_watcher_whose_connection_is_killed_misses_nothing(service, mortal, conversation, polls):
    conversation, (one, other) = conversation
    for number in range(10):
        started = both(polls, conversation, one)
        gaps = service.metrics()['orbia_polls_ended_total{reason="gap"}']
        kill_connections(mortal)
        sent = mortal.database().message(conversation, other, f"第 {number} 次")
        mortal.database().execute("UPDATE orbia_conversation SET last_message_at = NOW(3) WHERE id = %s",
                                  conversation.id)
        assert len(answered(started, RECOVER_WITHIN + PROMPTLY)) == 2, number
        told(started, conversation, sent)
        assert service.metrics()['orbia_polls_ended_total{reason="gap"}'] >= gaps


def test_where_nothing_is_new_a_killed_watcher_costs_its_waiters_nothing(service, mortal, conversation, polls):
    conversation, (one, other) = conversation
    started = both(polls, conversation, one)
    kill_connections(mortal)
    asks_again(service)
    assert not answered(started, 1)
    eventually(lambda: polls.waiting == 2, within=PROMPTLY, what="both wait again")


@pytest.fixture
def two_hosts(make_directory):
    """A service of two servers that have the same conversation; nothing keeps them alike."""
    servers = [MariaDB(make_directory(), port=free_port()) for _ in range(2)]
    service = None
    try:
        for server in servers:
            server.start()
            server.create_service_database()
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
        service = Service(make_directory(), {**settings_for(servers[0], servers[0].database()), "MYSQL_SOCKET": "",
                                             "MYSQL_HOST": hosts, "ORBIA_WORKERS": "3"})
        service.start()
        yield service, servers
    finally:
        if service:
            service.stop()
        for server in servers:
            server.stop()


def test_what_is_committed_on_the_host_that_is_used_next_is_told(two_hosts):
    service, servers = two_hosts
    first, second = (server.database() for server in servers)
    members = first.users(2)
    conversation = first.conversation(*members)
    row = first.stored_conversation(conversation)
    second.insert("orbia_conversation", id=row["id"], conversation_id=row["conversation_id"], type="general")
    for member in members:
        second.insert("orbia_user", id=member.id, nickname=member.nickname)
        second.join(conversation, member)
    with polls_at(service) as polls:
        poll = polls.for_messages(members[0], conversation)
        servers[0].kill()
        sent = second.message(conversation, members[1], "另一台")
        assert answered([poll], RECOVER_WITHIN + PROMPTLY)
        assert [message["message_id"] for message in poll.success()["messages"]] == [sent]
        poll = polls.for_messages(members[0], conversation)
        sent = service.api().send_text(members[1], conversation).success()["message"]["message_id"]
        assert answered([poll], PROMPTLY)
        assert [message["message_id"] for message in poll.success()["messages"]] == [sent]
