"""What scripts/chaos does to the stack: which kinds there are, when each is due, and how it is done."""

import contextlib
import os
import random
import signal
import subprocess
import time

import node_states
from node_states import Server

ACCOUNT = "orbia_conversation"
SERVERS = ["mariadb"]
NODES = ["mariadb-1", "mariadb-2", "mariadb-3"]
# Longer than it is from one success to the next where nothing is wrong, in seconds.
JUST_BEFORE = 0.2
CONNECTIONS = f"SELECT id FROM information_schema.PROCESSLIST WHERE user = '{ACCOUNT}'"


class Kills:
    """Draws from a seed. Each kind comes up as often as the others, in an order of its own, at random times."""

    def __init__(self, stack, galera, number, seconds, seed):
        self.stack = stack
        self.random = random.Random(seed)
        self.servers = NODES if galera else SERVERS
        self.kinds = {
            "instance": self.kill_instance,
            **(
                {
                    "node in use": self.kill_node_in_use,
                    "other node": self.kill_other_node,
                    "two nodes": self.kill_two,
                    "closed node": self.close_node_in_use,
                    "frozen node": self.freeze_node_in_use,
                }
                if galera
                else {
                    "database": self.kill_database,
                    "frozen database": self.freeze_database,
                    "read-only database": self.forbid_writes,
                }
            ),
            "connections": self.kill_connections,
            "nginx reload": self.reload_nginx,
        }
        self.schedule = list(zip(self._times(number, seconds), self._kinds(number)))

    def _times(self, number, seconds):
        """As many, between 0 and `seconds`: gaps of which none is more than three times another one."""
        gaps = [self.random.uniform(0.5, 1.5) for _ in range(number + 1)]
        ends = [sum(gaps[: position + 1]) for position in range(number)]
        return [seconds * end / sum(gaps) for end in ends]

    def _kinds(self, number):
        kinds = []
        while len(kinds) < number:
            kinds += self.random.sample(list(self.kinds), len(self.kinds))
        return kinds[:number]

    def do(self, kind):
        """What was done, in words."""
        return self.kinds[kind]()

    # One of each kind

    def kill_instance(self):
        return self._kill(self.random.choice(self.stack.instances))

    def kill_database(self):
        return self._kill("mariadb")

    def freeze_database(self):
        return self._hold(node_states.frozen, "mariadb")

    def forbid_writes(self):
        return self._hold(node_states.read_only, "mariadb")

    def kill_node_in_use(self):
        return self._kill(self._in_use())

    def kill_other_node(self):
        in_use = self._in_use()
        return self._kill(self.random.choice([name for name in self.servers if name != in_use]))

    def close_node_in_use(self):
        how = self.random.choice([node_states.rejecting, node_states.rejecting_and_killing])
        return self._hold(how, self._in_use())

    def freeze_node_in_use(self):
        return self._hold(node_states.frozen, self._in_use())

    def kill_two(self):
        """And again when scripts/run has started them, for a while: the third one is no majority."""
        names, seconds = self.random.sample(self.servers, 2), self.random.uniform(2, 5)
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            for name in names:
                self._kill_now(name)
            time.sleep(0.2)
        return f"{' and '.join(sorted(names))}, for {seconds:.1f} s"

    def kill_connections(self):
        """About half of those to each server, three times."""
        killed = 0
        for _ in range(3):
            for server in self.servers:
                half = [id for id in self._connections(server) if self.random.random() < 0.5]
                for id in half:
                    # One that has ended meanwhile cannot be killed.
                    with contextlib.suppress(subprocess.CalledProcessError):
                        self.stack.sql(f"KILL CONNECTION {id}", server)
                        killed += 1
            time.sleep(self.random.uniform(0.05, 0.3))
        return f"{killed} connections"

    def reload_nginx(self):
        os.kill(self.stack.pid("nginx"), signal.SIGHUP)
        return "its workers are replaced"

    # Their parts

    def _hold(self, state, name):
        """A server is in a state for some seconds."""
        server = Server(name, self.stack.directory / f"{name}.sock", lambda: self.stack.pid(name))
        seconds = self.random.uniform(2, 5)
        try:
            with state(server):
                time.sleep(seconds)
        except (OSError, TypeError, subprocess.SubprocessError) as error:
            # It was down already, or went down meanwhile.
            return f"{name}, which was not there: {error}"
        return f"{name}, for {seconds:.1f} s"

    def _in_use(self):
        counts = {name: len(self._connections(name)) for name in self.servers}
        return max(counts, key=counts.get)

    def _kill(self, name):
        deadline = time.monotonic() + 60
        while not self._kill_now(name):
            if time.monotonic() > deadline:
                return f"{name}, which was not there to be killed"
            time.sleep(0.05)
        return name

    def _kill_now(self, name):
        pid = self.stack.pid(name)
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def _connections(self, server):
        """The ids of the service's connections to it; none where it does not answer."""
        try:
            return self.stack.sql(CONNECTIONS, server).split()
        except subprocess.CalledProcessError:
            return []


def longest_gaps(events, successes):
    """For each of the events' times, the longest time without a success until the next event, in seconds.

    One that goes on beyond the next event is this one's, whole, where it was there before: not only since
    the last success before it.
    """
    gaps = []
    for event, following in zip(events, [*events[1:], float("inf")]):
        points = [event, *(success for success in successes if success > event)]
        between = [(a, b) for a, b in zip(points, points[1:]) if b <= following or a + JUST_BEFORE < following]
        gaps.append(max((b - a for a, b in between), default=None))
    return gaps
