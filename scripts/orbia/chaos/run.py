"""The clients of scripts/chaos at work, each a thread."""

import collections
import threading
import time

from orbia.chaos.records import Records


class GivenUp(Exception):
    """The run was over before an attempt succeeded, or an answer says that none will."""


class Run:
    """The threads of all clients, from start to finish.

    A client rests for up to twice `pause` seconds between two acts. `patience` is for how many seconds after the run's
    end an attempt may go on.
    """

    def __init__(self, records: Records, pause: float, patience: float):
        self.records, self.pause, self.patience = records, pause, patience
        self.clients = []
        self.successes = []  # when a send was acknowledged, in seconds of time.monotonic
        self.errors = []
        self.ended = None
        self._threads = []

    def start(self) -> None:
        for client in self.clients:
            self._threads.append(threading.Thread(target=self._go_on, args=[client], daemon=True))
            self._threads[-1].start()

    def _go_on(self, client) -> None:
        try:
            while not self.is_over():
                try:
                    client.act()
                except GivenUp:
                    client.counts["given_up"] += 1
                client.rest()
        except Exception as error:  # an answer that is not as it should be; the run is not worth much then
            self.errors.append(f"{type(client).__name__} of user {client.user}: {error!r}")

    def is_over(self, patience: float = 0) -> bool:
        """Whether it ended more than `patience` seconds ago."""
        return self.ended is not None and time.monotonic() > self.ended + patience

    def stop(self) -> None:
        """Returns when each client has ended its last act."""
        self.ended = time.monotonic()
        for thread in self._threads:
            thread.join()
        # From now on there is nothing that could be given up in a hurry.
        self.ended = time.monotonic()

    def counts(self) -> collections.Counter:
        return sum((client.counts for client in self.clients), collections.Counter())
