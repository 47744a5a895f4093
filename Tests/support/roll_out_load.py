"""Clients that chat, wait and poll, and a platform that confirms orders, while builds are rolled out."""

import threading
from collections import Counter
from collections.abc import Callable

import requests

from api import Api
from database import Database
from orbia.polling import eventually

SENDERS = 4


class Load:
    """Clients of a fleet, and the platform on its database, for as long as the block lasts.

    `failed` has every answer that is not 200, and every request without one. Each thread calls `begin` before all else.
    """

    def __init__(self, api: Callable[[], Api], database: Database, begin: Callable[[], None] = lambda: None):
        self._api, self._database, self._begin = api, database, begin
        self._stopped = threading.Event()
        self.failed, self.rounds = [], Counter()
        self.orders = []
        self.kol, self.reader = database.kol(), database.user("读者")
        self.senders = database.users(SENDERS)
        self.conversation = database.conversation(*self.senders, self.reader)
        # The contents that were answered with 200, by sender, and what the reader has seen, both in their order.
        self.sent = {user.id: [] for user in self.senders}
        self.seen = []
        acts = [*(lambda user=user: self._chat(user) for user in self.senders), self._wait, self._confirm]
        self._threads = [threading.Thread(target=self._repeat, args=[number, act])
                         for number, act in enumerate(acts)]
        self._apis = threading.local()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        # In a thread of its own, since what `begin` does is for a thread.
        reader = threading.Thread(target=self._read_the_rest)
        reader.start()
        reader.join()

    def goes_on(self, rounds: int = 10):
        """Returns when everybody has done so much more; a failure ends the wait, too."""
        before = dict(self.rounds)
        eventually(lambda: self.failed or all(self.rounds[number] >= before.get(number, 0) + rounds
                                              for number, _ in enumerate(self._threads)),
                   within=120, what="the load goes on")
        assert self.failed == []

    def _repeat(self, number: int, act):
        self._begin()
        while not self._stopped.is_set():
            try:
                act()
            except Exception as error:
                self.failed.append(error)
            self.rounds[number] += 1

    def _ask(self, user, route: str, **body) -> dict | None:
        if not hasattr(self._apis, "own"):
            self._apis.own = self._api()
        try:
            answer = self._apis.own.post(user, route, {"conversation_id": self.conversation.id, **body})
        except requests.RequestException as error:
            self.failed.append((route, error))
            return None
        self.rounds[route] += 1
        if answer.status != 200:
            self.failed.append((route, answer.status, answer.body))
            return None
        return answer.success()

    def _chat(self, user):
        content = f"{user.id} {len(self.sent[user.id]) + 1}"
        sent = self._ask(user, "send_message", message_type="text", content=content, client_message_id=content)
        if sent:
            self.sent[user.id].append(content)
        self._ask(user, "get_messages")
        self._ask(user, "get_conversations")
        self._ask(user, "mark_read")

    def _wait(self):
        """Polls for what is newer, and waits for it at builds that know how."""
        self._look(wait=2)

    def _look(self, **wait):
        after = {"after_timestamp": self.seen[-1][0]} if self.seen else {"after_timestamp": 1}
        page = self._ask(self.reader, "get_messages", page_size=100, **after, **wait)
        self.seen += sorted((each["created_at"], each["content"]) for each in (page or {}).get("messages", []))

    def _read_the_rest(self):
        self._begin()
        before = -1
        while before != len(self.seen):
            before = len(self.seen)
            self._look()

    def _confirm(self):
        order = self._database.order(self.senders[0], self.kol)
        self._database.set_order_status(order, "confirmed")
        self._database.set_order_status(order, "in_progress")
        self.orders.append(order)
        # The orders' locks must not be all that the machine does.
        self._stopped.wait(0.05)

    def requests(self) -> int:
        """How many were answered."""
        return sum(count for route, count in self.rounds.items() if isinstance(route, str))

    def nothing_is_lost_or_doubled(self) -> None:
        """After the block: what was answered with 200 is stored once, in its order, and the reader has seen it all."""
        assert self.failed == []
        stored = self._database.stored_messages(self.conversation)
        sent = [content for contents in self.sent.values() for content in contents]
        assert Counter(row["content"] for row in stored) == Counter(sent)
        for user in self.senders:
            assert [row["content"] for row in stored if row["sender_id"] == user.id] == self.sent[user.id]
        times = [row["created_ms"] for row in stored]
        assert times == sorted(set(times))
        assert self.seen == [(row["created_ms"], row["content"]) for row in stored]
        assert self._database.unread(self.conversation, self.reader) == len(stored)
        opened = Counter(row["related_order_id"] for row in self._database.rows(
            "SELECT related_order_id FROM orbia_conversation WHERE type = 'kol_order'"))
        assert opened == Counter(order.order_id for order in self.orders)
        print(f"{self.requests()} requests, {len(sent)} messages, {len(self.orders)} orders; none failed")
