"""The processes of Tests/benchmark/waiters.c: built, started, awaited, stopped, and what they noted."""

import resource
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from orbia.load.delivery import Events
from orbia.load.waiters_dataset import Client, write_clients
from orbia.paths import REPOSITORY
from orbia.processes import cpu_times
from orbia.stack import Stack
from orbia.terminal import fail

SOURCE = REPOSITORY / "Tests" / "benchmark" / "waiters.c"
# Of the limit of open files, what a process keeps for other things than clients.
_OTHER_FILES = 1000
# A source address has some 28,000 ports towards one listener; each process has one of its own.
_MOST_CLIENTS = 25_000


def build(directory: Path) -> Path:
    """The program, compiled into the directory."""
    program = directory / "waiters"
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-o", program, SOURCE], check=True)
    return program


def shares(clients: int, open_files: int) -> list[int]:
    """How many of the clients each process holds: as even as can be, and no more than it may open files for."""
    most = min(open_files - _OTHER_FILES, _MOST_CLIENTS)
    processes = -(-clients // most)
    return [clients // processes + (number < clients % processes) for number in range(processes)]


class Process:
    """One process of the program, which is ready once it has said so."""

    def __init__(self, command: Sequence[object], events: Path):
        self._events = events
        self._process = subprocess.Popen([*map(str, command), str(events)], stdout=subprocess.PIPE)

    def await_ready(self, deadline: float) -> None:
        """`deadline` is one of the monotonic clock."""
        seconds = max(deadline - time.monotonic(), 0)
        speaks, _, _ = select.select([self._process.stdout], [], [], seconds)
        if not speaks or self._process.stdout.readline() != b"ready\n":
            fail("the clients did not get ready; the last lines of what they met:",
                 *self._events.read_text().splitlines()[-5:])

    def cpu_seconds(self) -> float:
        return sum(cpu_times(self._process.pid))

    def stop(self, events: Events) -> None:
        """Returns when it has ended, with what it noted added to the events."""
        self._process.terminate()
        if self._process.wait() != 0:
            fail("a process of clients has failed; its reason is above.")
        with self._events.open() as lines:
            events.read(lines)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Generator:
    """Clients that wait and messages that are sent to them, in as many processes as they need."""

    def __init__(self, stack: Stack, program: Path):
        self._stack, self._program = stack, program
        self._directory = stack.directory / "temp"
        self.processes: list[Process] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()

    def hold(self, clients: Sequence[Client], wait: int, poll: float, within: float) -> None:
        """Returns when each client has read its first pages. With `wait` 0 they poll every `poll` seconds."""
        first = 0
        for number, share in enumerate(shares(len(clients), resource.getrlimit(resource.RLIMIT_NOFILE)[0]), 1):
            path = self._directory / f"clients-{number}.txt"
            write_clients(self._stack, clients[first:first + share], first, path)
            first += share
            # 127.0.0.1 is left to all others.
            self._start("hold", self._stack.ports.http, f"127.0.1.{number}", wait, round(1000 * poll), path)
        deadline = time.monotonic() + within
        for process in self.processes:
            process.await_ready(deadline)

    def send(self, sends: Path, rate: float) -> None:
        """Has so many messages a second sent, random ones of a file of write_sends, until the end."""
        self._start("send", self._stack.ports.http, rate, sends)
        self.processes[-1].await_ready(time.monotonic() + 10)

    def stop_last(self, events: Events) -> None:
        """Stops the process that was started last."""
        self.processes.pop().stop(events)

    def stop(self, events: Events) -> None:
        while self.processes:
            self.stop_last(events)

    def cpu_seconds(self) -> float:
        return sum(process.cpu_seconds() for process in self.processes)

    def _start(self, *arguments: object) -> None:
        events = self._directory / f"events-{len(self.processes) + 1}.txt"
        self.processes.append(Process([self._program, *arguments], events))
