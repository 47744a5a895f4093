"""schema-remove.sql: the platform's database as it was before schema.sql, while the platform goes on working."""

import itertools
import re
import subprocess
import threading

import pymysql
import pytest

from layout import TABLES, layout, rows, tablespaces
from mariadb import MariaDB
from orbia.paths import REMOVAL, REPOSITORY, SCHEMA
from orbia.polling import eventually
from orbia.private_mariadb import PASSWORD
from service import Service, run, settings_for
from statements import statements_of

PLATFORM = REPOSITORY / "Tests" / "support" / "platform.sql"
VERSION_2 = REPOSITORY / "Tests" / "support" / "schema_version_2.sql"
OPERATIONS = REPOSITORY / "docs" / "operations.md"
DEFINER = "orbia_conversation_definer"

# What is tested is not whether a crash leaves anything behind; without waiting for the disk it takes half the time.
WITHOUT_SYNC = ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--debug-no-sync"]

_names = (f"removal_{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server(make_directory):
    with MariaDB(make_directory(), *WITHOUT_SYNC) as server:
        yield server


@pytest.fixture(scope="module")
def other(server):
    """Another database of the server, which the service works in."""
    return server.create_service_database("removal_other")


@pytest.fixture
def platform(server):
    """The platform's tables as they were before schema.sql."""
    database = server.create_database(next(_names))
    database.load(PLATFORM)
    return database


def definitions(database) -> dict:
    """SHOW CREATE TABLE of the platform's tables, without the next id."""
    return {table: re.sub(r" AUTO_INCREMENT=\d+", "", database.row(f"SHOW CREATE TABLE {table}")["Create Table"])
            for table in TABLES}


def with_milliseconds(before: dict) -> dict:
    """Two times keep what schema.sql has widened them to, since their milliseconds would be lost."""
    after = dict(before)
    for table, column in (("orbia_conversation", "last_message_at"), ("orbia_conversation_member", "last_read_at")):
        after[table] = after[table].replace(f"`{column}` timestamp NULL", f"`{column}` timestamp(3) NULL")
        assert after[table] != before[table]
    return after


def use(database):
    """Something of everything that the service writes."""
    order = database.order(status="pending")
    database.execute("CALL orbia_order_progress_on()")
    database.set_order_status(order, "confirmed")
    database.set_order_status(order, "in_progress")
    conversation = database.conversation(order.user, order.kol.user)
    send = "CALL orbia_post_message(%s, %s, NULL, 'text', %s, NULL, NULL, NULL, %s, %s, FALSE)"
    [first] = database.rows(send, order.user.id, conversation.id, "一", "key 1", None)
    [second] = database.rows(send, order.kol.user.id, conversation.id, "二", "key 2", first["message_id"])
    assert (first["outcome"], second["outcome"]) == ("sent", "sent")
    database.rows("CALL orbia_mark_read(%s, %s, NULL, NULL)", order.user.id, conversation.id)
    [recalled] = database.rows("CALL orbia_recall_message(%s, %s, NULL, %s, 60000, 60000)",
                               order.user.id, conversation.id, first["message_id"])
    assert recalled["outcome"] == "recalled"


def work_as_the_platform(database):
    """What the platform's programs and its staff do, each with plain statements of their own."""
    order = database.order(status="pending_payment")
    for status in ("pending", "confirmed", "in_progress", "completed"):
        database.set_order_status(order, status)
    database.execute("UPDATE orbia_kol_order SET deleted_at = NOW() WHERE id = %s", order.id)
    # The platform's own code inserts the conversation of an order where there is none; a trigger may have been first.
    try:
        opened = database.conversation(order.user, order.kol.user, type="kol_order", related_order_type="kol_order",
                                       related_order_id=order.order_id)
    except pymysql.err.IntegrityError as error:
        assert error.args[0] == 1062
    else:
        database.update_conversation(opened, status="closed")
    conversation = database.conversation(order.user, type="support")
    staff = database.user("客服")
    database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id, role) VALUES (%s, %s, 'admin')",
                     conversation.id, staff.id)
    message = database.message(conversation, staff, "您好")
    database.update_conversation(conversation, last_message_at="2026-01-01 00:00:00", title="改了")
    database.execute("UPDATE orbia_conversation_member SET unread_count = unread_count + 1, last_read_at = NOW()"
                     " WHERE conversation_id = %s", conversation.id)
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE message_id = %s", message)
    assert [row["content"] for row in database.stored_messages(conversation)] == ["您好"]
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     conversation.id, staff.id)
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", conversation.id)
    gone = database.conversation(order.user)
    database.message(gone, order.user)
    database.execute("DELETE FROM orbia_conversation WHERE id = %s", gone.id)


class Platform:
    """The platform at work for as long as the block lasts."""

    def __init__(self, database):
        self._database, self._stopped = database, threading.Event()
        self.errors, self.rounds = [], 0
        self._threads = [threading.Thread(target=self._work) for _ in range(2)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        eventually(lambda: self.rounds or self.errors, within=10, what="it works")
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _work(self):
        while not self._stopped.is_set():
            try:
                work_as_the_platform(self._database)
            except Exception as error:
                self.errors.append(error)
            self.rounds += 1


def what_is_ours(database) -> list:
    """Names of what schema.sql has made in the database or for it."""
    platforms = ", ".join(f"'{table}'" for table in TABLES)
    return [next(iter(row.values())) for row in database.rows(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        " UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"
        " UNION ALL SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
        f"   AND TABLE_NAME NOT IN ({platforms})"
        " UNION ALL SELECT CONCAT(User, ' on ', Table_name) FROM mysql.tables_priv WHERE Db = DATABASE()"
        " UNION ALL SELECT CONCAT(User, ' on ', Routine_name) FROM mysql.procs_priv WHERE Db = DATABASE()"
        " UNION ALL SELECT User FROM mysql.global_priv WHERE User = CONCAT('orbia_conversation_app_', DATABASE())")]


def test_it_runs_statement_by_statement_while_the_platform_works(server, platform, other):
    before = definitions(platform)
    platform.load(SCHEMA)
    server.create_account(platform)
    use(platform)
    kept = {name: len(each) for name, each in rows(platform).items()}
    connection = platform.connect(init_command=None)
    with Platform(platform) as busy, connection.cursor() as cursor:
        for statement in statements_of(REMOVAL):
            cursor.execute(statement)
            try:
                work_as_the_platform(platform)
            except Exception as error:
                raise AssertionError(f"behind {statement[:200]}") from error
            assert busy.errors == [], statement[:200]
    assert definitions(platform) == with_milliseconds(before)
    # As docs/operations.md has it.
    for statement in ("ALTER TABLE orbia_conversation MODIFY last_message_at TIMESTAMP NULL",
                      "ALTER TABLE orbia_conversation_member MODIFY last_read_at TIMESTAMP NULL"):
        assert f"    {statement};\n" in OPERATIONS.read_text()
        platform.execute(statement)
    assert definitions(platform) == before
    assert what_is_ours(platform) == []
    assert all(len(each) >= kept[name] for name, each in rows(platform).items())

    # The other database goes on.
    order = other.order(status="pending")
    other.set_order_status(order, "confirmed")
    assert len(other.conversations_of(order)) == 1


def platforms_columns(found: dict) -> dict:
    """Rows without the columns of our own."""
    own = {"has_quotes", "last_activity_at", "conversation_type", "client_message_id", "event", "reply_to",
           "recalled_at"}
    return {table: [{name: value for name, value in row.items() if name not in own} for row in each]
            for table, each in found.items()}


def test_every_row_is_kept_and_a_second_run_changes_nothing(platform):
    platform.load(SCHEMA)
    use(platform)
    before = platforms_columns(rows(platform))
    done = platform.load(REMOVAL)
    assert "ALTER TABLE orbia_message" in done.stdout
    assert rows(platform) == before
    state = rows(platform), definitions(platform), tablespaces(platform)
    done = platform.load(REMOVAL)
    assert "ALTER" not in done.stdout
    assert (rows(platform), definitions(platform), tablespaces(platform)) == state


def test_a_database_that_never_had_it_is_left_as_it_is(platform):
    state = definitions(platform), tablespaces(platform)
    platform.load(REMOVAL)
    assert (definitions(platform), tablespaces(platform)) == state


def test_what_version_2_made_goes_too(platform):
    before = definitions(platform)
    platform.load(VERSION_2)
    platform.load(REMOVAL)
    assert definitions(platform) == with_milliseconds(before)
    assert what_is_ours(platform) == []


@pytest.fixture(scope="module")
def fresh(server):
    database = server.create_database("removal_fresh")
    database.load(SCHEMA)
    return database


def test_schema_sql_can_be_applied_again(server, platform, fresh):
    platform.load(SCHEMA)
    use(platform)
    platform.load(REMOVAL)
    work_as_the_platform(platform)
    platform.load(SCHEMA)
    assert layout(platform) == layout(fresh)
    server.create_account(platform)
    done = run("check", **settings_for(server, platform))
    assert done.returncode == 0, done.stdout
    use(platform)


def test_tables_that_schema_sql_has_made_get_the_platforms_layout(server, platform):
    made = server.create_database(next(_names))
    made.load(SCHEMA)
    use(made)
    made.load(REMOVAL)
    assert what_is_ours(made) == []
    platform.load(SCHEMA)
    platform.load(REMOVAL)
    assert {kind: layout(made)[kind] for kind in ("columns", "foreign keys")} \
        == {kind: layout(platform)[kind] for kind in ("columns", "foreign keys")}
    assert layout(made)["keys"] == layout(platform)["keys"]


def test_keys_of_somebodys_own_stay_under_whatever_names(platform):
    platform.load(SCHEMA)
    platform.execute("ALTER TABLE orbia_message ADD KEY idx_status (sender_id, message_type),"
                     " ADD KEY `x ``y` (file_type, id),"
                     " ADD FULLTEXT KEY words (content)")
    platform.execute("ALTER TABLE orbia_kol_order ADD KEY mine (status, updated_at)")
    platform.load(REMOVAL)
    keys = {row["Key_name"] for table in ("orbia_message", "orbia_kol_order")
            for row in platform.rows(f"SHOW KEYS FROM {table}")}
    assert {"idx_status", "x `y", "words", "mine"} <= keys
    assert ["status"] in [row["columns"].split(",") for row in platform.rows(
        "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS `columns` FROM information_schema.STATISTICS"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message' GROUP BY INDEX_NAME")]


@pytest.mark.parametrize("options", [["--default-character-set=latin1"],
                                     ["--init-command=SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES',"
                                      " autocommit = 0, sql_safe_updates = 1"]])
def test_the_clients_settings_do_not_matter(platform, options):
    before = definitions(platform)
    platform.load(SCHEMA)
    platform.load(REMOVAL, *options)
    assert definitions(platform) == with_milliseconds(before)
    assert what_is_ours(platform) == []


# What it refuses


def refusal(database, text=None) -> str:
    done = subprocess.run(database.client(), input=text or REMOVAL.read_text(), capture_output=True, text=True)
    assert done.returncode != 0
    return done.stderr


def test_while_the_service_is_connected_it_changes_nothing(server, platform, make_directory):
    platform.load(SCHEMA)
    server.create_account(platform)
    ours = what_is_ours(platform)
    with Service(make_directory(), settings_for(server, platform)).running():
        assert f"the service is connected, as {platform.account}. Stop its instances first" in refusal(platform)
        assert what_is_ours(platform) == ours
    # The server may notice a moment later that the service has gone.
    done = eventually(lambda: platform.load(REMOVAL), within=5, what="it removes", every=0.2)
    assert f"nobody needs any more: '{platform.account}'@'127.0.0.1', '{platform.account}'@'localhost'" in done.stdout


def test_a_newer_schema_is_left_to_its_own_file(platform):
    platform.load(SCHEMA)
    platform.execute("ALTER PROCEDURE orbia_mark_read COMMENT 'orbia-conversation 4'")
    ours = what_is_ours(platform)
    assert "nothing was changed: the database has version 4" in refusal(platform)
    assert what_is_ours(platform) == ours


def test_where_somebodys_transaction_is_in_the_way_it_gives_up_and_goes_on_later(platform):
    before = definitions(platform)
    platform.load(SCHEMA)
    use(platform)
    text, count = re.subn("lock_wait_timeout = 5;", "lock_wait_timeout = 1;", REMOVAL.read_text())
    assert count == 1
    with platform.transaction() as cursor:
        cursor.execute("SELECT COUNT(*) FROM orbia_conversation_member")
        assert "ERROR 1205" in refusal(platform, text)
        work_as_the_platform(platform)
    platform.load(REMOVAL)
    assert definitions(platform) == with_milliseconds(before)
    assert what_is_ours(platform) == []


# Accounts


def test_the_owner_goes_with_the_last_database_of_the_server(make_directory):
    with MariaDB(make_directory(), *WITHOUT_SYNC) as alone:
        first, last = alone.create_database("first"), alone.create_service_database("last")
        first.load(VERSION_2)
        alone.create_user(first)
        done = first.load(REMOVAL)
        assert f"{DEFINER} stays" in done.stdout
        order = last.order(status="pending")
        last.set_order_status(order, "confirmed")
        assert len(last.conversations_of(order)) == 1
        done = last.load(REMOVAL)
        assert "stays" not in done.stdout
        users = {row["User"] for row in last.rows("SELECT User FROM mysql.global_priv")}
        assert not {user for user in users if user.startswith("orbia_conversation_")} - {first.account, last.account}
        work_as_the_platform(first)
        work_as_the_platform(last)
        # The service's account is left to the administrator, without a right.
        with pytest.raises(pymysql.err.OperationalError):
            last.connect(user=last.account, password=PASSWORD)
