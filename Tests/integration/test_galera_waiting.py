"""Clients that wait while a cluster changes: what any node has committed is told, whichever node requests use."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import http_api
from database import Database
from orbia import server_states
from orbia.polling import eventually
from orbia.running.galera import NODES

# A message is told once the service has found a node that is well; a cluster needs some seconds for that itself.
TOLD_WITHIN = 20.0


@pytest.fixture
def chat(cluster):
    return Chat(cluster)


class Chat:
    """Two users with a conversation, on a cluster."""

    def __init__(self, cluster):
        self.cluster = cluster
        database = self.database(NODES[0])
        self.one, self.other = database.users(2)
        self.conversation = database.conversation(self.one, self.other)
        self.send("您好")

    def database(self, node: str) -> Database:
        return Database(self.cluster.server(node).socket)

    def send(self, content: str):
        body = {"conversation_id": self.conversation.id, "message_type": "text", "content": content,
                "client_message_id": content}
        api = http_api(self.cluster)
        eventually(lambda: api.post(self.other, "send_message", body).status == 200, within=TOLD_WITHIN, every=0.1,
                   what=f"{content} is sent")

    def told(self, route: str, key: str, body: dict) -> tuple[dict, float]:
        """The first answer with news, of a client that asks again where a request fails, and when it came."""
        api = http_api(self.cluster)
        api.transport.timeout = 40
        while True:
            answer = api.post(self.one, route, body)
            if answer.status == 200:
                found = answer.success()
                if found[key]:
                    return found, time.monotonic()
            else:
                answer.error(503)
                time.sleep(0.2)

    def waiting(self, threads: ThreadPoolExecutor) -> list:
        """Both endpoints, asked by clients that wait by now."""
        api = http_api(self.cluster)
        cursor = api.get_conversations(self.one).success()["cursor"]
        known = api.get_messages(self.one, conversation_id=self.conversation.id).success()["messages"]
        messages = {"conversation_id": self.conversation.id, "after_timestamp": known[-1]["created_at"], "wait": 25}
        changes = {"after_cursor": cursor, "wait": 25}
        started = [threads.submit(self.told, "get_messages", "messages", messages),
                   threads.submit(self.told, "get_conversations", "conversations", changes)]
        time.sleep(1)
        assert not any(each.done() for each in started)
        return started


def all_told(started, content: str, since: float):
    """Both clients have the message, soon behind that time."""
    for each in started:
        found, at = each.result(timeout=60)
        if "messages" in found:
            assert found["messages"][-1]["content"] == content
        else:
            assert found["conversations"][0]["last_message"]["content"] == content
        assert at - since < TOLD_WITHIN


def test_what_another_node_commits_is_told(chat):
    with ThreadPoolExecutor(2) as threads:
        started = chat.waiting(threads)
        begun = time.monotonic()
        with chat.database(NODES[2]).transaction() as cursor:
            cursor.execute("INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
                           " VALUES (%s, %s, %s, 'von Knoten 3', NOW(3))",
                           [f"MSG_{time.time_ns()}", chat.conversation.id, chat.other.id])
            cursor.execute("UPDATE orbia_conversation SET last_message_at = NOW(3) WHERE id = %s",
                           [chat.conversation.id])
            cursor.connection.commit()
        all_told(started, "von Knoten 3", begun)


@pytest.mark.parametrize("fault", ["killed", "frozen", "rejecting"])
def test_waiters_move_to_the_node_that_is_used_next(cluster, chat, fault):
    with ThreadPoolExecutor(2) as threads:
        started = chat.waiting(threads)
        state = {"killed": server_states.killed, "frozen": server_states.frozen,
                 "rejecting": server_states.rejecting}[fault]
        with state(cluster.server(NODES[0])):
            chat.send(f"nach {fault}")
            begun = time.monotonic()
            all_told(started, f"nach {fault}", begun)


def test_without_a_majority_they_wait_and_are_told_when_it_is_back(cluster, chat):
    with ThreadPoolExecutor(2) as threads:
        started = chat.waiting(threads)
        with cluster.frozen_script():
            cluster.kill(*NODES[:2])
            answer = http_api(cluster).send_text(chat.other, chat.conversation, "ohne Mehrheit")
            answer.error(503)
        cluster.await_synced()
        chat.send("wieder da")
        begun = time.monotonic()
        all_told(started, "wieder da", begun)
