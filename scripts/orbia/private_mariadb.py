"""A private MariaDB server without a stack, which may be stopped, killed and frozen."""

import os
import subprocess
from pathlib import Path

import pymysql

from orbia.database import Database
from orbia.database_server import as_own_account, installation_command
from orbia.paths import SCHEMA
from orbia.polling import eventually
from orbia.processes import freeze, thaw

PASSWORD = "only for this private server"


class PrivateMariaDB:
    """Listens on a Unix socket, where root needs no password; and on a port of loopback, where it is given one."""

    def __init__(self, directory: Path, *options: str, port: int | None = None, environment: dict | None = None):
        self.directory = directory
        self.socket = directory / "mariadb.sock"
        self.port = port
        network = ["--skip-networking"] if port is None else ["--bind-address=127.0.0.1", f"--port={port}"]
        # A server that starts takes all temporary tables in its tmpdir for its own, left over, and deletes them.
        self._options = [*network, f"--tmpdir={directory}", "--skip-name-resolve", *options]
        self._environment = {**os.environ, **(environment or {})}
        self._data = directory / "data"
        self._log = directory / "mariadb.log"
        self._process = None
        self._install()

    def _install(self):
        subprocess.run(
            # The server that installs deletes what it finds in its tmpdir, too.
            installation_command(self._data), check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(self.directory)},
        )

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, *options: str) -> None:
        """Returns once the server answers; its data are those of the run before. `options` are of this run alone."""
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                ["mariadbd", "--no-defaults", f"--datadir={self._data}", f"--socket={self.socket}",
                 f"--pid-file={self.directory}/mariadb.pid", "--innodb-buffer-pool-size=64M", *self._options, *options,
                 *as_own_account()],
                stdout=log, stderr=log, env=self._environment,
            )
        eventually(self._answers, within=30, what="MariaDB answers")

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        try:
            self.database("mysql").value("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """As a crash would: nothing is written, nobody is told."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self.runs:
            self.resume()
            self._process.terminate()
            self._process.wait()

    def freeze(self) -> None:
        """The server keeps its connections and answers nothing."""
        freeze(self._process.pid)

    def resume(self) -> None:
        if self.runs:
            thaw(self._process.pid)

    def database(self, name="orbia") -> Database:
        return Database(self.socket, name)

    def create_database(self, name="orbia") -> Database:
        """An empty database."""
        self.database("mysql").execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return self.database(name)

    def create_service_database(self, name="orbia") -> Database:
        """A database with schema.sql, and the service's account for it."""
        database = self.create_database(name)
        database.load(SCHEMA)
        self.create_account(database)
        return database

    def create_account(self, database: Database, requirement=""):
        """The service's account for a database, as an operator makes it: its privileges are the role's."""
        for account in self.create_user(database, requirement):
            database.execute(f"GRANT {database.role} TO {account}")
            database.execute(f"SET DEFAULT ROLE {database.role} FOR {account}")

    def create_user(self, database: Database, requirement="") -> list:
        """The service's account for a database, without a right; gives its names."""
        accounts = [f"`{database.account}`@{host}" for host in ("localhost", "127.0.0.1")]
        for account in accounts:
            database.execute(f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{PASSWORD}' {requirement}")
        return accounts
