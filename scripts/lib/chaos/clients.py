"""The clients of scripts/chaos: those that send and those that read, each a thread with a connection of its own."""

import collections
import http.client
import json
import random
import threading
import time

from records import Chain, Mark, Send

PREFIX = "/api/v1/conversation/"
# What nginx and the service say when another attempt can succeed.
TRY_AGAIN = {502, 503, 504}
# Longer than the service and nginx may take together.
ANSWER_TIMEOUT = 15
LIMITS = (1, 5, 20, 100)


class GivenUp(Exception):
    """No answer came that settles it, in the time that there was."""


class Client:
    """One user. `counts` holds what happened; `patience` is how long an attempt may follow the run's end."""

    def __init__(self, user, token, port, seed, run):
        self.user, self.run = user, run
        self.random = random.Random(seed)
        self.counts = collections.Counter()
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.port = port
        self.connection = None

    def once(self, route, **body):
        """The status, Retry-After or None, and the body of one attempt; status None where there was no answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_TIMEOUT)
            self.connection.request("POST", PREFIX + route, json.dumps(body), self.headers)
            response = self.connection.getresponse()
            content = response.read()
            return response.status, response.getheader("Retry-After"), json.loads(content)
        except (OSError, http.client.HTTPException):
            self.close()
            return None, None, None

    def settle(self, route, **body):
        """The body of the 200, after as many attempts as it takes."""
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

    def count_failure(self, route, status, retry_after, answer):
        self.counts[f"{status or 'broken'}"] += 1
        if status == 503 and retry_after is None:
            self.run.records.refusals.append(f"{route}: 503 without Retry-After")
        elif status is not None and status not in TRY_AGAIN:
            self.run.records.refusals.append(f"{route}: {status} {answer}")

    def mark(self, conversation, time_seen):
        mark = self.run.records.marks.setdefault((self.user, conversation), Mark())
        mark.tried = max(mark.tried or 0, time_seen)
        self.settle("mark_read", conversation_id=conversation, read_up_to=time_seen)
        mark.acknowledged = max(mark.acknowledged or 0, time_seen)
        self.counts["marks"] += 1

    def list_counts(self):
        """What get_conversations says of unread messages, into the records."""
        page = 1
        while True:
            answer = self.settle("get_conversations", page=page, page_size=100)
            for each in answer["conversations"]:
                self.run.records.listed[self.user, each["id"]] = each["unread_count"]
            if page >= answer["page_info"]["total_pages"]:
                self.run.records.totals[self.user] = answer["total_unread"]
                return
            page += 1

    def finish(self):
        """What is left to do when all has come to rest."""
        self.list_counts()

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Sender(Client):
    """Sends numbered messages to the conversations it is a member of, one after the other."""

    def __init__(self, *arguments, conversations):
        super().__init__(*arguments)
        self.numbers = dict.fromkeys(conversations, 0)
        self.done = []

    def act(self):
        """One message, until it is acknowledged; now and then an old one again, or a mark."""
        choice = self.random.random()
        send = self.send(with_key=choice >= 0.05)
        if send.answer and choice > 0.95:
            self.mark(send.conversation, send.answer[1])
        elif self.done and choice > 0.92:
            self.repeat(self.random.choice(self.done))

    def send(self, with_key):
        conversation = self.random.choice(list(self.numbers))
        self.numbers[conversation] += 1
        number = self.numbers[conversation]
        key = f"{self.user}-{conversation}-{number}" if with_key else None
        send = Send(conversation, self.user, number, key)
        self.run.records.sends.append(send)
        self.counts["messages"] += 1
        answer = self.attempt(send)
        if answer is not None:
            send.answer = answer_of(answer)
            self.run.successes.append(time.monotonic())
            self.counts["acknowledged"] += 1
            self.counts["duplicates"] += answer.get("duplicate", False)
            if with_key:
                self.done.append(send)
        return send

    def attempt(self, send):
        """Without a key a second attempt could double it: there is one only."""
        if send.key:
            return self.settle("send_message", client_message_id=send.key, **body_of(send))
        status, retry_after, answer = self.once("send_message", **body_of(send))
        if status == 200:
            return answer
        self.count_failure("send_message", status, retry_after, answer)
        return None

    def repeat(self, send):
        """One that was acknowledged before: the same answer.

        It is no "duplicate" to a service that lost its own connection to the database meanwhile, and cannot know
        who sent what it then finds there.
        """
        answer = self.settle("send_message", client_message_id=send.key, **body_of(send))
        self.counts["repeats"] += 1
        self.counts["repeats_unmarked"] += not answer.get("duplicate")
        if answer_of(answer) != send.answer:
            self.run.records.refusals.append(f"{send} again: {answer}")


def body_of(send):
    return {"conversation_id": send.conversation, "message_type": "text", "content": send.content}


def answer_of(answer):
    return answer["message"]["message_id"], answer["message"]["created_at"]


class Reader(Client):
    """Polls all conversations, pages back in them, and marks what it has seen as read."""

    def __init__(self, *arguments, conversations):
        super().__init__(*arguments)
        self.conversations = conversations
        for conversation in conversations:
            self.run.records.polls[self.user, conversation] = []

    def act(self):
        conversation = self.random.choice(self.conversations)
        seen = self.run.records.polls[self.user, conversation]
        choice = self.random.random()
        if choice < 0.7 or not seen:
            self.poll(conversation, self.random.choice(LIMITS))
        elif choice < 0.8:
            self.page_back(conversation, self.random.choice(LIMITS), self.random.randint(2, 10))
        else:
            # Sometimes later than another device of the same user: that must not turn it back.
            newest = len(seen) if self.random.random() < 0.8 else self.random.randint(1, len(seen))
            self.mark(conversation, seen[newest - 1][0])

    def poll(self, conversation, limit):
        """One request for what is newer than what is known; whether more remains."""
        seen = self.run.records.polls[self.user, conversation]
        answer = self.settle(
            "get_messages", conversation_id=conversation, after_timestamp=seen[-1][0] if seen else 0, limit=limit
        )
        seen += messages_of(answer)
        self.counts["polls"] += 1
        return answer["has_more"] and bool(answer["messages"])

    def page_back(self, conversation, limit, pages):
        """From the newest message back, that many pages at most."""
        chain, before = Chain(conversation), {}
        for _ in range(pages):
            answer = self.settle("get_messages", conversation_id=conversation, limit=limit, **before)
            chain.messages += reversed(messages_of(answer))
            self.counts["pages"] += 1
            if not answer["has_more"]:
                chain.to_the_first = True
                break
            before = {"before_timestamp": chain.messages[-1][0]}
        self.run.records.chains.append(chain)

    def finish(self):
        """All that is left to poll, and each conversation once from its end to its beginning."""
        for conversation in self.conversations:
            while self.poll(conversation, 100):
                pass
            self.page_back(conversation, 100, 1_000_000)
        super().finish()


def messages_of(answer):
    return [(message["created_at"], message["message_id"]) for message in answer["messages"]]


class Run:
    """The threads of all clients, from start to finish. A client rests for up to twice `pause` s between two acts."""

    def __init__(self, records, pause, patience):
        self.records, self.pause, self.patience = records, pause, patience
        self.clients = []
        self.successes = []  # when a send was acknowledged, in seconds of time.monotonic
        self.errors = []
        self.ended = None
        self._threads = []

    def start(self):
        for client in self.clients:
            self._threads.append(threading.Thread(target=self._go_on, args=[client], daemon=True))
            self._threads[-1].start()

    def _go_on(self, client):
        try:
            while not self.is_over():
                try:
                    client.act()
                except GivenUp:
                    client.counts["given_up"] += 1
                time.sleep(client.random.uniform(0, 2 * self.pause))
        except Exception as error:  # an answer that is not as it should be; the run is not worth much then
            self.errors.append(f"{type(client).__name__} of user {client.user}: {error!r}")

    def is_over(self, patience=0):
        return self.ended is not None and time.monotonic() > self.ended + patience

    def stop(self):
        """Returns when each client has settled what it was at."""
        self.ended = time.monotonic()
        for thread in self._threads:
            thread.join()
        # From now on there is nothing that could be given up in a hurry.
        self.ended = time.monotonic()

    def counts(self):
        return sum((client.counts for client in self.clients), collections.Counter())
