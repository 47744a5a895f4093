"""The directory of everything that a stack keeps: data, secrets, certificate, sockets, logs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
from pathlib import Path

from orbia.terminal import fail

# struct sockaddr_un has 108 bytes for the name, with a zero at its end.
_LONGEST_SOCKET_NAME = 107
# They have a meaning in the configuration files that name the directory.
_UNWRITABLE = frozenset("\"'\\$#\n")
# Seconds that a command of a run that was just killed may hold the lock longer than the run.
_LOCK_SECONDS = 2


class StateDirectory:
    """The directory, for one run at a time: the lock on it ends with the process, however that ends."""

    def __init__(self, path: Path, repository: Path, instances: int):
        """Makes the directory where it is missing, and locks it. Ends the command where it is not fit to be used."""
        self.path = path.resolve()
        if self.path.exists() and not self.path.is_dir():
            fail(f"{path} is not a directory.")
        self._check_paths(repository, instances)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700, exist_ok=True)
            if not (self.path / "run.lock").exists() and any(self.path.iterdir()):
                fail(f"{self.path} holds files of something else.",
                     "Choose an empty or a new directory with --dir.")
            # The database in it lets everybody in who can reach its socket.
            self.path.chmod(0o700)
            self._lock()
            for name in ("log", "pids", "tls", "nginx/temp", "temp", "uploads"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            fail(f"{self.path} cannot be used: {error.strerror}.")

    def _check_paths(self, repository: Path, instances: int) -> None:
        longest = f"{self.path}/service-{instances}.status.sock"
        length = len(os.fsencode(longest))
        if length > _LONGEST_SOCKET_NAME:
            fail(f"the path {self.path} is too long.",
                 f"The name of a Unix socket has at most {_LONGEST_SOCKET_NAME} bytes, and {longest} has {length}.",
                 "Choose a shorter one with --dir.")
        if not _UNWRITABLE.isdisjoint(str(self.path)):
            fail(f"the path {self.path} holds a character that nginx's or MariaDB's configuration cannot.",
                 "Choose a directory without quotes, backslashes, $ and # with --dir.")
        if not _UNWRITABLE.isdisjoint(str(repository)):
            fail(f"the path {repository} holds a character that nginx's configuration cannot.",
                 "Move the project to a directory without quotes, backslashes, $ and #.")

    def _lock(self) -> None:
        self._lock_file = open(self.path / "run.lock", "a+")
        deadline = time.monotonic() + _LOCK_SECONDS
        while not self._is_locked():
            if time.monotonic() >= deadline:
                self._lock_file.seek(0)
                fail(f"scripts/run is already running on {self.path} (process {self._lock_file.read().strip()}).",
                     "Stop that one, or choose another directory and other ports with --dir, --https, --http,"
                     " --status.")
            time.sleep(0.1)
        self._lock_file.truncate(0)
        self._lock_file.write(f"{os.getpid()}\n")
        self._lock_file.flush()

    def _is_locked(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    # What is in it

    @property
    def logs(self) -> Path:
        return self.path / "log"

    def log(self, name: str) -> Path:
        """Where the program of that name writes its log."""
        return self.logs / f"{name}.log"

    @property
    def pid_files(self) -> Path:
        return self.path / "pids"

    def socket(self, name: str) -> Path:
        """Where the program of that name listens."""
        return self.path / f"{name}.sock"

    @property
    def certificate(self) -> Path:
        return self.path / "tls" / "localhost.crt"

    # Secrets

    def secret(self, name: str) -> str:
        """What a file holds that nobody else can read; empty where the file is not there."""
        with contextlib.suppress(FileNotFoundError):
            return (self.path / name).read_text().rstrip("\n")
        return ""

    def keep_secret(self, name: str, given: str = "") -> str:
        """The secret in a file: the given one, else that of the run before, else a new one of 32 random bytes."""
        secret = given or self.secret(name)
        if given or not secret:
            secret = secret or secrets.token_hex(32)
            self.write_private(name, secret)
        return secret

    def write_private(self, name: str, text: str) -> None:
        """Writes a file that nobody else can read, all of it or nothing."""
        new = self.path / f"{name}.new"
        new.unlink(missing_ok=True)
        with open(new, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(text)
        new.replace(self.path / name)


def set_aside(log: Path) -> None:
    """Keeps the log of the run before as LOG.1."""
    if log.exists() and log.stat().st_size > 0:
        log.replace(f"{log}.1")
