"""schema.sql and schema-remove.sql on a cluster: run on the node that the platform works on, as its chapter has it."""

import itertools

import pytest

from database import Database
from layout import layout
from orbia.paths import PLATFORM, REMOVAL, SCHEMA, VERSION_2
from orbia.polling import eventually
from orbia.running.galera import NODES
from removal import Platform, definitions, use, what_is_ours, with_milliseconds, work_as_the_platform

_names = (f"cluster_{number}" for number in itertools.count(1))
pytestmark = pytest.mark.slow

# A cluster ends a transaction that is in the way of an ALTER, and calls it a deadlock.
DEADLOCK = 1213


class Nodes:
    """A database on each node."""

    def __init__(self, cluster):
        name = next(_names)
        Database(cluster.server(NODES[0]).socket, "mysql").execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self.first, self.second, self.third = self.all = [Database(cluster.server(node).socket, name) for node in NODES]
        self.first.load(PLATFORM)

    def agree(self, what):
        """Returns what all nodes have."""
        def is_same():
            found = [what(database) for database in self.all]
            return (found[0],) if found[1:] == found[:2] else None

        [same] = eventually(is_same, within=30, every=0.2, what="all nodes have the same")
        return same


@pytest.fixture
def nodes(cluster):
    nodes = Nodes(cluster)
    # The others have the tables a moment later.
    nodes.agree(definitions)
    return nodes


def assert_ended_by_the_cluster_alone(errors):
    assert {getattr(error, "args", [error])[0] for error in errors} <= {DEADLOCK}, errors


def test_schema_sql_brings_all_nodes_to_the_layout(cluster, nodes):
    nodes.first.load(VERSION_2)
    nodes.agree(layout)
    with Platform(nodes.first) as busy:
        nodes.first.load(SCHEMA)
    assert_ended_by_the_cluster_alone(busy.errors)
    fresh = Nodes(cluster)
    fresh.first.load(SCHEMA)
    assert nodes.agree(layout) == fresh.agree(layout)
    use(nodes.third)


def test_schema_remove_sql_takes_it_out_of_all_nodes(nodes):
    before = nodes.agree(definitions)
    nodes.first.load(SCHEMA)
    nodes.agree(layout)
    use(nodes.second)
    with Platform(nodes.first) as busy:
        nodes.first.load(REMOVAL)
    assert_ended_by_the_cluster_alone(busy.errors)
    assert nodes.agree(definitions) == with_milliseconds(before)
    assert nodes.agree(what_is_ours) == []
    work_as_the_platform(nodes.third)
