"""The private Galera cluster of a stack: three MariaDB servers that hold the same.

Besides its administrator's socket, node N listens on 127.0.0.1, at the base port + 10 N for clients, and at the next
three for the group and for the two kinds of state transfer: of the changes that a node has missed, and of all data.

A node that dies is started again, and the others bring it up to date. Where all of them are down, the one that saw the
most begins a new cluster, and the others join it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from orbia.machine import need_free_port
from orbia.running import galera_node, galera_recovery
from orbia.running.galera_installation import LIBRARY
from orbia.running.mariadb import SECONDS_TO_START, Server, account_settings
from orbia.state import StateDirectory
from orbia.supervision.signals import Signals
from orbia.supervision.supervisor import Supervisor
from orbia.terminal import fail, say

NODES = ("mariadb-1", "mariadb-2", "mariadb-3")
# The offsets of a node's ports.
_CLIENTS, _GROUP, _CHANGES, _ALL_DATA = range(4)
# MariaDB's scripts for the state transfer run as the server does: ours go before MariaDB's own.
_OWN_SCRIPTS = Path(__file__).resolve().parent / "state_transfer"
# Seconds between two looks at the cluster.
CHECK_INTERVAL = galera_recovery.CHECK_INTERVAL
# Seconds that a node has to tell of itself.
_STATUS_SECONDS = 3


class GaleraCluster:
    """The cluster, whose nodes are kept."""

    def __init__(self, state: StateDirectory, scripts: Path, base_port: int):
        """`scripts` is where MariaDB's own scripts for the state transfer are."""
        self._state, self._base_port = state, base_port
        self._nodes = {name: Server(state, name) for name in NODES}
        self._environment = {**os.environ, "PATH": f"{_OWN_SCRIPTS}:{scripts}:{os.environ['PATH']}"}
        self.administered = self._nodes[NODES[0]]

    def start(self, supervisor: Supervisor, signals: Signals) -> None:
        """Returns when all nodes are in step."""
        self._supervisor = supervisor
        for name in NODES:
            self._write_configuration(name)
        if not any(node.has_data for node in self._nodes.values()):
            self._nodes[NODES[0]].create_data(signals)
        # A node without data gets them from another one.
        for node in self._nodes.values():
            node.data.mkdir(mode=0o700, exist_ok=True)
        first = self._first_node()
        say(f"starting MariaDB: {first} begins the cluster")
        self._begin(first)
        self._await_synced(first)
        for name in NODES:
            if name != first:
                say(f"starting MariaDB: {name} joins it")
                self._launch(name)
                self._await_synced(name)
            supervisor.keep(name, lambda name=name: self._start_again(name))
        self.administered = self._nodes[first]
        self._watch = galera_recovery.PrimaryWatch(time.monotonic())

    def create_account(self) -> None:
        self.administered.create_account("localhost", "127.0.0.1")

    @property
    def address(self) -> str:
        """Host and port of all nodes, as the service is given them."""
        return self._addresses(_CLIENTS)

    @property
    def settings(self) -> dict[str, str]:
        """The service's settings for it."""
        return {**account_settings(self._state), "MYSQL_HOST": self.address}

    # Nodes that have died

    def _start_again(self, name: str) -> None:
        if any(self._supervisor.runs(other) for other in NODES if other != name):
            self._launch(name)
            return
        say("no node of the cluster runs")
        first = self._first_node()
        say(f"{first} begins the cluster again")
        if first != name:
            self._supervisor.forget(first)
        self._begin(first)
        if first != name:
            self._launch(name)

    def look(self) -> None:
        """Where for some time no node has been part of a majority, has the cluster begin anew."""
        if not self._watch.is_due(time.monotonic()):
            return
        has_primary = any(self._supervisor.runs(name) and galera_recovery.is_primary(self._status(name))
                          for name in NODES)
        if not self._watch.begins_anew(has_primary, time.monotonic()):
            return
        say(f"for {galera_recovery.LONGEST_WITHOUT_PRIMARY} s no node of the cluster has been ready;"
            " stopping all of them")
        for name in NODES:
            self._supervisor.forget(name)
        for name in NODES:
            if not self._supervisor.runs(name):
                self._start_again(name)

    def _first_node(self) -> str:
        """The one that may begin a new cluster. What the others have beyond it would be lost."""
        nodes = {name: node for name, node in self._nodes.items() if node.has_data}
        first = galera_recovery.stopped_last({name: self._saved_state(name) for name in nodes})
        if first is None:
            first = galera_recovery.furthest({name: galera_node.position(node.configuration, node.data)
                                              for name, node in nodes.items()})
        if first is None:
            fail(f"no node of the cluster in {self._state.path} has data that are whole.")
        return first

    def _begin(self, name: str) -> None:
        """Galera refuses to begin a cluster where it has not been told that this node is the one."""
        if state := self._saved_state(name):
            (self._nodes[name].data / "grastate.dat").write_text(galera_recovery.may_begin(state))
        self._launch(name, "--wsrep-new-cluster")

    def _saved_state(self, name: str) -> str:
        """What Galera itself has written down; empty where it has not."""
        file = self._nodes[name].data / "grastate.dat"
        return file.read_text() if file.exists() else ""

    def _launch(self, name: str, *options: str) -> None:
        node = self._nodes[name]
        command = [sys.executable, "-I", galera_node.__file__, node.configuration, node.data, *options]
        node.launch(self._supervisor, command, self._environment)

    def _await_synced(self, name: str) -> None:
        self._supervisor.wait_for(name, SECONDS_TO_START, "it was in step with the cluster",
                                  lambda: galera_recovery.is_synced(self._status(name)))

    def _status(self, name: str) -> dict[str, str]:
        """What the node says of itself; empty where it does not answer."""
        rows = self._nodes[name].query(
            "SHOW STATUS WHERE Variable_name IN ('wsrep_cluster_status', 'wsrep_local_state_comment', 'wsrep_ready')",
            within=_STATUS_SECONDS, quiet=True)
        return {row[0]: row[1] for row in rows or []}

    # Configuration

    def need_free_ports(self) -> None:
        """Ends the command where one of the ports is in use."""
        for name in NODES:
            for offset in (_CLIENTS, _GROUP, _CHANGES, _ALL_DATA):
                need_free_port("127.0.0.1", self._port(name, offset), "--galera-port")

    def _port(self, name: str, offset: int) -> int:
        return self._base_port + 10 * (NODES.index(name) + 1) + offset

    def _addresses(self, offset: int) -> str:
        return ",".join(f"127.0.0.1:{self._port(name, offset)}" for name in NODES)

    def _write_configuration(self, name: str) -> None:
        """Of binlog-format, default-storage-engine and innodb-autoinc-lock-mode Galera takes no other values."""
        options = {
            "gmcast.listen_addr": f"tcp://127.0.0.1:{self._port(name, _GROUP)}",
            "ist.recv_addr": f"127.0.0.1:{self._port(name, _CHANGES)}",
            "gcache.size": "128M",
            # A node that is silent for two seconds is no longer waited for; Galera's own five are for networks.
            "evs.keepalive_period": "PT0.5S",
            "evs.inactive_check_period": "PT0.5S",
            "evs.suspect_timeout": "PT2S",
            "evs.inactive_timeout": "PT5S",
        }
        # Who is asked for all the data, in this order. A server that gives them takes no writes meanwhile, so the first
        # node, the one that the service uses, is asked last. The comma at the end stands for "or any other".
        donors = "".join(f"{other}," for other in reversed(NODES) if other != name)
        self._nodes[name].write_configuration(
            "bind-address = 127.0.0.1",
            f"port = {self._port(name, _CLIENTS)}",
            f"innodb-buffer-pool-size = {os.environ.get('MARIADB_BUFFER_POOL') or '256M'}",
            "innodb-log-file-size = 96M",
            "",
            "binlog-format = ROW",
            "default-storage-engine = InnoDB",
            "innodb-autoinc-lock-mode = 2",
            "wsrep-on = ON",
            f"wsrep-provider = {LIBRARY}",
            f'wsrep-provider-options = "{";".join(f"{key}={value}" for key, value in options.items())}"',
            "wsrep-cluster-name = orbia",
            f"wsrep-cluster-address = gcomm://{self._addresses(_GROUP)}",
            f"wsrep-node-name = {name}",
            "wsrep-node-address = 127.0.0.1",
            "wsrep-sst-method = rsync_private",
            f"wsrep-sst-receive-address = 127.0.0.1:{self._port(name, _ALL_DATA)}",
            f"wsrep-sst-donor = {donors}",
        )
