"""What can become of the node in use: another one is used for as long as it lasts, and all know it.

The times are those that docs/galera.md states, for a cluster whose nodes give up a silent one after two seconds.
"""

import time
from types import SimpleNamespace

import pytest

from database import Database
from orbia import server_states
from orbia.polling import eventually
from orbia.repeated_calls import RepeatedCalls
from orbia.running.galera import NODES
from service import Service, settings_of

# Seconds without a success at the most, where the service itself finds out and another node is well.
FOUND_OUT = 3.0
# … where the nodes have to find out first that one of them is gone.
GROUP = 8.0


@pytest.fixture(scope="module")
def chat(running_cluster, make_directory):
    """A service on all three nodes, and calls that send and read in a conversation."""
    running_cluster.await_synced()
    addresses = running_cluster.addresses()
    service = Service(make_directory(), {**settings_of(running_cluster), "MYSQL_SOCKET": "",
                                         "MYSQL_HOST": ",".join(addresses), "ORBIA_WORKERS": "4"})
    service.start()
    database = Database(running_cluster.server("mariadb-1").socket)
    user = database.user()
    conversation = database.conversation(user)
    api = service.api(timeout=8)
    calls = {
        "send": lambda: api.send_text(user, conversation).status == 200,
        "read": lambda: api.get_messages(user, conversation_id=conversation.id).status == 200,
    }
    yield SimpleNamespace(service=service, addresses=addresses, calls=calls, user=user, conversation=conversation)
    assert service.stop() == 0


@pytest.fixture(autouse=True)
def all_well(cluster, chat):
    """Each test begins with all nodes in step, and the first one in use."""
    eventually(lambda: in_use(chat) == chat.addresses[0] and all(up(chat)), within=60, every=0.1,
               what="the first node is in use, and all are well")
    eventually(lambda: all(call() for call in chat.calls.values()), within=10, what="it sends and reads")


def in_use(chat) -> str:
    """The host that requests go to; empty for none."""
    samples = chat.service.metrics()
    return "".join(address for address in chat.addresses
                   if samples[f'orbia_database_host_in_use{{host="{address}"}}'] == 1)


def up(chat) -> list:
    samples = chat.service.metrics()
    return [samples[f'orbia_database_host_up{{host="{address}"}}'] == 1 for address in chat.addresses]


def assert_moves_and_returns(cluster, chat, state, within, cause):
    """While the state lasts the second node serves, and afterwards the first one does again."""
    first, second, _ = chat.addresses
    said = len(chat.service.log())
    with RepeatedCalls(chat.calls) as calls:
        with state:
            began = time.monotonic()
            eventually(lambda: in_use(chat) == second, within=within, what="the second node is in use")
            eventually(lambda: all(call() for call in chat.calls.values()), within=within, what="it sends and reads")
            eventually(lambda: chat.service.page("/readyz").status == 200, within=3, what="it is ready")
            eventually(lambda: f"database host {first} is out: {cause}" in chat.service.log()[said:], within=3,
                       what="the log names the host and the cause")
            settled = time.monotonic()
            time.sleep(1)
            assert calls.counts("send", settled)[0] == 0 and calls.counts("read", settled)[0] == 0
        eventually(lambda: in_use(chat) == first, within=30, every=0.1, what="the first node is in use again")
        eventually(lambda: f"database host {first} is back" in chat.service.log()[said:], within=5, what="it says so")
        returned = time.monotonic()
        eventually(lambda: min(calls.counts(name, returned)[1] for name in chat.calls) > 5, within=5,
                   what="it serves")
    assert calls.longest_gap("read", began) < within
    assert calls.longest_gap("send", began) < within
    assert calls.counts("send", returned)[0] == 0 and calls.counts("read", returned)[0] == 0


@pytest.mark.parametrize("how", [server_states.rejecting, server_states.rejecting_and_killing],
                         ids=["ALL", "ALL_KILL"])
def test_a_node_that_rejects_queries(cluster, chat, how):
    assert_moves_and_returns(cluster, chat, how(cluster.server("mariadb-1")), FOUND_OUT, "it rejects statements")


def test_a_node_that_is_read_only(cluster, chat):
    state = server_states.read_only(cluster.server("mariadb-1"))
    assert_moves_and_returns(cluster, chat, state, FOUND_OUT, "it takes no writes")


@pytest.mark.slow
def test_a_node_that_gives_its_data_away(cluster, chat):
    """Reads go on from it until it is known; sends wait for a lock that all of them wait for."""
    state = server_states.donating(cluster.server("mariadb-1"))
    assert_moves_and_returns(cluster, chat, state, FOUND_OUT + 2, "all writes to it wait for a lock")


@pytest.mark.slow
def test_a_donor_that_rejects_queries(cluster, chat):
    """A real transfer of all data: a node that has lost its own gets them from the one in use."""
    first, said = chat.addresses[0], len(chat.service.log())
    with server_states.variable(cluster.server("mariadb-1"), "wsrep_sst_donor_rejects_queries", "ON", "OFF"):
        with RepeatedCalls(chat.calls) as calls:
            began = time.monotonic()
            cluster.lose_data("mariadb-3", donor="mariadb-1")
            eventually(lambda: in_use(chat) == first, within=30, every=0.1, what="the first node is in use again")
    assert f"database host {first} is out: " in chat.service.log()[said:]
    assert calls.longest_gap("read", began) < FOUND_OUT
    # The group itself takes no write until it is sure that one of it has died.
    assert calls.longest_gap("send", began) < GROUP


@pytest.mark.slow
def test_a_node_that_stands_still(cluster, chat):
    """Sends go on when the others have given it up; reads before that."""
    state = server_states.frozen(cluster.server("mariadb-1"))
    assert_moves_and_returns(cluster, chat, state, GROUP, "it does not answer")


@pytest.mark.slow
def test_a_node_that_dies(cluster, chat):
    state = server_states.killed(cluster.server("mariadb-1"))
    said = len(chat.service.log())
    with RepeatedCalls(chat.calls) as calls, state:
        began = time.monotonic()
        eventually(lambda: f"database host {chat.addresses[0]} is out: it cannot be reached"
                   in chat.service.log()[said:], within=FOUND_OUT, what="it is known to be out")
        eventually(lambda: calls.counts("send", began + GROUP)[1] > 5, within=2 * GROUP, what="it sends")
    assert calls.longest_gap("read", began) < GROUP
    assert calls.longest_gap("send", began) < GROUP


@pytest.mark.slow
def test_a_node_without_the_others(cluster, chat):
    """It cannot know that it is not the one that was cut off: 503 at once, and served soon after they are back."""
    others = [cluster.server(name) for name in NODES[1:]]
    with RepeatedCalls(chat.calls) as calls:
        with server_states.frozen(*others):
            eventually(lambda: in_use(chat) == "", within=30, every=0.1, what="no node is in use")
            time.sleep(1)
            for call in chat.calls.values():
                began = time.monotonic()
                assert not call()
                assert time.monotonic() - began < 0.2, "nobody waits for a cluster that is not there"
            page = chat.service.page("/readyz")
            assert page.status == 503 and page.json["status"] == "database"
            assert chat.addresses[0] in page.json["reason"]
        began = time.monotonic()
        eventually(lambda: cluster.is_synced("mariadb-1"), within=60, every=0.05, what="there is a majority again")
        quorum = time.monotonic()
        eventually(lambda: min(calls.counts(name, began)[1] for name in chat.calls) > 0, within=30, what="it serves")
    served = max(quorum, began)
    assert calls.longest_gap("send", served) < 3 and calls.longest_gap("read", served) < 3
