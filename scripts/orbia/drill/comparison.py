"""Two databases compared: how tables, triggers and routines are made, and the tables row by row."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pymysql import Connection

# About as many rows have a checksum together; where it differs, they are looked at one by one.
ROWS_OF_A_CHUNK = 10_000
# Differences of a table that are told; the others are counted by their chunks.
MOST_TOLD = 20
INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint"}


@dataclass
class ComparedTable:
    """`rows` are those that were expected; `differences` say what is not as it should be."""

    name: str
    rows: int = 0
    chunks: int = 0
    differences: list[str] = field(default_factory=list)


def compare_rows(expected: Connection, found: Connection) -> list[ComparedTable]:
    """Every table that either of them has. The connections' cursors give dictionaries; each may be in a transaction."""
    names = [{row["name"] for row in _ask(connection, _TABLES)} for connection in (expected, found)]
    compared = []
    for name in sorted(names[0] | names[1]):
        if name in names[0] & names[1]:
            compared.append(_compare_table(expected, found, name))
        else:
            problem = f"{name} is missing" if name in names[0] else f"{name} should not be there"
            compared.append(ComparedTable(name, differences=[problem]))
    return compared


def compare_definitions(expected: Connection, found: Connection) -> list[str]:
    """What differs in how tables, triggers and routines are made; empty where nothing does."""
    wanted, there = _definitions(expected), _definitions(found)
    return [f"{name} is made differently, or is there once only"
            for name in sorted(wanted.keys() | there.keys()) if wanted.get(name) != there.get(name)]


_TABLES = ("SELECT TABLE_NAME AS name FROM information_schema.TABLES"
           " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'")


def _ask(connection: Connection, sql: str, *values) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())


def _both(expected: Connection, found: Connection, sql: str, *values) -> list[list[dict]]:
    """One statement's rows in both, at the same time: a table is read from end to end."""
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(_ask, connection, sql, *values) for connection in (expected, found)]
        return [each.result() for each in asked]


def _compare_table(expected: Connection, found: Connection, name: str) -> ComparedTable:
    columns, other_columns = _both(expected, found, _COLUMNS, name)
    if columns != other_columns:
        return ComparedTable(name, differences=[f"{name} has other columns"])
    key = [row["name"] for row in _ask(expected, _PRIMARY_KEY, name)] or [row["name"] for row in columns]
    chunk = _chunk(expected, name, key[0], columns)
    # What a row is made of, NULL told from an empty text and one value from the next.
    whole = ", ".join(f"QUOTE(CAST(`{row['name']}` AS BINARY))" for row in columns)
    checksums = (f"SELECT {chunk} AS chunk, COUNT(*) AS `rows`,"
                 f" BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS(',', {whole})), 15), 16, 10) AS UNSIGNED)) AS checksum"
                 f" FROM `{name}` GROUP BY chunk")
    wanted, there = ({row["chunk"]: row for row in rows} for rows in _both(expected, found, checksums))
    result = ComparedTable(name, sum(row["rows"] for row in wanted.values()), len(wanted))
    wrong = sorted(number for number in wanted.keys() | there.keys() if wanted.get(number) != there.get(number))
    for number in wrong:
        if len(result.differences) >= MOST_TOLD:
            result.differences.append(f"{name}: there are more, {len(wrong)} of {len(wanted)} chunks differ")
            break
        rows, other_rows = _both(expected, found, f"SELECT * FROM `{name}` WHERE {chunk} = %s", number)
        told = list(_differences(name, key, rows, other_rows))
        # Whatever differs has to be named, or the comparison is no good.
        result.differences += told[:MOST_TOLD] or [f"{name}: chunk {number} differs, and no row of it does"]
    return result


_COLUMNS = ("SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION")
_PRIMARY_KEY = ("SELECT COLUMN_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
                " AND TABLE_NAME = %s AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX")


def _chunk(connection: Connection, table: str, column: str, columns: list[dict]) -> str:
    """The expression that says which chunk a row belongs to: ranges of the primary key's first column."""
    if next(row["type"] for row in columns if row["name"] == column) not in INTEGERS:
        return "0"
    [size] = _ask(connection, f"SELECT COUNT(*) AS `rows`, MIN(`{column}`) AS least, MAX(`{column}`) AS most"
                              f" FROM `{table}`")
    if not size["rows"]:
        return "0"
    width = (size["most"] - size["least"] + 1) * ROWS_OF_A_CHUNK // size["rows"]
    return f"`{column}` DIV {max(1, width)}"


def _differences(table: str, key: list[str], expected: list[dict], found: list[dict]) -> Iterator[str]:
    wanted, there = ({tuple(row[name] for name in key): row for row in rows} for rows in (expected, found))
    for values in [*wanted, *(values for values in there if values not in wanted)]:
        named = f"{table} ({', '.join(map(str, values))})"
        if values not in there:
            yield f"{named} is missing"
        elif values not in wanted:
            yield f"{named} should not be there"
        else:
            for column, value in wanted[values].items():
                if there[values][column] != value:
                    yield f"{named}: {column} is {there[values][column]!r} and should be {value!r}"


def _definitions(connection: Connection) -> dict:
    definitions = {}
    for table in [row["name"] for row in _ask(connection, _TABLES)]:
        [row] = _ask(connection, f"SHOW CREATE TABLE `{table}`")
        # The number that comes next is not part of how a table is made.
        definitions[f"table {table}"] = re.sub(r" AUTO_INCREMENT=\d+", "", row["Create Table"])
    for row in _ask(connection, "SELECT TRIGGER_NAME AS name, ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE,"
                                " ACTION_STATEMENT, SQL_MODE, DEFINER FROM information_schema.TRIGGERS"
                                " WHERE TRIGGER_SCHEMA = DATABASE()"):
        definitions[f"trigger {row['name']}"] = row
    for row in _ask(connection, "SELECT ROUTINE_NAME AS name, ROUTINE_DEFINITION, SQL_MODE, DEFINER, SECURITY_TYPE,"
                                " ROUTINE_COMMENT FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"):
        definitions[f"routine {row['name']}"] = row
    return definitions
