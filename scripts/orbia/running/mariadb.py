"""A private MariaDB server, which a stack has for itself.

Its data outlive the run. Whoever can reach its socket (the directory is private) is its administrator, root, without a
password.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from orbia.database_server import ACCOUNT, client_command, installation_command
from orbia.state import StateDirectory
from orbia.supervision import sessions
from orbia.supervision.child import Program
from orbia.supervision.signals import Signals
from orbia.supervision.supervisor import Supervisor
from orbia.terminal import fail, say

DATABASE = "orbia"
# A person's own settings for the client have no place in a private server.
_CLIENT_VARIABLES = ("MYSQL_PWD", "MYSQL_HOST", "MYSQL_TCP_PORT")
# Seconds until a server takes connections: recovery after a crash can take its time.
SECONDS_TO_START = 300


class Server:
    """One MariaDB server: where it keeps its files, and its administrator's client."""

    def __init__(self, state: StateDirectory, name: str):
        """`name` is mariadb, with the data in mysql, or mariadb-N, with those in mysql-N."""
        self.name = name
        self.socket, self.log = state.socket(name), state.log(name)
        self.configuration = state.path / f"{name}.cnf"
        self.data = state.path / f"mysql{name.removeprefix('mariadb')}"
        self._state = state

    @property
    def has_data(self) -> bool:
        return (self.data / "mysql").is_dir()

    def create_data(self, signals: Signals) -> None:
        """Makes the data of a new server, where there are none."""
        if self.data.is_dir():
            return
        say(f"creating a database in {self.data}")
        # Under another name until it is whole, so that a run that is stopped here leaves no half.
        new = self._state.path / "mysql.new"
        shutil.rmtree(new, ignore_errors=True)
        # mariadb-install-db stumbles over a space in an absolute path.
        command = installation_command(f"./{new.name}", "--skip-name-resolve", "--character-set-server=utf8mb4",
                                       "--collation-server=utf8mb4_unicode_ci")
        log = self._state.log("mariadb-install")
        with open(log, "wb") as output:
            status = sessions.run_step(signals, command, cwd=new.parent, stdout=output, stderr=subprocess.STDOUT,
                                       env={**os.environ, "TMPDIR": str(self._state.path / "temp")})
        if status != 0:
            fail(f"mariadb-install-db failed. The last lines of {log}:",
                 *log.read_text(errors="replace").splitlines()[-20:])
        new.rename(self.data)

    def write_configuration(self, *lines: str) -> None:
        """What every server of a stack has, and further lines.

        Binary log off: the schema's triggers need no extra privilege then. What was committed is on disk, as in
        production: a private server that is faster than the real one would only mislead.
        """
        common = [
            "# Written by scripts/run at each start.",
            "[mariadbd]",
            f"datadir = {self.data}",
            f"socket = {self.socket}",
            f"pid-file = {self._state.path / self.name}.pid",
            f"tmpdir = {self._state.path / 'temp'}",
            "skip-log-bin",
            "skip-name-resolve",
            *(["user = root"] if os.geteuid() == 0 else []),
            "",
            "character-set-server = utf8mb4",
            "collation-server = utf8mb4_unicode_ci",
            "default-time-zone = +00:00",
            "max-connections = 500",
            "innodb-flush-log-at-trx-commit = 1",
        ]
        self.configuration.write_text("\n".join([*common, *lines, ""]))

    def launch(self, supervisor: Supervisor, command: Sequence | None = None,
               environment: dict[str, str] | None = None) -> None:
        """Starts the server; `command` is what becomes it in the end."""
        # Left behind where the server was killed.
        self.socket.unlink(missing_ok=True)
        supervisor.start(Program(self.name, command or ["mariadbd", f"--defaults-file={self.configuration}"], self.log,
                                 environment=environment))

    # The administrator's client

    def administer(self, *arguments: str, text: str | bytes | None = None, within: float | None = None,
                   quiet: bool = False) -> str | None:
        """Runs the client as the server's root, with `text` as statements where it is given; gives what it prints.

        None where it fails, or takes longer than `within` seconds. Its message has been printed then, but for `quiet`.
        """
        environment = {name: value for name, value in os.environ.items() if name not in _CLIENT_VARIABLES}
        command = client_command(self.socket, "--default-character-set=utf8mb4", *arguments)
        try:
            done = subprocess.run(
                command, env=environment, check=False, timeout=within, stdout=subprocess.PIPE,
                input=text.encode() if isinstance(text, str) else text or b"",
                stderr=subprocess.DEVNULL if quiet else None)
        except subprocess.TimeoutExpired:
            return None
        return done.stdout.decode(errors="replace") if done.returncode == 0 else None

    def query(self, statement: str, *options: str, within: float | None = None,
              quiet: bool = False) -> list[list[str]] | None:
        """The rows of a statement, as texts; None where it fails.

        The client writes a line for each row. Its option --raw leaves backslashes, line ends and tabs as they are.
        """
        output = self.administer("--batch", "--skip-column-names", *options, "--execute", statement, within=within,
                                 quiet=quiet)
        return None if output is None else [line.split("\t") for line in output.split("\n")[:-1]]

    def takes_connections(self) -> bool:
        return self.administer("--execute", "SELECT 1", quiet=True) is not None

    # What the service needs

    def load_schema(self, schema: Path) -> None:
        say("loading schema.sql")
        if self.administer("--execute", f"CREATE DATABASE IF NOT EXISTS {DATABASE}"
                           " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci") is None:
            fail(f"the database {DATABASE} could not be created.")
        output = self.administer(DATABASE, text=schema.read_bytes())
        if output is None:
            fail("schema.sql was refused; MariaDB's message is above.")
        sys.stderr.write(output)

    def create_account(self, *hosts: str) -> None:
        """The service's account, for each of the hosts that it may connect from.

        It has the role that schema.sql makes for this database, and nothing else: the role that version 2 of
        schema.sql made for all databases goes, since nobody else has a part in this server. The password is set at
        each start, so that file and server always agree.
        """
        password = self._state.keep_secret("mysql-password")
        if self.administer("--execute", "DROP ROLE IF EXISTS orbia_conversation_app") is None:
            fail("the old role could not be dropped.")
        for host in hosts:
            account, role = f"'{ACCOUNT}'@'{host}'", f"orbia_conversation_app_{DATABASE}"
            # Through standard input: command lines can be read by everybody.
            statements = (f"CREATE USER IF NOT EXISTS {account};"
                          f"ALTER USER {account} IDENTIFIED BY '{password}';"
                          f"GRANT {role} TO {account};"
                          f"SET DEFAULT ROLE {role} FOR {account};")
            if self.administer(DATABASE, text=statements) is None:
                fail(f"the account {ACCOUNT} could not be set up.")


def account_settings(state: StateDirectory) -> dict[str, str]:
    """The service's settings for its account, wherever the server is."""
    return {"MYSQL_DATABASE": DATABASE, "MYSQL_USERNAME": ACCOUNT, "MYSQL_PASSWORD": state.secret("mysql-password"),
            "MYSQL_HOST": "", "MYSQL_PORT": "", "MYSQL_SOCKET": ""}


class SingleServer:
    """The one server of a stack. It listens on its socket alone."""

    # Nothing of it has to be looked at but whether it runs.
    look = None
    address = ""

    def __init__(self, state: StateDirectory, is_kept: bool):
        """`is_kept`: it is started again when it dies."""
        self.administered = Server(state, "mariadb")
        self._state, self._is_kept = state, is_kept

    def start(self, supervisor: Supervisor, signals: Signals) -> None:
        """Returns when it takes connections."""
        server = self.administered
        server.write_configuration(
            "skip-networking", f"innodb-buffer-pool-size = {os.environ.get('MARIADB_BUFFER_POOL') or '1G'}",
            "innodb-log-file-size = 512M")
        server.create_data(signals)
        say("starting MariaDB")
        server.launch(supervisor)
        supervisor.wait_for(server.name, SECONDS_TO_START, "it took a connection", server.takes_connections)
        if self._is_kept:
            supervisor.keep(server.name, lambda: server.launch(supervisor))

    def create_account(self) -> None:
        self.administered.create_account("localhost")

    @property
    def settings(self) -> dict[str, str]:
        """The service's settings for it."""
        return {**account_settings(self._state), "MYSQL_SOCKET": str(self.administered.socket)}
