"""schema.sql: the tables it makes, the account that owns its routines, and running it again."""

import itertools
import re

import pymysql
import pytest

from orbia.paths import SCHEMA

_names = (f"schema_{number}" for number in itertools.count(1))


@pytest.fixture
def empty_database(server):
    return server.create_database(next(_names))


# The platform's columns, as `column: type[!]`; ! stands for NOT NULL.
TABLES = {
    "orbia_user": """
        id: bigint!, wallet_address: varchar(42), email: varchar(255), password_hash: varchar(255),
        verification_code: varchar(10), code_expiry: timestamp, nickname: varchar(100),
        avatar_url: varchar(500), role: enum(normal admin)!, status: enum(normal disabled deleted)!,
        kol_id: bigint, current_team_id: bigint, created_at: timestamp, updated_at: timestamp
    """,
    "orbia_kol": """
        id: bigint!, user_id: bigint!, avatar_url: varchar(500), display_name: varchar(100),
        description: text, country: varchar(50), tiktok_url: varchar(500),
        youtube_url: varchar(500), x_url: varchar(500), discord_url: varchar(500),
        status: enum(pending approved rejected)!, reject_reason: text, approved_at: timestamp,
        created_at: timestamp, updated_at: timestamp, deleted_at: timestamp
    """,
    "orbia_kol_order": """
        id: bigint!, order_id: varchar(64)!, user_id: bigint!, team_id: bigint, kol_id: bigint!,
        plan_id: bigint!, plan_title: varchar(200)!, plan_description: text,
        plan_price: decimal(10 2)!, plan_type: varchar(20)!, title: varchar(200)!,
        requirement_description: text!, video_type: varchar(100)!, video_duration: int!,
        target_audience: varchar(500)!, expected_delivery_date: date!,
        additional_requirements: text,
        status: enum(pending_payment pending confirmed in_progress completed cancelled refunded)!,
        reject_reason: text, confirmed_at: timestamp, completed_at: timestamp,
        cancelled_at: timestamp, created_at: timestamp, updated_at: timestamp, deleted_at: timestamp
    """,
    "orbia_conversation": """
        id: bigint!, conversation_id: varchar(64)!, title: varchar(200),
        type: enum(kol_order ad_order general support)!, related_order_type: varchar(50),
        related_order_id: varchar(64), status: enum(active archived closed)!,
        last_message_at: timestamp(3), created_at: timestamp, updated_at: timestamp,
        deleted_at: timestamp, has_quotes: tinyint(1)
    """,
    "orbia_conversation_member": """
        id: bigint!, conversation_id: bigint!, user_id: bigint!, role: enum(creator member admin)!,
        unread_count: int!, last_read_at: timestamp(3), joined_at: timestamp,
        last_activity_at: timestamp(3)!, conversation_type: enum(kol_order ad_order general support)!
    """,
    "orbia_message": """
        id: bigint!, message_id: varchar(64)!, conversation_id: bigint!, sender_id: bigint!,
        message_type: enum(text image file video audio system)!, content: text!,
        file_name: varchar(500), file_size: bigint, file_type: varchar(100),
        status: enum(sent delivered read failed)!, created_at: timestamp(3)!,
        updated_at: timestamp, deleted_at: timestamp, client_message_id: varchar(64),
        event: varchar(1024), reply_to: bigint, recalled_at: timestamp(3)
    """,
    "orbia_conversation_change": """
        conversation_id: bigint!, user_id: bigint!, changed_at: timestamp(3)!, membership_at: timestamp(3)
    """,
    "orbia_order_progress": """
        id: bigint!, kol_order_id: bigint!, order_id: text, user_id: bigint, from_status: varchar(255),
        to_status: varchar(255), is_opening: tinyint(1)!, changed_at: timestamp(3)!
    """,
    "orbia_conversation_feature": """
        name: varchar(64)!, is_on: tinyint(1)!, changed_at: timestamp(3)!
    """,
}


def normalized(column_type: str) -> str:
    plain = re.sub(r"^(bigint|int)\(\d+\)", r"\1", column_type)
    return plain.replace("'", "").replace(",", " ")


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_the_documented_columns(quiet_database, table):
    found = {
        row["COLUMN_NAME"]: normalized(row["COLUMN_TYPE"]) + "!" * (row["IS_NULLABLE"] == "NO")
        for row in quiet_database.rows(
            "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s", table)
    }
    columns = (item.split(":") for item in TABLES[table].split(","))
    assert found == {name.strip(): definition.strip() for name, definition in columns}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_innodb_in_utf8mb4_unicode_ci(quiet_database, table):
    assert quiet_database.row(
        "SELECT ENGINE, TABLE_COLLATION FROM information_schema.TABLES"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s", table,
    ) == {"ENGINE": "InnoDB", "TABLE_COLLATION": "utf8mb4_unicode_ci"}


@pytest.mark.parametrize("table, key, unique", [
    ("orbia_conversation", "id", True),
    ("orbia_conversation", "conversation_id", True),
    ("orbia_conversation", "related_order_id,type", True),
    ("orbia_conversation_member", "conversation_id,user_id", True),
    ("orbia_conversation_member", "id", True),
    ("orbia_conversation_member", "user_id,last_activity_at,conversation_id,unread_count", False),
    ("orbia_conversation_member", "user_id,conversation_type,last_activity_at", False),
    ("orbia_conversation_member", "user_id,unread_count", False),
    ("orbia_message", "conversation_id,sender_id,client_message_id", True),
    ("orbia_message", "conversation_id,created_at,id", True),
    ("orbia_message", "id", True),
    ("orbia_message", "message_id", True),
    ("orbia_kol_order", "order_id", True),
    ("orbia_conversation_change", "conversation_id,user_id", True),
    ("orbia_conversation_change", "user_id,changed_at", False),
    ("orbia_conversation_change", "user_id,membership_at", False),
    ("orbia_conversation_change", "changed_at", False),
    ("orbia_order_progress", "id", True),
    ("orbia_order_progress", "kol_order_id", False),
    ("orbia_conversation_feature", "name", True),
])
def test_a_table_has_the_keys_that_reads_and_writes_rely_on(quiet_database, table, key, unique):
    keys = {
        row["columns"]: row["NON_UNIQUE"] == 0
        for row in quiet_database.rows(
            "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS `columns`, NON_UNIQUE"
            " FROM information_schema.STATISTICS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s"
            " GROUP BY INDEX_NAME, NON_UNIQUE", table)
    }
    assert keys.get(key) == unique


@pytest.mark.parametrize("table, columns", [
    ("orbia_conversation_member", ["conversation_id", "user_id"]),
    ("orbia_message", ["conversation_id", "created_at", "id"]),
    ("orbia_conversation_change", ["conversation_id", "user_id"]),
])
def test_rows_are_clustered_as_they_are_read(quiet_database, table, columns):
    primary = quiet_database.rows(f"SHOW KEYS FROM {table} WHERE Key_name = 'PRIMARY'")
    assert [row["Column_name"] for row in primary] == columns


def contents(database) -> dict:
    """Everything that schema.sql could change: definitions, privileges and rows."""
    tables = [next(iter(row.values())) for row in database.rows("SHOW TABLES")]
    accounts = [database.role, "'orbia_conversation_definer'@'localhost'"]
    return {
        "tables": [database.rows(f"SHOW CREATE TABLE {table}") for table in tables],
        "rows": [database.rows(f"SELECT * FROM {table}") for table in tables],
        "triggers": database.rows(
            "SELECT TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE,"
            " ACTION_STATEMENT, SQL_MODE, DEFINER FROM information_schema.TRIGGERS"
            " WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY TRIGGER_NAME"),
        "routines": database.rows(
            "SELECT ROUTINE_NAME, ROUTINE_DEFINITION, SQL_MODE, DEFINER, SECURITY_TYPE,"
            " ROUTINE_COMMENT FROM information_schema.ROUTINES"
            " WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY ROUTINE_NAME"),
        "parameters": database.rows(
            "SELECT SPECIFIC_NAME, ORDINAL_POSITION, PARAMETER_NAME, DTD_IDENTIFIER"
            " FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE()"
            " ORDER BY SPECIFIC_NAME, ORDINAL_POSITION"),
        "grants": [database.rows(f"SHOW GRANTS FOR {account}") for account in accounts],
    }


def with_rows(database):
    """A few rows of each table."""
    order = database.order(status="confirmed")
    conversation = database.conversation(order.user, order.kol.user)
    database.message(conversation, order.user)


def test_it_makes_everything_in_an_empty_database(empty_database):
    empty_database.load(SCHEMA)
    made = contents(empty_database)
    assert len(made["tables"]) == len(TABLES)
    assert len(made["triggers"]) == 7
    assert {"orbia_send_message", "orbia_mark_read", "orbia_backfill_conversations",
            "orbia_schema_report", "orbia_schema_state"} <= {row["ROUTINE_NAME"] for row in made["routines"]}


def test_run_again_it_changes_nothing(empty_database):
    empty_database.load(SCHEMA)
    with_rows(empty_database)
    before = contents(empty_database)
    empty_database.load(SCHEMA)
    assert contents(empty_database) == before


@pytest.mark.parametrize("client", [
    ["--default-character-set=latin1"],
    ["--default-character-set=utf8mb3"],
    ["--init-command=SET sql_mode = ''"],
    ["--init-command=SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'"],
    ["--init-command=SET collation_connection = utf8mb4_bin"],
])
def test_the_loading_clients_settings_do_not_matter(empty_database, client):
    empty_database.load(SCHEMA, *client)
    order = empty_database.order(status="confirmed", title="春季新品")
    [conversation] = empty_database.conversations_of(order)
    assert conversation["title"] == "KOL订单: 春季新品"


@pytest.mark.parametrize("defaults", [
    "CHARACTER SET latin1",
    "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
])
def test_the_databases_own_character_set_does_not_matter(empty_database, defaults):
    empty_database.execute(f"ALTER DATABASE {empty_database.name} {defaults}")
    empty_database.load(SCHEMA)
    order = empty_database.order(status="confirmed", title="春季新品 🎬")
    [conversation] = empty_database.conversations_of(order)
    assert conversation["title"] == "KOL订单: 春季新品 🎬"


def test_an_existing_row_is_left_alone(empty_database):
    """The schema in a database whose tables are there already, with rows of the platform's."""
    empty_database.load(SCHEMA)
    with_rows(empty_database)
    for procedure in empty_database.rows(
            "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"):
        empty_database.execute(f"DROP PROCEDURE {procedure['ROUTINE_NAME']}")
    for trigger in empty_database.rows("SHOW TRIGGERS"):
        empty_database.execute(f"DROP TRIGGER {trigger['Trigger']}")
    before = empty_database.content_checksum()
    empty_database.load(SCHEMA)
    assert empty_database.content_checksum() == before
    assert len(contents(empty_database)["triggers"]) == 7


def test_it_holds_no_password():
    assert not re.search(r"IDENTIFIED\s+(BY|VIA|WITH)|PASSWORD\s*\(", SCHEMA.read_text(), re.I)


def test_nobody_can_log_in_as_the_owner_of_the_routines(quiet_database):
    with pytest.raises(pymysql.err.OperationalError) as refusal:
        quiet_database.connect(user="orbia_conversation_definer")
    assert refusal.value.args[0] == 4151  # ER_ACCOUNT_HAS_BEEN_LOCKED


@pytest.mark.parametrize("kind, name, definer", [
    ("ROUTINE", "ROUTINE_NAME", "DEFINER"), ("TRIGGER", "TRIGGER_NAME", "DEFINER"),
])
def test_every_routine_and_trigger_belongs_to_that_account(quiet_database, kind, name, definer):
    owners = quiet_database.rows(
        f"SELECT {name} AS name, {definer} AS owner FROM information_schema.{kind}S"
        f" WHERE {kind}_SCHEMA = DATABASE()")
    assert owners
    assert {row["owner"] for row in owners} == {"orbia_conversation_definer@localhost"}


def test_the_report_finds_every_part_as_expected(quiet_database):
    report = quiet_database.rows("CALL orbia_schema_state(3)")
    assert len(report) > 20
    assert [row for row in report if row["found"] != row["expected"]] == []


def test_a_send_locks_no_user_row(quiet_database):
    """Each send changes an index behind user_id; no foreign key may be bound to that one."""
    sender, other = quiet_database.user(), quiet_database.user()
    conversation = quiet_database.conversation(sender, other)
    with quiet_database.transaction() as cursor:
        cursor.execute("SELECT * FROM orbia_user WHERE id = %s FOR UPDATE", [other.id])
        with quiet_database.connect().cursor() as service:
            service.execute("SET innodb_lock_wait_timeout = 1")
            service.execute("CALL orbia_send_message(%s, %s, NULL, 'text', '你好', NULL, NULL, NULL, NULL)",
                            [sender.id, conversation.id])
            assert service.fetchone()["outcome"] == "sent"
