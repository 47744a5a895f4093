"""Whatever blocks writes leaves reads alone: a row that somebody holds, a backup's lock, a disk that is full."""

import json
import shutil
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from api import PREFIX, cgi_answer
from mariadb import MariaDB
from orbia.database_server import ACCOUNT
from orbia.fastcgi import records
from orbia.polling import eventually
from service import Service, settings_for
from transactions import open_transactions

WRITERS, READERS = 16, 4


@pytest.fixture
def world(database):
    """A conversation that somebody holds, and others that are read."""
    user = database.user()
    others = database.conversations(4, user)
    for other in others:
        database.message(other, user)
    return SimpleNamespace(user=user, held=database.conversation(user), others=others)


@contextmanager
def row_lock(database, conversation):
    """As a person's client holds it that has forgotten its transaction; gives what ends it."""
    with database.transaction() as cursor:
        cursor.execute("SELECT id FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        yield cursor.connection.rollback


@dataclass
class Seen:
    """What clients that ask again and again were answered."""

    reads: Counter
    writes: Counter
    slowest_write: float


def use(service, world, write, seconds: float) -> Seen:
    """Sixteen clients write with `write`, four read, for so long."""
    end = time.monotonic() + seconds

    def ask(call) -> tuple:
        statuses, slowest = Counter(), 0.0
        api = service.kept_api()
        while time.monotonic() < end:
            begun = time.monotonic()
            statuses[call(api).status] += 1
            slowest = max(slowest, time.monotonic() - begun)
            if statuses[503]:
                time.sleep(0.01)
        api.transport.close()
        return statuses, slowest

    def read(number):
        return lambda api: api.get_messages(world.user, conversation_id=world.others[number].id)

    with ThreadPoolExecutor(WRITERS + READERS) as threads:
        writing = [threads.submit(ask, write(number)) for number in range(WRITERS)]
        reading = [threads.submit(ask, read(number)) for number in range(READERS)]
        written, found = [each.result() for each in writing], [each.result() for each in reading]
    return Seen(sum((each[0] for each in found), Counter()), sum((each[0] for each in written), Counter()),
                max(each[1] for each in written))


def check_reads(seen: Seen):
    """At most one in a hundred was refused. How many there are in a second is for scripts/resilience to say; where
    they waited for writes, each of the four clients would have had a handful."""
    assert seen.reads[200] > 100, seen
    assert seen.reads[200] >= 99 * (sum(seen.reads.values()) - seen.reads[200]), seen


def send_to(world, name):
    """Sends to the conversation, by its number from half of the clients, and else by its code."""
    def write(number):
        conversation = world.held.id if number % 2 else world.held.conversation_id
        return lambda api: api.send_message(world.user, conversation_id=conversation, message_type="text",
                                            content=name)
    return write


def mark(world):
    return lambda number: lambda api: api.mark_read(world.user, conversation_id=world.held.id)


@pytest.mark.parametrize("kind", ["send_message", "mark_read"])
def test_one_locked_conversation_takes_nobody_else_down(start_service, database, world, kind):
    service = start_service()
    write = send_to(world, "x") if kind == "send_message" else mark(world)
    with row_lock(database, world.held):
        seen = use(service, world, write, seconds=1.5)
        check_reads(seen)
    assert set(seen.writes) == {503}
    # A wait in the queue, and what a request may take from then on; not one behind another.
    assert seen.slowest_write < 1 + 3 + 0.5
    service.api().send_text(world.user, world.held).success()


def test_a_conversation_has_the_same_turns_by_number_and_by_code(start_service, database, world):
    """Else the writers of the one would wait in the database beside those of the other."""
    service = start_service()
    with row_lock(database, world.held) as release, ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(send_to(world, str(number))(number), service.api()) for number in range(8)]
        # Two have the conversation's turns. One on its way to them counts as a write, too, so all must be there.
        eventually(lambda: service.metrics()['orbia_connections{state="parked"}'] == 6, within=5, what="six wait")
        waiting = [each for each in open_transactions(database, ACCOUNT) if each.waits]
        writes = service.metrics()["orbia_writes"]
        release()
        for call in calls:
            call.result().success()
    assert len(waiting) <= writes == 2
    stored = [row["content"] for row in database.stored_messages(world.held)]
    assert sorted(stored) == [str(number) for number in range(8)]


def test_many_locked_conversations_leave_workers_to_reads(start_service, database, world):
    service = start_service()
    held = database.conversations(WRITERS, world.user)
    with database.transaction() as cursor:
        for conversation in held:
            cursor.execute("SELECT id FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        seen = use(service, world, lambda number: lambda api: api.send_text(world.user, held[number]), seconds=1.5)
        check_reads(seen)
    assert set(seen.writes) == {503}


def test_a_backup_that_locks_all_tables_leaves_reads_alone(mortal, make_directory):
    database = mortal.database()
    service = Service(make_directory(), settings_for(mortal, database))
    service.start()
    try:
        user = database.user()
        world = SimpleNamespace(user=user, others=database.conversations(4, user))
        targets = database.conversations(WRITERS, user)
        with database.transaction() as cursor:
            cursor.execute("FLUSH TABLES WITH READ LOCK")
            seen = use(service, world, lambda number: lambda api: api.send_text(user, targets[number]), seconds=1.5)
            cursor.execute("UNLOCK TABLES")
        check_reads(seen)
        assert set(seen.writes) == {503}
        service.api().send_text(user, targets[0]).success()
    finally:
        service.stop()


def test_many_parked_writes_leave_the_queue_to_reads(start_service, database, world):
    """More than the queue has places. Those beyond a conversation's own places are refused at once."""
    service = start_service(ORBIA_QUEUE_LENGTH="20", ORBIA_QUEUE_AGE="10s")
    places = 128
    message = request(service, world, "send_message", conversation_id=world.held.id, message_type="text", content="x")
    with row_lock(database, world.held) as release:
        peers = []
        for number in range(places + 40):
            peers.append(service.peer())
            peers[-1].send(message)
            if number % 10 == 9:
                eventually(lambda: service.metrics()["orbia_queue_length"] == 0, within=5, what="none is queued")
        assert service.metrics()['orbia_connections{state="parked"}'] == places
        eventually(lambda: service.metrics()['orbia_refused_total{reason="writes_full"}'] >= 38, within=5,
                   what="the others are refused")
        for _ in range(50):
            service.api().get_messages(world.user, conversation_id=world.others[0].id).success()
        release()
    statuses = Counter(cgi_answer(peer.reply().output).status for peer in peers)
    # Those that write first wait in the database, and may be refused there.
    assert statuses[200] == len(database.stored_messages(world.held)) >= places - 4
    for peer in peers:
        peer.close()


def test_parked_and_queued_time_together_are_bounded(start_service, database, world):
    service = start_service(ORBIA_QUEUE_AGE="400ms")
    with row_lock(database, world.held), ThreadPoolExecutor(12) as threads:
        first = [threads.submit(service.api().send_text, world.user, world.held) for _ in range(2)]
        eventually(lambda: service.metrics()["orbia_writes"] >= 1, within=5, what="one writes")

        def ask():
            begun = time.monotonic()
            answer = service.api().send_text(world.user, world.held)
            return answer, time.monotonic() - begun

        for answer, took in [each.result() for each in [threads.submit(ask) for _ in range(8)]]:
            answer.error(503)
            assert answer.headers["Retry-After"] == "1"
            assert took < 1
        for each in first:
            each.result()
    eventually(lambda: service.metrics()['orbia_refused_total{reason="writes_age"}'] >= 8, within=5,
               what="they are counted")


def test_a_parked_write_whose_client_has_gone_is_not_carried_out(start_service, database, world):
    service = start_service(ORBIA_QUEUE_AGE="10s")

    def message(content):
        return request(service, world, "send_message", conversation_id=world.held.id, message_type="text",
                       content=content)

    def parked() -> float:
        return service.metrics()['orbia_connections{state="parked"}']

    with row_lock(database, world.held) as release, ThreadPoolExecutor(4) as threads:
        first = [threads.submit(service.api().send_text, world.user, world.held, "first") for _ in range(4)]
        eventually(lambda: parked() + service.metrics()["orbia_writes"] == 4, within=5, what="these wait")
        waiting = parked()
        gone, here = service.peer(), service.peer()
        gone.send(message("gone"))
        here.send(message("here"))
        eventually(lambda: parked() == waiting + 2, within=5, what="both are parked")
        gone.close()
        eventually(lambda: parked() == waiting + 1, within=5, what="one is forgotten")
        release()
        for each in first:
            each.result().success()
        assert cgi_answer(here.reply().output).status == 200
    # Two write at a time, and which of two that write gets the row first is the database's choice.
    assert sorted(row["content"] for row in database.stored_messages(world.held)) == ["first"] * 4 + ["here"]
    # The connection that was parked is as good as any.
    assert cgi_answer(here.ask(message("again")).output).status == 200
    here.close()


def test_a_large_message_that_was_parked_is_stored_as_it_was_sent(start_service, database, world):
    """It is read anew from the bytes that were kept, and what came behind it is still there."""
    service = start_service(ORBIA_QUEUE_AGE="10s")
    content = "长" * 21_000
    with row_lock(database, world.held) as release, ThreadPoolExecutor(2) as threads, service.peer() as peer:
        first = [threads.submit(service.api().send_text, world.user, world.held, "first") for _ in range(2)]
        eventually(lambda: service.metrics()["orbia_writes"] >= 1, within=5, what="one writes")
        before = service.metrics()['orbia_connections{state="parked"}']
        peer.send(request(service, world, "send_message", conversation_id=world.held.id, message_type="text",
                          content=content)
                  + request(service, world, "get_conversation", conversation_id=world.held.id))
        eventually(lambda: service.metrics()['orbia_connections{state="parked"}'] > before, within=5,
                   what="it is parked")
        release()
        for each in first:
            each.result().success()
        assert cgi_answer(peer.reply().output).success()["message"]["content"] == content
        assert cgi_answer(peer.reply().output).success()["conversation"]["id"] == world.held.id
    assert [row["content"] for row in database.stored_messages(world.held)][-1] == content


def test_a_stop_answers_what_is_parked(start_service, database, world):
    service = start_service(ORBIA_QUEUE_AGE="10s", ORBIA_DRAIN_TIMEOUT="5s")
    with row_lock(database, world.held) as release, ThreadPoolExecutor(6) as threads:
        calls = [threads.submit(service.api().send_text, world.user, world.held) for _ in range(6)]
        eventually(lambda: service.metrics()['orbia_connections{state="parked"}'] >= 4, within=5, what="they wait")
        service.signal()
        eventually(lambda: not service.socket.exists(), within=5, what="it accepts no more")
        release()
        for call in calls:
            call.result().success()
    assert service.wait(within=10) == 0


def request(service, world, route: str, **body) -> bytes:
    """A request as bytes, on a connection that is kept."""
    parameters = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": PREFIX + route,
                  "HTTP_AUTHORIZATION": f"Bearer {service.api().token(world.user)}"}
    return records.request(parameters, json.dumps(body).encode(), keep=True)


# A disk that is full


@pytest.fixture
def small_disk(make_directory):
    """A file system of 24 MB, to be filled."""
    directory = make_directory()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", directory], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root can mount a file system")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", directory], check=True)


def test_a_full_disk_leaves_reads_alone(small_disk, make_directory):
    """The binary log's: the server holds each commit until there is room, and looks once a minute."""
    server = MariaDB(make_directory(), f"--log-bin={small_disk}/binlog", "--binlog-format=ROW",
                     "--log-bin-trust-function-creators=1")
    service = None
    try:
        server.start()
        database = server.create_service_database()
        service = Service(make_directory(), settings_for(server, database))
        service.start()
        user = database.user()
        world = SimpleNamespace(user=user, others=database.conversations(4, user))
        targets = database.conversations(WRITERS, user)
        fill(small_disk)
        content = "x" * 60_000
        seen = use(service, world,
                   lambda number: lambda api: api.send_text(user, targets[number], content), seconds=3)
        check_reads(seen)
        assert seen.writes[503] > 0 and set(seen.writes) <= {200, 503}
    finally:
        if service:
            service.stop()
        server.kill()


def fill(directory):
    free = shutil.disk_usage(directory).free
    with open(directory / "ballast", "wb") as ballast:
        ballast.write(b"x" * (free - 400_000))
