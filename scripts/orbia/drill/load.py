"""What goes on while a backup is made: clients that send and read through the service, orders that are confirmed."""

import contextlib
import itertools
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pymysql

from orbia.database import Database
from orbia.drill.service import Service
from orbia.drill.steps import DrillFailed

CLIENTS = 4
# Seconds between two acts of one of them.
PAUSE = 0.01
# Attempts of one send; a second lies between two of them.
_ATTEMPTS = 60
_RETRIED = (None, 502, 503, 504)

_NEW_ORDER = (
    "INSERT INTO orbia_kol_order (order_id, user_id, kol_id, plan_id, plan_title, plan_price, plan_type, title,"
    " requirement_description, video_type, video_duration, target_audience, expected_delivery_date, status)"
    " SELECT %s, user_id, kol_id, plan_id, plan_title, plan_price, plan_type, title, requirement_description,"
    " video_type, video_duration, target_audience, expected_delivery_date, 'pending'"
    " FROM orbia_kol_order ORDER BY id LIMIT 1")


@dataclass(frozen=True)
class Sent:
    """A message that the service has acknowledged."""

    message_id: str
    conversation: int
    content: str


class _Actor(threading.Thread):
    """Acts again and again. Whoever holds `turn` keeps it from beginning its next act."""

    def __init__(self):
        super().__init__(daemon=True)
        self.turn = threading.Lock()
        self.failure = None
        self._stopped = threading.Event()

    def run(self) -> None:
        try:
            while not self._stopped.wait(PAUSE):
                with self.turn:
                    self.act()
        except Exception as failure:  # noqa: BLE001 - whatever it is, the drill ends with it
            self.failure = failure

    def act(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self._stopped.set()


class Client(_Actor):
    """Sends to some conversations in turn, as who created them, and has the other member read now and then."""

    def __init__(self, service: Service, name: str, conversations: Sequence[tuple[int, int, int]]):
        """`conversations`: the number, creator and KOL of each."""
        super().__init__()
        self._service, self._name = service, name
        self._conversations = itertools.cycle(conversations)
        self._number = 0
        self.sent, self.attempts = [], 0

    def act(self) -> None:
        conversation, creator, kol = next(self._conversations)
        sent = self.send(conversation, creator)
        self.sent.append(sent)
        if self._number % 5 == 0:
            # Whether it is done does not matter here.
            self._service.ask(kol, "mark_read", conversation_id=conversation)

    def send(self, conversation: int, user: int) -> Sent:
        """One message, with the same key until it is acknowledged."""
        self._number += 1
        content = f"演练 🎬 {self._name}, {self._number}"
        for _ in range(_ATTEMPTS):
            self.attempts += 1
            status, answer = self._service.ask(user, "send_message", conversation_id=conversation, content=content,
                                               message_type="text", client_message_id=f"{self._name}-{self._number}")
            if status == 200:
                return Sent(answer["message"]["message_id"], conversation, content)
            if status not in _RETRIED:
                raise DrillFailed(f"a send is answered {status} {answer}")
            self._stopped.wait(1)
        raise DrillFailed(f"a send was not acknowledged in {_ATTEMPTS} attempts")


class _Platform(_Actor):
    """Makes orders and confirms them, which opens their conversations."""

    def __init__(self, database: Database):
        super().__init__()
        self._connection = database.connect()
        self.confirmed = []

    def act(self) -> None:
        order_id = f"KORD_1800000000000_{len(self.confirmed) + 1}"
        with self._connection.cursor() as cursor:
            cursor.execute(_NEW_ORDER, [order_id])
            cursor.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE order_id = %s", [order_id])
        self.confirmed.append(order_id)
        self._stopped.wait(10 * PAUSE)


class Load:
    """Goes on inside of a with block."""

    def __init__(self, service: Service, database: Database):
        conversations = [
            (row["id"], row["creator"], row["kol"]) for row in database.rows(
                "SELECT c.id, MIN(IF(m.role = 'creator', m.user_id, NULL)) AS creator,"
                " MIN(IF(m.role = 'member', m.user_id, NULL)) AS kol"
                " FROM (SELECT id FROM orbia_conversation ORDER BY id LIMIT 400) c"
                " JOIN orbia_conversation_member m ON m.conversation_id = c.id GROUP BY c.id")]
        self._clients = [Client(service, f"client {number}", conversations[number - 1::CLIENTS])
                         for number in range(1, CLIENTS + 1)]
        self._platform = _Platform(database)
        self._actors = [*self._clients, self._platform]

    def __enter__(self):
        for actor in self._actors:
            actor.start()
        return self

    def __exit__(self, *_):
        for actor in self._actors:
            actor.stop()
        for actor in self._actors:
            actor.join()
        with contextlib.suppress(pymysql.Error):
            self._platform._connection.close()

    @property
    def sent(self) -> list[Sent]:
        """What has been acknowledged up to now. Raises DrillFailed where a client has given up."""
        for actor in self._actors:
            if actor.failure is not None:
                raise DrillFailed(f"the load has ended: {actor.failure}") from actor.failure
        return [sent for client in self._clients for sent in list(client.sent)]

    @property
    def confirmed(self) -> list[str]:
        """The order_id of each order that has been confirmed up to now."""
        return list(self._platform.confirmed)

    @property
    def repeated(self) -> int:
        """How many attempts to send were not answered with 200, and were made again."""
        return sum(client.attempts - len(client.sent) for client in self._clients)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Inside, nobody is in the midst of anything, and nobody begins."""
        with contextlib.ExitStack() as turns:
            for actor in self._actors:
                turns.enter_context(actor.turn)
            yield
