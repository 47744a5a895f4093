"""A Galera cluster of three nodes as scripts/run starts it, and its nodes one by one."""

import contextlib
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from orbia.polling import eventually
from orbia.ports import free_base
from orbia.processes import freeze, running, thaw
from orbia.running.galera import NODES
from orbia.stack import Stack


class Cluster(Stack):
    """The stack on a cluster. `options` are Stack's."""

    def __init__(self, directory: Path, *arguments: str, base: int | None = None, **options):
        super().__init__(directory, "--galera", "--galera-port", str(base or free_base()), *arguments, **options)

    def servers(self) -> list:
        """The nodes in the order of NODES."""
        return [self.server(name) for name in NODES]

    def addresses(self) -> list:
        """Host and port of each node, in the order in which the service prefers them."""
        return [f"127.0.0.1:{self.server(name).sql('SELECT @@port').strip()}" for name in NODES]

    def status(self, name: str) -> dict:
        """The node's account of itself; empty while it takes no connection."""
        try:
            rows = self.server(name).sql("SHOW STATUS LIKE 'wsrep_%'")
        except subprocess.SubprocessError:
            return {}
        return {key: value for key, _, value in (row.partition("\t") for row in rows.splitlines())}

    def is_synced(self, name: str) -> bool:
        found = self.status(name)
        return (found.get("wsrep_local_state_comment"), found.get("wsrep_cluster_size"),
                found.get("wsrep_cluster_status")) == ("Synced", "3", "Primary")

    def has_its_database(self) -> bool:
        return all(self.is_synced(name) for name in NODES)

    def await_synced(self) -> None:
        """Returns when all nodes are in step."""
        eventually(self.has_its_database, within=120, every=0.2, what="all nodes are in step")

    def lose_data(self, name: str, donor: str) -> None:
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
    def frozen_script(self) -> Iterator[None]:
        """Inside, scripts/run starts nothing."""
        freeze(self.pid)
        try:
            yield
        finally:
            thaw(self.pid)

    def kill(self, *names: str) -> None:
        """Returns when the processes are gone."""
        servers = [self.server(name) for name in names]
        pids = [self.pid_of(name) for name in names]
        for server in servers:
            server.signal(signal.SIGKILL)
        eventually(lambda: not running(pids), within=10, what=f"{names} are gone")
