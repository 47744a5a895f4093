"""scripts/drill: that it passes where all is well, and that its comparison finds what differs."""

import re
import subprocess

import pytest

from orbia.drill import comparison
from orbia.drill.comparison import compare_definitions, compare_rows
from orbia.paths import REPOSITORY

TABLES = ["orbia_conversation", "orbia_conversation_change", "orbia_conversation_feature", "orbia_conversation_member",
          "orbia_kol", "orbia_kol_order", "orbia_message", "orbia_order_progress", "orbia_user"]


def drill(*options) -> subprocess.CompletedProcess:
    return subprocess.run([REPOSITORY / "scripts" / "drill", "--no-install", *options], capture_output=True, text=True,
                          timeout=300, stdin=subprocess.DEVNULL)


def test_a_drill_restores_and_rewinds_what_was_in_use(make_directory):
    directory = make_directory()
    done = drill("--messages", "1000", "--dir", str(directory))
    assert done.returncode == 0, done.stderr
    restored, rewound = re.split(r"^point in time: ", done.stdout.partition("\nrestore: ")[2], flags=re.M)
    for part in (restored, rewound):
        counts = dict(re.findall(r"^  (orbia_\w+) +([\d,]+) rows", part, re.M))
        assert list(counts) == TABLES
        assert int(counts["orbia_message"].replace(",", "")) > 1000
        [(there, of, after)] = re.findall(r"acknowledged: ([\d,]+) of ([\d,]+) are there; sent after: (\d+) of", part)
        assert there == of != "0" and after == "0"
    assert list(directory.iterdir()) == []


def test_help_says_what_it_does():
    assert "row by row" in drill("--help").stdout


@pytest.mark.parametrize("options", [["--messages", "499"], ["--messages", "many"], ["--nothing"]])
def test_a_wrong_command_line_is_told_so(options):
    done = drill(*options)
    assert (done.returncode, "scripts/drill: error:" in done.stderr) == (2, True)


# The comparison

MAKE = [
    "CREATE TABLE word (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(20) NULL, at TIMESTAMP(3) NULL)",
    "INSERT INTO word SELECT seq, CONCAT('第', seq), FROM_UNIXTIME(1700000000 + seq / 100) FROM seq_1_to_3000",
    "CREATE TABLE pair (a VARCHAR(8), b INT, PRIMARY KEY (a, b))",
    "INSERT INTO pair VALUES ('x', 1), ('y', 2)",
    "CREATE TRIGGER word_changed AFTER UPDATE ON word FOR EACH ROW SET @changed = NEW.id",
    "CREATE PROCEDURE nothing() SELECT 1",
]
# What is done to the second database, and what is told of it.
DAMAGES = {
    "a text is another": ("UPDATE word SET text = '第 471' WHERE id = 471",
                          ["word (471): text is '第 471' and should be '第471'"]),
    "a text is nothing": ("UPDATE word SET text = NULL WHERE id = 1", ["word (1): text is None and should be '第1'"]),
    "a time is a millisecond later": (
        "UPDATE word SET at = at + INTERVAL 1000 MICROSECOND WHERE id = 3000",
        ["word (3000): at is datetime.datetime(2023, 11, 14, 22, 13, 50, 1000)"
         " and should be datetime.datetime(2023, 11, 14, 22, 13, 50)"]),
    "a row is missing": ("DELETE FROM word WHERE id = 2000", ["word (2000) is missing"]),
    "the last row is missing": ("DELETE FROM word WHERE id = 3000", ["word (3000) is missing"]),
    "a row is too many": ("INSERT INTO word VALUES (3001, 'x', NULL)", ["word (3001) should not be there"]),
    "a row far away is too many": ("INSERT INTO word VALUES (900000, 'x', NULL)",
                                   ["word (900000) should not be there"]),
    "two rows have changed places": ("UPDATE pair SET b = 3 - b", [
        "pair (x, 1) is missing", "pair (y, 2) is missing", "pair (x, 2) should not be there",
        "pair (y, 1) should not be there"]),
    "a table is empty": ("DELETE FROM pair", ["pair (x, 1) is missing", "pair (y, 2) is missing"]),
    "a table is missing": ("DROP TABLE pair", ["pair is missing"]),
    "a table is too many": ("CREATE TABLE more (id INT)", ["more should not be there"]),
    "a column is too many": ("ALTER TABLE pair ADD COLUMN c INT NULL", ["pair has other columns"]),
}
OTHERWISE_MADE = {
    "a key": ("ALTER TABLE word ADD KEY (text)", "table word"),
    "a trigger that is missing": ("DROP TRIGGER word_changed", "trigger word_changed"),
    "a trigger": ("CREATE OR REPLACE TRIGGER word_changed AFTER UPDATE ON word FOR EACH ROW SET @changed = 1",
                  "trigger word_changed"),
    "a routine": ("CREATE OR REPLACE PROCEDURE nothing() SELECT 2", "routine nothing"),
}


@pytest.fixture
def pair(server, monkeypatch):
    """Connections to two databases that are alike, and the second one; with small chunks."""
    monkeypatch.setattr(comparison, "ROWS_OF_A_CHUNK", 1000)
    names = ("compared_1", "compared_2")
    for name in names:
        database = server.create_database(name)
        for statement in MAKE:
            database.execute(statement)
    connections = [server.database(name).connect() for name in names]
    yield (*connections, server.database(names[1]))
    for connection in connections:
        connection.close()
    for name in names:
        server.database("mysql").execute(f"DROP DATABASE {name}")


def test_what_is_alike_does_not_differ(pair):
    expected, found, database = pair
    database.execute("ALTER TABLE word AUTO_INCREMENT = 50000")
    compared = compare_rows(expected, found)
    assert [(each.name, each.rows, each.chunks, each.differences) for each in compared] == [
        ("pair", 2, 1, []), ("word", 3000, 4, [])]
    assert compare_definitions(expected, found) == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_difference_between_rows_is_told(pair, damage):
    expected, found, database = pair
    statement, told = DAMAGES[damage]
    database.execute(statement)
    assert [line for each in compare_rows(expected, found) for line in each.differences] == told


def test_of_many_differences_some_are_told(pair):
    expected, found, database = pair
    database.execute("UPDATE word SET text = 'x'")
    [differences] = [each.differences for each in compare_rows(expected, found) if each.differences]
    assert len(differences) == 21 and differences[-1] == "word: there are more, 4 of 4 chunks differ"


@pytest.mark.parametrize("what", OTHERWISE_MADE)
def test_what_is_made_otherwise_is_told(pair, what):
    expected, found, database = pair
    statement, name = OTHERWISE_MADE[what]
    database.execute(statement)
    assert compare_definitions(expected, found) == [f"{name} is made differently, or is there once only"]
