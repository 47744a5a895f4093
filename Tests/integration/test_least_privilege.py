"""The service's account may read what it answers with, call its routines, and do nothing else."""

import re

import pymysql
import pytest

from orbia.database_server import ACCOUNT

ACCESS_DENIED = {
    1044,  # to the database
    1045,  # to files
    1142,  # to the table
    1143,  # to a column
    1227,  # to what an administrator may
    1370,  # to the routine
    1403,  # no such grant
    1410,  # to grant
    1419,  # to triggers
    1698,  # to another account
}

TABLES = ["orbia_user", "orbia_kol", "orbia_kol_order", "orbia_conversation",
          "orbia_conversation_member", "orbia_message", "orbia_conversation_change",
          "orbia_order_progress", "orbia_conversation_feature"]
READABLE = ["orbia_conversation", "orbia_conversation_member", "orbia_message", "orbia_conversation_change"]
USER_COLUMNS = ["id", "nickname", "avatar_url", "status"]
PRIVATE_COLUMNS = ["email", "wallet_address", "password_hash", "verification_code", "code_expiry",
                   "role", "kol_id", "current_team_id", "created_at", "updated_at"]


@pytest.fixture(scope="module")
def account(stack, database):
    """A session as the service itself has one."""
    connection = database.connect(user=ACCOUNT, password=stack.mysql_password)
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


def refuse(account, statement):
    with pytest.raises(pymysql.err.MySQLError) as refusal:
        account.execute(statement)
    assert refusal.value.args[0] in ACCESS_DENIED, refusal.value


# What it may do


@pytest.mark.parametrize("statement", [
    f"SELECT {', '.join(USER_COLUMNS)} FROM orbia_user LIMIT 1",
    *(f"SELECT * FROM {table} LIMIT 1" for table in READABLE),
    "CALL orbia_post_message(0, 0, NULL, 'text', 'x', NULL, NULL, NULL, NULL, NULL, FALSE)",
    "CALL orbia_send_message(0, 0, NULL, 'text', 'x', NULL, NULL, NULL, NULL)",
    "CALL orbia_recall_message(0, 0, NULL, 'MSG_1_1', 0, 0)",
    "CALL orbia_mark_read(0, 0, NULL, NULL)",
    "CALL orbia_backfill_conversations(1)",
    "CALL orbia_schema_state(3)",
    "CALL orbia_schema_report()",
    "CALL orbia_definer_report()",
    "CALL orbia_backfill_report(1)",
    "CALL orbia_tell_order_progress(NULL, NULL)",
    "CALL orbia_order_progress_report()",
])
def test_it_may_do_what_the_service_does(account, statement):
    account.execute(statement)
    while account.nextset():
        pass


def test_what_it_has_is_its_role_and_nothing_else(database):
    grants = {next(iter(row.values())) for row in database.rows(
        f"SHOW GRANTS FOR {ACCOUNT}@localhost")}
    rest = {grant for grant in grants if not grant.startswith("GRANT USAGE ON *.*")}
    assert rest == {f"GRANT {database.role} TO `{ACCOUNT}`@`localhost`",
                    f"SET DEFAULT ROLE {database.role} FOR `{ACCOUNT}`@`localhost`"}


def test_the_role_holds_select_and_execute_alone(database):
    grants = [next(iter(row.values())) for row in database.rows(
        f"SHOW GRANTS FOR {database.role}")]
    rights = {re.match(r"GRANT (\w+)", grant)[1] for grant in grants}
    assert rights - {"USAGE"} == {"SELECT", "EXECUTE"}
    [columns] = [re.search(r"\((.*)\)", grant)[1] for grant in grants if "orbia_user" in grant]
    assert set(re.findall(r"\w+", columns)) == set(USER_COLUMNS)


# What it may not


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", [
    "INSERT INTO {} (id) VALUES (9000000000000000000)",
    "INSERT INTO {} () VALUES ()",
    "REPLACE INTO {} (id) VALUES (9000000000000000000)",
    "UPDATE {} SET id = id",
    "UPDATE {} SET deleted_at = NOW()",
    "DELETE FROM {}",
    "DELETE FROM {} WHERE id = -1",
    "TRUNCATE {}",
    "DROP TABLE {}",
    "ALTER TABLE {} ADD COLUMN x INT",
    "CREATE INDEX x ON {} (id)",
    "RENAME TABLE {} TO x",
    "LOCK TABLES {} WRITE",
    "CREATE TRIGGER x BEFORE INSERT ON {} FOR EACH ROW SET NEW.id = 1",
    "GRANT SELECT ON {} TO PUBLIC",
    "OPTIMIZE TABLE {}",
])
def test_it_may_not_change_or_lock_a_table(account, table, statement):
    if table == "orbia_user" and "deleted_at" in statement:
        statement = "UPDATE {} SET status = 'normal'"
    refuse(account, statement.format(table))


@pytest.mark.parametrize("column", PRIVATE_COLUMNS)
@pytest.mark.parametrize("statement", [
    "SELECT {} FROM orbia_user",
    "SELECT id FROM orbia_user WHERE {} IS NULL",
    "SELECT id FROM orbia_user ORDER BY {}",
    "SELECT COUNT(*) FROM orbia_user GROUP BY {}",
    "SELECT m.id FROM orbia_message m JOIN orbia_user u ON u.{} = m.content",
])
def test_it_may_not_read_or_use_another_column_of_a_user(account, column, statement):
    refuse(account, statement.format(column))


@pytest.mark.parametrize("statement", [
    "SELECT * FROM orbia_user",
    "SELECT id FROM orbia_kol",
    "SELECT user_id FROM orbia_kol",
    "SELECT title FROM orbia_kol_order",
    "SELECT COUNT(*) FROM orbia_kol_order",
    "SELECT id FROM orbia_order_progress",
    "SELECT is_on FROM orbia_conversation_feature",
    "SELECT * FROM mysql.user",
    "SELECT * FROM mysql.global_priv",
    "SELECT * FROM mysql.general_log",
    "SELECT LOAD_FILE('/etc/passwd')",
    "SELECT id FROM orbia_message INTO OUTFILE '/tmp/orbia-outfile'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE orbia_message",
    "SHOW CREATE PROCEDURE orbia_send_message",
])
def test_it_may_not_read_another_table_or_a_file(account, statement):
    try:
        account.execute(statement)
    except pymysql.err.MySQLError as refusal:
        assert refusal.args[0] in ACCESS_DENIED | {1290, 1305}, refusal
    else:
        # LOAD_FILE says no with NULL, and a routine is shown without its body.
        assert all(None in row.values() for row in account.fetchall())


@pytest.mark.parametrize("statement", [
    "CREATE TABLE x (id INT)",
    "CREATE VIEW x AS SELECT 1",
    "CREATE PROCEDURE x() SELECT 1",
    "CREATE FUNCTION x() RETURNS INT RETURN 1",
    "CREATE EVENT x ON SCHEDULE EVERY 1 SECOND DO SELECT 1",
    "CREATE DATABASE x",
    "CREATE TEMPORARY TABLE x (id INT)",
    "CREATE USER x",
    "CREATE ROLE x",
    "CREATE OR REPLACE PROCEDURE orbia_send_message() SELECT 1",
    "ALTER PROCEDURE orbia_send_message COMMENT 'x'",
    "DROP PROCEDURE orbia_send_message",
    "DROP TRIGGER orbia_conversation_carry",
    "DROP DATABASE orbia",
    "DROP USER root@localhost",
    "DROP ROLE orbia_conversation_app_orbia",
    "GRANT ALL ON *.* TO orbia_conversation@localhost",
    "GRANT orbia_conversation_app_orbia TO PUBLIC",
    "SET PASSWORD FOR root@localhost = PASSWORD('x')",
    "SET GLOBAL general_log = ON",
    "SET GLOBAL innodb_lock_wait_timeout = 50",
    "SET SESSION sql_log_bin = 0",
    "FLUSH TABLES",
    "FLUSH PRIVILEGES",
    "SHUTDOWN",
    "SHOW BINARY LOGS",
    "SHOW ENGINE INNODB STATUS",
    "CALL orbia_open_order_conversation(1, 'x', 'x', 1, 1, @a, @b)",
    "CALL orbia_post_system_message(1, 1, 'x', '{}', 'server:x', @a, @b)",
    "CALL orbia_order_progress_on()",
    "CALL orbia_order_progress_off()",
    "CALL orbia_turn_feature('order_progress', TRUE)",
    "CALL orbia_tell_progress_of_order(1, @a, @b, @c, @d)",
])
def test_it_may_not_make_change_or_administer_anything(account, statement):
    refuse(account, statement)


def test_it_sees_no_other_sessions(account):
    account.execute("SELECT DISTINCT USER FROM information_schema.PROCESSLIST")
    assert {row["USER"] for row in account.fetchall()} == {ACCOUNT}


def test_it_sees_no_other_database(account):
    account.execute("SHOW DATABASES")
    assert {row["Database"] for row in account.fetchall()} == {"information_schema", "orbia"}


def test_without_its_role_it_may_do_nothing(stack, database):
    connection = database.connect(user=ACCOUNT, password=stack.mysql_password)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        refuse(cursor, "SELECT id FROM orbia.orbia_message")
        refuse(cursor, "CALL orbia.orbia_mark_read(1, 1, NULL, NULL)")
    connection.close()


def test_the_routines_do_for_it_what_they_are_for_and_no_more(account, database):
    """It can send as any user who is a member: whom a token names is the service's to know.

    What it cannot do is send as who is no member, into what is closed, or as the system.
    """
    member, stranger = database.user(), database.user()
    conversation = database.conversation(member)
    closed = database.conversation(member, status="closed")

    def outcome(user, to) -> str:
        account.execute("CALL orbia_send_message(%s, %s, NULL, 'text', 'x', NULL, NULL, NULL, NULL)",
                        [user.id, to.id])
        return account.fetchone()["outcome"]

    assert outcome(stranger, conversation) == "not_a_member"
    assert outcome(member, closed) == "conversation_closed"
    assert outcome(member, conversation) == "sent"
