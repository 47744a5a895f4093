"""The schema comes first: version 3 serves builds of version 2, and says to each build what it is."""

import itertools
import subprocess
import tarfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from orbia.paths import REPOSITORY, SCHEMA
from orbia.polling import eventually
from orbia.private_mariadb import PASSWORD
from service import Service, run, settings_for

VERSION_2 = REPOSITORY / "Tests" / "support" / "schema_version_2.sql"
# The last build of version 2 of the schema.
COMMIT_OF_VERSION_2 = "883ebdc4aa018a04a5a118ba497bff6685101fa2"

_names = (f"upgrade_{number}" for number in itertools.count(1))


@pytest.fixture
def version_2(server):
    """A database of version 2, with the service's account as the operator had made it then."""
    database = server.create_database(next(_names))
    database.load(VERSION_2)
    for account in server.create_user(database):
        database.execute(f"GRANT orbia_conversation_app TO {account}")
        database.execute(f"SET DEFAULT ROLE orbia_conversation_app FOR {account}")
    return database


# What builds of version 2 ask


def test_the_report_of_version_2_answers_as_it_did(version_2):
    before = version_2.rows("CALL orbia_schema_report()")
    version_2.load(SCHEMA)
    after = version_2.rows("CALL orbia_schema_report()")
    assert all(list(row)[:4] == ["kind", "name", "expected", "found"] for row in after)
    assert all(row["found"] == row["expected"] for row in after)
    assert {(row["kind"], row["name"]) for row in before} <= {(row["kind"], row["name"]) for row in after}
    comment = version_2.value("SELECT ROUTINE_COMMENT FROM information_schema.ROUTINES"
                              " WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME = 'orbia_schema_report'")
    assert comment == "orbia-conversation 2"


def test_the_report_of_version_2_tells_what_is_missing_and_no_more(version_2):
    version_2.load(SCHEMA)
    # Everything works on; what is found by its type alone is a note.
    version_2.execute("ALTER TABLE orbia_conversation MODIFY type"
                      " ENUM ('kol_order', 'ad_order', 'general', 'support', 'event') NOT NULL DEFAULT 'general'")
    version_2.execute("DROP TRIGGER orbia_conversation_carry")
    faults = [row["name"] for row in version_2.rows("CALL orbia_schema_report()") if row["found"] != row["expected"]]
    assert faults == ["orbia_conversation_carry"]


def test_while_schema_sql_runs_the_report_of_version_2_finds_nothing_wrong(version_2):
    """Builds of version 2 ask it again and again, and would not be ready."""
    wrong, stopped = [], threading.Event()

    def ask():
        with version_2.connect(user=version_2.account, password=PASSWORD).cursor() as cursor:
            while not stopped.is_set():
                cursor.execute("CALL orbia_schema_report()")
                wrong.extend(row for row in cursor.fetchall() if row["found"] != row["expected"])
                time.sleep(0.01)

    with ThreadPoolExecutor(2) as threads:
        asking = [threads.submit(ask) for _ in range(2)]
        try:
            version_2.load(SCHEMA)
        finally:
            stopped.set()
        for each in asking:
            each.result()
    assert wrong == []


def test_what_version_2_could_be_called_with_can_be_called_as_before(version_2):
    def called(database):
        return database.rows(
            "SELECT SPECIFIC_NAME, ORDINAL_POSITION, PARAMETER_MODE, DTD_IDENTIFIER, CHARACTER_SET_NAME, COLLATION_NAME"
            " FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE() AND SPECIFIC_NAME IN"
            " ('orbia_send_message', 'orbia_mark_read', 'orbia_backfill_conversations', 'orbia_schema_report')"
            " ORDER BY 1, 2")

    before = called(version_2)
    version_2.load(SCHEMA)
    assert called(version_2) == before != []


# What this build says of other versions


@pytest.fixture
def version_3(server):
    database = server.create_database(next(_names))
    database.load(SCHEMA)
    server.create_account(database)
    return database


def as_if(database, version: int, serves_from: int):
    """The report of a later version; the rest stays as it is."""
    database.execute(
        "CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost'"
        " PROCEDURE orbia_schema_state(IN p_build INT)"
        " SELECT 'table' AS kind, 'orbia_user' AS name, 'x' AS expected, 'x' AS found, 1 AS is_needed,"
        " 1 AS is_mendable,"
        f" CAST(NULL AS CHAR(9)) AS why, {version} AS version, {serves_from} AS serves_from")


def test_a_newer_schema_that_serves_this_build_is_a_note(server, version_3, make_directory):
    as_if(version_3, 4, 3)
    done = run("check", **settings_for(server, version_3))
    assert done.returncode == 0
    assert "note  schema: version schema.sql: 4, expected 3; the database is newer than this program" in done.stdout
    assert "to mend it" not in done.stdout
    service = Service(make_directory(), settings_for(server, version_3))
    service.start()
    try:
        eventually(lambda: service.page("/readyz").status == 200, within=5, what="it is ready")
    finally:
        service.stop()


def test_a_schema_that_is_too_new_is_a_fault(server, version_3, make_directory):
    as_if(version_3, 5, 4)
    done = run("check", **settings_for(server, version_3))
    assert done.returncode != 0
    assert "wrong schema: version schema.sql: 5, expected 3; the database is newer than this program" in done.stdout
    service = Service(make_directory(), settings_for(server, version_3))
    service.start()
    try:
        eventually(lambda: service.page("/readyz").json["status"] == "schema", within=5, what="it says schema")
    finally:
        service.stop()


# The build of version 2


@pytest.fixture(scope="module")
def build_2(tmp_path_factory):
    """The program of version 2, built from its commit."""
    directory = tmp_path_factory.mktemp("version_2")
    archive = directory / "source.tar"
    subprocess.run(["git", "archive", "--output", archive, COMMIT_OF_VERSION_2], cwd=REPOSITORY, check=True)
    with tarfile.open(archive) as source:
        source.extractall(directory)
    subprocess.run(["swift", "build", "-c", "release", "--product", "orbia-conversation"], cwd=directory, check=True)
    return directory / ".build" / "release" / "orbia-conversation"


class Load:
    """Members who send, read and mark through services, one after another, while something else happens."""

    def __init__(self, database, *services):
        self.user, self.other = database.user(), database.user()
        self.conversation = database.conversation(self.user, self.other)
        self.sent, self.failed = [], []
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=[service]) for service in services for _ in range(2)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        time.sleep(0.5)
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _work(self, service):
        api, named = service.api(), {"conversation_id": self.conversation.id}
        while not self._stopped.is_set():
            for answer in [api.send_text(self.user, self.conversation), api.get_messages(self.other, **named),
                           api.get_conversations(self.other), api.get_conversation(self.other, **named),
                           api.mark_read(self.other, **named)]:
                if answer.status != 200:
                    self.failed.append(answer)
                elif message := answer.success().get("message"):
                    self.sent.append(message["message_id"])


@pytest.fixture
def start(server, make_directory):
    """Starts a program on a database."""
    started = []

    def start(database, program=None) -> Service:
        service = Service(make_directory(), settings_for(server, database), **({"program": program} if program else {}))
        started.append(service)
        service.start()
        eventually(lambda: service.page("/readyz").status == 200, within=5, what="it is ready")
        return service

    yield start
    for service in started:
        service.stop()


@pytest.mark.slow
def test_a_build_of_version_2_works_on_this_schema_and_says_so(server, version_2, build_2, start):
    version_2.load(SCHEMA)
    done = run("check", program=build_2, **settings_for(server, version_2))
    assert done.returncode == 0, done.stdout
    with Load(version_2, start(version_2, build_2)) as load:
        order = version_2.order(status="pending")
        version_2.set_order_status(order, "confirmed")
        time.sleep(1)
    assert load.failed == [] and load.sent
    assert len(version_2.conversations_of(order)) == 1
    assert [row["message_id"] for row in version_2.stored_messages(load.conversation)] == sorted(load.sent)


@pytest.mark.slow
def test_from_version_2_to_this_one_and_back_no_request_fails(server, version_2, build_2, start):
    """The schema first, under load; then this build beside the older one, and the older one alone again."""
    old = start(version_2, build_2)
    with Load(version_2, old) as load:
        version_2.load(SCHEMA)
        time.sleep(1)
        version_2.load(SCHEMA)
        assert old.page("/readyz").status == 200
    with Load(version_2, old, start(version_2)) as beside:
        time.sleep(2)
    with Load(version_2, start(version_2, build_2)) as back:
        time.sleep(1)
    for each in (load, beside, back):
        assert each.failed == [] and each.sent
        assert {row["message_id"] for row in version_2.stored_messages(each.conversation)} == set(each.sent)
    assert old.page("/readyz").status == 200
