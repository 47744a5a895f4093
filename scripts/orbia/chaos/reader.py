"""A client of scripts/chaos that reads."""

import time
from collections.abc import Sequence

from orbia.chaos.client import Client
from orbia.chaos.records import Chain

# Of a page.
LIMITS = (1, 5, 20, 100)


class Reader(Client):
    """Polls all conversations, pages back in them, and marks messages that it has seen as read."""

    def __init__(self, *arguments, conversations: Sequence[int]):
        super().__init__(*arguments)
        self.conversations = conversations
        for conversation in conversations:
            self.run.records.polls[self.user, conversation] = []

    def act(self) -> None:
        """One poll, or some pages back, or a mark."""
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

    def poll(self, conversation: int, limit: int) -> bool:
        """Asks for messages newer than the last one seen; gives whether more remain."""
        seen = self.run.records.polls[self.user, conversation]
        answer = self.read(conversation, after_timestamp=seen[-1][0] if seen else 0, limit=limit)
        seen += messages_of(answer)
        self.counts["polls"] += 1
        return answer["has_more"] and bool(answer["messages"])

    def page_back(self, conversation: int, limit: int, pages: int) -> None:
        """Reads from the newest message back, that many pages at most."""
        chain, before = Chain(conversation), {}
        for _ in range(pages):
            answer = self.read(conversation, limit=limit, **before)
            chain.messages += reversed(messages_of(answer))
            self.counts["pages"] += 1
            if not answer["has_more"]:
                chain.to_the_first = True
                break
            before = {"before_timestamp": chain.messages[-1][0]}
        self.run.records.chains.append(chain)

    def read(self, conversation: int, **keys) -> dict:
        asked_at = time.monotonic()
        answer = self.settle("get_messages", conversation_id=conversation, **keys)
        self.run.records.look_for_recalled(self.user, asked_at, answer["messages"])
        return answer

    def finish(self) -> None:
        """All that is left to poll, and each conversation once from its end to its beginning."""
        for conversation in self.conversations:
            while self.poll(conversation, 100):
                pass
            self.page_back(conversation, 100, 1_000_000)
        super().finish()


def messages_of(answer: dict) -> list[tuple]:
    """The time and the id of each message of an answer."""
    return [(message["created_at"], message["message_id"]) for message in answer["messages"]]
