"""The service's own program: its commands, and further processes of it with other settings."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api import Answer, Api, FastCGITransport, KeptTransport, cgi_answer
from database import Database
from mariadb import MariaDB
from orbia.builds import Build
from orbia.database_server import ACCOUNT
from orbia.fastcgi.peer import Peer, exchange
from orbia.paths import REPOSITORY
from orbia.polling import eventually
from orbia.private_mariadb import PASSWORD
from orbia.stack import Stack, environment

# As scripts/run has it: the build with that sanitizer, in place of the plain one.
SANITIZER = os.environ.get("SANITIZER", "")
PROGRAM = Build(REPOSITORY, SANITIZER).directory / "release" / "orbia-conversation"
SECRET = "a secret of the tests, with more than 32 bytes"


def run(*arguments, program=PROGRAM, **settings) -> subprocess.CompletedProcess:
    """One command, to its end."""
    return subprocess.run([program, *arguments], env=environment(**settings), timeout=10,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


def settings_of(stack: Stack) -> dict:
    """The settings under which scripts/run starts the service of a stack."""
    return {
        "MYSQL_SOCKET": str(stack.mysql_socket),
        "MYSQL_USERNAME": ACCOUNT,
        "MYSQL_PASSWORD": stack.mysql_password,
        "JWT_SECRET": stack.secret,
    }


def settings_for(server: MariaDB, database: Database) -> dict:
    """Settings for a database on a private server."""
    return {
        "MYSQL_SOCKET": str(server.socket),
        "MYSQL_DATABASE": database.name,
        "MYSQL_USERNAME": database.account,
        "MYSQL_PASSWORD": PASSWORD,
        "JWT_SECRET": SECRET,
    }


class Service:
    """A process that answers FastCGI requests on a Unix socket of its own."""

    def __init__(self, directory: Path, settings: dict, program=PROGRAM, name="service"):
        """Several share a directory where each has a name of its own."""
        # What the next start runs.
        self.program = program
        self.socket = directory / f"{name}.sock"
        self.status_socket = directory / f"{name}.status.sock"
        self._log = directory / f"{name}.log"
        self.access_log = directory / f"{name.replace('service', 'access')}.log"
        self.settings = {"ORBIA_ACCESS_LOG": str(self.access_log), **settings,
                          "ORBIA_LISTEN": str(self.socket)}
        self._process = None

    def start(self, within=30, **process):
        """Returns once it answers a request: 401, to one without a token."""
        self.launch(**process)
        eventually(self._answers, within=within, what="the service answers")

    def launch(self, **process):
        """`process` has arguments of subprocess.Popen. Both outputs go to the file that log() reads, by default."""
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [self.program, "serve"], env=environment(**self.settings),
                **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **process})

    @contextmanager
    def running(self) -> Iterator["Service"]:
        """Starts it, for a test or for all tests of a file; afterwards it has to end in good order."""
        self.start()
        yield self
        assert self.stop() == 0

    def _answers(self) -> bool:
        if not self.runs:
            raise RuntimeError(f"the service stopped:\n{self.log()}")
        return self.api().post(None, "get_conversations", {}).status == 401

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_started(self) -> bool:
        return self._process is not None

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def stop(self, how=signal.SIGTERM) -> int:
        """Returns the exit status."""
        if self.runs:
            self._process.send_signal(how)
        return self._process.wait(timeout=30)

    def signal(self, what=signal.SIGTERM):
        self._process.send_signal(what)

    def wait(self, within: float) -> int:
        """Returns the exit status."""
        return self._process.wait(timeout=within)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def api(self, timeout=10.0) -> Api:
        return Api(FastCGITransport(self.socket, timeout), self.settings["JWT_SECRET"])

    def peer(self, timeout=10.0) -> Peer:
        return Peer(self.socket, timeout)

    def kept_api(self, timeout=10.0) -> Api:
        """All its requests go over one connection, which the caller closes."""
        return Api(KeptTransport(self.socket, timeout), self.settings["JWT_SECRET"])

    def page(self, path: str, method="GET", timeout=5.0) -> Answer:
        """/healthz, /readyz or /metrics."""
        parameters = {"REQUEST_METHOD": method, "SCRIPT_NAME": path}
        return cgi_answer(exchange(self.status_socket, parameters, b"", timeout))

    def metrics(self) -> dict:
        """Every sample of /metrics, by its name and labels as they are written there."""
        lines = self.page("/metrics").body.decode().splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def log(self) -> str:
        return self._log.read_text(errors="replace")
