"""Backup and restore, by the commands of docs/operations.md, and what is to be seen before schema.sql has run."""

import datetime
import threading
import time

import pymysql
import pytest

from database import Conversation
from layout import rows
from mariadb import MariaDB
from orbia.database_server import ACCOUNT
from orbia.document import DEPLOYMENT, Administrator, block
from orbia.drill.commands import (
    DUMP, FIND, LOAD, LOOK, MAKE_ACCOUNT, REPLAY, SCHEMA, STOP_AT_A_POSITION, TRY_A_TRIGGER)
from orbia.drill.original import start_of_transaction
from orbia.polling import eventually
from orbia.private_mariadb import PASSWORD
from service import Service, run, settings_for

COUNT = block("The drill", "COUNT")

BINARY_LOG = ["--log-bin", "--binlog-format=ROW", "--log-bin-trust-function-creators=1", "--server-id=1"]
# Each makes sure that the order's triggers run, or fail.
NO_DEFINER, NO_RIGHTS, ROUTINE_DENIED = 1449, 1142, 1370


@pytest.fixture(scope="module")
def start_server(make_directory):
    started = []

    def start(*options) -> MariaDB:
        started.append(MariaDB(make_directory(), *options))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def start_service_on(make_directory):
    started = []

    def start(server, database, **settings) -> Service:
        started.append(Service(make_directory(), {**settings_for(server, database), **settings}))
        started[-1].start()
        return started[-1]

    yield start
    for service in started:
        service.stop()


def conversation_of(database, order) -> Conversation:
    [opened] = database.conversations_of(order)
    return Conversation(opened["id"], opened["conversation_id"])


class Original:
    """A server with a binary log, a service on it, and a conversation that is under way."""

    def __init__(self, server: MariaDB, service: Service):
        self.server, self.database, self.service = server, server.database(), service
        self.order = self.database.order(status="confirmed", title="推广视频 🎬")
        self.conversation = conversation_of(self.database, self.order)
        self.say("您好 🎬", "什么时候可以拍？")

    def say(self, *texts):
        """The buyer writes; the KOL reads all but the last."""
        for text in texts:
            said = self.service.api().send_text(self.order.user, self.conversation, text).success()
        self.service.api().mark_read(self.order.kol.user, conversation_id=self.conversation.id,
                                     read_up_to=said["message"]["created_at"] - 1).success()


@pytest.fixture(scope="module")
def original(start_server, make_directory):
    server = start_server(*BINARY_LOG)
    database = server.create_service_database()
    service = Service(make_directory(), settings_for(server, database))
    service.start()
    yield Original(server, service)
    service.stop()


@pytest.fixture(scope="module")
def backup(original, make_directory):
    """A directory with a dump, and the rows that it was taken of."""
    directory = make_directory()
    Administrator(directory, original.server).run(DUMP)
    return directory, rows(original.database)


def variables(database="orbia", account=ACCOUNT) -> dict:
    return {"DATABASE": database, "ACCOUNT": f"'{account}'@'localhost'", "PASSWORD": PASSWORD}


def order_fails_with(number: int, database, order) -> bool:
    """All changes of orders, whatever they are: here those of one buyer and one KOL."""
    people = {"user": order.user, "kol": order.kol}
    for change in (lambda: database.order(**people), lambda: database.order(**people, status="confirmed"),
                   lambda: database.execute("UPDATE orbia_kol_order SET title = CONCAT(title, '!') LIMIT 1")):
        with pytest.raises(pymysql.err.MySQLError) as failure:
            change()
        assert failure.value.args[0] == number
    return True


def check(server, database, account=ACCOUNT):
    return run("check", **{**settings_for(server, database), "MYSQL_USERNAME": account})


def names_the_remedy(done, number: int) -> bool:
    assert done.returncode == 1
    [wrong] = [line for line in done.stdout.splitlines() if line.startswith("wrong ")]
    [mend] = [line for line in done.stdout.splitlines() if line.startswith("      to mend it: ")]
    assert f"error {number} " in wrong
    return "docs/operations.md" in mend


def is_ready(service) -> bool:
    return service.page("/readyz").status == 200


def waits_for_schema(service) -> bool:
    return eventually(lambda: service.page("/readyz").json["status"] == "schema", within=5,
                      what="it is not ready, for want of the schema")


def works_again(server, database, service, conversation, order):
    """Check, the API, and orders that open conversations."""
    done = check(server, database, service.settings["MYSQL_USERNAME"])
    assert (done.returncode, done.stdout.count("ok  "), "wrong" in done.stdout) == (0, 9, False), done.stdout
    api = service.api()
    before = api.get_messages(order.user, conversation_id=conversation.id).success()["messages"]
    sent = api.send_text(order.user, conversation, "回来了").success()["message"]
    after = api.get_messages(order.kol.user, conversation_id=conversation.id).success()["messages"]
    assert [each["message_id"] for each in after] == [each["message_id"] for each in [*before, sent]]
    new = database.order(status="pending")
    database.set_order_status(new, "confirmed")
    opened = conversation_of(database, new)
    api.send_text(new.user, opened).success()
    [listed] = api.get_conversations(new.kol.user).success()["conversations"]
    assert (listed["id"], listed["unread_count"]) == (opened.id, 1)


def test_onto_a_fresh_server(original, backup, start_server, start_service_on):
    directory, before = backup
    server = start_server()
    administrator = Administrator(directory, server, **variables())
    administrator.run(LOAD)
    database = server.database()
    assert rows(database) == before
    assert order_fails_with(NO_DEFINER, database, original.order)
    assert names_the_remedy(check(server, database), 1045)
    # Whoever makes the account first, with rights of its own, is told of the definer.
    database.execute(f"CREATE USER early@localhost IDENTIFIED BY '{PASSWORD}'")
    database.execute("GRANT SELECT, EXECUTE ON orbia.* TO early@localhost")
    told = check(server, database, "early")
    assert names_the_remedy(told, NO_DEFINER) and "every change of an order fails" in told.stdout
    with pytest.raises(AssertionError, match=str(NO_DEFINER)):
        administrator.run(TRY_A_TRIGGER)
    hasty = start_service_on(server, database, MYSQL_USERNAME="early")
    waits_for_schema(hasty)

    administrator.run(SCHEMA)
    eventually(lambda: is_ready(hasty), within=5, what="it needs no restart")
    administrator.run(MAKE_ACCOUNT)
    administrator.run(TRY_A_TRIGGER)
    assert rows(database) == before
    works_again(server, database, start_service_on(server, database), original.conversation, original.order)


def test_into_another_schema_of_the_same_server(original, backup, start_service_on):
    """The drill: the original goes on, and neither account can do anything in the other's schema."""
    directory, before = backup
    server = original.server
    administrator = Administrator(directory, server, **variables("orbia_drill", "orbia_drill"))
    administrator.run(LOAD)
    database = server.database("orbia_drill")
    assert rows(database) == before
    assert order_fails_with(NO_RIGHTS, database, original.order)
    assert names_the_remedy(check(server, database), 1044)
    database.execute(f"CREATE USER early@localhost IDENTIFIED BY '{PASSWORD}'")
    database.execute("GRANT SELECT, EXECUTE ON orbia_drill.* TO early@localhost")
    told = check(server, database, "early")
    assert names_the_remedy(told, ROUTINE_DENIED) and "orbia_conversation_definer" in told.stdout

    administrator.run(SCHEMA)
    administrator.run(MAKE_ACCOUNT)
    administrator.run(TRY_A_TRIGGER)
    assert rows(database) == before
    counted = [line.split("\t") for line in administrator.run(COUNT).splitlines()]
    assert [(name, there, here) for name, there, here in counted if there != here] == [] and len(counted) == 6
    works_again(server, database, start_service_on(server, database, MYSQL_USERNAME="orbia_drill"),
                original.conversation, original.order)
    assert rows(original.database) == before

    leave = block("Database", "DROP DATABASE", document=DEPLOYMENT)
    administrator.run_sql(leave.replace("orbia_staging", "orbia_drill"), "mysql")
    original.say("还在吗？")


def test_over_the_living_database(start_server, start_service_on, make_directory):
    """Nothing fails loudly, and nothing works; the service goes on without a restart."""
    server = start_server(*BINARY_LOG)
    service = start_service_on(server, server.create_service_database())
    original = Original(server, service)
    administrator = Administrator(make_directory(), server, **variables())
    administrator.run(DUMP)
    before = rows(original.database)
    original.say("这句会丢")
    administrator.run('mariadb "$DATABASE" < orbia.sql\n')
    assert rows(original.database) == before
    lost = original.database.order(status="confirmed")
    assert original.database.conversations_of(lost) == []
    assert names_the_remedy(check(server, original.database), ROUTINE_DENIED)
    assert service.api().send_text(original.order.user, original.conversation).status == 500
    waits_for_schema(start_service_on(server, original.database))

    administrator.run(SCHEMA)
    works_again(server, original.database, service, original.conversation, original.order)
    start_service_on(server, original.database)
    eventually(lambda: original.database.conversations_of(lost), within=5, what="the back-fill opens what is missing")


def test_a_dump_is_of_one_moment_while_all_write(original, start_server, make_directory):
    """Unread counts and last times fit the messages, however many were sent meanwhile."""
    database = original.database
    people = [database.users(2) for _ in range(4)]
    conversations = [database.conversation(*pair) for pair in people]
    stop = threading.Event()

    def talk(pair, conversation):
        api = original.service.kept_api()
        while not stop.is_set():
            # While the dump notes the place in the binary log a write may be told to come again.
            assert api.send_text(pair[0], conversation).status in (200, 503)
        api.transport.close()

    threads = [threading.Thread(target=talk, args=each) for each in zip(people, conversations)]
    for thread in threads:
        thread.start()
    administrator = Administrator(make_directory(), original.server)
    try:
        time.sleep(0.3)
        administrator.run(DUMP)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for pair, conversation in zip(people, conversations):
        original.service.api().send_text(pair[0], conversation, "转储之后").success()
    server = start_server()
    Administrator(administrator.directory, server, **variables()).run(LOAD, SCHEMA)
    for pair, conversation in zip(people, conversations):
        messages = server.database().stored_messages(conversation)
        assert 0 < len(messages) < len(database.stored_messages(conversation))
        assert server.database().unread(conversation, pair[1]) == len(messages)
        assert server.database().stored_conversation(conversation)["last_message_ms"] == messages[-1]["created_ms"]


@pytest.mark.parametrize("by", ["time", "position"])
def test_to_a_point_in_time(original, start_server, start_service_on, make_directory, by):
    """All that was acknowledged before somebody deleted the messages is there; nothing after it is."""
    directory = make_directory()
    dumper = Administrator(directory, original.server)
    dumper.run(DUMP)
    original.say("第一", "第二")
    confirmed = original.database.order(status="confirmed")
    original.database.execute("FLUSH BINARY LOGS")
    original.say("第三")
    before = rows(original.database)
    time.sleep(1.1)  # the log has whole seconds
    accident = datetime.datetime.now().replace(microsecond=0)
    original.database.execute("DELETE FROM orbia_message WHERE conversation_id = %s", original.conversation.id)
    original.say("第四")
    original.database.execute("FLUSH BINARY LOGS")
    original.say("第五")

    server = start_server()
    administrator = Administrator(directory, server, BINLOGS=original.server.directory / "data", **variables())
    administrator.run(FIND, LOOK)
    administrator.run(LOAD)
    if by == "time":
        administrator.variables["UNTIL"] = f"--stop-datetime={accident}"
        administrator.run(FIND, REPLAY)
    else:
        file, position = start_of_transaction(directory / "since.txt", "### DELETE FROM `orbia`.`orbia_message`")
        administrator.variables |= {"UNTIL": f"--stop-position={position}", "LAST": file}
        administrator.run(FIND, STOP_AT_A_POSITION, REPLAY)
    database = server.database()
    assert rows(database) == before
    assert order_fails_with(NO_DEFINER, database, original.order)

    administrator.run(SCHEMA)
    administrator.run(MAKE_ACCOUNT)
    administrator.run(TRY_A_TRIGGER)
    assert rows(database) == before
    assert len(database.conversations_of(confirmed)) == 1
    works_again(server, database, start_service_on(server, database), original.conversation, original.order)
