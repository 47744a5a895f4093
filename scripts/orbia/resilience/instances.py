"""Whether an instance of the service answers on its socket, and a wait for its successor."""

import re
from collections.abc import Callable
from pathlib import Path

from orbia.fastcgi import records
from orbia.fastcgi.peer import Peer
from orbia.polling import eventually
from orbia.stack import Stack

# Without a token: the service answers 401, and asks the database nothing.
REQUEST = records.request({"REQUEST_METHOD": "POST", "SCRIPT_NAME": "/api/v1/conversation/get_conversations",
                           "CONTENT_LENGTH": 2}, b"{}", keep=True)
HEALTH = records.request({"REQUEST_METHOD": "GET", "SCRIPT_NAME": "/healthz"}, b"", keep=False)
UNAUTHORIZED = re.compile(rb"Status: 401\b")


def answers(peer: Peer) -> bool:
    """Whether the service answers a request on this connection, which it keeps."""
    try:
        return UNAUTHORIZED.match(peer.ask(REQUEST).output) is not None
    except OSError:
        return False


def serves(socket: Path) -> bool:
    """Whether an instance answers there now."""
    try:
        with Peer(socket) as peer:
            return answers(peer)
    except OSError:
        return False


def is_healthy(socket: Path) -> bool:
    """Whether the instance that has this socket says so on the other one, where no request of the API is counted."""
    try:
        with Peer(socket.with_suffix(".status.sock")) as peer:
            return peer.ask(HEALTH).output.startswith(b"Status: 200")
    except OSError:
        return False


def await_new(stack: Stack, processes: dict[str, int], within: float, what: str, every: float = 0.05,
              is_back: Callable[[Path], bool] = is_healthy) -> None:
    """Returns when each of the instances is another process than that, and is back."""
    def are_new() -> bool:
        stack.check()
        return all(stack.find_pid(name) not in (None, pid) and is_back(stack.socket_of(name))
                   for name, pid in processes.items())

    eventually(are_new, within=within, what=what, every=every)
