"""Faults of a database server or its cluster, each for as long as a block lasts."""

import contextlib
import signal

from orbia.database_server import DatabaseServer


@contextlib.contextmanager
def variable(server: DatabaseServer, name: str, value: str, usual: str):
    """A global variable has another value."""
    server.sql(f"SET GLOBAL {name} = {value}")
    try:
        yield
    finally:
        server.sql(f"SET GLOBAL {name} = {usual}")


def rejecting(server: DatabaseServer):
    """It answers every statement with error 1047."""
    return variable(server, "wsrep_reject_queries", "ALL", "NONE")


def rejecting_and_killing(server: DatabaseServer):
    """The same, and all connections are ended."""
    return variable(server, "wsrep_reject_queries", "ALL_KILL", "NONE")


def read_only(server: DatabaseServer):
    """It takes no writes, but from administrators."""
    return variable(server, "read_only", "ON", "OFF")


@contextlib.contextmanager
def donating(server: DatabaseServer):
    """As a node that gives another one all of its data by rsync: out of step, and no write gets through."""
    with variable(server, "wsrep_desync", "ON", "OFF"), write_locked(server):
        yield


def write_locked(server: DatabaseServer):
    """As a backup does it: each write waits until it is over."""
    return server.session("FLUSH TABLES WITH READ LOCK")


@contextlib.contextmanager
def frozen(*servers: DatabaseServer):
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
def killed(server: DatabaseServer):
    """Its process is gone. scripts/run may start it again meanwhile."""
    server.signal(signal.SIGKILL)
    yield
