"""FastCGI records as bytes: well-formed unless the caller asks for something else.

The protocol: https://fastcgi-archives.github.io/FastCGI_Specification.html, sections 3 to 5 and 8.
"""

import struct
from dataclasses import dataclass

VERSION = 1
(BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR, DATA, GET_VALUES,
 GET_VALUES_RESULT, UNKNOWN_TYPE) = range(1, 12)
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
REQUEST_COMPLETE, CANT_MPX_CONN, OVERLOADED, UNKNOWN_ROLE = range(4)
KEEP_CONN = 1
REQUEST_ID = 1
NO_REQUEST = 0  # the id of management records

HEADER = struct.Struct(">BBHHBx")
LARGEST_CONTENT = 65_535


@dataclass(frozen=True)
class Header:
    version: int
    kind: int
    request_id: int
    length: int
    padding: int

    @classmethod
    def parse(cls, data: bytes) -> "Header":
        return cls(*HEADER.unpack(data))


def record(kind: int, content=b"", *, request_id=REQUEST_ID, version=VERSION, padding=0,
           length=None) -> bytes:
    """`length` is what the header says in place of the content's own length."""
    length = len(content) if length is None else length
    return HEADER.pack(version, kind, request_id, length, padding) + content + bytes(padding)


def begin(keep=False, role=RESPONDER, **header) -> bytes:
    return record(BEGIN_REQUEST, struct.pack(">HB5x", role, KEEP_CONN if keep else 0), **header)


def pieces(kind: int, content: bytes, largest=LARGEST_CONTENT, **header) -> bytes:
    """Content in records of at most this many bytes each, without the one that closes a stream."""
    starts = range(0, len(content), largest)
    return b"".join(record(kind, content[start : start + largest], **header) for start in starts)


def stream(kind: int, content: bytes, largest=LARGEST_CONTENT, **header) -> bytes:
    """A stream is any number of records and an empty one that closes it."""
    return pieces(kind, content, largest, **header) + record(kind, **header)


def request(parameters: dict, body: bytes, keep=False, **header) -> bytes:
    """A whole request; what `header` changes is changed in every record."""
    return (begin(keep, **header) + stream(PARAMS, pairs(parameters), **header)
            + stream(STDIN, body, **header))


def split(data: bytes) -> list:
    """The records one by one; an incomplete one at the end counts as one."""
    found = []
    while len(data) >= HEADER.size:
        header = Header.parse(data[: HEADER.size])
        end = HEADER.size + header.length + header.padding
        found.append(data[:end])
        data = data[end:]
    return found + [data] if data else found


# Name-value pairs


def pairs(parameters: dict) -> bytes:
    return b"".join(pair(_encoded(name), _encoded(value)) for name, value in parameters.items())


def pair(name: bytes, value: bytes, name_length: bytes = None, value_length: bytes = None) -> bytes:
    """The lengths are encoded by default, as short as can be; a test may spell them, wrong ones too."""
    lengths = (name_length or length(len(name))) + (value_length or length(len(value)))
    return lengths + name + value


def length(size: int) -> bytes:
    return bytes([size]) if size < 128 else wide(size)


def wide(size: int) -> bytes:
    """A length in four bytes, which is allowed for a small one too."""
    return struct.pack(">I", size | 0x8000_0000)


def _encoded(text) -> bytes:
    return str(text).encode("utf-8", "surrogateescape")
