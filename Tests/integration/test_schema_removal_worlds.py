"""schema-remove.sql where others are in its way: locks, rights, configurations, interruptions, a service that runs."""

import itertools
import re
import subprocess
import threading
from contextlib import contextmanager

import pymysql
import pytest

from layout import rows, tablespaces
from mariadb import WITHOUT_SYNC, MariaDB
from orbia.database_server import client_command
from orbia.paths import PLATFORM, REMOVAL, SCHEMA, VERSION_2
from orbia.polling import eventually
from removal import Platform, definitions, platforms_columns, use, what_is_ours, with_milliseconds, work_as_the_platform
from service import Service, run, settings_for
from statements import as_file, statements_of

_names = (f"worlds_{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server(make_directory):
    with MariaDB(make_directory(), *WITHOUT_SYNC) as server:
        yield server


@pytest.fixture
def platform(server):
    """The platform's tables as they were before schema.sql; `before` has their definitions."""
    return platforms_database(server, next(_names))


def platforms_database(server, name):
    database = server.create_database(name)
    # The tests' own session is nobody's but theirs.
    database.execute("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'")
    database.load(PLATFORM)
    database.before = definitions(database)
    return database


@pytest.fixture
def applied(platform):
    """The same with schema.sql, in use."""
    platform.load(SCHEMA)
    use(platform)
    return platform


def apply(database, text: str, user="root") -> subprocess.CompletedProcess:
    """As an operator would, with the command-line client."""
    command = [*client_command(database.socket), f"--user={user}", database.name]
    return subprocess.run(command, input=text, capture_output=True, text=True)


def assert_removed(database):
    assert definitions(database) == with_milliseconds(database.before)
    assert what_is_ours(database) == []


# Open transactions


@contextmanager
def no_queue(database):
    """Nothing of the platform's waits behind an ALTER or a DROP for longer than a moment."""
    queued, stopped = [], threading.Event()

    def look():
        while not stopped.wait(0.05):
            queued.extend(database.rows(
                "SELECT INFO, TIME_MS FROM information_schema.PROCESSLIST WHERE DB = %s AND TIME_MS > 1500"
                " AND STATE LIKE 'Waiting for table metadata lock'", database.name))

    thread = threading.Thread(target=look)
    thread.start()
    yield
    stopped.set()
    thread.join()
    assert queued == []


@pytest.mark.parametrize("table", [pytest.param("orbia_conversation", marks=pytest.mark.slow), "orbia_message"])
def test_where_staff_hold_a_row_it_gives_up_and_the_platform_goes_on(applied, table):
    text, count = re.subn("IF v_waited > 20 THEN", "IF v_waited > 3 THEN", REMOVAL.read_text())
    assert count == 1
    with Platform(applied) as busy, no_queue(applied):
        with applied.transaction() as staff:
            staff.execute(f"SELECT * FROM {table} ORDER BY id LIMIT 1 FOR UPDATE")
            done = apply(applied, text)
            assert done.returncode != 0
            assert "ERROR 1205" in done.stderr and "others use orbia_" in done.stderr
            number = staff.connection.thread_id()
            assert f"Open is the transaction of connection {number} (root@localhost)" in done.stderr
            work_as_the_platform(applied)
        done = apply(applied, text)
        assert done.returncode == 0, done.stderr
    assert busy.errors == []
    assert_removed(applied)


# Rights


@pytest.mark.parametrize("rights, lacks", [
    (["ALL ON {name}.*"], "SELECT in the database mysql"),
    pytest.param(["ALL ON {name}.* {with_grant}", "SELECT ON mysql.*"], "CREATE USER on the server",
                 marks=pytest.mark.slow),
    pytest.param(["CREATE USER, PROCESS ON *.*", "SELECT ON mysql.*", "ALL ON {name}.*"], "ALTER WITH GRANT OPTION",
                 marks=pytest.mark.slow),
    (["CREATE USER, PROCESS ON *.*", "SELECT ON mysql.*", "SELECT, INSERT, ALTER ON {name}.* {with_grant}"],
     "DROP WITH GRANT OPTION"),
], ids=["the platform's", "no accounts", "not to grant", "not to drop"])
def test_an_account_without_the_rights_changes_nothing(server, applied, rights, lacks):
    applied.execute("CREATE OR REPLACE USER somebody@localhost")
    for each in rights:
        what, _, with_grant = each.format(name=applied.name, with_grant="|WITH GRANT OPTION").partition(" |")
        applied.execute(f"GRANT {what} TO somebody@localhost {with_grant}")
    state = definitions(applied), tablespaces(applied), what_is_ours(applied)
    done = apply(applied, REMOVAL.read_text(), "somebody")
    assert done.returncode != 0
    message = re.search(r"ERROR 1644 .*", done.stderr)[0]
    assert "nothing was changed: somebody@localhost has not the rights of an administrator. It lacks" in message
    assert lacks in message
    assert (definitions(applied), tablespaces(applied), what_is_ours(applied)) == state


@pytest.mark.slow
@pytest.mark.parametrize("by_role", [False, True], ids=["of its own", "by a role"])
def test_an_administrator_of_the_platforms_database_and_of_accounts_may_run_it(applied, by_role):
    applied.execute("CREATE OR REPLACE USER somebody@localhost")
    grantee = "somebody@localhost"
    if by_role:
        applied.execute("CREATE OR REPLACE ROLE administrators")
        grantee = "administrators"
    applied.execute(f"GRANT CREATE USER, PROCESS ON *.* TO {grantee}")
    applied.execute(f"GRANT SELECT ON mysql.* TO {grantee}")
    applied.execute(f"GRANT ALL ON `worlds\\_%`.* TO {grantee} WITH GRANT OPTION")
    if by_role:
        applied.execute("GRANT administrators TO somebody@localhost")
        applied.execute("SET DEFAULT ROLE administrators FOR somebody@localhost")
    done = apply(applied, REMOVAL.read_text(), "somebody")
    assert done.returncode == 0, done.stderr
    assert_removed(applied)


def test_whoever_else_has_the_role_is_named(applied):
    applied.execute("CREATE OR REPLACE USER elsewhere@'10.0.0.%'")
    applied.execute(f"GRANT {applied.role} TO elsewhere@'10.0.0.%'")
    applied.execute("CREATE OR REPLACE USER reporting@localhost")
    applied.execute(f"GRANT {applied.role} TO reporting@localhost")
    with applied.connect(user="reporting", init_command=f"SET ROLE {applied.role}", database=None) as connection:
        connection.select_db(applied.name)
        done = apply(applied, REMOVAL.read_text())
        assert "the service is connected, as reporting. Stop its instances first" in done.stderr
    # The server may notice a moment later that it has gone.
    done = eventually(lambda: (done := apply(applied, REMOVAL.read_text())).returncode == 0 and done, within=5,
                      every=0.2, what="it removes")
    assert "nobody needs any more: 'elsewhere'@'10.0.0.%', 'reporting'@'localhost'" in done.stdout
    assert_removed(applied)


# Databases and servers


def test_what_version_1_made_goes_too(platform):
    platform.load(VERSION_2)
    platform.execute("ALTER TABLE orbia_message DROP KEY client_message, DROP COLUMN client_message_id")
    [wide] = platform.rows("SHOW KEYS FROM orbia_conversation_member WHERE Column_name = 'unread_count'")
    platform.execute("ALTER TABLE orbia_conversation_member"
                     f" DROP KEY {wide['Key_name']}, ADD KEY (user_id, last_activity_at)")
    platform.load(REMOVAL)
    assert_removed(platform)


@pytest.fixture(scope="module")
def odd_server(make_directory):
    """Its my.cnf says otherwise wherever a statement's meaning hangs on it."""
    options = ["--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,IGNORE_SPACE", "--lower-case-table-names=1",
               "--autocommit=0", "--alter-algorithm=INSTANT", "--max-statement-time=0.05", "--lock-wait-timeout=0",
               "--character-set-server=latin1", "--collation-server=latin1_german2_ci",
               "--default-time-zone=Europe/Berlin", "--group-concat-max-len=4",
               "--explicit-defaults-for-timestamp=0", "--innodb-lock-wait-timeout=1",
               "--init-connect=SET sql_safe_updates = 1, sql_select_limit = 1, max_join_size = 1"]
    with MariaDB(make_directory(), *WITHOUT_SYNC) as server:
        zones = subprocess.run("mariadb-tzinfo-to-sql /usr/share/zoneinfo/Europe/Berlin Europe/Berlin",
                               shell=True, check=True, capture_output=True, text=True).stdout
        done = apply(server.database("mysql"), zones)
        assert done.returncode == 0, done.stderr
        server.stop()
        server.start(*options)
        yield server


def test_the_servers_configuration_does_not_matter(odd_server):
    name = "Worlds_Of_Others"
    database = platforms_database(odd_server, name)
    # With init_connect, which does not run for an account with SUPER.
    database.execute("CREATE USER administrator@localhost")
    database.execute("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, LOCK TABLES,"
                     " EXECUTE, CREATE ROUTINE, ALTER ROUTINE, TRIGGER, PROCESS, CREATE USER, SET USER,"
                     " CREATE TEMPORARY TABLES ON *.* TO administrator@localhost WITH GRANT OPTION")
    done = apply(database, SCHEMA.read_text(), "administrator")
    assert done.returncode == 0, done.stderr
    use(database)
    kept = platforms_columns(rows(database))
    done = apply(database, REMOVAL.read_text(), "administrator")
    assert done.returncode == 0, done.stderr
    assert_removed(database)
    assert platforms_columns(rows(database)) == kept
    work_as_the_platform(database)


# A service that runs all the same


def test_a_service_that_came_in_between_claims_nothing_that_is_not_so(server, applied, make_directory):
    """As where an instance is started behind the first look, or is connected to another node of a cluster."""
    server.create_account(applied)
    user, kol = applied.user(), applied.kol()
    conversation = applied.conversation(user, kol.user)
    settings = settings_for(server, applied)
    sent = []
    with Service(make_directory(), settings).running() as service, Platform(applied) as busy:
        api = service.api()

        def ask():
            answer = api.send_text(user, conversation, str(len(sent)))
            if answer.status == 200:
                sent.append(str(len(sent)))
            statuses = [answer.status, api.mark_read(user, conversation_id=conversation.id).status,
                        api.get_messages(user, conversation_id=conversation.id).status,
                        api.get_conversations(user).status]
            assert set(statuses) <= {200, 500, 503}
            return statuses

        assert ask() == [200] * 4
        with applied.connect(init_command=None).cursor() as cursor:
            for statement in statements_of(REMOVAL):
                if "the service is connected" not in statement:
                    cursor.execute(statement)
                    ask()
        assert set(ask()) <= {500, 503}
        done = run("check", **settings)
        assert done.returncode != 0 and "wrong" in done.stdout
        eventually(lambda: service.page("/readyz").status == 503, within=10, what="it is not ready")
    assert busy.errors == []
    assert [row["content"] for row in applied.stored_messages(conversation)] == sent
    assert_removed(applied)


# Interruptions

STATEMENTS = statements_of(REMOVAL)


@pytest.mark.parametrize("cut", [pytest.param(cut, marks=[] if cut == len(STATEMENTS) - 8 else pytest.mark.slow)
                                 for cut in range(1, len(STATEMENTS))])
def test_stopped_after_any_statement_it_goes_on_when_it_is_run_again(platform, cut):
    platform.load(SCHEMA)
    use(platform)
    kept = platforms_columns(rows(platform))
    done = apply(platform, as_file(STATEMENTS[:cut]))
    assert done.returncode == 0, done.stderr
    done = apply(platform, REMOVAL.read_text())
    assert done.returncode == 0, done.stderr
    assert platforms_columns(rows(platform)) == kept
    assert_removed(platform)


def test_a_trigger_whose_name_the_server_has_lost_is_dropped_all_the_same(server, applied):
    """As a DROP TRIGGER on a full disk leaves it: without the owner each change of an order would fail."""
    (server.directory / "data" / applied.name / "orbia_conversation_on_order_update.TRN").unlink()
    with pytest.raises(pymysql.err.OperationalError, match="Trigger does not exist"):
        applied.execute("DROP TRIGGER orbia_conversation_on_order_update")
    applied.load(REMOVAL)
    assert_removed(applied)
    work_as_the_platform(applied)
