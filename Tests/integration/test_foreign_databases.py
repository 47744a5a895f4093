"""Databases that schema.sql cannot bring to its layout: it names what it found, and changes nothing at all."""

import itertools
import subprocess

import pytest

from layout import layout
from mariadb import MariaDB
from orbia.paths import PLATFORM, REPOSITORY, SCHEMA

LATER_PLATFORM = REPOSITORY / "Tests" / "support" / "later_platform.sql"

_names = (f"foreign_{number}" for number in itertools.count(1))


@pytest.fixture
def platform(server):
    """The platform's tables with a few rows."""
    database = server.create_database(next(_names))
    database.load(PLATFORM)
    user, kol = database.user(), database.kol()
    database.order(user, kol, "confirmed")
    conversation = database.conversation(user, kol.user)
    database.message(conversation, user, created_at=None)
    return database


def apply(database, *options) -> subprocess.CompletedProcess:
    return subprocess.run(database.client(*options), stdin=SCHEMA.open(), capture_output=True, text=True)


def dump(database) -> str:
    """Definitions, rows, routines and triggers."""
    return subprocess.run(
        ["mariadb-dump", "--no-defaults", f"--socket={database.socket}", "--user=root", "--skip-dump-date",
         "--routines", "--triggers", database.name], check=True, capture_output=True, text=True).stdout


def everything(database) -> tuple:
    roles = database.rows("SELECT User, Host FROM mysql.user ORDER BY User, Host")
    rights = database.rows("SELECT * FROM mysql.tables_priv ORDER BY Db, User, Table_name")
    return layout(database), dump(database), roles, rights


def refuse(database, *named: str) -> str:
    """It ends with an error, has named each of these, and everything is as it was."""
    before = everything(database)
    done = apply(database)
    assert done.returncode != 0
    assert "ERROR 1644" in done.stderr and "nothing was changed" in done.stderr
    lines = done.stdout.splitlines()
    for name in named:
        assert any(f"\t{name}\t" in line for line in lines), (name, done.stdout)
    assert len(lines) == 1 + len(named), done.stdout
    assert everything(database) == before
    return done.stdout


# Another layout


def test_the_platforms_later_layout_is_named_and_left_alone(server):
    database = server.create_database(next(_names))
    database.load(LATER_PLATFORM)
    said = refuse(
        database, "orbia_conversation.id", "orbia_conversation_member.id", "orbia_conversation_member.conversation_id",
        "orbia_message.id", "orbia_message.conversation_id")
    assert "in which conversation_id is the key of a conversation" in said


FOREIGN = {
    "a view in the place of a table":
        (["RENAME TABLE orbia_user TO platform_user", "CREATE VIEW orbia_user AS SELECT * FROM platform_user"],
         ["orbia_user"]),
    "a table of MyISAM":
        (["ALTER TABLE orbia_message DROP FOREIGN KEY fk_message_conversation, DROP FOREIGN KEY fk_message_sender",
          "ALTER TABLE orbia_message ENGINE = MyISAM"], ["orbia_message"]),
    "a table of Aria":
        (["ALTER TABLE orbia_message DROP FOREIGN KEY fk_message_conversation, DROP FOREIGN KEY fk_message_sender",
          "ALTER TABLE orbia_message ENGINE = Aria"], ["orbia_message"]),
    "a table in partitions":
        (["ALTER TABLE orbia_message DROP FOREIGN KEY fk_message_conversation, DROP FOREIGN KEY fk_message_sender",
          "ALTER TABLE orbia_message DROP KEY uk_message_id, DROP PRIMARY KEY, ADD PRIMARY KEY (id, conversation_id)",
          "ALTER TABLE orbia_message PARTITION BY HASH (conversation_id) PARTITIONS 4"], ["orbia_message"]),
    "a table with a history":
        (["ALTER TABLE orbia_message ADD SYSTEM VERSIONING"], ["orbia_message"]),
    "columns that are not there":
        (["ALTER TABLE orbia_kol_order DROP COLUMN updated_at, DROP COLUMN title",
          "ALTER TABLE orbia_conversation_member DROP COLUMN last_read_at"],
         ["orbia_kol_order.title", "orbia_kol_order.updated_at", "orbia_conversation_member.last_read_at"]),
    "times without a zone":
        (["ALTER TABLE orbia_message MODIFY created_at DATETIME(3) NULL"], ["orbia_message.created_at"]),
    "times as numbers":
        (["ALTER TABLE orbia_conversation DROP KEY idx_last_message_at, DROP COLUMN last_message_at,"
          " ADD COLUMN last_message_at BIGINT"], ["orbia_conversation.last_message_at"]),
    "an id that does not count":
        (["SET foreign_key_checks = 0", "ALTER TABLE orbia_conversation MODIFY id BIGINT NOT NULL",
          "SET foreign_key_checks = 1"],
         ["orbia_conversation.id"]),
    "a column without a default":
        (["ALTER TABLE orbia_message ADD COLUMN tenant INT NOT NULL"], ["orbia_message.tenant"]),
    "a type that is too narrow":
        (["ALTER TABLE orbia_message MODIFY content VARCHAR(2000) NOT NULL, MODIFY file_size INT"],
         ["orbia_message.content", "orbia_message.file_size"]),
    "a character set that is too small":
        (["ALTER TABLE orbia_message MODIFY content TEXT CHARACTER SET utf8mb3 NOT NULL"], ["orbia_message.content"]),
    "a list without what is written":
        (["ALTER TABLE orbia_conversation MODIFY type ENUM ('general', 'support') NOT NULL DEFAULT 'general'"],
         ["orbia_conversation.type"]),
    "a status that is a number":
        (["ALTER TABLE orbia_user DROP COLUMN status, ADD COLUMN status TINYINT NOT NULL DEFAULT 1"],
         ["orbia_user.status"]),
    "members that are there twice":
        (["ALTER TABLE orbia_conversation_member DROP KEY uk_conversation_user",
          "INSERT INTO orbia_conversation_member (conversation_id, user_id) SELECT conversation_id, user_id"
          " FROM (SELECT * FROM orbia_conversation_member) AS m"],
         ["orbia_conversation_member (conversation_id,user_id)"]),
    "messages of one id":
        (["ALTER TABLE orbia_message DROP KEY uk_message_id",
          "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content)"
          " SELECT message_id, conversation_id, sender_id, content FROM (SELECT * FROM orbia_message) AS m"],
         ["orbia_message (message_id)"]),
    "a member of no conversation":
        (["ALTER TABLE orbia_conversation_member DROP FOREIGN KEY fk_member_conversation,"
          " MODIFY conversation_id BIGINT NULL",
          "INSERT INTO orbia_conversation_member (user_id) SELECT id FROM orbia_user"],
         ["orbia_conversation_member.conversation_id"]),
    "two of them":
        (["ALTER TABLE orbia_message ADD COLUMN tenant INT NOT NULL",
          "ALTER TABLE orbia_conversation_member MODIFY last_read_at DATETIME NULL"],
         ["orbia_message.tenant", "orbia_conversation_member.last_read_at"]),
}


@pytest.mark.parametrize("changes, named", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_cannot_be_brought_here_is_named_and_nothing_changes(platform, changes, named):
    for statement in changes:
        platform.execute(statement)
    refuse(platform, *named)


def test_once_what_it_named_is_mended_it_does_all_of_it(platform):
    platform.execute("ALTER TABLE orbia_message ADD COLUMN tenant INT NOT NULL")
    refuse(platform, "orbia_message.tenant")
    platform.execute("ALTER TABLE orbia_message MODIFY tenant INT NULL")
    platform.load(SCHEMA)
    assert [row for row in platform.rows("CALL orbia_schema_state(3)") if row["found"] != row["expected"]] == []


# Where it goes on


def test_a_table_that_only_is_read_may_have_a_history(platform):
    platform.execute("ALTER TABLE orbia_kol ADD SYSTEM VERSIONING")
    platform.load(SCHEMA)


@pytest.mark.parametrize("integer", ["INT", "INT UNSIGNED", "BIGINT UNSIGNED"])
def test_tables_that_are_missing_are_made_beside_those_that_are_there(server, integer):
    """The platform's users and orders, with ids of another type, and no conversations yet."""
    database = server.create_database(next(_names))
    text = PLATFORM.read_text()
    for statement in text[text.index("CREATE TABLE"):text.index("CREATE TABLE orbia_conversation (")].split(";\n")[:3]:
        database.execute(statement.replace("BIGINT", integer))
    database.load(SCHEMA)
    assert [row for row in database.rows("CALL orbia_schema_state(3)") if row["found"] != row["expected"]] == []
    order = database.order(status="confirmed")
    [conversation] = database.conversations_of(order)
    [answer] = database.rows("CALL orbia_send_message(%s, %s, NULL, 'text', '你好', NULL, NULL, NULL, NULL)",
                             order.user.id, conversation["id"])
    assert answer["outcome"] == "sent"


HURTING = ["--safe-updates", "--init-command=SET autocommit = 0", "--init-command=SET group_concat_max_len = 4",
           "--init-command=SET max_statement_time = 0.001", "--init-command=SET sql_select_limit = 1",
           "--init-command=SET explicit_defaults_for_timestamp = 0"]


@pytest.mark.parametrize("option", HURTING)
def test_what_the_loading_clients_files_say_does_not_matter(server, platform, option):
    fresh = server.create_database(next(_names))
    fresh.load(SCHEMA)
    platform.load(SCHEMA, option)
    assert layout(platform) == layout(fresh)
    assert platform.value("SELECT COUNT(*) FROM orbia_message WHERE created_at IS NULL") == 0


# Other servers


def test_an_older_server_is_refused(make_directory):
    """One that says so of itself; the rest of it is as ever."""
    with MariaDB(make_directory(), "--version=10.6.18-MariaDB") as server:
        database = server.create_database()
        database.load(PLATFORM)
        assert "10.11 or later" in refuse(database, "MariaDB")


def test_the_servers_own_database_is_refused(server):
    done = apply(server.database("mysql"))
    assert done.returncode != 0
    assert "nothing was changed" in done.stderr
    assert server.database("mysql").rows("SHOW TABLES LIKE 'orbia%%'") == []
