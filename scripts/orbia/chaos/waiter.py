"""Clients of scripts/chaos that wait for news: of a conversation's messages, or of the list of conversations."""

import json
import time
from collections.abc import Sequence

from orbia.chaos.client import ANSWER_TIMEOUT, Client
from orbia.chaos.reader import messages_of
from orbia.chaos.records import Answer

# Seconds that a client asks to wait.
WAITS = (1, 5, 15)


class Waiter(Client):
    """Asks again as soon as it has an answer, unless that says when."""

    answer_timeout = ANSWER_TIMEOUT + max(WAITS)

    def __init__(self, *arguments, conversations: Sequence[int]):
        super().__init__(*arguments)
        self.conversations = conversations
        # The time of the newest message that it was told of in each.
        self.newest = dict.fromkeys(conversations, 0)
        for conversation in conversations:
            self.run.records.waits[self.user, conversation] = []

    def rest(self) -> None:
        """Not at all: a page that waits has asked already."""

    def act(self) -> None:
        answer = self.ask(wait=self.random.choice(WAITS))
        self.note(answer)
        if "retry_after" in answer:
            self.counts["waits_refused"] += 1
            time.sleep(answer["retry_after"] / 1000)

    def ask(self, **wait) -> dict:
        """One request for what is new, which is in `newest` then."""
        raise NotImplementedError

    def note(self, answer: dict) -> None:
        """Puts into the records what the client knows since an answer."""
        now = time.monotonic()
        self.counts["waits"] += 1
        self.counts["wakes"] += self.has_news(answer)
        for conversation, newest in self.newest.items():
            self.run.records.waits[self.user, conversation].append(Answer(now, newest, answer["has_more"]))

    def finish(self) -> None:
        """All that is left to be told."""
        while self.has_news(self.ask()):
            pass
        super().finish()

    def has_news(self, answer: dict) -> bool:
        raise NotImplementedError


class MessagesWaiter(Waiter):
    """Waits for the messages of one conversation, each of which it has to see once, as those do who poll."""

    def __init__(self, *arguments, conversations: Sequence[int]):
        super().__init__(*arguments, conversations=conversations)
        [self.conversation] = conversations
        self.run.records.polls[self.user, self.conversation] = []

    def ask(self, **wait) -> dict:
        asked_at = time.monotonic()
        answer = self.settle(
            "get_messages", conversation_id=self.conversation, after_timestamp=self.newest[self.conversation],
            limit=100, **wait
        )
        self.run.records.look_for_recalled(self.user, asked_at, answer["messages"])
        seen = messages_of(answer)
        self.run.records.polls[self.user, self.conversation] += seen
        if seen:
            self.newest[self.conversation] = seen[-1][0]
        return answer

    def has_news(self, answer: dict) -> bool:
        return bool(answer["messages"])


class ListWaiter(Waiter):
    """Waits for changes of its list, which it keeps up to date by them alone."""

    def __init__(self, *arguments, conversations: Sequence[int]):
        super().__init__(*arguments, conversations=conversations)
        self.cursor = None
        self.run.records.lists[self.user] = []

    def ask(self, **wait) -> dict:
        asked_at = time.monotonic()
        if self.cursor is None:
            answer = self.settle("get_conversations", page_size=100)
            answer["has_more"] = False
        else:
            answer = self.settle("get_conversations", after_cursor=self.cursor, **wait)
        self.cursor = answer["cursor"]
        last_messages = [each["last_message"] for each in answer["conversations"] if each["last_message"]]
        self.run.records.look_for_recalled(self.user, asked_at, last_messages)
        if answer.get("removed"):
            self.run.records.refusals.append(f"get_conversations: removed {answer['removed']}")
        self.show(answer["conversations"], is_whole="page_info" in answer)
        if answer.get("reset"):
            # The list is read anew, by the next request.
            self.counts["resets"] += 1
            self.cursor = None
        return answer

    def show(self, conversations: list[dict], is_whole: bool) -> None:
        """Notes what the list says of each conversation; one that is read whole may repeat what was told."""
        for each in conversations:
            newest = each["last_message"]["created_at"] if each["last_message"] else 0
            self.newest[each["id"]] = max(newest, self.newest[each["id"]])
            shown = (each["id"], newest, "" if is_whole else json.dumps(each))
            self.run.records.lists[self.user].append(shown)

    def has_news(self, answer: dict) -> bool:
        return bool(answer["conversations"]) or "reset" in answer
