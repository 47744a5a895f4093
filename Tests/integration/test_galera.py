"""scripts/run --galera: three nodes that hold the same, and come back when they die."""

import re
import signal
import socket

import pymysql
import pytest

from api import http_api
from database import Database
from orbia.cluster import Cluster
from orbia.database_server import ACCOUNT
from orbia.polling import eventually
from orbia.ports import free_base
from orbia.processes import descendants, running
from orbia.running.galera import NODES


@pytest.fixture
def chat(cluster):
    """A user, a conversation of theirs, and what sends there until it succeeds."""
    database = Database(cluster.server(NODES[0]).socket)
    user = database.user()
    conversation = database.conversation(user)
    api = http_api(cluster)

    def send(content, within=30):
        body = {"conversation_id": conversation.id, "message_type": "text", "content": content,
                "client_message_id": content}
        eventually(lambda: api.post(user, "send_message", body).status == 200, within=within, every=0.2,
                   what=f"{content} is sent")

    send.conversation = conversation
    return send


def contents(cluster, name, conversation) -> list:
    """Of the conversation's messages; empty while the node takes no connection."""
    try:
        messages = Database(cluster.server(name).socket).stored_messages(conversation)
    except pymysql.err.MySQLError:
        return []
    return [message["content"] for message in messages]


def whole_transfers(cluster) -> int:
    """How often a node has given another one all of its data."""
    lines = cluster.log("mariadb-?").splitlines()
    return len([line for line in lines
                if "Running: 'wsrep_sst" in line and "--role 'donor'" in line and "--bypass" not in line])


def test_the_service_uses_the_first_of_three_nodes(cluster):
    """One connection to each of the others looks after it."""
    def connections(name) -> int:
        return Database(cluster.server(name).socket).value(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = %s", ACCOUNT)

    eventually(lambda: [connections(name) > 2 for name in NODES] == [True, False, False], within=30,
               every=0.2, what="the first node alone has workers' connections")
    ports = re.search(r"^ *127\.0\.0\.1:(\d+),127\.0\.0\.1:(\d+),127\.0\.0\.1:(\d+) ", cluster.output, re.M)
    assert [int(port) for port in ports.groups()] == [
        int(address.rpartition(":")[2]) for address in cluster.addresses()]


def test_what_is_sent_is_on_all_nodes(cluster, chat):
    chat("an alle")
    for name in NODES:
        eventually(lambda: contents(cluster, name, chat.conversation) == ["an alle"], within=10,
                   what=f"{name} has it")


def test_when_the_node_in_use_dies_another_one_is_used_and_it_comes_back(cluster, chat):
    transfers = whole_transfers(cluster)
    chat("vorher")
    cluster.kill("mariadb-1")
    chat("nachher")
    assert contents(cluster, "mariadb-2", chat.conversation) == ["vorher", "nachher"]
    eventually(lambda: cluster.is_synced("mariadb-1"), within=60, every=0.2, what="it is back")
    assert contents(cluster, "mariadb-1", chat.conversation) == ["vorher", "nachher"]
    assert whole_transfers(cluster) == transfers, "it gets what it missed, and not all the data again"


@pytest.mark.slow
def test_a_cluster_that_dies_comes_back_with_what_it_had(cluster, chat):
    chat("überlebt")
    cluster.kill(*NODES)
    chat("danach", within=90)
    for name in NODES:
        eventually(lambda: contents(cluster, name, chat.conversation) == ["überlebt", "danach"], within=60,
                   every=0.2, what=f"{name} has both")


def test_a_hang_up_restarts_the_service_and_no_node(cluster):
    before, said = [cluster.pid_of(name) for name in NODES], len(cluster.output)
    cluster.send_signal(signal.SIGHUP)
    eventually(lambda: "restarted all 1 instances" in cluster.output[said:], within=60, what="it is restarted")
    assert [cluster.pid_of(name) for name in NODES] == before


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_data_outlive_the_run_however_it_ends(cluster, chat, how):
    chat("bleibt")
    started = descendants(cluster.pid)
    assert cluster.stop(how) == (0 if how == signal.SIGTERM else -how)
    eventually(lambda: not running(started), within=60, what="all that it started has ended")
    cluster.start()
    for name in NODES:
        assert contents(cluster, name, chat.conversation) == ["bleibt"]


def test_a_port_of_the_cluster_in_use_is_named(make_directory, cluster):
    with socket.socket() as taken:
        base = free_base()
        taken.bind(("127.0.0.1", base + 22))
        taken.listen()
        second = Cluster(make_directory(), base=base)
        second.launch()
        assert second.wait() == 1
    assert str(base + 22) in second.output and "--galera-port" in second.output
