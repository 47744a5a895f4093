"""Which node of a Galera cluster may begin it, and when a cluster begins anew: values without I/O or clock.

https://mariadb.com/kb/en/getting-started-with-mariadb-galera-cluster/#restarting-the-cluster
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Seconds between two looks at the cluster.
CHECK_INTERVAL = 2
# Seconds without a primary component until the cluster begins anew. Nodes that find together again need up to about
# fifteen.
LONGEST_WITHOUT_PRIMARY = 30
# Seconds by which a look may be late; after more than that nobody knows what happened since the one before.
_LONGEST_DELAY = 10


def stopped_last(states: Mapping[str, str]) -> str | None:
    """The first node whose grastate.dat says that it stopped as the last one; None where none does."""
    return next((name for name, state in states.items() if re.search("^safe_to_bootstrap: 1", state, re.M)), None)


def furthest(positions: Mapping[str, str]) -> str | None:
    """The first of those nodes that have seen the most, by their last transactions; None where there is no node.

    A position is UUID:number, or empty where the node has none. Transactions of the others beyond that one are lost.
    """
    return max(positions, key=lambda name: _sequence_number(positions[name]), default=None)


def _sequence_number(position: str) -> int:
    return int(position.rpartition(":")[2] or -1)


def may_begin(state: str) -> str:
    """The content of grastate.dat with which Galera lets the node begin a cluster."""
    return re.sub("^safe_to_bootstrap: 0", "safe_to_bootstrap: 1", state, flags=re.M)


def is_primary(status: Mapping[str, str]) -> bool:
    """Whether the node is part of a majority, by its status variables; those of one that does not answer are empty."""
    return status.get("wsrep_cluster_status") == "Primary"


def is_synced(status: Mapping[str, str]) -> bool:
    """Whether the node is in step with the cluster, and takes statements."""
    return (is_primary(status) and status.get("wsrep_local_state_comment") == "Synced"
            and status.get("wsrep_ready") == "ON")


class PrimaryWatch:
    """Watches for how long no node has been part of a majority. Times are seconds of one clock.

    Nodes that died one after the other can find together again without one that has "complete state", and wait for it
    for ever. An operator would have to see that, and stop all of them.
    """

    def __init__(self, now: float):
        self._seen = self._due = now

    def is_due(self, now: float) -> bool:
        """Whether it is time for a look at the nodes."""
        return now >= self._due

    def begins_anew(self, has_primary: bool, now: float) -> bool:
        """What follows from a look: whether all nodes are to be stopped, and to begin anew."""
        is_late = now > self._due + _LONGEST_DELAY
        self._due = now + CHECK_INTERVAL
        if has_primary or is_late:
            self._seen = now
        if now - self._seen < LONGEST_WITHOUT_PRIMARY:
            return False
        self._seen = now
        return True
