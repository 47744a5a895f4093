"""The schema comes first: version 3 serves builds of version 2, says to each build what it is, and fails no request."""

import itertools
import re
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from layout import layout
from orbia.commands.assemble_schema import assemble
from orbia.paths import REPOSITORY, SCHEMA
from orbia.polling import eventually
from orbia.private_mariadb import PASSWORD
from service import Service, run, settings_for
from version_2 import version_2_database

_names = (f"upgrade_{number}" for number in itertools.count(1))


@pytest.fixture
def version_2(server):
    return version_2_database(server, next(_names))


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
        reason = service.page("/readyz").json["reason"]
        assert reason == "the database is newer than this program, and serves programs from version 4 on"
        assert reason in service.log()
    finally:
        service.stop()


# A real schema of the version after this one


def next_version(directory, serves_from: int):
    """schema.sql as it would be, one or two versions later, with nothing else changed; its file."""
    version = serves_from + 1
    parts = directory / "schema"
    shutil.copytree(REPOSITORY / "schema", parts)
    layout = parts / "02-layout.sql"
    text, count = re.subn(r"^SET @orbia_version = .*;$",
                          f"SET @orbia_version = {version}, @orbia_serves_from = {serves_from};", layout.read_text(),
                          flags=re.MULTILINE)
    assert count == 1
    layout.write_text(text)
    file = directory / "schema.sql"
    file.write_text(assemble(parts)[0])
    return file


@pytest.fixture
def version_4(version_3, tmp_path):
    """What the operator has brought to version 4 before this build is replaced."""
    version_3.load(next_version(tmp_path, serves_from=3))
    return version_3


def test_this_build_works_on_the_schema_after_its_own(server, version_4, make_directory):
    user, kol = version_4.user(), version_4.kol()
    service = Service(make_directory(), settings_for(server, version_4))
    with service.running():
        eventually(lambda: service.page("/readyz").status == 200, within=5, what="it is ready")
        assert "the database is newer than this program" in service.page("/readyz").json["reason"]
        order = version_4.order(user, kol)
        version_4.set_order_status(order, "confirmed")
        api = service.api()
        [opened] = api.get_conversations(user).success()["conversations"]
        named = {"conversation_id": opened["id"]}
        first = api.send_message(user, **named, message_type="text", content="一").success()["message"]["message_id"]
        api.send_message(kol.user, **named, message_type="text", content="二", reply_to=first).success()
        api.mark_read(user, **named).success()
        api.get_conversation(user, **named).success()
        api.search_messages(user, query="二").success()
        api.recall_message(user, **named, message_id=first).success()
        assert len(api.get_messages(user, **named).success()["messages"]) == 2
        assert " error " not in service.log()


def test_check_says_that_the_database_is_newer_and_advises_nothing(server, version_4):
    done = run("check", **settings_for(server, version_4))
    assert done.returncode == 0, done.stdout
    assert "note  schema: version schema.sql: 4, expected 3; the database is newer than this program" in done.stdout
    assert "to mend it" not in done.stdout


@pytest.mark.parametrize("damage, says", [
    ("DROP PROCEDURE orbia_mark_read", "routine orbia_mark_read: missing"),
    ("REVOKE EXECUTE ON PROCEDURE orbia_schema_state FROM {role}", "orbia_schema_state"),
    ("REVOKE SELECT ON orbia_message FROM {role}", "orbia_message"),
], ids=["a routine is missing", "the report is denied", "a table is denied"])
def test_what_a_newer_schema_lacks_is_mended_by_its_own_file(server, version_4, damage, says):
    version_4.execute(damage.format(role=version_4.role))
    done = run("check", **settings_for(server, version_4))
    assert done.returncode != 0 and says in done.stdout, done.stdout
    assert f"mariadb {version_4.name} < schema.sql of version 4" in done.stdout


def test_readiness_of_a_newer_schema_never_asks_for_an_older_file(server, version_4, make_directory):
    version_4.execute("DROP PROCEDURE orbia_mark_read")
    service = Service(make_directory(), settings_for(server, version_4))
    with service.running():
        page = eventually(lambda: service.page("/readyz").json.get("status") == "schema" and service.page("/readyz"),
                          within=5, what="it says schema")
        assert page.json["reason"].startswith("schema.sql of version 4, which the database has, is to be applied")


def test_an_older_schema_sql_is_refused(version_4):
    before = layout(version_4)
    done = subprocess.run(version_4.client(), input=SCHEMA.read_text(), capture_output=True, text=True)
    assert done.returncode != 0
    assert "ERROR 1644" in done.stderr and "nothing was changed" in done.stderr
    assert "the database is newer than this file: use the schema.sql of version 4" in done.stdout
    assert layout(version_4) == before


# Those who use the database meanwhile


class Clients:
    """Read and send through a service, for as long as the block lasts; `failed` has the answers that are no 200."""

    def __init__(self, service, database):
        self._service, self._database = service, database
        self._user, self._kol = database.user(), database.kol()
        self._conversation = database.conversation(self._user)
        self._stopped = threading.Event()
        self.failed, self.answered = [], 0
        self._threads = [threading.Thread(target=self._repeat, args=[act])
                         for act in (self._chat, self._chat, self._list, self._order)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        eventually(lambda: self.answered > 20 or self.failed, within=10, what="they are served")
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, act):
        api = self._service.api()
        while not self._stopped.is_set():
            try:
                act(api)
            except Exception as error:
                self.failed.append(error)
            self.answered += 1

    def _chat(self, api):
        named = {"conversation_id": self._conversation.id}
        api.send_text(self._user, self._conversation, "你好").success()
        api.get_messages(self._user, **named).success()
        api.get_conversation(self._user, **named).success()
        api.mark_read(self._user, **named).success()

    def _list(self, api):
        api.get_conversations(self._user).success()
        api.search_messages(self._user, query="你").success()

    def _order(self, _):
        self._database.set_order_status(self._database.order(self._user, self._kol), "confirmed")


def made_at(database) -> dict:
    """When each trigger was made."""
    return {row["TRIGGER_NAME"]: row["CREATED"] for row in database.rows(
        "SELECT TRIGGER_NAME, CREATED FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()")}


def with_other_triggers(text: str, number: int) -> str:
    """schema.sql, as of a release in which these triggers are otherwise."""
    changed, count = re.subn('(?<=@orbia_body = "BEGIN)', f" /* {number} */", text)
    assert count >= 5
    return changed


def apply(database, text: str) -> subprocess.CompletedProcess:
    return subprocess.run(database.client(), input=text, capture_output=True, text=True)


def test_run_again_it_makes_no_trigger_anew(version_3):
    before = made_at(version_3)
    version_3.load(SCHEMA)
    assert made_at(version_3) == before != {}


@pytest.mark.parametrize("damage", [
    "DROP TRIGGER orbia_conversation_carry",
    "CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' TRIGGER orbia_conversation_carry"
    " AFTER UPDATE ON orbia_conversation FOR EACH ROW SET @x = 1",
    "CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' TRIGGER orbia_conversation_carry"
    " BEFORE UPDATE ON orbia_conversation FOR EACH ROW SET @x = 1",
], ids=["missing", "another body", "another event"])
def test_it_makes_a_trigger_that_is_missing_or_otherwise(version_3, damage):
    before = layout(version_3)
    version_3.execute(damage)
    assert layout(version_3) != before
    version_3.load(SCHEMA)
    assert layout(version_3) == before


@pytest.fixture
def service(server, version_3, make_directory):
    with Service(make_directory(), settings_for(server, version_3)).running() as service:
        yield service


def test_no_request_fails_while_its_triggers_are_made_anew(service, version_3):
    with Clients(service, version_3) as clients:
        for number in range(2):
            before = made_at(version_3)
            done = apply(version_3, with_other_triggers(SCHEMA.read_text(), number))
            assert done.returncode == 0, done.stderr
            assert made_at(version_3) != before
            assert clients.failed == []


def test_where_staff_hold_a_row_it_gives_up_and_no_request_waits_behind_it(service, version_3):
    text = with_other_triggers(SCHEMA.read_text(), 1).replace("IF v_waited > 20 THEN", "IF v_waited > 4 THEN")
    others = version_3.conversation(version_3.user())
    with Clients(service, version_3) as clients:
        with version_3.transaction() as staff:
            staff.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [others.id])
            done = apply(version_3, text)
            assert done.returncode != 0
            assert "ERROR 1205" in done.stderr and "others use orbia_conversation" in done.stderr
            number = staff.connection.thread_id()
            assert f"Open is the transaction of connection {number} (root@localhost)" in done.stderr
            assert clients.failed == []
        done = apply(version_3, text)
        assert done.returncode == 0, done.stderr
        assert clients.failed == []


def test_where_somebody_has_a_member_it_fills_the_copies_of_the_others_when_that_is_over(version_3):
    user, other = version_3.user(), version_3.user()
    held, copied = version_3.conversation(user), version_3.conversation(other)
    version_3.execute("UPDATE orbia_conversation_member SET last_activity_at = '2020-01-01'")
    with version_3.transaction() as staff:
        staff.execute("SELECT * FROM orbia_conversation_member WHERE conversation_id = %s FOR UPDATE", [held.id])
        client = subprocess.Popen(version_3.client(), stdin=SCHEMA.open(), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True)
        # It does not keep what it has locked until it has been waited for.
        eventually(lambda: version_3.rows("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE()"
                                          " AND STATE = 'User sleep'"), within=15, what="it waits without locks")
    assert client.wait(timeout=30) == 0, client.stderr.read()
    version_3.rows("SELECT 1")
    for conversation, member in ((held, user), (copied, other)):
        assert version_3.member(conversation, member)["last_activity_ms"] > 1_600_000_000_000
