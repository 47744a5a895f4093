"""What scripts/chaos does to the stack: which kinds of kills there are, and how each is done."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable

from orbia import server_states
from orbia.chaos.schedule import schedule
from orbia.database_server import ACCOUNT
from orbia.running.galera import NODES
from orbia.stack import Stack

SERVERS = ["mariadb"]
CONNECTIONS = f"SELECT id FROM information_schema.PROCESSLIST WHERE user = '{ACCOUNT}'"


class Kills:
    """Kinds, times and victims are drawn at random; they follow from the seed."""

    def __init__(self, stack: Stack, galera: bool, number: int, seconds: float, seed: int):
        self._stack = stack
        self._random = random.Random(seed)
        self.servers = NODES if galera else SERVERS
        self._kinds = {
            "instance": self._kill_instance,
            **(
                {
                    "node in use": self._kill_node_in_use,
                    "other node": self._kill_other_node,
                    "two nodes": self._kill_two_nodes,
                    "closed node": self._close_node_in_use,
                    "frozen node": self._freeze_node_in_use,
                }
                if galera
                else {
                    "database": self._kill_database,
                    "frozen database": self._freeze_database,
                    "read-only database": self._forbid_writes,
                }
            ),
            "connections": self._kill_connections,
            "nginx reload": self._reload_nginx,
        }
        self.schedule = schedule(self._random, list(self._kinds), number, seconds)

    def do(self, kind: str) -> str:
        """Does one of that kind; gives what it was, in words."""
        return self._kinds[kind]()

    # One of each kind

    def _kill_instance(self) -> str:
        return self._kill(self._random.choice(self._stack.instances))

    def _kill_database(self) -> str:
        return self._kill("mariadb")

    def _freeze_database(self) -> str:
        return self._hold(server_states.frozen, "mariadb")

    def _forbid_writes(self) -> str:
        return self._hold(server_states.read_only, "mariadb")

    def _kill_node_in_use(self) -> str:
        return self._kill(self._in_use())

    def _kill_other_node(self) -> str:
        in_use = self._in_use()
        return self._kill(self._random.choice([name for name in self.servers if name != in_use]))

    def _close_node_in_use(self) -> str:
        how = self._random.choice([server_states.rejecting, server_states.rejecting_and_killing])
        return self._hold(how, self._in_use())

    def _freeze_node_in_use(self) -> str:
        return self._hold(server_states.frozen, self._in_use())

    def _kill_two_nodes(self) -> str:
        """Kills them again as soon as scripts/run has started them, for some seconds: the third one is no majority."""
        names, seconds = self._random.sample(self.servers, 2), self._random.uniform(2, 5)
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            for name in names:
                self._kill_now(name)
            time.sleep(0.2)
        return f"{' and '.join(sorted(names))}, for {seconds:.1f} s"

    def _kill_connections(self) -> str:
        """Kills about half of the connections to each server, three times."""
        killed = 0
        for _ in range(3):
            for server in self.servers:
                half = [id for id in self._connections(server) if self._random.random() < 0.5]
                for id in half:
                    # One that has ended meanwhile cannot be killed.
                    with contextlib.suppress(subprocess.SubprocessError):
                        self._stack.server(server).sql(f"KILL CONNECTION {id}")
                        killed += 1
            time.sleep(self._random.uniform(0.05, 0.3))
        return f"{killed} connections"

    def _reload_nginx(self) -> str:
        os.kill(self._stack.pid_of("nginx"), signal.SIGHUP)
        return "its workers are replaced"

    # Their parts

    def _hold(self, state: Callable, name: str) -> str:
        """Has a server in a state for some seconds."""
        server = self._stack.server(name)
        seconds = self._random.uniform(2, 5)
        try:
            with state(server):
                time.sleep(seconds)
        except (OSError, subprocess.SubprocessError) as error:
            # It was down already, or went down meanwhile.
            return f"{name}, which was not there: {error}"
        return f"{name}, for {seconds:.1f} s"

    def _in_use(self) -> str:
        counts = {name: len(self._connections(name)) for name in self.servers}
        return max(counts, key=counts.get)

    def _kill(self, name: str) -> str:
        deadline = time.monotonic() + 60
        while not self._kill_now(name):
            if time.monotonic() > deadline:
                return f"{name}, which was not there to be killed"
            time.sleep(0.05)
        return name

    def _kill_now(self, name: str) -> bool:
        pid = self._stack.find_pid(name)
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def _connections(self, server: str) -> list[str]:
        """The ids of the service's connections to it; none where it does not answer."""
        try:
            return self._stack.server(server).sql(CONNECTIONS).split()
        except subprocess.SubprocessError:
            return []
