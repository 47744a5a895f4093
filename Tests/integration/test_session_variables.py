"""Whatever a server's globals and init_connect make of a new session, the service answers the same.

Goes through all session variables of the server, each with values that hurt: booleans both ways, numbers at both of
their ends, each word of an enumeration, character sets. Many are set at a time; where an answer differs, which one it
was is found by halves.
"""

import re
import time

import pymysql
import pytest

from mariadb import MariaDB
from orbia.database_server import ACCOUNT
from orbia.polling import eventually
from orbia.private_mariadb import PASSWORD
from service import Service, settings_for

TEXT = "你好 🙂 it's \"a\" \\ 100% ñ"

# What a session cannot set, and the service names instead (test_server_obstacles.py).
NAMED = {"max_allowed_packet", "binlog_format", "wsrep_on"}
# Variables whose values are names. All other text variables name files, hosts, tables, or what is to be logged.
TEXTS = {
    "time_zone": ["Asia/Shanghai", "+05:45", "-12:59"],
    "default_storage_engine": ["MyISAM", "MEMORY"],
    "default_tmp_storage_engine": ["MyISAM", "MEMORY"],
    "enforce_storage_engine": ["MyISAM"],
    "system_versioning_asof": ["2001-01-01 00:00:00"],
    "storage_engine": ["MyISAM"],
}
# Limits on how many may connect: whoever sets them means it.
CONNECTIONS = {"max_user_connections"}
# At their upper end these ask for more memory than the machine has; the server then does not work for anybody.
MEMORY = re.compile(r"_size$|_buffer|_mem|threads$|length$|_space_limit$|_buff")
CHARACTER_SETS = ["latin1", "gbk", "sjis", "utf8mb3", "ascii", "binary", "cp1251"]
COLLATIONS = ["latin1_swedish_ci", "utf8mb4_bin", "utf8mb4_turkish_ci", "gbk_chinese_ci", "binary"]
LOCALES = ["'zh_CN'", "'ar_AE'"]
MOST_AT_A_TIME = 12


@pytest.fixture(scope="module")
def server(make_directory):
    with MariaDB(make_directory()) as server:
        server.create_service_database()
        yield server


class World:
    """A service, and calls to all of its endpoints whose answers are known from an untouched server."""

    def __init__(self, server, service):
        self.server, self.service = server, service
        self.database = database = server.database()
        self.user, self.other = database.user("张三 🙂"), database.user("李四")
        self.read = database.conversation(self.user, self.other, title="产品 🙂")
        database.messages(self.read, self.other, 25, 1_700_000_000_123)
        database.message(self.read, self.other, TEXT, 1_700_000_100_456)
        for number in range(30):
            database.conversation(self.user, self.other, title=f"第 {number} 个")
        self.written = database.conversation(self.user, self.other)
        self.cursor = service.api().get_conversations(self.user, page_size=25).success()["cursor"]
        self._write()
        self.expected = self.answers()
        assert self.expected["changes"]["conversations"]
        assert len(self.expected["conversations"]["conversations"]) == 25

    def answers(self) -> dict:
        api, name = self.service.api(), {"conversation_id": self.read.id}
        pages = {
            "newest": api.get_messages(self.user, **name),
            "before": api.get_messages(self.user, **name, before_timestamp=1_700_000_024_123, limit=5),
            "after": api.get_messages(self.user, **name, after_timestamp=1_700_000_000_123),
            "by code": api.get_messages(self.user, conversation_id=self.read.conversation_id, after_timestamp=0),
            "nothing new": api.get_messages(self.user, **name, after_timestamp=1_700_000_100_456),
            "conversation": api.get_conversation(self.user, **name),
            "conversations": api.get_conversations(self.user, page_size=25),
            "by type": api.get_conversations(self.user, type="general", page=2),
            "changes": api.get_conversations(self.user, after_cursor=self.cursor),
        }
        answers = {what: answer.success() for what, answer in pages.items()}
        for answer in answers.values():
            answer.pop("cursor", None)  # it has the time
        return answers | {"write": self._write()}

    def _write(self) -> dict:
        """A send twice, and a mark; the database is then as it was."""
        try:
            return self._send_and_mark()
        finally:
            self._undo()

    def _send_and_mark(self) -> dict:
        api, database = self.service.api(), self.database
        send = {"conversation_id": self.written.id, "message_type": "file", "content": "https://x.example/文",
                "file_name": TEXT, "file_size": 2**40, "file_type": "text/plain", "client_message_id": "κλειδί"}
        before = time.time() * 1000
        first = api.send_message(self.user, **send).success()["message"]
        second = api.send_message(self.user, **send).success()
        assert second["duplicate"] and second["message"]["message_id"] == first["message_id"]
        assert before - 1500 < first["created_at"] < time.time() * 1000 + 1500
        stored = database.stored_messages(self.written)
        assert [row["message_id"] for row in stored] == [first["message_id"]]
        assert stored[0]["created_ms"] == first["created_at"]
        unread = database.unread(self.written, self.other)
        mark = api.mark_read(self.other, conversation_id=self.written.id, read_up_to=first["created_at"]).success()
        fields = ["content", "file_name", "file_size", "file_type", "sender_id", "client_message_id"]
        return {"answer": [first.get(field) for field in fields], "row": [stored[0][field] for field in fields],
                "unread": unread, "mark": mark, "left": database.unread(self.written, self.other)}

    def _undo(self):
        database = self.database
        database.execute("DELETE FROM orbia_message WHERE conversation_id = %s", self.written.id)
        database.execute("UPDATE orbia_conversation SET last_message_at = NULL WHERE id = %s", self.written.id)
        database.execute("UPDATE orbia_conversation_member m JOIN orbia_conversation c ON c.id = m.conversation_id"
                         " SET m.unread_count = 0, m.last_read_at = NULL, m.last_activity_at = c.created_at"
                         " WHERE c.id = %s", self.written.id)

    # Other people's sessions

    def new_connections(self):
        """All of the service's begin anew; returns when one of its workers has."""
        for row in self.database.rows("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s", ACCOUNT):
            try:
                self.database.execute(f"KILL {row['ID']}")
            except pymysql.err.OperationalError:
                pass  # it has ended by itself

    def difference(self, settings) -> str:
        """What is other than it should be with these settings; empty where nothing is."""
        session = [each.statement for each in settings if each.by_session]
        undo = [(each.variable, self.database.value(f"SELECT @@GLOBAL.{each.variable}"))
                for each in settings if not each.by_session]
        root = self.database.connect()
        try:
            with root.cursor() as cursor:
                for each in settings:
                    if not each.by_session:
                        cursor.execute(each.statement)
                cursor.execute("SET GLOBAL init_connect = %s", ("; ".join(session),))
                self.new_connections()
                try:
                    found = self.answers()
                except (AssertionError, ConnectionError, KeyError, UnicodeDecodeError) as error:
                    print(f"{settings}: the service says", *self.service.log().splitlines()[-5:], sep="\n")
                    return f"{settings}: {error}"
                return "" if found == self.expected else f"{settings}: {first_difference(self.expected, found)}"
        finally:
            with root.cursor() as cursor:
                cursor.execute("SET GLOBAL init_connect = ''")
                for variable, value in undo:
                    cursor.execute(f"SET GLOBAL {variable} = %s", (value,))
            root.close()

    def culprits(self, settings) -> list:
        """Those of the settings that make a difference, each by itself."""
        found = self.difference(settings)
        if not found:
            return []
        if len(settings) == 1:
            return [found]
        half = len(settings) // 2
        return self.culprits(settings[:half]) + self.culprits(settings[half:]) or [found]


def first_difference(expected, found) -> str:
    return next(f"{what}: {found.get(what)} instead of {expected[what]}" for what in expected
                if found.get(what) != expected[what])


class Setting:
    """A value of a variable, and how it gets into the service's sessions."""

    def __init__(self, variable, value, by_session):
        self.variable, self.by_session = variable, by_session
        self.statement = f"SET {'SESSION' if by_session else 'GLOBAL'} {variable} = {value}"

    def __repr__(self):
        return self.statement


def values_of(row) -> list:
    """The values of a variable that are tried, as SQL."""
    name, kind = row["VARIABLE_NAME"].lower(), row["VARIABLE_TYPE"]
    if name.startswith("character_set_"):
        return CHARACTER_SETS
    if name.startswith("collation_"):
        return COLLATIONS
    if kind == "BOOLEAN":
        return ["0", "1"]
    if kind == "ENUM" and row["ENUM_VALUE_LIST"] is None:
        return LOCALES
    if kind == "ENUM":
        return [f"'{word}'" for word in row["ENUM_VALUE_LIST"].split(",")]
    if kind in ("SET", "FLAGSET"):
        words = [word for word in (row["ENUM_VALUE_LIST"] or "").split(",") if word and word != "default"]
        if kind == "FLAGSET":
            return [f"'{word}={state}'" for word in words for state in ("on", "off")]
        return ["''", *(f"'{word}'" for word in words)]
    if kind in ("VARCHAR",):
        return [f"'{text}'" for text in TEXTS.get(name, [])]
    ends = [row["NUMERIC_MIN_VALUE"]]
    if not MEMORY.search(name):
        ends.append(row["NUMERIC_MAX_VALUE"])
    return [f"{end}" for end in ends]


def all_settings(database) -> list:
    """Of all session variables; those that nobody can set are left out."""
    account = database.connect(user=ACCOUNT, password=PASSWORD, init_command=None)
    root = database.connect()
    found = []
    for row in database.rows(
            "SELECT * FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_SCOPE IN ('SESSION', 'SESSION ONLY')"
            " AND READ_ONLY = 'NO' ORDER BY VARIABLE_NAME"):
        name = row["VARIABLE_NAME"].lower()
        if name in NAMED | CONNECTIONS:
            continue
        for value in values_of(row):
            if can(account, f"SET SESSION {name} = {value}"):
                found.append(Setting(name, value, by_session=True))
            elif row["VARIABLE_SCOPE"] == "SESSION" and can_globally(root, name, value):
                found.append(Setting(name, value, by_session=False))
            account.close()
            account = database.connect(user=ACCOUNT, password=PASSWORD, init_command=None)
    account.close()
    root.close()
    return found


def can(connection, statement) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        return True
    except pymysql.err.MySQLError:
        return False


def can_globally(connection, name, value) -> bool:
    before = None
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT @@GLOBAL.{name} AS value")
            before = cursor.fetchone()["value"]
    except pymysql.err.MySQLError:
        return False
    settable = can(connection, f"SET GLOBAL {name} = {value}")
    if settable:
        with connection.cursor() as cursor:
            cursor.execute(f"SET GLOBAL {name} = %s", (before,))
    return settable


def groups(settings) -> list:
    """Each with so many settings at the most, and none with two for one variable."""
    waiting, found = list(settings), []
    while waiting:
        group, left = [], []
        for each in waiting:
            names = {other.variable for other in group}
            fits = len(group) < MOST_AT_A_TIME and each.variable not in names
            (group if fits else left).append(each)
        found.append(group)
        waiting = left
    return found


@pytest.fixture(scope="module")
def world(server, make_directory):
    service = Service(make_directory(), {**settings_for(server, server.database()), "ORBIA_WORKERS": "1"})
    service.start()
    try:
        yield World(server, service)
    finally:
        assert service.stop() == 0


def test_no_session_variable_changes_an_answer(world):
    settings = all_settings(world.database)
    assert len({each.variable for each in settings}) > 150, "nearly all of them can be set"
    found = [culprit for group in groups(settings) for culprit in world.culprits(group)]
    assert found == []


@pytest.mark.parametrize("names", ["utf8", "latin1", "gbk", "sjis", "big5", "cp932", "binary"])
def test_no_set_names_does(world, names):
    class Names:
        by_session, statement = True, f"SET NAMES {names}"

    assert world.difference([Names]) == ""


@pytest.mark.parametrize("begun", [
    "SET autocommit = 0; INSERT INTO orbia.nothing VALUES (1)", "START TRANSACTION", "SET sql_mode = ORACLE",
    "SET timestamp = 1000000000", "SET insert_id = 7, last_insert_id = 9",
])
def test_nothing_that_init_connect_has_begun_does(world, begun):
    world.database.execute("CREATE TABLE IF NOT EXISTS nothing (i INT)")
    world.database.execute(f"GRANT INSERT ON nothing TO {ACCOUNT}@localhost")

    class Begun:
        by_session, statement = True, begun

    assert world.difference([Begun]) == ""
    assert world.database.value("SELECT COUNT(*) FROM nothing") == 0
    # No session of the service's is left in a transaction, which an ALTER would wait for.
    eventually(lambda: not world.database.rows("SELECT 1 FROM information_schema.INNODB_TRX"), within=2,
               what="no transaction is open")


@pytest.mark.parametrize("option", [
    ("--skip-character-set-client-handshake", "--character-set-server=gbk"),
    ("--secure-timestamp=YES",),
    ("--transaction-isolation=SERIALIZABLE", "--transaction-read-only", "--autocommit=0"),
], ids=lambda option: option[0])
def test_no_file_of_the_servers_does(make_directory, option):
    with MariaDB(make_directory()) as server:
        database = server.create_service_database()
        user, other = database.user(), database.user()
        conversation = database.conversation(user, other)
        server.stop()
        server.start(*option)
        service = Service(make_directory(), {**settings_for(server, database), "ORBIA_WORKERS": "1"})
        service.start()
        try:
            service.api().send_text(user, conversation, TEXT).success()
            [message] = service.api().get_messages(user, conversation_id=conversation.id).success()["messages"]
            assert message["content"] == TEXT
            stored = server.database().rows("SELECT HEX(content) AS bytes FROM orbia_message")
            assert [bytes.fromhex(row["bytes"]).decode() for row in stored] == [TEXT]
        finally:
            assert service.stop() == 0
