"""The data set of scripts/load --waiters, which grows with the number of clients and is kept.

It consists of communities of 100 users. Each user shares 20 conversations with others of the same community, 10 as
their creator. Community C, from 1 on, has the users 100 C to 100 C + 99 and the conversations 1000 C to 1000 C + 999.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orbia.load.dataset import LIFETIME
from orbia.stack import Stack
from orbia.terminal import say
from orbia.tokens import valid_token

USERS, CONVERSATIONS = 100, 1000
FIRST_USER = USERS
# One client in so many shows a single conversation and has no list.
MESSAGES_CLIENTS = 10
# Pairs of a sender and a conversation, of which each message is one.
_SENDS = 20_000


@dataclass(frozen=True)
class Client:
    """A page of one user, with one conversation open; one without a list waits with get_messages."""

    user: int
    open: int
    has_list: bool


def members_of(conversation: int) -> tuple[int, int]:
    """Its creator and its other member."""
    community, number = divmod(conversation, CONVERSATIONS)
    other = number + 1 + number // USERS
    return community * USERS + number % USERS, community * USERS + other % USERS


def conversations_of(user: int) -> list[int]:
    """Those that the user created, and those with another creator."""
    community, number = divmod(user, USERS)
    tens = range(CONVERSATIONS // USERS)
    numbers = [ten * USERS + number for ten in tens] + [ten * USERS + (number - 1 - ten) % USERS for ten in tens]
    return [community * CONVERSATIONS + each for each in numbers]


def make_dataset(stack: Stack, clients: int) -> None:
    """Adds the communities that are missing for so many users."""
    server = stack.server()
    present = int(server.sql("SELECT COUNT(*) FROM orbia_conversation")) // CONVERSATIONS
    wanted = -(-clients // USERS)
    if present >= wanted:
        return
    say(f"making conversations for {USERS * (wanted - present):,} users, once: about a minute for 10,000")
    text = Path(__file__).with_suffix(".sql").read_text()
    server.sql(text.replace("@FIRST@", str(present + 1)).replace("@LAST@", str(wanted)), timeout=3600)
    # A client's first cursor would go back over memberships that began a minute ago.
    if server.sql("SHOW TABLES LIKE 'orbia_conversation_change'"):
        server.sql("DELETE FROM orbia_conversation_change", timeout=600)


def choose_clients(number: int, seed: int = 1) -> list[Client]:
    """A client for each of the first users, with a random conversation of theirs open."""
    choice = random.Random(seed)
    return [Client(user, choice.choice(conversations_of(user)), user % MESSAGES_CLIENTS != 0)
            for user in range(FIRST_USER, FIRST_USER + number)]


def write_clients(stack: Stack, clients: Sequence[Client], first: int, path: Path) -> None:
    """Lines for the generator; the clients are numbered from `first` on."""
    with path.open("w") as lines:
        for number, client in enumerate(clients, first):
            kind = "list" if client.has_list else "messages"
            token = valid_token(stack.secret, client.user, LIFETIME)
            lines.write(f"{number} {kind} {client.user} {client.open} {token}\n")


def write_sends(stack: Stack, clients: Sequence[Client], path: Path, seed: int = 2) -> None:
    """Lines for the generator to draw from: random clients, each with a random conversation of theirs."""
    choice = random.Random(seed)
    tokens: dict[int, str] = {}
    with path.open("w") as lines:
        for _ in range(_SENDS):
            user = choice.choice(clients).user
            tokens[user] = tokens.get(user) or valid_token(stack.secret, user, LIFETIME)
            lines.write(f"{user} {choice.choice(conversations_of(user))} {tokens[user]}\n")
