"""scripts/run --galera: three nodes that hold the same, and come back when they die."""

import os
import random
import re
import signal
import socket

import pymysql
import pytest

from database import Database
from mariadb import ACCOUNT
from polling import eventually
from processes import descendants, running
from stack import Stack

NODES = ["mariadb-1", "mariadb-2", "mariadb-3"]


def free_base() -> int:
    """A --galera-port whose ports nobody has. Below those that the kernel gives out itself."""
    for base in random.sample(range(12_000, 30_000, 50), 300):
        if all(is_free(base + 10 * node + offset) for node in (1, 2, 3) for offset in range(4)):
            return base
    raise RuntimeError("no base with free ports")


def is_free(port) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="module")
def cluster(make_directory):
    cluster = Stack(make_directory(), "--no-install", "--no-demo", "--galera",
                    "--galera-port", str(free_base()))
    try:
        cluster.start()
        yield cluster
    finally:
        status = cluster.stop()
    assert status == 0, cluster.output


@pytest.fixture
def synced(cluster):
    """The cluster with all of its nodes in step."""
    eventually(lambda: all(is_synced(cluster, name) for name in NODES), within=120, every=0.2,
               what="all nodes are in step")
    return cluster


@pytest.fixture
def chat(synced):
    """A user, a conversation of theirs, and what sends there until it succeeds."""
    user = node(synced, NODES[0]).user()
    conversation = node(synced, NODES[0]).conversation(user)
    api = synced.http_api()

    def send(content, within=30):
        body = {"conversation_id": conversation.id, "message_type": "text", "content": content,
                "client_message_id": content}
        eventually(lambda: api.post(user, "send_message", body).status == 200, within=within, every=0.2,
                   what=f"{content} is sent")

    send.conversation = conversation
    return send


def node(cluster, name) -> Database:
    return Database(cluster.directory / f"{name}.sock")


def status(cluster, name) -> dict:
    """The node's account of itself; empty while it takes no connection."""
    try:
        rows = node(cluster, name).rows("SHOW STATUS LIKE 'wsrep_%'")
    except pymysql.err.MySQLError:
        return {}
    return {row["Variable_name"]: row["Value"] for row in rows}


def is_synced(cluster, name) -> bool:
    found = status(cluster, name)
    return (found.get("wsrep_local_state_comment"), found.get("wsrep_cluster_size"),
            found.get("wsrep_cluster_status")) == ("Synced", "3", "Primary")


def contents(cluster, name, conversation) -> list:
    """Of the conversation's messages; empty while the node takes no connection."""
    try:
        return [row["content"] for row in node(cluster, name).stored_messages(conversation)]
    except pymysql.err.MySQLError:
        return []


def whole_transfers(cluster) -> int:
    """How often a node has given another one all of its data."""
    lines = cluster.log("mariadb-?").splitlines()
    return len([line for line in lines
                if "Running: 'wsrep_sst" in line and "--role 'donor'" in line and "--bypass" not in line])


def kill(cluster, *names):
    """Returns when the processes are gone."""
    pids = [cluster.pid_of(name) for name in names]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not running(pids), within=10, what=f"{names} are gone")


def test_the_service_uses_the_first_of_three_nodes(synced):
    def connections(name) -> int:
        return node(synced, name).value(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = %s", ACCOUNT)

    eventually(lambda: [connections(name) > 0 for name in NODES] == [True, False, False], within=30,
               every=0.2, what="the first node alone has connections")
    ports = re.search(r"^ *127\.0\.0\.1:(\d+),127\.0\.0\.1:(\d+),127\.0\.0\.1:(\d+) ", synced.output, re.M)
    assert [int(port) for port in ports.groups()] == [
        node(synced, name).value("SELECT @@port") for name in NODES]


def test_what_is_sent_is_on_all_nodes(synced, chat):
    chat("an alle")
    for name in NODES:
        eventually(lambda: contents(synced, name, chat.conversation) == ["an alle"], within=10,
                   what=f"{name} has it")


def test_when_the_node_in_use_dies_another_one_is_used_and_it_comes_back(synced, chat):
    transfers = whole_transfers(synced)
    chat("vorher")
    kill(synced, "mariadb-1")
    chat("nachher")
    assert contents(synced, "mariadb-2", chat.conversation) == ["vorher", "nachher"]
    eventually(lambda: is_synced(synced, "mariadb-1"), within=60, every=0.2, what="it is back")
    assert contents(synced, "mariadb-1", chat.conversation) == ["vorher", "nachher"]
    assert whole_transfers(synced) == transfers, "it gets what it missed, and not all the data again"


def test_a_cluster_that_dies_comes_back_with_what_it_had(synced, chat):
    chat("überlebt")
    kill(synced, *NODES)
    chat("danach", within=90)
    for name in NODES:
        eventually(lambda: contents(synced, name, chat.conversation) == ["überlebt", "danach"], within=60,
                   every=0.2, what=f"{name} has both")


def test_a_hang_up_restarts_the_service_and_no_node(synced):
    before, said = [synced.pid_of(name) for name in NODES], len(synced.output)
    synced.send_signal(signal.SIGHUP)
    eventually(lambda: "restarted all 1 instances" in synced.output[said:], within=60, what="it is restarted")
    assert [synced.pid_of(name) for name in NODES] == before


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_data_outlive_the_run_however_it_ends(synced, chat, how):
    chat("bleibt")
    started = descendants(synced.pid)
    assert synced.stop(how) == (0 if how == signal.SIGTERM else -how)
    eventually(lambda: not running(started), within=60, what="all that it started has ended")
    synced.start()
    for name in NODES:
        assert contents(synced, name, chat.conversation) == ["bleibt"]


def test_a_port_of_the_cluster_in_use_is_named(make_directory, cluster):
    with socket.socket() as taken:
        base = free_base()
        taken.bind(("127.0.0.1", base + 22))
        taken.listen()
        second = Stack(make_directory(), "--no-install", "--no-demo", "--galera", "--galera-port", str(base))
        second.launch()
        assert second.wait() == 1
    assert str(base + 22) in second.output and "--galera-port" in second.output
