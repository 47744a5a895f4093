"""Many callers at once, each with a connection of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from api import http_api


def all_at_once(*callers) -> list:
    """Calls functions in threads that begin together; returns their results.

    Raises the error of the first of them that failed.
    """
    start = threading.Barrier(len(callers))

    def begin(caller):
        start.wait(timeout=30)
        return caller()

    with ThreadPoolExecutor(len(callers)) as threads:
        running = [threads.submit(begin, caller) for caller in callers]
        return [each.result() for each in running]


class Sending:
    """Members who send messages at the same time, over plain HTTP, where no rate limit is."""

    def __init__(self, stack, conversation, senders, count: int):
        self._stack, self._conversation, self._count = stack, conversation, count
        self.senders = [self._sender(user) for user in senders]

    def _sender(self, user):
        def send() -> list:
            api = http_api(self._stack)
            answers = [api.send_text(user, self._conversation, f"{user.id} {number}")
                       for number in range(self._count)]
            return [answer.success()["message"] for answer in answers]

        return send


def counted_unread(database, conversation, user, since=0) -> int:
    """The messages from others that are newer than `since`, counted row by row."""
    return len([row for row in database.stored_messages(conversation)
                if row["sender_id"] != user.id and row["created_ms"] > since])
