"""Clients that wait through nginx, before two instances: a change of instances or nginx costs a retry at the most."""

import os
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from api import http_api
from database import Database
from orbia.polling import eventually
from orbia.processes import children, running
from orbia.stack import Stack
from shared_fixtures import started

NAMES = ["service-1", "service-2"]
CLIENTS = 12
# Until a message that was committed is there, where instances come and go.
DELIVERED_WITHIN = 15.0


@pytest.fixture(scope="module")
def pair(make_directory):
    """A stack of two instances."""
    with started(Stack(make_directory(), instances=2)) as pair:
        yield pair


@pytest.fixture
def healthy(pair):
    """The pair with both instances serving, and nginx knowing it."""
    def all_serve() -> bool:
        pids = [pair.find_pid(name) for name in NAMES]
        return None not in pids and len(running(pids)) == 2 and all(
            (pair.directory / f"{name}.sock").exists() for name in NAMES)

    eventually(all_serve, within=30, what="both instances serve")
    time.sleep(2.5)
    for _ in range(8):
        http_api(pair).post(None, "mark_read", {}).error(401)
    return pair


@pytest.fixture
def conversation(pair):
    database = Database(pair.mysql_socket)
    members = database.users(CLIENTS)
    conversation = database.conversation(*members)
    database.message(conversation, members[0], "您好")
    return conversation, members


def polls_waiting(stack, instance: int) -> int:
    """How many polls wait at an instance; 0 where it does not answer."""
    page = requests.get(f"http://127.0.0.1:{stack.ports.status}/{instance}/metrics", timeout=10,
                        proxies={"http": None})
    found = re.search(r"^orbia_polls_waiting (\S+)$", page.text, re.M)
    return int(float(found[1])) if found else 0


class Waiter:
    """A page: it waits for the list's changes or a conversation's messages, and asks again at once."""

    def __init__(self, stack, user, conversation):
        self.api, self.user, self.conversation = http_api(stack), user, conversation
        self.api.transport.timeout = 40
        self.failed = []
        self.requests = 0
        self.told = []

    def ask(self, route, **body) -> dict | None:
        """Nothing where it fails, which a client repeats."""
        self.requests += 1
        try:
            answer = self.api.post(self.user, route, body)
        except requests.ConnectionError as error:
            self.failed.append(str(error))
            return None
        if answer.status != 200:
            self.failed.append(str(answer.status))
            time.sleep(float(answer.headers.get("Retry-After", 0.2)))
            return None
        body = answer.success()
        if pause := body.get("retry_after"):
            time.sleep(pause / 1000)
        return body


class MessagesWaiter(Waiter):
    def run(self, over):
        after = 0
        while not over.is_set():
            body = self.ask("get_messages", conversation_id=self.conversation.id, after_timestamp=after, wait=5)
            if body and body["messages"]:
                self.told += [message["message_id"] for message in body["messages"]]
                after = body["messages"][-1]["created_at"]


class ListWaiter(Waiter):
    """It notes the newest message that each change of the list shows."""

    def run(self, over):
        cursor = None
        while not over.is_set():
            if cursor is None:
                body = self.ask("get_conversations")
            else:
                body = self.ask("get_conversations", after_cursor=cursor, wait=5)
            if body:
                cursor = body["cursor"]
                self.told += [each["last_message"]["message_id"] for each in body["conversations"]]


@contextmanager
def waiting_clients(stack, conversation, members):
    """Inside, clients wait, half of them for messages and half for the list."""
    kinds = [MessagesWaiter, ListWaiter]
    clients = [kinds[number % 2](stack, member, conversation) for number, member in enumerate(members)]
    over = threading.Event()
    with ThreadPoolExecutor(len(clients)) as threads:
        running = [threads.submit(client.run, over) for client in clients]
        try:
            eventually(lambda: sum(polls_waiting(stack, number) for number in (1, 2)) >= len(clients) - 2,
                       within=15, what="they wait")
            yield clients
        finally:
            over.set()
        for each in running:
            each.result()


def all_are_told(clients, database, conversation):
    """Each message once, in the order of the conversation; of the list's changes at least the last one."""
    stored = [row["message_id"] for row in database.stored_messages(conversation)]
    for client in clients:
        if isinstance(client, MessagesWaiter):
            eventually(lambda: client.told == stored or len(client.told) > len(stored), within=DELIVERED_WITHIN,
                       what=f"user {client.user.id} has {len(stored)} messages")
            assert client.told == stored
        else:
            eventually(lambda: client.told[-1] == stored[-1], within=DELIVERED_WITHIN,
                       what=f"user {client.user.id} has the newest")


class Sends:
    """Messages that staff write at a steady pace, and each of them is told."""

    def __init__(self, database, conversation, sender):
        self._database, self._conversation, self._sender = database, conversation, sender
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _send(self):
        while not self._over.wait(0.2):
            self._database.message(self._conversation, self._sender, "你好")
            self._database.execute("UPDATE orbia_conversation SET last_message_at = NOW(3) WHERE id = %s",
                                   self._conversation.id)


def test_a_rolling_restart_loses_and_doubles_nothing_and_fails_no_request(healthy, conversation):
    conversation, members = conversation
    database, said = Database(healthy.mysql_socket), len(healthy.output)
    with waiting_clients(healthy, conversation, members) as clients:
        with Sends(Database(healthy.mysql_socket), conversation, members[0]):
            healthy.send_signal(signal.SIGHUP)
            eventually(lambda: "restarted all 2 instances" in healthy.output[said:], within=120, every=0.1,
                       what="all are restarted")
        all_are_told(clients, database, conversation)
    assert [client.failed for client in clients] == [[]] * CLIENTS


def test_a_rolling_restart_in_which_nothing_happens_keeps_nobody_busy(healthy, conversation):
    """Waiters whose wait is cut short come again once or a few times, and not in a tight loop."""
    conversation, members = conversation
    said = len(healthy.output)
    with waiting_clients(healthy, conversation, members) as clients:
        before, begun = sum(client.requests for client in clients), time.monotonic()
        healthy.send_signal(signal.SIGHUP)
        eventually(lambda: "restarted all 2 instances" in healthy.output[said:], within=120, every=0.1,
                   what="all are restarted")
        asked, took = sum(client.requests for client in clients) - before, time.monotonic() - begun
        # By themselves they come every 4 to 5 s.
        assert asked < CLIENTS * (took / 4 + 8)
    assert [client.failed for client in clients] == [[]] * CLIENTS


def test_an_instance_that_is_killed_costs_its_waiters_one_retry(healthy, conversation):
    conversation, members = conversation
    database = Database(healthy.mysql_socket)
    with waiting_clients(healthy, conversation, members) as clients:
        eventually(lambda: polls_waiting(healthy, 1) > 1, within=15, what="some wait at the first instance")
        with Sends(Database(healthy.mysql_socket), conversation, members[0]):
            os.kill(healthy.pid_of("service-1"), signal.SIGKILL)
            time.sleep(4)
        all_are_told(clients, database, conversation)
    failed = [client.failed for client in clients]
    assert all(each in ([], ["502"]) for each in failed), failed
    assert ["502"] in failed


def test_nginx_lets_a_wait_take_longer_than_other_answers(healthy, conversation):
    conversation, members = conversation
    api = http_api(healthy)
    api.transport.timeout = 40
    cursor, begun = api.get_conversations(members[0]).success()["cursor"], time.monotonic()
    answer = api.get_conversations(members[0], after_cursor=cursor, wait=14).success()
    assert answer == {"conversations": [], "has_more": False, "cursor": cursor}
    assert time.monotonic() - begun > 11


def test_a_client_that_goes_is_forgotten_by_nginx_and_service(healthy, conversation):
    conversation, members = conversation
    api = http_api(healthy)
    after = api.get_messages(members[0], conversation_id=conversation.id).success()["messages"][-1]["created_at"]
    api.transport.timeout = 1.5
    with pytest.raises(requests.Timeout):
        api.get_messages(members[0], conversation_id=conversation.id, after_timestamp=after, wait=25)
    api.transport.close()
    eventually(lambda: polls_waiting(healthy, 1) + polls_waiting(healthy, 2) == 0, within=5, what="nobody waits")


def test_waiters_do_not_notice_that_nginx_is_reloaded(healthy, conversation):
    """Its old workers serve what waits at them, and end with that."""
    conversation, members = conversation
    database = Database(healthy.mysql_socket)
    nginx = healthy.pid_of("nginx")
    with waiting_clients(healthy, conversation, members) as clients:
        old = set(children(nginx))
        with Sends(Database(healthy.mysql_socket), conversation, members[0]):
            os.kill(nginx, signal.SIGHUP)
            eventually(lambda: set(children(nginx)) - old, within=10, what="there are new workers")
            time.sleep(1)
        all_are_told(clients, database, conversation)
        eventually(lambda: not running(old), within=30, what="the old workers have ended")
    assert [client.failed for client in clients] == [[]] * CLIENTS
