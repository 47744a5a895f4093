"""What became of the messages of scripts/load --waiters: when each client saw what it should see, or that it did not.

The events are those that Tests/benchmark/waiters.c writes, and says the meaning of. Times are in microseconds of the
machine's monotonic clock, `created_at` in milliseconds since 1970.
"""

import collections
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from orbia.load.waiters_dataset import Client


@dataclass(frozen=True)
class Message:
    """A message that was sent: when the request went out, and when its answer was there."""

    began: int
    acknowledged: int
    conversation: int
    created_at: int
    message_id: str


@dataclass
class Events:
    """What the generator's processes noted."""

    sent: list[Message] = field(default_factory=list)
    # Client and conversation: time and created_at of the newest message, in the order of time.
    listed: dict[tuple[int, int], list[tuple[int, int]]] = field(default_factory=dict)
    # Client and message: the times at which get_messages had it.
    shown: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    # Entries of answers to after_cursor with no newer message than the client had been told of.
    repeated: int = 0
    errors: collections.Counter = field(default_factory=collections.Counter)
    # Answers with retry_after; those that came early without it; cursors that could not be followed.
    cut: int = 0
    early: int = 0
    resets: int = 0
    # Time at which a second ended, and the answers within it.
    answered: collections.Counter = field(default_factory=collections.Counter)

    def read(self, lines: Iterable[str]) -> None:
        """Adds the lines of one process."""
        for line in lines:
            kind, *values = line.split()
            getattr(self, f"_{kind}")(*values)

    def _sent(self, time: str, conversation: str, created_at: str, message_id: str, began: str) -> None:
        self.sent.append(Message(int(began), int(time), int(conversation), int(created_at), message_id))

    def _list(self, time: str, client: str, conversation: str, created_at: str, told: str) -> None:
        if int(created_at) <= int(told):
            self.repeated += 1
        self.listed.setdefault((int(client), int(conversation)), []).append((int(time), int(created_at)))

    def _message(self, time: str, client: str, conversation: str, created_at: str, message_id: str) -> None:
        self.shown.setdefault((int(client), message_id), []).append(int(time))

    def _error(self, time: str, client: str, reason: str) -> None:
        self.errors[reason] += 1

    def _cut(self, time: str, client: str, retry_after: str) -> None:
        self.cut += 1

    def _early(self, time: str, client: str) -> None:
        self.early += 1

    def _reset(self, time: str, client: str) -> None:
        self.resets += 1

    def _answered(self, time: str, count: str) -> None:
        self.answered[int(time)] += int(count)


@dataclass(frozen=True)
class Delivery:
    """Milliseconds to each receipt, from the send's answer and from its beginning, and what was wrong."""

    after_acknowledgement: list[float]
    after_beginning: list[float]
    missed: int
    doubled: int

    @property
    def expected(self) -> int:
        return len(self.after_acknowledgement) + self.missed


def account(events: Events, clients: Sequence[Client], members_of: Callable[[int], Sequence[int]]) -> Delivery:
    """What each client should have seen, beside what it saw. The number of a client is its place in `clients`.

    A client sees a message of its open conversation when get_messages has it, and one of another conversation when the
    list names that with this message, or with a newer one. A client without a list has its open conversation alone.
    """
    numbers = {client.user: number for number, client in enumerate(clients)}
    receipts, missed = [], 0
    for message in events.sent:
        for user in members_of(message.conversation):
            number = numbers.get(user)
            if number is None or not _concerns(message, clients[number]):
                continue
            time = _receipt(events, message, number, clients[number])
            if time is None:
                missed += 1
            else:
                receipts.append((message, time))
    return Delivery([(time - message.acknowledged) / 1000 for message, time in receipts],
                    [(time - message.began) / 1000 for message, time in receipts], missed,
                    events.repeated + sum(len(times) - 1 for times in events.shown.values()))


def _concerns(message: Message, client: Client) -> bool:
    return client.has_list or client.open == message.conversation


def _receipt(events: Events, message: Message, number: int, client: Client) -> int | None:
    if client.open == message.conversation:
        return min(events.shown.get((number, message.message_id), []), default=None)
    listed = events.listed.get((number, message.conversation), [])
    return next((time for time, created_at in listed if created_at >= message.created_at), None)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed; 0 where there are none."""
    if not values:
        return 0.0
    place = -(-len(values) * percent // 100)
    return sorted(values)[max(int(place), 1) - 1]


def rates(answered: collections.Counter, began: int, ended: int) -> list[int]:
    """The answers of each whole second between two times."""
    return [count for time, count in sorted(answered.items()) if began + 1_000_000 <= time <= ended]
