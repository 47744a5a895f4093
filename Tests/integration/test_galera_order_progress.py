"""The order's progress on a cluster: services on different nodes tell each change once, whichever node commits it."""

import time

import pytest

from database import Database
from orbia.polling import eventually
from orbia.running.galera import NODES
from order_progress import opened, recorded, steps, told, turn_off, turn_on
from service import Service, settings_of

PATH = ["in_progress", "completed", "confirmed", "refunded"]


@pytest.fixture
def nodes(cluster):
    databases = [Database(cluster.server(name).socket) for name in NODES]
    turn_on(databases[0])
    yield databases
    # The connection to the first node may have died with it.
    turn_off(databases[1])


@pytest.fixture
def services(cluster, nodes, make_directory):
    """Beside the stack's own service, which uses the first node, one for each of the others."""
    started = []
    for address in cluster.addresses()[1:]:
        settings = {**settings_of(cluster), "MYSQL_SOCKET": "", "MYSQL_HOST": address, "ORBIA_WORKERS": "2"}
        started.append(Service(make_directory(), settings))
        started[-1].start()
    yield started
    assert [service.stop() for service in started] == [0] * len(started)


def eventually_told(database, conversation, expected, within=20):
    eventually(lambda: told(database, conversation) == expected, within=within, every=0.1, what="it is told")


@pytest.mark.slow
def test_services_on_three_nodes_tell_each_change_once(nodes, services):
    """Two that take the same one find out when they commit; one of them is rolled back, and looks again."""
    user, kol = nodes[0].user(), nodes[0].kol()
    made = [opened(nodes[0], user, kol) for _ in range(40)]
    eventually(lambda: len(nodes[2].rows("SELECT id FROM orbia_kol_order WHERE user_id = %s", user.id)) == 40,
               within=10, what="all nodes have them")
    for number, status in enumerate(PATH):
        node = nodes[number % 3]
        # A cluster refuses one of two transactions that change the same row on two nodes; the platform tries again.
        for order, _ in made:
            node.set_order_status(order, status)
        eventually(lambda: not recorded(node), within=30, every=0.1, what="all are told")
        for other in nodes:
            eventually(lambda: other.value("SELECT COUNT(*) FROM orbia_kol_order WHERE user_id = %s AND status = %s",
                                           user.id, status) == 40, within=10, what="all nodes have the change")
    for database in nodes:
        for _, conversation in made:
            eventually_told(database, conversation, steps("confirmed", *PATH))


def test_changes_by_several_nodes_in_a_row_are_told_in_their_order(nodes, services):
    order, conversation = opened(nodes[0])
    seen = "SELECT COUNT(*) FROM orbia_kol_order WHERE id = %s AND status = %s"
    before = "confirmed"
    for number, status in enumerate(PATH * 3):
        node = nodes[number % 3]
        eventually(lambda: node.value(seen, order.id, before), within=10, what="the node has the change before")
        node.set_order_status(order, status)
        before = status
    eventually_told(nodes[0], conversation, steps("confirmed", *PATH * 3))


@pytest.mark.slow
def test_when_the_node_in_use_dies_another_instance_tells_it(cluster, nodes, services):
    order, conversation = opened(nodes[1])
    cluster.kill("mariadb-1")
    begun = time.monotonic()
    while True:
        try:
            nodes[1].set_order_status(order, "completed")
            break
        except Exception:  # the group has not agreed yet
            assert time.monotonic() - begun < 30
            time.sleep(0.2)
    eventually_told(nodes[1], conversation, [("confirmed", "completed")])
    cluster.await_synced()
    eventually_told(Database(cluster.server("mariadb-1").socket), conversation, [("confirmed", "completed")])
