"""Requests written byte by byte, for what no proper HTTP client would send."""

import socket
import ssl
from pathlib import Path

from requests.structures import CaseInsensitiveDict

from api import Answer

RECEIVED_AT_ONCE = 65_536


class Wire:
    """Connections to one of a stack's two listeners."""

    def __init__(self, port: int, ca: Path = None, address="127.0.0.1"):
        self._port, self._ca, self._address = port, ca, address

    def exchange(self, request: bytes) -> bytes:
        """Sends bytes and returns all that comes back until the server closes."""
        with self._connect() as connection:
            try:
                connection.sendall(request)
            except (ConnectionResetError, BrokenPipeError):
                pass  # refused before the end; the answer may be there all the same
            received = b""
            while piece := connection.recv(RECEIVED_AT_ONCE):
                received += piece
            return received

    def answer(self, request: bytes) -> Answer:
        """The one answer to a request that ends its connection."""
        return parse(self.exchange(request))

    def _connect(self):
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=15,
                                              source_address=(self._address, 0))
        if self._ca is None:
            return connection
        context = ssl.create_default_context(cafile=str(self._ca))
        context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
        return context.wrap_socket(connection, server_hostname="localhost")


def parse(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = CaseInsensitiveDict(line.split(": ", 1) for line in lines)
    return Answer(int(status_line.split()[1]), headers, body)
