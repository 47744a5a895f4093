"""The two that are compared: the service of a stack, and the twin, which is built and started beside it."""

import shlex
import signal
import subprocess
from pathlib import Path

from orbia.database_server import ACCOUNT
from orbia.paths import REPOSITORY
from orbia.polling import eventually
from orbia.processes import children
from orbia.stack import Stack

SOURCE = REPOSITORY / "Tests" / "benchmark" / "twin.c"


class Subject:
    """One of the two, and the way to have nginx hand it the requests."""

    def __init__(self, name: str, stack: Stack, socket: Path, pid: int):
        self.name = name
        self.pid = pid
        self._stack = stack
        self._socket = socket

    def take_over(self) -> None:
        """Reloads nginx with this one's socket; returns when no worker of the old configuration is left."""
        configuration = self._stack.directory / "nginx" / "orbia-conversation-sockets.conf"
        configuration.write_text(f'server "unix:{self._socket}" max_fails=1 fail_timeout=1s;\n')
        master = self._stack.pid_of("nginx")
        old = children(master)
        subprocess.run(["kill", "-HUP", str(master)], check=True)
        eventually(lambda: (new := children(master)) and not old & new, within=20,
                   what="nginx takes the new configuration")


class Twin:
    """The twin's process: built, started, stopped."""

    def __init__(self, stack: Stack, workers: int):
        self._stack = stack
        self._workers = workers
        self._program = stack.directory / "twin"

    def __enter__(self):
        self._build()
        socket = self._stack.socket_of("twin")
        socket.unlink(missing_ok=True)
        # A file, beside the one that scripts/run gives the service: neither of the two pays more for it.
        log = self._stack.directory / "log" / "access-twin.log"
        log.unlink(missing_ok=True)
        settings = {
            "MYSQL_SOCKET": str(self._stack.mysql_socket),
            "MYSQL_DATABASE": "orbia",
            "MYSQL_USERNAME": ACCOUNT,
            "MYSQL_PASSWORD": self._stack.mysql_password,
            "JWT_SECRET": self._stack.secret,
            "ORBIA_LISTEN": str(socket),
            "ORBIA_WORKERS": str(self._workers),
            "ORBIA_ACCESS_LOG": str(log),
        }
        self._process = subprocess.Popen([self._program], env=settings)
        self.subject = Subject("twin", self._stack, socket, self._process.pid)
        eventually(socket.exists, within=20, what="the twin listens")
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()

    def _build(self) -> None:
        libraries = ["pkg-config", "--cflags", "--libs", "fcgi", "libmariadb", "libcrypto"]
        flags = shlex.split(subprocess.run(libraries, check=True, text=True, capture_output=True).stdout)
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-o", self._program, SOURCE, *flags], check=True)
