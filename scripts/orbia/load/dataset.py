"""The data set of scripts/load, which is made once and kept: who is in it, and requests of its users for wrk."""

from pathlib import Path

from orbia.stack import Stack
from orbia.terminal import say
from orbia.tokens import valid_token

CONVERSATIONS = 20_000
# The user who is a member of all of them.
BUSIEST_USER = 1
# Of the tokens, in seconds; longer than any measurement takes.
LIFETIME = 86_400


def make_dataset(stack: Stack) -> None:
    """Where it is not there yet."""
    server = stack.server()
    if int(server.sql("SELECT COUNT(*) FROM orbia_conversation")) == CONVERSATIONS:
        return
    say("making the data set, once: about a minute")
    server.sql(Path(__file__).with_suffix(".sql").read_text(), timeout=1800)


def creator_of(conversation: int) -> int:
    """The user who created a conversation."""
    return 2 + conversation % 1999


def write_requests(stack: Stack, only: int | None = None) -> Path:
    """A file of users, conversations they are members of, and tokens, for wrk to draw from.

    `only` a user who is a member of all conversations, or else the creator of each.
    """
    tokens = {}
    path = stack.directory / f"requests-{only or 'all'}.txt"
    with path.open("w") as lines:
        for conversation in range(1, CONVERSATIONS + 1, 4):
            user = only or creator_of(conversation)
            tokens[user] = tokens.get(user) or valid_token(stack.secret, user, LIFETIME)
            lines.write(f"{user} {conversation} {tokens[user]}\n")
    return path


def write_requests_of(stack: Stack, conversation: int) -> Path:
    """Such a file for one conversation, by its creator."""
    user = creator_of(conversation)
    path = stack.directory / f"requests-of-{conversation}.txt"
    path.write_text(f"{user} {conversation} {valid_token(stack.secret, user, LIFETIME)}\n")
    return path
