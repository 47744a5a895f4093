"""The program's commands: --help, token, check, and how serve starts and stops."""

import itertools
import json
import re
import signal
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from orbia import tokens
from orbia.database_server import ACCOUNT
from orbia.paths import SCHEMA
from orbia.polling import eventually
from service import SECRET, Service, run, settings_for, settings_of
from transactions import wait_for_lock_wait

VARIABLES = [
    "MYSQL_HOST", "MYSQL_PORT", "MYSQL_SOCKET", "MYSQL_DATABASE", "MYSQL_USERNAME",
    "MYSQL_PASSWORD", "JWT_SECRET", "JWT_SECRET_PREVIOUS", "JWT_ISSUER", "ORBIA_LISTEN",
    "ORBIA_LISTEN_MODE", "ORBIA_WORKERS", "ORBIA_LOG_LEVEL", "TZ",
]

_names = (f"check_{number}" for number in itertools.count(1))


# --help


@pytest.mark.parametrize("variable", VARIABLES)
def test_help_names_every_setting(variable):
    assert variable in run("--help").stdout


@pytest.mark.parametrize("default", ["3306", "orbia", "0660", "info"])
def test_help_says_the_defaults(default):
    assert f"default: {default}" in run("--help").stdout


def test_help_names_every_command():
    done = run("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("serve", "check", "token"))


@pytest.mark.parametrize("command", ["serve", "check", "token"])
def test_each_command_has_help_of_its_own(command):
    done = run(command, "--help")
    assert done.returncode == 0 and command in done.stdout


@pytest.mark.parametrize("arguments", [["sing"], ["--sing"], ["check", "--sing"], ["token"]])
def test_a_wrong_command_line_is_told_so(arguments):
    done = run(*arguments)
    assert done.returncode not in (0, None)
    assert "Usage" in done.stderr or "usage" in done.stderr


# token


def claims_in(token: str) -> dict:
    return json.loads(tokens.from_base64url(token.split(".")[1]))


def test_a_token_is_signed_with_the_secret_and_valid_for_an_hour():
    made = run("token", "--user-id", "42", JWT_SECRET=SECRET).stdout.strip()
    signing_input, _, signature = made.rpartition(".")
    claims = claims_in(made)
    assert signature == tokens.signature(SECRET, signing_input)
    assert json.loads(tokens.from_base64url(made.split(".")[0]))["alg"] == "HS256"
    assert claims["user_id"] == 42
    assert claims["iss"] == "orbia_api"
    assert abs(claims["exp"] - time.time() - 3600) < 60
    assert claims["nbf"] <= time.time()


def test_a_token_lives_as_long_as_asked():
    made = run("token", "--user-id", "42", "--ttl", "5", JWT_SECRET=SECRET).stdout.strip()
    assert claims_in(made)["exp"] - claims_in(made)["iat"] == 5


def test_a_token_names_the_configured_issuer():
    made = run("token", "--user-id", "42", JWT_SECRET=SECRET, JWT_ISSUER="me").stdout.strip()
    assert claims_in(made)["iss"] == "me"


@pytest.mark.parametrize("arguments", [
    ["--user-id", "0"], ["--user-id", "-1"], ["--user-id", "x"], ["--user-id", "1.5"],
    ["--user-id", str(2**63)], ["--user-id", "1", "--ttl", "0"], ["--user-id", "1", "--ttl", "-5"],
    ["--user-id", "1", "--ttl", str(2**63)], ["--user-id", "1", "--ttl", str(2**63 - 1)],
])
def test_a_token_for_nobody_or_no_time_is_refused(arguments):
    done = run("token", *arguments, JWT_SECRET=SECRET)
    assert done.returncode != 0
    assert done.stdout == ""
    assert arguments[-2] in done.stderr


@pytest.mark.parametrize("settings", [{}, {"JWT_SECRET": ""}])
def test_a_token_needs_the_secret(settings):
    done = run("token", "--user-id", "1", **settings)
    assert done.returncode != 0
    assert "JWT_SECRET" in done.stderr and done.stdout == ""


# Settings

BAD_SETTINGS = [
    ("MYSQL_PORT", "x"), ("MYSQL_PORT", "0"), ("MYSQL_PORT", "-1"), ("MYSQL_PORT", "65536"),
    ("MYSQL_PORT", "3306x"), ("MYSQL_PORT", "33 06"),
    ("ORBIA_WORKERS", "0"), ("ORBIA_WORKERS", "-1"), ("ORBIA_WORKERS", "many"),
    ("ORBIA_WORKERS", "1000000"), ("ORBIA_WORKERS", "1.5"), ("ORBIA_WORKERS", str(2**64)),
    ("ORBIA_LISTEN", "relative.sock"), ("ORBIA_LISTEN", "/" + "x" * 107),
    ("ORBIA_LISTEN_MODE", "rw-rw----"), ("ORBIA_LISTEN_MODE", "0888"),
    ("ORBIA_LISTEN_MODE", "01777"), ("ORBIA_LISTEN_MODE", "-1"),
    ("ORBIA_LOG_LEVEL", "loud"),
    ("TZ", "Mars/Olympus"),
    ("JWT_SECRET", ""),
]


@pytest.mark.parametrize("command", ["serve", "check"])
@pytest.mark.parametrize("variable, value", BAD_SETTINGS)
def test_a_bad_value_stops_the_start_and_is_named(stack, tmp_path, command, variable, value):
    settings = {**settings_of(stack), "ORBIA_LISTEN": str(tmp_path / "s"), variable: value}
    done = run(command, **settings)
    assert done.returncode not in (0, None)
    assert variable in done.stdout + done.stderr
    assert settings["MYSQL_PASSWORD"] not in done.stdout + done.stderr
    assert stack.secret not in done.stdout + done.stderr


def test_serve_says_where_it_cannot_listen(stack, tmp_path):
    for path in (tmp_path / "missing" / "s", tmp_path):
        done = run("serve", **settings_of(stack), ORBIA_LISTEN=str(path))
        assert done.returncode != 0
        assert str(path) in done.stderr


def test_an_empty_value_is_the_same_as_none(stack):
    settings = {"MYSQL_PORT": "", "MYSQL_DATABASE": "", "ORBIA_WORKERS": "", "JWT_ISSUER": ""}
    assert run("check", **settings_of(stack), **settings).returncode == 0


# check


def test_check_finds_nothing_wrong_with_the_stack(stack):
    done = run("check", **settings_of(stack))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("settings, problem", [
    ({"MYSQL_SOCKET": "/nowhere/mariadb.sock"}, "MYSQL_SOCKET"),
    ({"MYSQL_SOCKET": "", "MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": "1"}, "MYSQL_HOST"),
    ({"MYSQL_SOCKET": "", "MYSQL_HOST": "host.invalid"}, "MYSQL_HOST"),
    ({"MYSQL_PASSWORD": "wrong"}, "MYSQL_PASSWORD"),
    ({"MYSQL_PASSWORD": ""}, "MYSQL_PASSWORD"),
    ({"MYSQL_USERNAME": "nobody_we_know"}, "MYSQL_USERNAME"),
    ({"MYSQL_DATABASE": "no_such_database"}, "MYSQL_DATABASE"),
])
def test_check_says_what_is_wrong_with_the_connection(stack, settings, problem):
    done = run("check", **{**settings_of(stack), **settings})
    assert done.returncode != 0
    if "MYSQL_DATABASE" in settings:  # to this account a missing database looks like a forbidden one
        assert "no_such_database" in done.stdout + done.stderr
    else:
        assert problem in done.stdout + done.stderr


@pytest.fixture
def fresh_database(server):
    """A database with the schema, for a test to damage; the service's account may use it."""
    database = server.create_database(next(_names))
    database.load(SCHEMA)
    server.create_account(database)
    return database


def test_check_is_content_with_a_fresh_schema(server, fresh_database):
    done = run("check", **settings_for(server, fresh_database))
    assert done.returncode == 0, done.stdout + done.stderr


DAMAGE = {
    "DROP TRIGGER orbia_conversation_on_order_update": "orbia_conversation_on_order_update",
    "DROP TRIGGER orbia_conversation_on_order_insert": "orbia_conversation_on_order_insert",
    "DROP TRIGGER orbia_conversation_member_copies": "orbia_conversation_member_copies",
    "DROP TRIGGER orbia_conversation_carry": "orbia_conversation_carry",
    "DROP PROCEDURE orbia_send_message": "orbia_send_message",
    "DROP PROCEDURE orbia_mark_read": "orbia_mark_read",
    "DROP PROCEDURE orbia_backfill_conversations": "orbia_backfill_conversations",
    "DROP PROCEDURE orbia_open_order_conversation": "orbia_open_order_conversation",
    "DROP PROCEDURE orbia_schema_report": "orbia_schema_report",
    "DROP PROCEDURE orbia_schema_state": "orbia_schema_state",
    "DROP TABLE orbia_message": "orbia_message",
    "ALTER TABLE orbia_message DROP PRIMARY KEY, ADD PRIMARY KEY (id)":
        "orbia_message (conversation_id,created_at,id)",
    "ALTER TABLE orbia_conversation DROP KEY related_order_id":
        "orbia_conversation (related_order_id,type)",
    "ALTER TABLE orbia_conversation MODIFY last_message_at TIMESTAMP NULL":
        "orbia_conversation.last_message_at",
    "ALTER TABLE orbia_message DROP KEY client_message":
        "orbia_message (conversation_id,sender_id,client_message_id)",
    "ALTER TABLE orbia_message MODIFY client_message_id VARCHAR(64) NULL":  # padded, and not byte by byte
        "orbia_message.client_message_id: varchar(64) utf8mb4_unicode_ci,",
    "ALTER TABLE orbia_conversation_member MODIFY last_activity_at TIMESTAMP(3) NULL":
        "orbia_conversation_member.last_activity_at: timestamp(3),",
    "ALTER TABLE orbia_conversation_member DROP KEY user_id":
        "orbia_conversation_member (user_id): behind (user_id,",
}


@pytest.mark.parametrize("damage, part", DAMAGE.items(), ids=DAMAGE.values())
def test_check_says_which_part_of_the_schema_is_missing_and_what_mends_it(server, fresh_database,
                                                                         damage, part):
    fresh_database.execute(damage)
    done = run("check", **settings_for(server, fresh_database))
    assert done.returncode != 0
    assert part in done.stdout + done.stderr
    assert "schema.sql" in done.stdout + done.stderr


DEFINER_DAMAGE = {
    "REVOKE SELECT ON orbia_user FROM {definer}": "grant SELECT on orbia_user: missing",
    "REVOKE SELECT ON orbia_kol FROM {definer}": "grant SELECT on orbia_kol: missing",
    "REVOKE TRIGGER ON orbia_kol_order FROM {definer}": "grant TRIGGER on orbia_kol_order: missing",
    "REVOKE DELETE ON orbia_conversation FROM {definer}": "grant DELETE on orbia_conversation: missing",
    "REVOKE ALL ON orbia_message FROM {definer}": "grant INSERT on orbia_message: missing",
    "REVOKE EXECUTE ON PROCEDURE orbia_open_order_conversation FROM {definer}":
        "grant EXECUTE on orbia_open_order_conversation: missing",
    "REVOKE EXECUTE ON PROCEDURE orbia_send_message FROM {definer}": "grant EXECUTE on orbia_send_message: missing",
    "REVOKE EXECUTE ON PROCEDURE orbia_definer_report FROM {definer}": "error 1370",
    "REVOKE EXECUTE ON PROCEDURE orbia_schema_state FROM {definer}": "error 1370",
    "CREATE OR REPLACE DEFINER = root@localhost TRIGGER orbia_conversation_on_order_insert"
    " AFTER INSERT ON orbia_kol_order FOR EACH ROW SET @nothing = 1":
        "trigger orbia_conversation_on_order_insert: definer root@localhost",
}


@pytest.fixture(scope="module")
def mended_database(server, quiet_database):
    """A database with the schema, which each test that damages it mends."""
    database = server.create_database(next(_names))
    database.load(SCHEMA)
    server.create_account(database)
    return database


@pytest.mark.parametrize("damage, part", DEFINER_DAMAGE.items(), ids=DEFINER_DAMAGE.values())
def test_check_says_what_the_definer_lacks_and_what_mends_it(server, mended_database, damage, part):
    settings = settings_for(server, mended_database)
    mended_database.execute(damage.format(definer="orbia_conversation_definer@localhost"))
    done = run("check", **settings)
    mended_database.load(SCHEMA)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("wrong ") and part in line]
    assert f"to mend it: as an administrator, mariadb {mended_database.name} < schema.sql" in done.stdout
    assert run("check", **settings).returncode == 0


def test_check_lists_the_definers_rights_as_they_are_granted(server, fresh_database):
    """GRANT statements and orbia_definer_report follow the same list."""
    granted = set()
    for row in fresh_database.rows("SHOW GRANTS FOR orbia_conversation_definer@localhost"):
        found = re.fullmatch(rf"GRANT (.*) ON (?:PROCEDURE )?`{fresh_database.name}`\.`(\w+)` TO .*", *row.values())
        if found:
            granted |= {f"{right} on {found[2]}" for right in found[1].split(", ")}
    listed = [row["name"] for row in fresh_database.rows("CALL orbia_definer_report()") if row["kind"] == "grant"]
    # That these can be called, their answers tell.
    granted -= {f"EXECUTE on orbia_{name}" for name in (
        "schema_report", "definer_report", "order_progress_report", "order_progress_on", "order_progress_off")}
    assert set(listed) == granted and len(listed) == len(granted) > 0


@pytest.mark.usefixtures("quiet_database")
def test_check_says_so_where_there_is_no_schema_at_all(server):
    empty = server.create_database(next(_names))
    for account in server.create_user(empty):
        empty.execute(f"GRANT ALL ON {empty.name}.* TO {account}")
    done = run("check", **settings_for(server, empty))
    assert done.returncode != 0
    assert "schema.sql" in done.stdout + done.stderr


def test_check_says_so_where_the_account_lacks_its_role(server, quiet_database):
    quiet_database.execute("CREATE OR REPLACE USER roleless@localhost IDENTIFIED BY 'x'")
    settings = {"MYSQL_USERNAME": "roleless", "MYSQL_PASSWORD": "x"}
    done = run("check", **{**settings_for(server, quiet_database), **settings})
    assert done.returncode != 0
    assert quiet_database.role in done.stdout + done.stderr


def test_check_says_so_where_the_role_is_not_the_default(server, quiet_database):
    quiet_database.execute("CREATE OR REPLACE USER defaultless@localhost IDENTIFIED BY 'x'")
    quiet_database.execute(f"GRANT {quiet_database.role} TO defaultless@localhost")
    settings = {"MYSQL_USERNAME": "defaultless", "MYSQL_PASSWORD": "x"}
    done = run("check", **{**settings_for(server, quiet_database), **settings})
    assert done.returncode != 0
    assert "DEFAULT ROLE" in done.stdout + done.stderr


def test_check_changes_nothing(stack, database):
    before = database.content_checksum()
    run("check", **settings_of(stack))
    assert database.content_checksum() == before


# serve


@pytest.mark.parametrize("settings, mode", [
    ({}, 0o660), ({"ORBIA_LISTEN_MODE": "0600"}, 0o600), ({"ORBIA_LISTEN_MODE": "666"}, 0o666),
])
def test_the_socket_has_the_configured_permissions(start_service, settings, mode):
    service = start_service(**settings)
    assert stat.S_IMODE(service.socket.stat().st_mode) == mode


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_takes_its_socket_away(start_service, how):
    service = start_service()
    assert service.stop(how) == 0
    assert not service.socket.exists()


def test_what_runs_when_the_signal_comes_is_finished(start_service, database):
    """A send waits for a lock; the service is told to stop; the lock is released."""
    service = start_service()
    user = database.user()
    conversation = database.conversation(user)
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE",
                       [conversation.id])
        sending = threads.submit(service.api().send_text, user, conversation)
        wait_for_lock_wait(database, ACCOUNT)
        stopping = threads.submit(service.stop)
        eventually(lambda: not service.socket.exists(), within=5, what="it listens no more")
        cursor.connection.rollback()
        sending.result().success()
        assert stopping.result() == 0
    assert len(database.stored_messages(conversation)) == 1


def test_a_socket_left_by_a_dead_process_is_replaced(start_service):
    service = start_service()
    service.kill()
    assert service.socket.exists()
    service.start()


def test_a_socket_that_another_process_serves_is_left_to_it(start_service, stack):
    service = start_service()
    done = run("serve", **settings_of(stack), ORBIA_LISTEN=str(service.socket))
    assert done.returncode != 0
    assert str(service.socket) in done.stderr
    service.api().post(None, "mark_read", {}).error(401)


@pytest.mark.parametrize("workers", ["1", "2", "64"])
def test_it_answers_with_any_number_of_workers(start_service, database, workers):
    api = start_service(ORBIA_WORKERS=workers).api()
    user = database.user()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: api.get_conversations(user), range(40)))
    assert [answer.status for answer in answers] == [200] * 40


def test_the_log_says_the_id_of_a_request_that_failed_and_the_answer_does_not_say_why(
        server, fresh_database, make_directory):
    """A fault of ours: the routine is gone while the service runs."""
    service = Service(make_directory(), settings_for(server, fresh_database))
    service.start()
    try:
        user = fresh_database.user()
        conversation = fresh_database.conversation(user)
        service.api().send_text(user, conversation).success()
        fresh_database.execute("DROP PROCEDURE orbia_post_message")
        api = service.api()
        message = api.send_text(user, conversation).error(500)
        assert "orbia" not in message and "routine" not in message
        [line] = eventually(lambda: [each for each in service.log().splitlines()
                                     if "error" in each and api.transport.request_id in each],
                            within=5, what="it is logged")
        assert "orbia_post_message" in line
    finally:
        service.stop()
