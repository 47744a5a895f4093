"""The whole stack as a person starts it: scripts/run as a child process, and what it keeps in its directory."""

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import termios
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from orbia.database_server import DatabaseServer
from orbia.paths import REPOSITORY, RUN
from orbia.polling import eventually
from orbia.ports import StackPorts, free_stack_ports
from orbia.processes import freeze, thaw

SETTING = re.compile(r"^(MYSQL_|JWT_|ORBIA_|TZ$)")
# Seconds that the first start may take, which builds the service.
START = 900
# And that the slowest stop may take: of a cluster, or of a build with a sanitizer.
STOP = 120


class StackEnded(Exception):
    """scripts/run ended without being told to."""


def environment(**settings: str) -> dict:
    """This process's environment with none of the service's settings but the given ones."""
    inherited = {name: value for name, value in os.environ.items() if not SETTING.match(name)}
    return {**inherited, **settings}


class Stack:
    """One run of scripts/run. What it prints is in `output`; its state is kept in `directory`."""

    def __init__(self, directory: Path, *options: str, instances: int = 1, demo: bool = False,
                 ports: StackPorts | None = None, settings: Mapping[str, str] | None = None,
                 progress: TextIO | None = None):
        """`options` are further ones of scripts/run, and `settings` those of the service and of scripts/run that stand
        in the environment. With `progress`, what scripts/run writes to its standard error is no part of `output`: it
        goes there until the stack is ready, and then to log/run.log."""
        self.directory = directory
        self.ports = ports or free_stack_ports()
        self.instances = [f"service-{number}" for number in range(1, instances + 1)]
        self.output = ""
        self._options = ["--no-install", *([] if demo else ["--no-demo"]), "--instances", str(instances), *options]
        self._environment = environment(**{"MARIADB_BUFFER_POOL": "128M", **(settings or {})})
        self._progress = progress
        self._process = None
        self._readers = []

    # The process

    def __enter__(self):
        self.launch()
        try:
            self.await_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, within: float = START, terminal: int | None = None) -> None:
        """Returns when the stack is ready."""
        self.launch(terminal)
        self.await_ready(within)

    def await_ready(self, within: float = START) -> None:
        eventually(self._has_come_up, within=within, what="scripts/run prints its ready line", every=0.1)

    def launch(self, terminal: int | None = None) -> None:
        """`terminal`, an open one, becomes the controlling terminal of scripts/run."""
        self.output = ""
        self._process = subprocess.Popen(
            [RUN, "--dir", self.directory, "--https", str(self.ports.https), "--http", str(self.ports.http),
             "--status", str(self.ports.status), *self._options],
            cwd=REPOSITORY, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if self._progress else subprocess.STDOUT, text=True, start_new_session=True,
            preexec_fn=None if terminal is None else lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0),
        )
        self._readers = [threading.Thread(target=self._collect, args=[self._process.stdout], daemon=True)]
        if self._progress:
            self._readers.append(threading.Thread(target=self._pass_on, args=[self._process.stderr], daemon=True))
        for reader in self._readers:
            reader.start()

    def _collect(self, stream: TextIO) -> None:
        for line in stream:
            self.output += line

    def _pass_on(self, stream: TextIO) -> None:
        for line in stream:
            if self.is_ready:
                with open(self.directory / "log" / "run.log", "a") as log:
                    log.write(line)
            else:
                self._progress.write(line)
                self._progress.flush()

    @property
    def is_ready(self) -> bool:
        """Whether scripts/run has said so."""
        return re.search(r"^ready ", self.output, re.MULTILINE) is not None

    def _has_come_up(self) -> bool:
        if self._process.poll() is not None:
            raise StackEnded(f"scripts/run stopped before it was ready. {self._reason}")
        return self.is_ready

    @property
    def _reason(self) -> str:
        if not self._progress:
            return self.output[-2000:]
        return f"{self.directory}/log/run.log has its reason." if self.is_ready else "Its reason is above."

    @property
    def pid(self) -> int:
        """The process id of scripts/run."""
        return self._process.pid

    def check(self) -> None:
        """Raises StackEnded where scripts/run has ended."""
        if self._process.poll() is not None:
            raise StackEnded(f"scripts/run ended. {self._reason}")

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Returns the exit status of scripts/run."""
        if self._process.poll() is None:
            self._process.send_signal(how)
        return self.wait(STOP)

    def wait(self, within: float = 60) -> int:
        """Returns the exit status. All that scripts/run has printed is in `output` then."""
        status = self._process.wait(timeout=within)
        for reader in self._readers:
            # What scripts/run started can outlive it where it was killed, and keep its output open.
            reader.join(timeout=2)
        return status

    def send_signal(self, which: int) -> None:
        self._process.send_signal(which)

    # Its parts by name: nginx, mariadb, mariadb-1 of a cluster, service-1 and so on

    def pid_of(self, name: str) -> int:
        """Raises ProcessLookupError while the part is down."""
        pid = self.find_pid(name)
        if pid is None:
            raise ProcessLookupError(f"{name} is down")
        return pid

    def find_pid(self, name: str) -> int | None:
        """None while the part is down."""
        try:
            return int((self.directory / "pids" / name).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def socket_of(self, name: str) -> Path:
        """Where an instance of the service takes FastCGI requests."""
        return self.directory / f"{name}.sock"

    def server(self, name: str = "mariadb") -> DatabaseServer:
        return DatabaseServer(name, self.directory / f"{name}.sock", lambda: self.pid_of(name))

    def has_its_database(self) -> bool:
        """Whether it answers; of a cluster, whether all nodes are in step."""
        try:
            return bool(self.server().sql("SELECT 1"))
        except subprocess.SubprocessError:
            return False

    @contextlib.contextmanager
    def frozen(self, name: str = "service-1") -> Iterator[None]:
        """Inside, that process takes connections, but does nothing with them."""
        pid = self.pid_of(name)
        freeze(pid)
        try:
            yield
        finally:
            thaw(pid)

    # What a client has to know

    @property
    def https_url(self) -> str:
        return f"https://localhost:{self.ports.https}"

    @property
    def http_url(self) -> str:
        """Plain HTTP, where nothing limits the rate."""
        return f"http://127.0.0.1:{self.ports.http}"

    def status_url(self, instance: str = "service-1") -> str:
        """Followed by /healthz, /readyz or /metrics."""
        return f"http://127.0.0.1:{self.ports.status}/{instance.removeprefix('service-')}"

    @property
    def secret(self) -> str:
        """Which tokens are signed with."""
        return self._read("jwt-secret")

    @property
    def certificate(self) -> Path:
        return self.directory / "tls" / "localhost.crt"

    @property
    def mysql_socket(self) -> Path:
        return self.directory / "mariadb.sock"

    @property
    def mysql_password(self) -> str:
        """Of the service's account."""
        return self._read("mysql-password")

    def _read(self, name: str) -> str:
        return (self.directory / name).read_text().strip()

    def log(self, name: str = "service-*") -> str:
        """What was logged under a name; by default, by all instances of the service."""
        files = sorted((self.directory / "log").glob(f"{name}.log"))
        return "\n".join(file.read_text(errors="replace") for file in files)

    def logs(self) -> str:
        return self.log("*")
