"""A FastCGI client: one request a connection, over a Unix socket, as nginx would send it.

The protocol: https://fastcgi-archives.github.io/FastCGI_Specification.html, sections 3 to 6.
"""

import socket
import struct

VERSION = 1
BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7
RESPONDER = 1
REQUEST_ID = 1
LARGEST_CONTENT = 65_535


def exchange(socket_path: str, parameters: dict, body: bytes, timeout: float) -> bytes:
    """Sends one request and returns what the application wrote: CGI header lines and the body."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(socket_path))
        connection.sendall(_request(parameters, body))
        with connection.makefile("rb") as stream:
            return _answer(stream)


def _request(parameters: dict, body: bytes) -> bytes:
    begin = _record(BEGIN_REQUEST, struct.pack(">HB5x", RESPONDER, 0))
    pairs = b"".join(_pair(str(name), str(value)) for name, value in parameters.items())
    return begin + _stream(PARAMS, pairs) + _stream(STDIN, body)


def _stream(kind: int, content: bytes) -> bytes:
    """A stream is any number of records and an empty one that closes it."""
    pieces = range(0, len(content), LARGEST_CONTENT)
    records = [_record(kind, content[start : start + LARGEST_CONTENT]) for start in pieces]
    return b"".join(records) + _record(kind, b"")


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBHHBx", VERSION, kind, REQUEST_ID, len(content), 0) + content


def _pair(name: str, value: str) -> bytes:
    encoded = name.encode(), value.encode("utf-8", "surrogateescape")
    return _length(encoded[0]) + _length(encoded[1]) + encoded[0] + encoded[1]


def _length(content: bytes) -> bytes:
    size = len(content)
    return bytes([size]) if size < 128 else struct.pack(">I", size | 0x8000_0000)


def _answer(stream) -> bytes:
    output = b""
    while True:
        head = stream.read(8)
        if len(head) < 8:
            raise ConnectionError("the application closed the connection before END_REQUEST")
        _, kind, _, length, padding = struct.unpack(">BBHHBx", head)
        content = stream.read(length + padding)[:length]
        if kind == STDOUT:
            output += content
        elif kind == END_REQUEST:
            return output
