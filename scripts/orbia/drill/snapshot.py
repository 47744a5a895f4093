"""A database as it was at one moment, kept for as long as it is compared with, and the moment's place in the log."""

import contextlib
from collections.abc import Iterator

from orbia.database import Database


class Snapshot:
    """A transaction that sees the rows of one moment. `file` and `position` are where the binary log stood then."""

    def __init__(self, database: Database):
        self.connection = database.connect(autocommit=False)
        with self.connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
            cursor.execute("SHOW STATUS LIKE 'Binlog_snapshot_%'")
            status = {row["Variable_name"].lower(): row["Value"] for row in cursor.fetchall()}
        self.file, self.position = status["binlog_snapshot_file"], int(status["binlog_snapshot_position"])

    @property
    def place(self) -> str:
        return f"{self.file}, {self.position}"

    def close(self) -> None:
        self.connection.close()


@contextlib.contextmanager
def commits_held(database: Database) -> Iterator[None]:
    """Inside, nobody can write or commit; transactions that only read can begin."""
    connection = database.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("FLUSH TABLES WITH READ LOCK")
            yield
    finally:
        connection.close()


def administrators(database: Database) -> set:
    """The ids of the connections that administrators have."""
    rows = database.rows("SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = 'root'")
    return {row["id"] for row in rows}


def open_transactions(database: Database) -> set:
    """The ids of those of them that have a transaction open."""
    rows = database.rows("SELECT p.ID AS id FROM information_schema.INNODB_TRX t"
                         " JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE p.USER = 'root'")
    return {row["id"] for row in rows}
