"""A Galera cluster of three nodes as scripts/run starts it, and its nodes one by one."""

import contextlib
import random
import re
import shutil
import signal
import socket

import pymysql

from database import Database
from node_states import Server
from polling import eventually
from processes import freeze, running, thaw
from stack import Stack

NODES = ["mariadb-1", "mariadb-2", "mariadb-3"]


def free_base() -> int:
    """A --galera-port whose ports nobody has. Below those of free_port."""
    for base in random.sample(range(10_000, 20_000, 50), 150):
        if all(is_free(base + 10 * node + offset) for node in (1, 2, 3) for offset in range(4)):
            return base
    raise RuntimeError("no base with free ports")


def is_free(port) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Cluster(Stack):
    """The stack on a cluster."""

    def __init__(self, directory):
        super().__init__(directory, "--no-install", "--no-demo", "--galera", "--galera-port", str(free_base()))

    def node(self, name) -> Database:
        return Database(self.directory / f"{name}.sock")

    def server(self, name) -> Server:
        """The node as something whose state can be changed."""
        return Server(name, self.directory / f"{name}.sock", lambda: self.pid_of(name))

    def addresses(self) -> list:
        """Host and port of each node, in the order in which the service prefers them."""
        return [f"127.0.0.1:{self.node(name).value('SELECT @@port')}" for name in NODES]

    def status(self, name) -> dict:
        """The node's account of itself; empty while it takes no connection."""
        try:
            rows = self.node(name).rows("SHOW STATUS LIKE 'wsrep_%'")
        except pymysql.err.MySQLError:
            return {}
        return {row["Variable_name"]: row["Value"] for row in rows}

    def is_synced(self, name) -> bool:
        found = self.status(name)
        return (found.get("wsrep_local_state_comment"), found.get("wsrep_cluster_size"),
                found.get("wsrep_cluster_status")) == ("Synced", "3", "Primary")

    def await_synced(self):
        """Returns when all nodes are in step."""
        eventually(lambda: all(self.is_synced(name) for name in NODES), within=120, every=0.2,
                   what="all nodes are in step")

    def contents(self, name, conversation) -> list:
        """Of the conversation's messages; empty while the node takes no connection."""
        try:
            return [row["content"] for row in self.node(name).stored_messages(conversation)]
        except pymysql.err.MySQLError:
            return []

    def lose_data(self, name, donor):
        """The node dies, and comes back without a row: it gets all of them from the donor."""
        configuration = self.directory / f"{name}.cnf"
        before = configuration.read_text()
        configuration.write_text(re.sub(r"(?m)^wsrep-sst-donor = .*", f"wsrep-sst-donor = {donor}", before))
        # Else scripts/run would start it before its data are gone.
        with self.frozen_script():
            self.kill(name)
            for entry in (self.directory / f"mysql-{name.removeprefix('mariadb-')}").iterdir():
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        # It is read at the node's start; the next one is as it was.
        eventually(lambda: self.is_synced(name), within=120, every=0.2, what=f"{name} is in step")
        configuration.write_text(before)

    @contextlib.contextmanager
    def frozen_script(self):
        """Inside, scripts/run starts nothing."""
        freeze(self.pid)
        try:
            yield
        finally:
            thaw(self.pid)

    def kill(self, *names):
        """Returns when the processes are gone."""
        servers = [self.server(name) for name in names]
        pids = [self.pid_of(name) for name in names]
        for server in servers:
            server.signal(signal.SIGKILL)
        eventually(lambda: not running(pids), within=10, what=f"{names} are gone")
