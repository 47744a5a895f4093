"""A FastCGI client: a connection on which one writes bytes and reads records."""

import fcntl
import socket
import struct
import termios
import time
from dataclasses import dataclass, field

from orbia.fastcgi import records
from orbia.fastcgi.records import Header

RECEIVED_AT_ONCE = 65_536


def exchange(address, parameters: dict, body: bytes, timeout: float) -> bytes:
    """Sends one request on a connection of its own, as nginx would without keeping connections.

    Returns what the application wrote: CGI header lines and the body.
    """
    with Peer(address, timeout) as peer:
        return peer.ask(records.request(parameters, body)).output


@dataclass
class Reply:
    """What the application sent up to the END_REQUEST record of a request."""

    output: bytes = b""
    errors: bytes = b""
    app_status: int = None
    protocol_status: int = None
    strays: list = field(default_factory=list)  # headers of records that are not the request's


class Peer:
    """A connection to an application, by a Unix socket's path or a pair of host and port.

    `timeout` is the patience of each single wait, in seconds; then a TimeoutError is raised.
    """

    def __init__(self, address, timeout=10.0):
        if isinstance(address, tuple):
            self._socket = socket.create_connection(address, timeout)
        else:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout)
            try:
                self._socket.connect(str(address))
            except OSError:
                self._socket.close()
                raise
        self._received = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def fileno(self) -> int:
        """For select."""
        return self._socket.fileno()

    def stop_sending(self):
        self._socket.shutdown(socket.SHUT_WR)

    # Writing

    def send(self, data: bytes) -> bool:
        """Whether all of it was taken; false where the application has closed the connection."""
        try:
            self._socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def wait_until_taken(self, within=0.02):
        """Waits until the application has read all that was sent, but no longer than this."""
        deadline = time.monotonic() + within
        while self._untaken() and time.monotonic() < deadline:
            time.sleep(0.0002)

    def _untaken(self) -> int:
        [count] = struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)))
        return count

    # Reading

    def ask(self, request: bytes, request_id=records.REQUEST_ID) -> Reply:
        self.send(request)
        return self.reply(request_id)

    def reply(self, request_id=records.REQUEST_ID) -> Reply:
        """Raises ConnectionError where the application closes before the reply's end."""
        reply, output = Reply(), []
        while True:
            header, content = self.record()
            if header.request_id != request_id:
                reply.strays.append(header)
            elif header.kind == records.STDOUT:
                output.append(content)
            elif header.kind == records.STDERR:
                reply.errors += content
            elif header.kind == records.END_REQUEST:
                reply.app_status, reply.protocol_status = struct.unpack(">IB3x", content)
                reply.output = b"".join(output)
                return reply
            else:
                reply.strays.append(header)

    def record(self) -> tuple:
        """The next record: its header and its content."""
        header = Header.parse(self._read(records.HEADER.size))
        assert header.version == records.VERSION, header
        return header, self._read(header.length + header.padding)[: header.length]

    def rest(self) -> bytes:
        """All that comes until the application closes the connection."""
        while self._receive():
            pass
        taken, self._received = bytes(self._received), bytearray()
        return taken

    @property
    def is_open(self) -> bool:
        """Whether the application has not closed the connection, as far as is known now."""
        patience = self._socket.gettimeout()
        self._socket.setblocking(False)
        try:
            return self._socket.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            self._socket.settimeout(patience)

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing comes within this time, not even the end of the connection."""
        patience = self._socket.gettimeout()
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
            return False
        except TimeoutError:
            return not self._received
        except ConnectionResetError:
            return False
        finally:
            self._socket.settimeout(patience)

    def _read(self, count: int) -> bytes:
        while len(self._received) < count:
            if not self._receive():
                raise ConnectionError("the application closed the connection before END_REQUEST")
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken

    def _receive(self) -> bool:
        try:
            piece = self._socket.recv(RECEIVED_AT_ONCE)
        except ConnectionResetError:  # closed while something that was sent had not been read
            return False
        self._received += piece
        return bool(piece)
