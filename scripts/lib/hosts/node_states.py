"""What can be wrong with a database server that runs, or with its cluster: brought about, and taken back."""

import contextlib
import os
import signal
import subprocess


class Server:
    """A server that this machine runs: its administrator's socket, and what tells its process id."""

    def __init__(self, name, socket, pid):
        self.name, self.socket, self._pid = name, str(socket), pid

    @property
    def command(self):
        return ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--skip-column-names", "orbia"]

    def sql(self, statement):
        """The rows that a statement gives, one a line."""
        return subprocess.run(
            self.command, input=statement, text=True, check=True, capture_output=True, timeout=30
        ).stdout

    def signal(self, which):
        os.kill(self._pid(), which)


@contextlib.contextmanager
def variable(server, name, value, usual):
    """A global variable has another value."""
    server.sql(f"SET GLOBAL {name} = {value}")
    try:
        yield
    finally:
        server.sql(f"SET GLOBAL {name} = {usual}")


def rejecting(server):
    """It answers every statement with error 1047."""
    return variable(server, "wsrep_reject_queries", "ALL", "NONE")


def rejecting_and_killing(server):
    """The same, and all connections are ended."""
    return variable(server, "wsrep_reject_queries", "ALL_KILL", "NONE")


def read_only(server):
    """It takes no writes, but from administrators."""
    return variable(server, "read_only", "ON", "OFF")


@contextlib.contextmanager
def donating(server):
    """As a node that gives another one all of its data by rsync: out of step, and no write gets through."""
    with variable(server, "wsrep_desync", "ON", "OFF"), write_locked(server):
        yield


@contextlib.contextmanager
def write_locked(server):
    """As a backup does it: each write waits until it is over."""
    client = subprocess.Popen([*server.command, "--unbuffered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        client.stdin.write("FLUSH TABLES WITH READ LOCK; SELECT 'locked';\n")
        client.stdin.flush()
        client.stdout.readline()
        yield
    finally:
        # Ends the session, and the lock with it.
        client.communicate()


@contextlib.contextmanager
def frozen(*servers):
    """Their processes stand still: they take connections, and answer nothing."""
    for server in servers:
        server.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for server in servers:
            with contextlib.suppress(OSError):
                server.signal(signal.SIGCONT)


@contextlib.contextmanager
def killed(server):
    """Its process is gone; whoever looks after it may start it again meanwhile."""
    server.signal(signal.SIGKILL)
    yield
