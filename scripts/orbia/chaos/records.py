"""What the clients of scripts/chaos did and saw, and what is in the database."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass
class Send:
    """A message, from its first attempt on. `key` is its client_message_id; without one there is one attempt alone."""

    conversation: int
    sender: int
    number: int
    key: str | None
    answer: tuple | None = None  # message_id and created_at, once it was acknowledged
    acknowledged_at: float | None = None  # in seconds of time.monotonic
    reply_to: str | None = None  # message_id of the message that it quotes

    @property
    def content(self) -> str:
        return f"{self.sender}/{self.conversation}/{self.number}"


@dataclasses.dataclass
class Chain:
    """Pages that follow each other backwards from the newest: (created_at, message_id), newest first."""

    conversation: int
    messages: list = dataclasses.field(default_factory=list)
    to_the_first: bool = False


@dataclasses.dataclass
class Mark:
    """How far a member has read: the greatest read_up_to that was answered with 200, and that was tried."""

    acknowledged: int | None = None
    tried: int | None = None


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a waiting client knows of a conversation after an answer."""

    at: float  # in seconds of time.monotonic
    newest: int  # created_at of the newest message that it was told of
    has_more: bool = False  # the answer could not hold all that there was


@dataclasses.dataclass
class Recall:
    """Of a message; `answer`: message_id and created_at of the message that tells it, once it was acknowledged."""

    conversation: int
    message_id: str
    answer: tuple | None = None
    acknowledged_at: float | None = None  # in seconds of time.monotonic


@dataclasses.dataclass
class Records:
    """The clients' side. Keys of `recalls` are message_ids, of `lists` users; those of `polls`, `marks`, `listed` and
    `waits` are (user, conversation).
    """

    sends: list = dataclasses.field(default_factory=list)
    recalls: dict = dataclasses.field(default_factory=dict)
    exposures: list = dataclasses.field(default_factory=list)  # answers with what had been recalled
    polls: dict = dataclasses.field(default_factory=dict)  # lists of (created_at, message_id), as they came
    chains: list = dataclasses.field(default_factory=list)
    marks: dict = dataclasses.field(default_factory=dict)
    listed: dict = dataclasses.field(default_factory=dict)  # unread_count of get_conversations, at the end
    totals: dict = dataclasses.field(default_factory=dict)  # total_unread, by user
    waits: dict = dataclasses.field(default_factory=dict)  # lists of Answer, of clients that wait
    # Of clients that wait for their list's changes, as they came: a conversation, created_at of its newest message, and
    # the whole of what a change told of it, or ""
    lists: dict = dataclasses.field(default_factory=dict)
    refusals: list = dataclasses.field(default_factory=list)  # answers that nobody should get

    def look_for_recalled(self, user: int, asked_at: float, messages: Sequence[dict]) -> None:
        """Notes each message of an answer whose content was recalled before it was asked for, also as a quote."""
        for message in messages:
            quote = message.get("reply_to", {})
            for shown in (message, quote) if "content" in quote else (message,):
                recall = self.recalls.get(shown["message_id"])
                if recall and recall.acknowledged_at is not None and recall.acknowledged_at < asked_at:
                    late = asked_at - recall.acknowledged_at
                    self.exposures.append(f"user {user} was shown {shown['message_id']} {late:.3f} s after its recall")


@dataclasses.dataclass(frozen=True)
class Row:
    """A message in the database; `created_at` in milliseconds."""

    id: int
    message_id: str
    created_at: int
    sender: int
    key: str
    content: str
    is_recalled: bool = False
    tells: str | None = None  # message_id of the recalled message that this one tells of


@dataclasses.dataclass
class State:
    """The database's side: the rows of each conversation by created_at; members by (user, conversation)."""

    messages: dict
    members: dict  # (unread_count, last_read_at or None)
