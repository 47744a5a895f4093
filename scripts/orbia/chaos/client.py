"""A client of scripts/chaos: a user who repeats each request until it is settled, over a connection of their own."""

import collections
import http.client
import json
import random
import time

from orbia.chaos.records import Mark
from orbia.chaos.run import GivenUp, Run

PREFIX = "/api/v1/conversation/"
# What nginx and the service say when another attempt can succeed.
TRY_AGAIN = {502, 503, 504}
# Longer than the service and nginx may take together.
ANSWER_TIMEOUT = 15


class Client:
    """One user, with what happened in `counts`."""

    answer_timeout = ANSWER_TIMEOUT

    def __init__(self, user: int, token: str, port: int, seed: str, run: Run):
        self.user, self.run = user, run
        self.random = random.Random(seed)
        self.counts = collections.Counter()
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.port = port
        self.connection = None

    def once(self, route: str, **body) -> tuple:
        """The status, Retry-After or None, and the body of one attempt; status None where there was no answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.answer_timeout)
            self.connection.request("POST", PREFIX + route, json.dumps(body), self.headers)
            response = self.connection.getresponse()
            content = response.read()
            return response.status, response.getheader("Retry-After"), json.loads(content)
        except (OSError, http.client.HTTPException):
            self.close()
            return None, None, None

    def settle(self, route: str, **body) -> dict:
        """Repeats a request until it is answered with 200; gives the body. Raises GivenUp."""
        pause = 0.05
        while True:
            status, retry_after, answer = self.once(route, **body)
            if status == 200:
                return answer
            self.count_failure(route, status, retry_after, answer)
            if status not in TRY_AGAIN and status is not None:
                raise GivenUp
            if self.run.is_over(self.run.patience):
                raise GivenUp
            self.counts["retries"] += 1
            # So that those who failed together do not come back together.
            time.sleep(float(retry_after or pause) * self.random.uniform(1, 1.2))
            pause = min(2 * pause, 1)

    def count_failure(self, route: str, status: int | None, retry_after: str | None, answer: dict | None) -> None:
        """An answer that nobody should get is one of the refusals, too."""
        self.counts[f"{status or 'broken'}"] += 1
        if status == 503 and retry_after is None:
            self.run.records.refusals.append(f"{route}: 503 without Retry-After")
        elif status is not None and status not in TRY_AGAIN:
            self.run.records.refusals.append(f"{route}: {status} {answer}")

    def mark(self, conversation: int, time_seen: int) -> None:
        """Marks the conversation as read up to that time."""
        mark = self.run.records.marks.setdefault((self.user, conversation), Mark())
        mark.tried = max(mark.tried or 0, time_seen)
        self.settle("mark_read", conversation_id=conversation, read_up_to=time_seen)
        mark.acknowledged = max(mark.acknowledged or 0, time_seen)
        self.counts["marks"] += 1

    def rest(self) -> None:
        """Between two acts."""
        time.sleep(self.random.uniform(0, 2 * self.run.pause))

    def list_counts(self) -> None:
        """Puts the unread counts of get_conversations into the records."""
        page = 1
        while True:
            answer = self.settle("get_conversations", page=page, page_size=100)
            for each in answer["conversations"]:
                self.run.records.listed[self.user, each["id"]] = each["unread_count"]
            if page >= answer["page_info"]["total_pages"]:
                self.run.records.totals[self.user] = answer["total_unread"]
                return
            page += 1

    def finish(self) -> None:
        """Reads the last of what there is, once nobody sends any more."""
        self.list_counts()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
