"""Several databases on one server: each has a role of its own, and the role that all of them shared goes."""

import re
import subprocess

import pymysql
import pytest

from database import Database
from mariadb import MariaDB
from orbia.database_server import client_command
from orbia.paths import REPOSITORY, SCHEMA, VERSION_2
from orbia.private_mariadb import PASSWORD
from service import Service, run, settings_for

DEPLOYMENT = (REPOSITORY / "docs" / "deployment.md").read_text()
DENIED = {1044, 1142, 1370}
SHARED = "orbia_conversation_app"


@pytest.fixture(scope="module")
def server(make_directory):
    """One that no version of schema.sql was run on."""
    with MariaDB(make_directory()) as server:
        yield server


def create(server, name, schema=SCHEMA) -> Database:
    server.database("mysql").execute("CREATE DATABASE " + quoted(name) + " CHARACTER SET utf8mb4")
    database = server.database(name)
    database.load(schema)
    return database


def quoted(name) -> str:
    return "`" + name.replace("`", "``") + "`"


@pytest.fixture(scope="module")
def production(server):
    database = create(server, "production")
    server.create_account(database)
    return database


@pytest.fixture(scope="module")
def staging(server, production):
    database = create(server, "staging")
    server.create_account(database)
    return database


def session(database, of=None):
    """A session of the service's account of one database in another, or in its own."""
    return database.connect(user=(of or database).account, password=PASSWORD)


# Each its own


def test_on_a_server_that_had_no_earlier_version_there_is_no_shared_role(server, production, staging):
    assert server.database("mysql").rows("SELECT User FROM mysql.user WHERE User = %s", SHARED) == []


@pytest.mark.parametrize("statement", [
    "SELECT id FROM production.orbia_conversation",
    "SELECT content FROM production.orbia_message",
    "SELECT nickname FROM production.orbia_user",
    "CALL production.orbia_post_message(1, 1, NULL, 'text', 'x', NULL, NULL, NULL, NULL, NULL, FALSE)",
    "CALL production.orbia_recall_message(1, 1, NULL, 'MSG_1_1', 0, 0)",
    "CALL production.orbia_mark_read(1, 1, NULL, NULL)",
    "CALL production.orbia_backfill_conversations(1)",
    "CALL production.orbia_schema_state(3)",
    "CALL production.orbia_tell_order_progress(NULL, NULL)",
    "CALL production.orbia_order_progress_report()",
    "CALL production.orbia_order_progress_on()",
    "USE production",
    "SET ROLE orbia_conversation_app_production",
])
def test_stagings_account_has_no_part_in_production(production, staging, statement):
    with session(staging).cursor() as cursor:
        cursor.execute("CALL orbia_mark_read(1, 1, NULL, NULL)")
        with pytest.raises(pymysql.err.MySQLError) as refusal:
            cursor.execute(statement)
    assert refusal.value.args[0] in DENIED | {1959}  # ER_INVALID_ROLE


def test_stagings_account_cannot_log_in_to_production(production, staging):
    with pytest.raises(pymysql.err.OperationalError) as refusal:
        session(production, of=staging)
    assert refusal.value.args[0] in DENIED


def test_a_service_with_stagings_account_does_not_serve_production(server, production, staging):
    settings = {**settings_for(server, production), "MYSQL_USERNAME": staging.account}
    done = run("check", **settings)
    assert done.returncode != 0 and production.role in done.stdout


def test_the_role_is_given_to_nobody_but_who_made_it(server, production, staging):
    fresh = create(server, "given_to_nobody")
    holders = fresh.rows("SELECT User FROM mysql.roles_mapping WHERE Role = %s",
                         "orbia_conversation_app_given_to_nobody")
    assert {row["User"] for row in holders} == {"root"}


@pytest.mark.parametrize("name", ["x" * 64, "my-db.2", "Orbia Test", "a`b", "a'b", "数据库", "percent%_"],
                         ids=["64 characters", "a dot", "a blank", "a backtick", "a quote", "Chinese", "a wildcard"])
def test_a_databases_name_may_be_any(server, name):
    database = create(server, name)
    database.load(SCHEMA)
    for host in ("localhost", "127.0.0.1"):
        account = f"'of_a_strange_name'@'{host}'"
        database.execute(f"CREATE OR REPLACE USER {account} IDENTIFIED BY '{PASSWORD}'")
        database.execute(f"GRANT {database.role} TO {account}")
        database.execute(f"SET DEFAULT ROLE {database.role} FOR {account}")
    done = run("check", **{**settings_for(server, database), "MYSQL_USERNAME": "of_a_strange_name"})
    assert done.returncode == 0, done.stdout
    assert "note" not in done.stdout


# The shared role


@pytest.fixture
def old(server):
    """A database of version 2, with an account that has the shared role."""
    database = server.database("old")
    database_exists = server.database("mysql").rows("SHOW DATABASES LIKE 'old'")
    if database_exists:
        server.database("mysql").execute("DROP DATABASE old")
    database = create(server, "old", VERSION_2)
    for account in server.create_user(database):
        database.execute(f"GRANT {SHARED} TO {account}")
        database.execute(f"SET DEFAULT ROLE {SHARED} FOR {account}")
    yield database
    server.database("mysql").execute(f"DROP USER {', '.join(server.create_user(database))}")
    server.database("mysql").execute(f"DROP ROLE IF EXISTS {SHARED}")
    server.database("mysql").execute(f"DROP ROLE IF EXISTS {database.role}")


def test_the_shared_role_keeps_what_it_has_and_gets_the_new_routines(old):
    old.load(SCHEMA)
    user = old.user()
    conversation = old.conversation(user)
    with session(old).cursor() as cursor:
        cursor.execute("CALL orbia_send_message(%s, %s, NULL, 'text', '你好', NULL, NULL, NULL, NULL)",
                       [user.id, conversation.id])
        assert cursor.fetchone()["outcome"] == "sent"
        cursor.execute("CALL orbia_schema_report()")
        assert all(row["found"] == row["expected"] for row in cursor.fetchall())
        cursor.nextset()
        cursor.execute("CALL orbia_schema_state(3)")


def test_a_new_database_beside_it_is_not_the_shared_roles(server, old):
    old.load(SCHEMA)
    beside = create(server, "beside")
    with session(old).cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as refusal:
        cursor.execute("SELECT id FROM beside.orbia_conversation")
    assert refusal.value.args[0] in DENIED
    beside.execute("DROP DATABASE beside")
    beside.execute(f"DROP ROLE {beside.role}")


def steps_of(heading: str) -> str:
    """The indented lines below a heading of docs/deployment.md."""
    section = re.search(rf"^#+ {heading}$(.*?)(?=^##|\Z)", DEPLOYMENT, re.M | re.S)[1]
    return "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))


def administer(database, text: str):
    done = subprocess.run(client_command(database.socket), input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_documented_steps_take_an_account_from_the_shared_role(server, old, make_directory):
    """With a service that runs on; what it was given before it began holds until it ends."""
    old.load(SCHEMA)
    user = old.user()
    conversation = old.conversation(user)
    service = Service(make_directory(), settings_for(server, old))
    service.start()
    try:
        done = run("check", **settings_for(server, old))
        assert done.returncode == 0
        assert re.search(rf"^note  privileges: {old.account}@localhost still has the role {SHARED},", done.stdout, re.M)
        *moving, drop = steps_of("From version 2 of the schema").splitlines()
        for step in moving:
            for account in server.create_user(old):
                administer(old, step.replace("orbia_conversation_app_orbia", "orbia_conversation_app_old")
                           .replace("'orbia_conversation'@'10.0.0.%'", account))
            service.api().send_text(user, conversation).success()
    finally:
        service.stop()
    done = run("check", **settings_for(server, old))
    assert done.returncode == 0 and "note" not in done.stdout
    administer(old, drop)
    service.start()
    service.api().send_text(user, conversation).success()
    service.stop()
    old.load(SCHEMA)
    assert old.rows("SELECT User FROM mysql.user WHERE User = %s", SHARED) == []


# A dropped database


@pytest.mark.parametrize("version", [VERSION_2, SCHEMA], ids=["brought from version 2", "made"])
def test_the_documented_statements_leave_nothing_of_a_dropped_database(server, old, version):
    database = create(server, "orbia_staging", version)
    database.load(SCHEMA)
    others = rights(old, "Db <> 'orbia_staging'")
    administer(old, steps_of("Several databases on one server"))
    assert rights(old, "Db = 'orbia_staging'") == []
    assert rights(old, "Db <> 'orbia_staging'") == others
    assert old.rows("SELECT * FROM mysql.user WHERE User LIKE '%%orbia\\_staging'") == []
    assert old.rows("SELECT * FROM mysql.roles_mapping WHERE Role LIKE '%%orbia\\_staging'") == []


def rights(database, where: str) -> list:
    return [row for table in ["tables_priv", "columns_priv", "procs_priv", "db"]
            for row in database.rows(f"SELECT Host, Db, User FROM mysql.{table} WHERE {where} ORDER BY 1, 2, 3")]
