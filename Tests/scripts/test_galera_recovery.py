"""Which node of a cluster may begin it, and when a cluster begins anew."""

import pytest

from orbia.running.galera_recovery import (
    CHECK_INTERVAL, LONGEST_WITHOUT_PRIMARY, PrimaryWatch, furthest, is_primary, is_synced, may_begin, stopped_last)

UUID = "6a1e3f0c-0a7d-11ef-9d0e-b2c3a1f0e5d4"
START = 1000.0


def saved_state(safe: int, seqno: int = -1) -> str:
    return f"# GALERA saved state\nversion: 2.1\nuuid:    {UUID}\nseqno:   {seqno}\nsafe_to_bootstrap: {safe}\n"


def test_the_node_that_stopped_last_begins():
    states = {"mariadb-1": saved_state(0, 90), "mariadb-2": saved_state(1, 91), "mariadb-3": saved_state(0, 89)}
    assert stopped_last(states) == "mariadb-2"


@pytest.mark.parametrize("states", [{}, {"mariadb-1": saved_state(0)}, {"mariadb-1": ""}])
def test_after_a_crash_no_node_stopped_last(states):
    assert stopped_last(states) is None


@pytest.mark.parametrize("positions, expected", [
    ({"mariadb-1": f"{UUID}:7", "mariadb-2": f"{UUID}:12", "mariadb-3": f"{UUID}:9"}, "mariadb-2"),
    ({"mariadb-1": f"{UUID}:7", "mariadb-2": f"{UUID}:7"}, "mariadb-1"),
    ({"mariadb-1": "", "mariadb-2": f"{UUID}:0"}, "mariadb-2"),
    ({"mariadb-1": f"{UUID}:-1", "mariadb-2": f"{UUID}:3"}, "mariadb-2"),
    ({"mariadb-2": ""}, "mariadb-2"),
    ({}, None),
], ids=["greatest number", "first of equals", "no position", "unknown position", "a new one", "none"])
def test_after_a_crash_the_node_that_saw_the_most_begins(positions, expected):
    assert furthest(positions) == expected


def test_galera_is_told_that_the_node_may_begin():
    assert may_begin(saved_state(0, 5)) == saved_state(1, 5)
    assert may_begin(saved_state(1, 5)) == saved_state(1, 5)


@pytest.mark.parametrize("cluster, node, ready, primary, synced", [
    ("Primary", "Synced", "ON", True, True),
    ("Primary", "Joiner", "OFF", True, False),
    ("Primary", "Donor/Desynced", "ON", True, False),
    ("non-Primary", "Initialized", "OFF", False, False),
    ("Disconnected", "Initialized", "OFF", False, False),
])
def test_a_node_tells_whether_it_is_part_of_a_majority_and_in_step(cluster, node, ready, primary, synced):
    status = {"wsrep_cluster_status": cluster, "wsrep_local_state_comment": node, "wsrep_ready": ready}
    assert (is_primary(status), is_synced(status)) == (primary, synced)


def test_a_node_that_does_not_answer_is_neither():
    assert not is_primary({}) and not is_synced({})


def look_until(watch, seconds, has_primary, start=START) -> list:
    """The seconds after which the cluster begins anew."""
    return [second for second in range(0, seconds, CHECK_INTERVAL)
            if watch.begins_anew(has_primary, start + second)]


def test_a_cluster_without_a_primary_begins_anew_after_a_while_and_has_that_time_again():
    assert look_until(PrimaryWatch(START), 70, has_primary=False) == [
        LONGEST_WITHOUT_PRIMARY, 2 * LONGEST_WITHOUT_PRIMARY]


def test_one_with_a_primary_never_does():
    assert look_until(PrimaryWatch(START), 300, has_primary=True) == []


def test_the_time_counts_from_the_last_primary_that_was_seen():
    watch = PrimaryWatch(START)
    look_until(watch, 20, has_primary=False)
    watch.begins_anew(True, START + 20)
    assert look_until(watch, 40, has_primary=False, start=START + 22) == [LONGEST_WITHOUT_PRIMARY - 2]


def test_where_nobody_looked_for_a_while_the_time_begins_anew():
    """A restart was under way, for instance: nobody knows whether there was a primary meanwhile."""
    watch = PrimaryWatch(START)
    watch.begins_anew(False, START)
    assert not watch.begins_anew(False, START + LONGEST_WITHOUT_PRIMARY + 10)


def test_a_look_is_due_every_few_seconds():
    watch = PrimaryWatch(START)
    assert watch.is_due(START)
    watch.begins_anew(True, START)
    assert not watch.is_due(START + CHECK_INTERVAL - 0.1)
    assert watch.is_due(START + CHECK_INTERVAL)
