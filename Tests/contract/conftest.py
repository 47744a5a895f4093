"""What these tests share beside the stack: who calls, what was called, and where the generator keeps its things."""

import functools
import itertools
import os
from collections import Counter
from dataclasses import dataclass

import pytest

# First: it has pytest explain the assertions of the helpers, too.
from shared_fixtures import api, make_directory, stack

from api import Api, https_api
from database import Conversation, Database, User
from orbia.stack import Stack
from specification import CASES, REPOSITORY, SEED

# Before hypothesis looks for it; otherwise it makes a directory in whatever the current one is.
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(REPOSITORY / ".build" / "hypothesis")

# nginx lets so many requests of one address pass at once.
BURST = 400

_tally = Counter()
_addresses = itertools.count(1)


@pytest.fixture(scope="session")
def database(stack) -> Database:
    """Ids up to 1000 are for the tests that choose them, as the API document's examples do."""
    database = Database(stack.mysql_socket)
    for table in ("orbia_user", "orbia_conversation"):
        database.execute(f"ALTER TABLE {table} AUTO_INCREMENT = 1001")
    return database


@dataclass
class Caller:
    """A member of a conversation who calls over HTTPS, from so many addresses that no rate limit is met."""

    stack: Stack
    user: User
    conversation: Conversation

    def __post_init__(self):
        self._calls = itertools.count()
        self._api = None

    @property
    def api(self) -> Api:
        """To be asked for again with each call."""
        if next(self._calls) % BURST == 0:
            if self._api is not None:
                self._api.transport.close()
            number = next(_addresses)
            self._api = https_api(self.stack, address=f"127.1.{number // 250}.{number % 250 + 1}")
        return self._api

    @functools.cached_property
    def cursor(self) -> str:
        """Of the list, as it once was."""
        return self.api.get_conversations(self.user).success()["cursor"]

    @functools.cached_property
    def message(self) -> str:
        """One that can be quoted."""
        return self.api.send_text(self.user, self.conversation).success()["message"]["message_id"]

    @functools.cached_property
    def recalled_message(self) -> str:
        """One that can be recalled again and again."""
        message = self.api.send_text(self.user, self.conversation).success()["message"]["message_id"]
        self.api.recall_message(self.user, conversation_id=self.conversation.id, message_id=message).success()
        return message

    def send(self, case, authorization):
        """Sends a generated case with the headers that `authorization` makes of a client and the user."""
        api = self.api
        return case.call(base_url=api.transport.base, session=api.transport.session, verify=str(api.transport.ca),
                         headers=authorization(api, self.user), timeout=10)


@pytest.fixture(scope="session")
def caller(stack, database) -> Caller:
    user = database.user()
    return Caller(stack, user, database.conversation(user, database.user("李四 (KOL)")))


@pytest.fixture(scope="session")
def tally() -> Counter:
    """How often which endpoint was called with what kind of request, and answered with what status."""
    return _tally


def pytest_report_header():
    return f"contract: CONTRACT_SEED={SEED} CONTRACT_CASES={CASES}"


def pytest_terminal_summary(terminalreporter):
    if not _tally:
        return
    terminalreporter.section(f"generated requests, CONTRACT_SEED={SEED}")
    for (endpoint, kind, status), count in sorted(_tally.items()):
        terminalreporter.line(f"{endpoint:18} {kind:12} {status}  {count:6}")
    terminalreporter.line(f"{'in all':36} {sum(_tally.values()):6}")
