"""A database server of a stack: what its administrator asks and tells it, and signals to its process."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

# The service's, for the database with the default name.
ACCOUNT = "orbia_conversation"


def client_command(socket: Path | str, *arguments: str) -> list[str]:
    """Debian's command-line client as the server's administrator, who needs no password on its socket."""
    return ["mariadb", "--no-defaults", "--protocol=socket", f"--socket={socket}", "--user=root", *arguments]


def installation_command(data: Path | str, *options: str) -> list[str]:
    """What makes the data of a new server, whose administrator needs no password on its socket."""
    return ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
            "--auth-root-authentication-method=normal", *options, *as_own_account()]


def as_own_account() -> list[str]:
    """The option without which a server that root starts refuses to run."""
    return ["--user=root"] if os.geteuid() == 0 else []


class DatabaseServer:
    """`pid` gives the process id, or raises OSError."""

    def __init__(self, name: str, socket: Path, pid: Callable[[], int]):
        self.name, self.socket, self._pid = name, socket, pid

    @property
    def _client(self) -> list[str]:
        return client_command(self.socket, "--skip-column-names", "orbia")

    def sql(self, statements: str, timeout: float = 30) -> str:
        """The rows that the statements give, one a line. Raises subprocess.SubprocessError."""
        return subprocess.run(self._client, input=statements, text=True, check=True, capture_output=True,
                              timeout=timeout).stdout

    @contextlib.contextmanager
    def session(self, *statements: str) -> Iterator[None]:
        """Inside, there is one session that has run these statements; it ends when the block does."""
        with subprocess.Popen([*self._client, "--unbuffered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as client:
            client.stdin.write("".join(f"{statement};\n" for statement in statements) + "SELECT 'done';\n")
            client.stdin.flush()
            for line in client.stdout:
                if line.strip() == "done":
                    break
            else:
                raise RuntimeError(f"{self.name} did not take {statements[-1]}")
            yield

    def executed_statements(self) -> int:
        """How many prepared statements it has executed; each CALL is one, whatever its routine does."""
        return int(self.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'").split()[1])

    def signal(self, which: int) -> None:
        os.kill(self._pid(), which)
