"""The whole stack as a person starts it: scripts/run in a directory and on ports of its own."""

import contextlib
import fcntl
import itertools
import os
import re
import signal
import socket
import subprocess
import termios
import threading
from pathlib import Path

from api import Api, HttpTransport
from database import Database
from polling import eventually
from processes import freeze, thaw

REPOSITORY = Path(__file__).resolve().parents[2]
RUN = REPOSITORY / "scripts" / "run"
OURS = re.compile(r"^(MYSQL_|JWT_|ORBIA_|TZ$)")


# A hundred ports for each process of tests, since some run side by side. Below those that the kernel gives to outgoing
# connections: one of those may be in use again before it is listened on.
_ports = itertools.cycle(range(20_000 + os.getpid() % 120 * 100, 20_100 + os.getpid() % 120 * 100))


def free_port() -> int:
    """A port of loopback that nobody has, another one with each call."""
    for port in itertools.islice(_ports, 100):
        with socket.socket() as probe:
            # As servers do: a connection that has just ended keeps nobody from listening.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no port is free")


def environment(**settings) -> dict:
    """This process's environment with none of the service's settings but the given ones."""
    inherited = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    return {**inherited, **settings}


class Stack:
    """One run of scripts/run. What it prints is in `output`; its state is kept in `directory`."""

    def __init__(self, directory: Path, *options, settings=None):
        self.directory = directory
        self.https_port, self.http_port, self.status_port = free_port(), free_port(), free_port()
        self.output = ""
        self._options = options or ("--no-install", "--no-demo")
        self._environment = environment(MARIADB_BUFFER_POOL="128M", **(settings or {}))
        self._process = None

    def start(self, within=900, terminal=None):
        """Returns when the stack is ready. The first run builds, hence the long limit."""
        self.launch(terminal)
        eventually(self._ready, within=within, what="scripts/run prints its ready line", every=0.1)

    def launch(self, terminal=None):
        """`terminal`, an open one, becomes the controlling terminal of scripts/run."""
        def prepare():
            # Behind an "&" in a script SIGINT is ignored, and bash cannot trap what it inherits as ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if terminal is not None:
                fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

        self.output = ""
        self._process = subprocess.Popen(
            [RUN, "--dir", self.directory, "--https", str(self.https_port),
             "--http", str(self.http_port), "--status", str(self.status_port), *self._options],
            cwd=REPOSITORY, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            preexec_fn=prepare,
        )
        threading.Thread(target=self._collect, args=[self._process.stdout], daemon=True).start()

    def _collect(self, stream):
        for line in stream:
            self.output += line

    def _ready(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"scripts/run stopped before it was ready:\n{self.output}")
        return re.search(r"^ready ", self.output, re.MULTILINE) is not None

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self, how=signal.SIGTERM) -> int:
        """Returns the exit status of scripts/run."""
        if self._process.poll() is None:
            self._process.send_signal(how)
        return self._process.wait(timeout=60)

    def wait(self, within=60) -> int:
        return self._process.wait(timeout=within)

    def send_signal(self, which):
        self._process.send_signal(which)

    def pid_of(self, name) -> int:
        """The process id of mariadb, nginx, or an instance of the service: service-1, …"""
        return int((self.directory / "pids" / name).read_text())

    @contextlib.contextmanager
    def frozen(self, name="service-1"):
        """Inside, that process takes connections, but does nothing with them."""
        pid = self.pid_of(name)
        freeze(pid)
        try:
            yield
        finally:
            thaw(pid)

    # Ways in

    @property
    def secret(self) -> str:
        return (self.directory / "jwt-secret").read_text().strip()

    @property
    def certificate(self) -> Path:
        return self.directory / "tls" / "localhost.crt"

    @property
    def mysql_socket(self) -> Path:
        return self.directory / "mariadb.sock"

    @property
    def mysql_password(self) -> str:
        return (self.directory / "mysql-password").read_text().strip()

    def database(self) -> Database:
        return Database(self.mysql_socket)

    def https_api(self, address="127.0.0.1") -> Api:
        base = f"https://localhost:{self.https_port}"
        return Api(HttpTransport(base, self.certificate, address), self.secret)

    def http_api(self) -> Api:
        """Over plain HTTP, where nothing limits the rate."""
        return Api(HttpTransport(f"http://127.0.0.1:{self.http_port}"), self.secret)

    def log(self, name="service-*") -> str:
        """What was logged under a name; by default, by all instances of the service."""
        files = sorted((self.directory / "log").glob(f"{name}.log"))
        return "\n".join(file.read_text(errors="replace") for file in files)

    def logs(self) -> str:
        return self.log("*")
