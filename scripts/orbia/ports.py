"""Ports of loopback that nobody listens on.

Each range belongs to one use, since a port is free until somebody listens on it: 10,000 to 19,999 to clusters, 20,000
to 31,999 to single ports. Both are below those that the kernel gives to outgoing connections: one of those may be in
use again before it is listened on.
"""

import contextlib
import itertools
import os
import random
import socket
from typing import NamedTuple

# A hundred for each process of tests, since some run side by side.
_ports = itertools.cycle(range(20_000 + os.getpid() % 120 * 100, 20_100 + os.getpid() % 120 * 100))


class StackPorts(NamedTuple):
    """The ports of nginx in a stack: HTTPS, plain HTTP, and the pages of health and metrics."""

    https: int
    http: int
    status: int


def free_stack_ports() -> StackPorts:
    return StackPorts(free_port(), free_port(), free_port())


def free_port() -> int:
    """Another one with each call."""
    for port in itertools.islice(_ports, 100):
        with socket.socket() as probe:
            # As servers do: a connection that has just ended keeps nobody from listening.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no port is free")


def free_base() -> int:
    """A --galera-port of scripts/run whose twelve ports are free."""
    for base in random.sample(range(10_000, 20_000, 50), 150):
        if all(_is_free(base + 10 * node + offset) for node in (1, 2, 3) for offset in range(4)):
            return base
    raise RuntimeError("no base with free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
