"""A client of scripts/chaos that sends."""

import time
from collections.abc import Iterable

from orbia.chaos.client import Client
from orbia.chaos.records import Recall, Send

# Seconds between two sends of one who sends seldom, on average.
SELDOM_PAUSE = 1.0


class Sender(Client):
    """Sends numbered messages to the conversations it is a member of, one after the other."""

    def __init__(self, *arguments, conversations: Iterable[int]):
        super().__init__(*arguments)
        self.numbers = dict.fromkeys(conversations, 0)
        self.done = []
        self.recalled = set()  # contents

    def act(self) -> None:
        """One message, until it is acknowledged; now and then an old one again, a recall, or a mark."""
        choice = self.random.random()
        send = self.send(with_key=choice >= 0.05)
        if send.answer and choice > 0.95:
            self.mark(send.conversation, send.answer[1])
        elif self.done and choice > 0.92:
            self.repeat(self.random.choice(self.done))
        elif self.done and choice > 0.87:
            self.recall(self.random.choice(self.done[-5:]))

    def send(self, with_key: bool) -> Send:
        """The next message to one of the conversations."""
        conversation = self.random.choice(list(self.numbers))
        self.numbers[conversation] += 1
        number = self.numbers[conversation]
        key = f"{self.user}-{conversation}-{number}" if with_key else None
        send = Send(conversation, self.user, number, key, reply_to=self.quoted(conversation) if with_key else None)
        self.run.records.sends.append(send)
        self.counts["messages"] += 1
        answer = self.attempt(send)
        if answer is not None:
            send.acknowledged_at = time.monotonic()
            send.answer = _answer_of(answer)
            self.run.successes.append(send.acknowledged_at)
            self.counts["acknowledged"] += 1
            self.counts["duplicates"] += answer.get("duplicate", False)
            if with_key:
                self.done.append(send)
        return send

    def quoted(self, conversation: int) -> str | None:
        """One of its own latest messages in the conversation, now and then."""
        if self.random.random() > 0.1:
            return None
        known = [each for each in self.done[-20:]
                 if each.conversation == conversation and each.content not in self.recalled]
        return self.random.choice(known).answer[0] if known else None

    def recall(self, send: Send) -> None:
        """Takes a message back; one that was taken back before gets the same answer."""
        self.recalled.add(send.content)
        message_id = send.answer[0]
        recall = self.run.records.recalls.setdefault(message_id, Recall(send.conversation, message_id))
        answer = _answer_of(self.settle("recall_message", conversation_id=send.conversation, message_id=message_id))
        if recall.answer not in (None, answer):
            self.run.records.refusals.append(f"recall of {send} again: {answer}, and not {recall.answer}")
        if recall.answer is None:
            recall.answer, recall.acknowledged_at = answer, time.monotonic()
        self.counts["recalls"] += 1

    def attempt(self, send: Send) -> dict | None:
        """Without a key a second attempt could double it: there is one only."""
        if send.key:
            return self.settle("send_message", client_message_id=send.key, **_body_of(send))
        status, retry_after, answer = self.once("send_message", **_body_of(send))
        if status == 200:
            return answer
        self.count_failure("send_message", status, retry_after, answer)
        return None

    def repeat(self, send: Send) -> None:
        """One that was acknowledged before: the same answer.

        It is no "duplicate" to a service that lost its own connection to the database meanwhile, and cannot know
        who sent what it then finds there.
        """
        answer = self.settle("send_message", client_message_id=send.key, **_body_of(send))
        self.counts["repeats"] += 1
        self.counts["repeats_unmarked"] += not answer.get("duplicate")
        if _answer_of(answer) != send.answer:
            self.run.records.refusals.append(f"{send} again: {answer}")


class SeldomSender(Sender):
    """Leaves the conversations that it sends to quiet for so long that who waits there does wait."""

    def rest(self) -> None:
        time.sleep(self.random.uniform(0, 2 * SELDOM_PAUSE))


def _body_of(send: Send) -> dict:
    body = {"conversation_id": send.conversation, "message_type": "text", "content": send.content}
    return body | ({"reply_to": send.reply_to} if send.reply_to else {})


def _answer_of(answer: dict) -> tuple:
    return answer["message"]["message_id"], answer["message"]["created_at"]
