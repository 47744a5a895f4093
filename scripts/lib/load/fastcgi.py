"""FastCGI connections straight to an instance's socket, kept open from one request to the next.

The protocol: https://fastcgi-archives.github.io/FastCGI_Specification.html, sections 3 to 6.
"""

import contextlib
import re
import socket
import struct

VERSION, REQUEST_ID, RESPONDER, KEEP_CONNECTION = 1, 1, 1, 1
BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
UNAUTHORIZED = 401


def record(kind, content=b""):
    return struct.pack(">BBHHBx", VERSION, kind, REQUEST_ID, len(content), 0) + content


def pair(name, value):
    return bytes([len(name), len(value)]) + name + value


# Without a token: the service answers 401, and asks the database nothing.
REQUEST = b"".join(
    [
        record(BEGIN_REQUEST, struct.pack(">HB5x", RESPONDER, KEEP_CONNECTION)),
        record(
            PARAMS,
            pair(b"REQUEST_METHOD", b"POST")
            + pair(b"SCRIPT_NAME", b"/api/v1/conversation/get_conversations")
            + pair(b"CONTENT_LENGTH", b"2"),
        ),
        record(PARAMS),
        record(STDIN, b"{}"),
        record(STDIN),
    ]
)


class Connection:
    """One of them. Any of its methods can raise OSError."""

    def __init__(self, path, timeout=10):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.stream = self.socket.makefile("rb")

    def ask(self):
        """Sends a request; the status of the answer."""
        self.socket.sendall(REQUEST)
        output = b""
        while True:
            head = self.stream.read(8)
            if len(head) < 8:
                raise ConnectionError("closed before the end of the answer")
            _, kind, _, length, padding = struct.unpack(">BBHHBx", head)
            content = self.stream.read(length + padding)[:length]
            if kind == STDOUT:
                output += content
            elif kind == END_REQUEST:
                return int(re.match(rb"Status: (\d+)", output)[1])

    @property
    def is_open(self):
        timeout = self.socket.gettimeout()
        self.socket.setblocking(False)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            self.socket.settimeout(timeout)

    def close(self):
        self.stream.close()
        self.socket.close()


@contextlib.contextmanager
def idle_connections(path, number):
    """That many of them, each of which has had one request answered."""
    connections = []
    try:
        for _ in range(number):
            connections.append(Connection(path))
            connections[-1].ask()
        yield connections
    finally:
        for connection in connections:
            connection.close()


def serves(path):
    """Whether an instance answers there now."""
    try:
        connection = Connection(path)
    except OSError:
        return False
    try:
        return connection.ask() == UNAUTHORIZED
    except OSError:
        return False
    finally:
        connection.close()
