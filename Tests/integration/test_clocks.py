"""A database clock that is wrong: what is written meanwhile, what tells of it, and what mends it."""

import pytest

from clocks import Clock
from database import now_ms, timestamp
from mariadb import MariaDB
from orbia.document import Administrator, block
from orbia.polling import eventually
from service import Service, run, settings_for

MEND = block("Times that are ahead", "orbia_put_back")
DAY = 86_400
REFUSED = "conversation is at the end of time"


@pytest.fixture(scope="module")
def clock(make_directory):
    return Clock(make_directory() / "clock")


@pytest.fixture(scope="module")
def server(make_directory, clock):
    """Its clock is the test's to set."""
    with MariaDB(make_directory(), environment=clock.environment) as server:
        server.create_service_database()
        yield server


@pytest.fixture
def database(server, clock):
    database = server.database()
    yield database
    clock.be_right()
    # The orders first: a back-fill would open their conversations again.
    database.execute("DELETE FROM orbia_kol_order")
    database.execute("DELETE FROM orbia_conversation")


@pytest.fixture
def start_service(server, make_directory):
    started = []

    def start() -> Service:
        started.append(Service(make_directory(), settings_for(server, server.database())))
        started[-1].start()
        return started[-1]

    yield start
    for service in started:
        service.stop()


@pytest.fixture
def api(start_service, database):
    return start_service().api()


@pytest.fixture
def end_of_time(database) -> int:
    return database.end_of_time()


def clock_lines(server, database) -> list:
    done = run("check", **settings_for(server, database))
    assert done.returncode == 0, done.stdout
    return [line for line in done.stdout.splitlines() if line[6:].startswith("clock")]


def mend(server, directory, database):
    Administrator(directory, server).run_sql(MEND, database.name)


# A clock that was ahead for a while


def test_what_was_written_meanwhile_is_told_of_and_put_back(server, database, clock, api, start_service, tmp_path):
    """Two who talk while the clock is a day ahead, go on when it is right, and do not notice the mending."""
    buyer, kol = database.users(2)
    talk, quiet = database.conversation(buyer, kol), database.conversation(buyer, kol)
    api.send_text(buyer, talk, "之前").success()
    assert clock_lines(server, database) == ["ok    clock"]

    clock.be_ahead(DAY)
    ahead = [api.send_text(buyer, talk, f"第 {number} 条").success()["message"] for number in range(3)]
    api.mark_read(kol, conversation_id=talk.id, read_up_to=ahead[1]["created_at"]).success()
    opened = database.order(user=buyer, status="confirmed")
    clock.be_right()
    for text in ("之后", "最后"):
        api.send_text(buyer, talk, text).success()
    api.send_text(buyer, quiet, "别的").success()

    # Both stay above the one that was written to last.
    before = api.get_conversations(buyer).success()
    assert [each["id"] for each in before["conversations"]][-1] == quiet.id
    service = start_service()
    eventually(lambda: service.metrics().get("orbia_conversations_ahead") == 2, within=5, what="the metric tells of it")
    eventually(lambda: "conversations ahead of the database's clock: 2, the furthest by 86" in service.log(), within=5,
               what="it is logged")
    conversations, readers = clock_lines(server, database)
    assert conversations.startswith("note  clock: conversations ahead of the database's clock: 2, the furthest by 86")
    assert readers == "note  clock: members with last_read_at ahead of the database's clock: 1"
    told = api.get_messages(kol, conversation_id=talk.id).success()["messages"]

    mend(server, tmp_path, database)
    now = now_ms()
    assert clock_lines(server, database) == ["ok    clock"]
    mended = api.get_messages(kol, conversation_id=talk.id).success()["messages"]
    times = [each["created_at"] for each in mended]
    assert [each["content"] for each in mended] == [each["content"] for each in told]
    assert times == sorted(set(times)) and times[0] == told[0]["created_at"] and now - 5000 < times[-1] <= now
    assert all(each["message_id"] == f"MSG_{each['created_at']}_{talk.id}" for each in mended)
    # As far apart as they were.
    assert times[3] - times[1] == ahead[2]["created_at"] - ahead[0]["created_at"]
    members = api.get_conversation(kol, conversation_id=talk.id).success()["conversation"]
    assert members["unread_count"] == 3
    assert database.member(talk, kol)["last_read_ms"] == times[2]
    after = api.get_conversations(buyer).success()
    assert after["total_unread"] == before["total_unread"]
    assert {each["id"] for each in after["conversations"]} == {each["id"] for each in before["conversations"]}

    api.send_text(kol, quiet, "现在最新").success()
    listed = api.get_conversations(buyer).success()["conversations"]
    assert listed[0]["id"] == quiet.id
    sent = api.send_text(buyer, talk, "对的时间").success()["message"]
    assert abs(sent["created_at"] - now_ms()) < 5000
    assert len(database.conversations_of(opened)) == 1


def test_messages_that_do_not_fit_before_now_as_they_were_keep_their_order(server, database, api, tmp_path):
    """A clock that jumped twice leaves them further apart than there is room for."""
    buyer, kol = database.users(2)
    talk = database.conversation(buyer, kol)
    api.send_text(buyer, talk, "之前").success()
    for number, days in enumerate([1, 1, 400, 3000]):
        database.message(talk, buyer, f"第 {number} 条", now_ms() + days * DAY * 1000 + number)
    api.send_text(buyer, talk, "最后").success()
    before = database.stored_messages(talk)
    mend(server, tmp_path, database)
    after = database.stored_messages(talk)
    assert [each["content"] for each in after] == [each["content"] for each in before]
    times = [each["created_ms"] for each in after]
    assert times == sorted(set(times)) and times[0] == before[0]["created_ms"] and times[-1] <= now_ms()
    assert database.stored_conversation(talk)["last_message_ms"] == times[-1]
    assert database.member(talk, kol)["last_activity_ms"] == times[-1]


def test_what_is_not_ahead_is_left_alone(server, database, api, tmp_path):
    buyer, kol = database.users(2)
    for conversation in database.conversations(2, buyer, kol):
        api.send_text(buyer, conversation).success()
        api.mark_read(kol, conversation_id=conversation.id).success()
    before = database.content_checksum()
    mend(server, tmp_path, database)
    assert database.content_checksum() == before


def test_a_reader_who_is_ahead_by_himself_is_put_back(server, database, clock, api, tmp_path):
    """He read while the clock was ahead, and nobody wrote: what is written next is not read yet."""
    buyer, kol = database.users(2)
    talk = database.conversation(buyer, kol)
    api.send_text(buyer, talk).success()
    clock.be_ahead(DAY)
    api.mark_read(kol, conversation_id=talk.id).success()
    clock.be_right()
    assert clock_lines(server, database) == ["note  clock: members with last_read_at ahead of the database's clock: 1"]
    mend(server, tmp_path, database)
    next_one = api.send_text(buyer, talk).success()["message"]
    assert database.member(talk, kol)["last_read_ms"] < next_one["created_at"]


def test_a_clock_that_is_behind_does_not_change_the_order(server, database, clock, api):
    """It is told of in the same way: it is the clock that is to be mended then."""
    buyer, kol = database.users(2)
    talk = database.conversation(buyer, kol)
    first = api.send_text(buyer, talk).success()["message"]
    clock.be_ahead(-3600)
    second = api.send_text(buyer, talk).success()["message"]
    assert second["created_at"] == first["created_at"] + 1
    [line] = clock_lines(server, database)
    assert line.startswith("note  clock: conversations ahead of the database's clock: 1, the furthest by 3")


def test_a_deleted_conversation_does_not_count(server, database, api):
    buyer = database.user()
    talk = database.conversation(buyer, last_message_at="2037-01-01 00:00:00")
    assert len(clock_lines(server, database)) == 1
    database.update_conversation(talk, deleted_at="2026-01-01 00:00:00")
    assert clock_lines(server, database) == ["ok    clock"]


# The end of time


def test_a_send_beyond_the_end_of_time_is_refused_and_mended(server, database, api, end_of_time, tmp_path):
    """Two more fit behind the one before; all that are there are listed, read, and can be repeated."""
    buyer, kol = database.users(2)
    talk = database.conversation(buyer, kol)
    database.message(talk, buyer, "很晚", end_of_time - 2)
    times = [api.send_message(buyer, conversation_id=talk.id, message_type="text", content="你好",
                              client_message_id=key).success()["message"]["created_at"] for key in "ab"]
    assert times == [end_of_time - 1, end_of_time]
    for key in "cd":
        refused = api.send_message(buyer, conversation_id=talk.id, message_type="text", content="你好",
                                   client_message_id=key)
        assert refused.error(400) == REFUSED
    repeated = api.send_message(buyer, conversation_id=talk.id, message_type="text", content="你好",
                                client_message_id="b")
    assert repeated.success()["duplicate"] is True
    assert database.unread(talk, kol) == 2

    for body in ({}, {"before_timestamp": end_of_time + 1}, {"before_timestamp": 2**63 - 1}):
        page = api.get_messages(kol, conversation_id=talk.id, **body).success()
        assert [each["created_at"] for each in page["messages"]] == [end_of_time - 2, *times]
    page = api.get_messages(kol, conversation_id=talk.id, before_timestamp=end_of_time).success()
    assert [each["created_at"] for each in page["messages"]] == [end_of_time - 2, times[0]]
    for bound in (end_of_time, end_of_time + 1, 2**63 - 1):
        assert api.get_messages(kol, conversation_id=talk.id, after_timestamp=bound).success()["messages"] == []
    assert api.mark_read(kol, conversation_id=talk.id, read_up_to=times[0]).success()["unread_count"] == 1
    assert database.member(talk, kol)["last_read_ms"] == times[0]
    assert api.mark_read(kol, conversation_id=talk.id, read_up_to=2**63 - 1).success()["unread_count"] == 0
    assert database.member(talk, kol)["last_read_ms"] == end_of_time

    mend(server, tmp_path, database)
    api.send_text(buyer, talk).success()
    assert [each["content"] for each in database.stored_messages(talk)] == ["很晚", "你好", "你好", "你好"]


def test_a_clock_shortly_before_the_end_of_time_is_refused_too(database, clock, api, end_of_time):
    """Behind a message of the last millisecond there is no room; reading goes on.

    In the last second itself MariaDB ends by itself, whatever it is asked.
    """
    buyer, kol = database.users(2)
    talk, full = database.conversation(buyer, kol), database.conversation(buyer, kol)
    now = end_of_time - 1000
    clock.stand_still_at(timestamp(now))
    sent = [api.send_text(buyer, talk).success()["message"]["created_at"] for _ in range(2)]
    assert now - 999 <= sent[0] <= now and sent[1] == sent[0] + 1
    database.message(full, buyer, "很晚", end_of_time)
    assert api.send_text(buyer, full).error(400) == REFUSED
    for conversation, count in ((talk, 2), (full, 1)):
        assert len(api.get_messages(kol, conversation_id=conversation.id).success()["messages"]) == count
        assert api.mark_read(kol, conversation_id=conversation.id).success()["unread_count"] == 0
