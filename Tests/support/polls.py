"""Polls that wait, each on a connection of its own to a service, and without a thread."""

import json
import select
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from api import PREFIX, Answer, cgi_answer
from orbia.fastcgi import records
from orbia.polling import eventually
from service import Service

# What a wake takes at most on a machine that is busy with other tests; the figures are those of scripts/load.
PROMPTLY = 3.0


class Poll:
    """A request that has been sent, and may wait."""

    def __init__(self, service: Service, token: str, route: str, body: bytes, keep=True):
        self._route, self._token = route, token
        self._asks = False
        self.peer = service.peer(timeout=40)
        self.send(body, keep)

    def send(self, body: bytes, keep=True):
        """One request more on the same connection."""
        parameters = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": PREFIX + self._route, "CONTENT_LENGTH": str(len(body)),
                      "HTTP_AUTHORIZATION": f"Bearer {self._token}"}
        self._asks = True
        self.peer.send(records.request(parameters, body, keep))

    @property
    def is_unanswered(self) -> bool:
        return self._asks and not select.select([self.peer], [], [], 0)[0]

    def answer(self) -> Answer:
        """Waits for it."""
        self._asks = False
        return cgi_answer(self.peer.reply().output)

    def success(self) -> dict:
        return self.answer().success()

    def close(self):
        self._asks = False
        self.peer.close()


class Polls:
    """The polls of a test at one service, which has no others."""

    def __init__(self, service: Service):
        self.service = service
        self._stack = ExitStack()
        self._sent = []

    def close(self):
        self._stack.close()

    @property
    def waiting(self) -> int:
        """How many wait at this moment. One that looks for itself, since the watcher has begun anew, does not."""
        return int(self.service.metrics()["orbia_polls_waiting"])

    def send(self, user, route: str, body: dict | bytes, token: str | None = None, keep=True) -> Poll:
        """A poll that may wait or not."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        poll = Poll(self.service, token or self.service.api().token(user), route, content, keep)
        self._stack.callback(poll.close)
        self._sent.append(poll)
        return poll

    def start(self, user, route: str, body: dict | bytes, token: str | None = None, keep=True) -> Poll:
        """A poll that waits, as all before it do that have no answer."""
        poll = self.send(user, route, body, token, keep)
        eventually(lambda: poll.is_unanswered and self._all_wait, within=10, what="it waits")
        # A watcher that begins wakes all polls, once, and they look for themselves.
        before = self._watch_statements
        eventually(lambda: self._watch_statements >= before + 2 and self._all_wait, within=10, what="the watcher looks")
        return poll

    @property
    def _all_wait(self) -> bool:
        return self.waiting == sum(each.is_unanswered for each in self._sent)

    @property
    def _watch_statements(self) -> int:
        return int(self.service.metrics()["orbia_watch_statements_total"])

    def for_messages(self, user, conversation, wait=25, **options) -> Poll:
        """A poll that waits for the next message of a conversation."""
        return self.start(user, "get_messages", self.next_message(user, conversation, wait), **options)

    def for_changes(self, user, wait=25, **options) -> Poll:
        """A poll that waits for the next change of the user's conversations."""
        return self.start(user, "get_conversations", self.next_change(user, wait), **options)

    def next_message(self, user, conversation, wait=25) -> dict:
        """The body that waits for what comes behind the newest message of a conversation."""
        answer = self.service.api().get_messages(user, conversation_id=conversation.id).success()
        after = answer["messages"][-1]["created_at"] if answer["messages"] else 0
        return {"conversation_id": conversation.id, "after_timestamp": after, "wait": wait}

    def next_change(self, user, wait=25) -> dict:
        """The body that waits for what changes in the user's list from now on."""
        return {"after_cursor": self.service.api().get_conversations(user).success()["cursor"], "wait": wait}

    def wait_for(self, count: int, within=10.0):
        """Returns when so many wait."""
        eventually(lambda: self.waiting == count, within=within, every=0.02, what=f"{count} polls wait")


@contextmanager
def polls_at(service: Service) -> Iterator[Polls]:
    """Polls that are closed at the end of the block."""
    polls = Polls(service)
    try:
        yield polls
    finally:
        polls.close()


def answered(polls: Iterable[Poll], within: float, enough: int | None = None) -> list[Poll]:
    """Those that have an answer within this time, in the order in which the answers come; not read yet.

    It returns when there are `enough` of them: by default, all.
    """
    deadline, open_ones, done = time.monotonic() + within, {poll.peer: poll for poll in polls}, []
    enough = len(open_ones) if enough is None else enough
    while len(done) < enough and (left := deadline - time.monotonic()) > 0:
        for peer in select.select(list(open_ones), [], [], left)[0]:
            done.append(open_ones.pop(peer))
    return done
