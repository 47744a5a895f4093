"""How long a call of search_messages takes, and how many calls a search needs."""

import json
import random
import statistics
import time
import urllib.request

from orbia import tokens
from orbia.database import Database
from orbia.stack import Stack

# Chinese characters in no order: each pair of them is as rare as any other.
_CHARACTERS = 3_500
_FIRST = 0x4E00

# What is searched for. None stands in the messages, so that each search looks through all of them.
QUERIES = {
    "two Chinese characters": chr(_FIRST + _CHARACTERS) + chr(_FIRST + _CHARACTERS + 1),
    "a Latin word": "invoice",
    "both": chr(_FIRST + _CHARACTERS) + "invoice",
}


class World:
    """A user with a large conversation, and one with many, of messages of 40 to 60 Chinese characters each."""

    def __init__(self, stack: Stack, large: int, conversations: int, messages: int):
        self._stack = stack
        self._database = Database(stack.mysql_socket)
        self.one = self._database.insert("orbia_user", nickname="one")
        self.many = self._database.insert("orbia_user", nickname="many")
        self.conversation = self._add_conversation(self.one, 1)
        self._fill([self.conversation], self.one, large)
        ids = [self._add_conversation(self.many, number) for number in range(2, conversations + 2)]
        self._fill(ids, self.many, messages)
        self.mean_length = float(self._database.value("SELECT AVG(CHAR_LENGTH(content)) FROM orbia_message"))
        self._database.execute("ANALYZE TABLE orbia_message, orbia_conversation, orbia_conversation_member")

    def _add_conversation(self, user: int, number: int) -> int:
        row = self._database.insert("orbia_conversation", conversation_id=f"CONV_1_{number}", title="测试",
                                    last_message_at=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1.6e9 + number)))
        self._database.insert("orbia_conversation_member", conversation_id=row, user_id=user)
        return row

    def _fill(self, conversations: list, user: int, count: int) -> None:
        chance = random.Random(1)
        rows = []
        for number in range(count):
            conversation = conversations[number % len(conversations)]
            text = "".join(chr(_FIRST + chance.randrange(_CHARACTERS)) for _ in range(chance.randint(40, 60)))
            rows.append(f"('MSG_{conversation}_{number}', {conversation}, {user}, '{text}', "
                        f"FROM_UNIXTIME(1600000000 + {number}))")
            if len(rows) == 2_000 or number == count - 1:
                self._database.execute("INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, "
                                       "created_at) VALUES " + ", ".join(rows))
                rows.clear()

    def search(self, user: int, body: dict) -> tuple[list[float], int]:
        """The seconds of each call until the search is at its end, and how many messages were found."""
        cursor, durations, found = {}, [], 0
        while True:
            begun = time.perf_counter()
            answer = self._call(user, {**body, **cursor})
            durations.append(time.perf_counter() - begun)
            found += len(answer["messages"])
            if not answer["has_more"]:
                return durations, found
            cursor = {"cursor": answer["cursor"]}

    def _call(self, user: int, body: dict) -> dict:
        token = tokens.token(self._stack.secret, tokens.claims_of(user))
        request = urllib.request.Request(
            self._stack.http_url + "/api/v1/conversation/search_messages", json.dumps(body).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)


def measure(world: World, times: int) -> list[dict]:
    """A row of figures for each kind of search."""
    results = []
    cases = [(f"one conversation, {name}", world.one, {"query": query, "conversation_id": world.conversation})
             for name, query in QUERIES.items()]
    cases += [("one conversation, a word of its messages", world.one,
               {"query": chr(_FIRST), "conversation_id": world.conversation, "limit": 100}),
              ("one conversation, files", world.one, {"message_type": "file", "conversation_id": world.conversation})]
    cases += [(f"all conversations, {name}", world.many, {"query": query}) for name, query in QUERIES.items()]
    for name, user, body in cases:
        # The first search has the server read the messages, and prepare the statements.
        world.search(user, body)
        searches = [world.search(user, body) for _ in range(times)]
        if "limit" in body:
            searches = [(durations[:1], found) for durations, found in searches]
        calls = sorted(duration for durations, _ in searches for duration in durations)
        results.append({
            "name": name,
            "calls": statistics.mean(len(durations) for durations, _ in searches),
            "median_ms": 1_000 * statistics.median(calls),
            "p99_ms": 1_000 * calls[min(len(calls) - 1, int(len(calls) * 0.99))],
            "whole_ms": 1_000 * statistics.mean(sum(durations) for durations, _ in searches),
        })
    return results


def print_table(results: list[dict]) -> None:
    print(f"{'search':44} {'calls':>6} {'median':>9} {'p99':>9} {'whole':>9}")
    for row in results:
        print(f"{row['name']:44} {row['calls']:6.1f} {row['median_ms']:6.1f} ms {row['p99_ms']:6.1f} ms "
              f"{row['whole_ms']:6.0f} ms")
