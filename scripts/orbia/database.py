"""A database as root asks it, through pymysql."""

import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pymysql

from orbia.database_server import ACCOUNT, client_command


class Database:
    """As root, committing each statement, a connection for each thread; times are in UTC."""

    def __init__(self, socket: Path, name: str = "orbia"):
        self.socket, self.name = str(socket), name
        self._of_thread = threading.local()

    @property
    def account(self) -> str:
        """The service's, which belongs to one database."""
        return ACCOUNT if self.name == "orbia" else f"{ACCOUNT}_{self.name}"

    @property
    def role(self) -> str:
        """That of the service in this database, quoted."""
        return "`" + f"orbia_conversation_app_{self.name}".replace("`", "``") + "`"

    @property
    def _own(self) -> pymysql.Connection:
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = self.connect()
        return self._of_thread.connection

    def connect(self, **options) -> pymysql.Connection:
        """A connection of its own, which the caller closes; `options` are pymysql's."""
        settings = {
            "unix_socket": self.socket, "user": "root", "database": self.name,
            "charset": "utf8mb4", "autocommit": True, "init_command": "SET time_zone = '+00:00'",
            "cursorclass": pymysql.cursors.DictCursor,
        }
        return pymysql.connect(**{**settings, **options})

    @contextmanager
    def transaction(self):
        """A transaction of its own connection, which is rolled back unless the caller commits."""
        connection = self.connect(autocommit=False)
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.rollback()
            connection.close()

    def client(self, *options: str) -> list[str]:
        """The command of the command-line client, which takes SQL on its standard input."""
        return client_command(self.socket, *options, self.name)

    def load(self, file: Path, *options: str) -> subprocess.CompletedProcess:
        """Feeds a file of SQL to the command-line client, as an operator would; `options` are the client's."""
        with open(file, "rb") as script:
            done = subprocess.run(self.client(*options), stdin=script, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done

    # Statements

    def execute(self, sql: str, *values) -> int:
        """Runs one statement; returns the id that an INSERT was given."""
        with self._own.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.lastrowid

    def rows(self, sql: str, *values) -> list:
        with self._own.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    def row(self, sql: str, *values) -> dict:
        rows = self.rows(sql, *values)
        assert len(rows) == 1, f"{len(rows)} rows for {sql}"
        return rows[0]

    def value(self, sql: str, *values):
        return next(iter(self.row(sql, *values).values()))

    def insert(self, table: str, **columns) -> int:
        names = ", ".join(f"`{name}`" for name in columns)
        places = ", ".join(["%s"] * len(columns))
        return self.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *columns.values())
