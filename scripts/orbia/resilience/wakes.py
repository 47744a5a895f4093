"""scripts/resilience wakes: how soon a client that waits is told, by who has made the change."""

import argparse
import json
import random
import threading
import time
from collections.abc import Callable, Iterator

from orbia.fastcgi import records
from orbia.fastcgi.peer import Peer
from orbia.load.dataset import CONVERSATIONS, creator_of, make_dataset
from orbia.load.delivery import percentile
from orbia.stack import Stack
from orbia.stack_options import count, stack_of
from orbia.terminal import say
from orbia.tokens import valid_token

CONVERSATION = 7
USER = creator_of(CONVERSATION)
# One who is no member of it, and sees nothing of it.
OTHER = creator_of(CONVERSATION + 1)
PREFIX = "/api/v1/conversation/"
# Seconds after which a poll that was sent surely waits.
_SETTLED = 0.15

SUMMARY = "how soon a client that waits is told"
DESCRIPTION = (
    "One client waits at the first of two instances with get_conversations, again and again, while changes are made: "
    "by a send through the same instance and through the other one, and by plain SQL: a status, a membership, a "
    "message, an order's confirmation, whose trigger opens a conversation. Prints the time from when each was "
    "committed until the client had its answer. Lost: a change that it was not told of within 5 s."
)


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--rounds", type=count, default=100, help="changes of each kind")


def measure(options: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures and the complaints."""
    with stack_of(options, instances=2) as stack:
        make_dataset(stack)
        waiting = Api(stack, "service-1", USER)
        delays = {}
        try:
            for name, changes in _changes(stack).items():
                say(f"{options.rounds} times: {name}")
                delays[name] = [_delay(waiting, next(changes)) for _ in range(options.rounds)]
        finally:
            _clean_up(stack)
    print(f"\n{'changed by':<46}{'p50 ms':>8}{'p99':>8}{'max':>8}{'not told':>10}")
    figures = {}
    for name, found in delays.items():
        told = sorted(delay for delay in found if delay is not None)
        figures[name] = {
            "p50_ms": percentile(told, 50), "p99_ms": percentile(told, 99), "max_ms": max(told, default=0),
            "not_told": found.count(None),
        }
        print(f"{name:<46}" + "".join(f"{figures[name][key]:>8.1f}" for key in ("p50_ms", "p99_ms", "max_ms"))
              + f"{found.count(None):>10}", flush=True)
    return {"rounds": options.rounds, "kinds": figures}, [
        f"{figure['not_told']} changes were not told: {name}" for name, figure in figures.items() if figure["not_told"]
    ]


class Api:
    """A user's requests to one instance, over a connection of their own."""

    def __init__(self, stack: Stack, instance: str, user: int):
        self._peer = Peer(stack.socket_of(instance), timeout=30)
        self._token = valid_token(stack.secret, user, 86_400)

    def call(self, route: str, **body) -> dict:
        content = json.dumps(body).encode()
        parameters = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": PREFIX + route, "CONTENT_LENGTH": len(content),
                      "HTTP_AUTHORIZATION": f"Bearer {self._token}"}
        output = self._peer.ask(records.request(parameters, content, keep=True)).output
        return json.loads(output.partition(b"\r\n\r\n")[2])


def _delay(waiting: Api, change: Callable[[], None]) -> float | None:
    """Milliseconds from the change's end to the answer; None where it was not told."""
    cursor = _present(waiting)
    answers = []

    def wait() -> None:
        answer = waiting.call("get_conversations", after_cursor=cursor, wait=5)
        answers.append((answer, time.monotonic()))

    poll = threading.Thread(target=wait)
    poll.start()
    time.sleep(_SETTLED + random.uniform(0, 0.05))
    change()
    committed = time.monotonic()
    poll.join()
    answer, told = answers[0]
    return max(0.0, 1000 * (told - committed)) if answer["conversations"] else None


def _present(api: Api) -> str:
    """The cursor behind all that has changed so far."""
    answer = api.call("get_conversations")
    while True:
        answer = api.call("get_conversations", after_cursor=answer["cursor"])
        if not answer["conversations"]:
            return answer["cursor"]


def _clean_up(stack: Stack) -> None:
    """The data set is for other commands, too."""
    stack.server().sql(f"""
        DELETE FROM orbia_conversation WHERE id > {CONVERSATIONS};
        DELETE FROM orbia_kol_order WHERE user_id = {USER};
        DELETE FROM orbia_kol WHERE user_id = {OTHER};
        DELETE FROM orbia_conversation_member WHERE conversation_id = {CONVERSATION + 1} AND user_id = {USER};
        UPDATE orbia_conversation SET status = 'active' WHERE id = {CONVERSATION};
        """)


def _changes(stack: Stack) -> dict[str, Iterator[Callable[[], None]]]:
    """By who makes it: changes without end, each another one."""
    from orbia.database import Database  # pymysql may have been installed only now

    database = Database(stack.directory / "mariadb.sock")
    senders = [Api(stack, f"service-{number}", USER) for number in (1, 2)]
    database.execute("INSERT IGNORE INTO orbia_kol (user_id) VALUES (%s)", OTHER)
    kol = database.value("SELECT id FROM orbia_kol WHERE user_id = %s", OTHER)

    def send(sender: Api) -> Iterator[Callable[[], None]]:
        while True:
            yield lambda: sender.call("send_message", conversation_id=CONVERSATION, message_type="text", content="你好")

    def statuses() -> Iterator[Callable[[], None]]:
        while True:
            for status in ("archived", "active"):
                yield lambda status=status: database.execute(
                    "UPDATE orbia_conversation SET status = %s WHERE id = %s", status, CONVERSATION)

    def memberships() -> Iterator[Callable[[], None]]:
        while True:
            database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                             CONVERSATION + 1, USER)
            yield lambda: database.execute(
                "INSERT INTO orbia_conversation_member (conversation_id, user_id, role) VALUES (%s, %s, 'admin')",
                CONVERSATION + 1, USER)

    def messages() -> Iterator[Callable[[], None]]:
        def insert() -> None:
            with database.transaction() as cursor:
                cursor.execute(
                    "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
                    " VALUES (UUID(), %s, %s, 'SQL', NOW(3))", [CONVERSATION, USER])
                cursor.execute("UPDATE orbia_conversation SET last_message_at = NOW(3) WHERE id = %s", [CONVERSATION])
                cursor.connection.commit()

        while True:
            yield insert

    def orders() -> Iterator[Callable[[], None]]:
        while True:
            database.execute(
                "INSERT INTO orbia_kol_order (order_id, user_id, kol_id, plan_id, plan_title, plan_price, plan_type,"
                " title, requirement_description, video_type, video_duration, target_audience, expected_delivery_date,"
                " status)"
                " VALUES (UUID(), %s, %s, 1, '', 1, '', 'x', '', '', 1, '', '2030-01-01', 'pending')", USER, kol)
            order = database.value("SELECT MAX(id) FROM orbia_kol_order")
            yield lambda: database.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s", order)

    return {
        "a send, this instance": send(senders[0]),
        "a send, another instance": send(senders[1]),
        "plain SQL: a status": statuses(),
        "plain SQL: a membership": memberships(),
        "plain SQL: a message": messages(),
        "a trigger: an order's conversation": orders(),
    }
