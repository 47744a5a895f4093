"""schema-remove.sql: the platform's database as it was before schema.sql, while the platform goes on working."""

import itertools
import subprocess

import pymysql
import pytest

from layout import layout, rows, tablespaces
from mariadb import WITHOUT_SYNC, MariaDB
from orbia.paths import PLATFORM, REMOVAL, REPOSITORY, SCHEMA, VERSION_2
from orbia.polling import eventually
from orbia.private_mariadb import PASSWORD
from removal import Platform, definitions, platforms_columns, use, what_is_ours, with_milliseconds, work_as_the_platform
from service import Service, run, settings_for
from statements import statements_of

OPERATIONS = REPOSITORY / "docs" / "operations.md"
DEFINER = "orbia_conversation_definer"

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
