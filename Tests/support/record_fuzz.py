"""Random sequences of records: valid requests with something done to them, and plain noise.

A case follows from the seed and its number alone, so that any single one can be made again.
"""

import random
import struct
from dataclasses import dataclass

from orbia.fastcgi import records
from orbia.fastcgi.records import (ABORT_REQUEST, BEGIN_REQUEST, DATA, GET_VALUES, HEADER, NO_REQUEST, PARAMS, STDERR,
                                   STDIN, UNKNOWN_TYPE, Header, pair, record)

INTERESTING_LENGTHS = [0, 1, 7, 8, 9, 127, 128, 255, 256, 8184, 8192, 32_767, 32_768, 65_528, 65_535]
INTERESTING_SIZES = [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x1_0000, 0x2_0000, 0x7FFF_FFF8, 0x7FFF_FFFF]
KINDS = [0, *range(BEGIN_REQUEST, UNKNOWN_TYPE + 2), 127, 128, 255]


@dataclass(frozen=True)
class Case:
    number: int
    name: str  # what was done
    pieces: list  # sent one by one
    ending: str  # of the peer: it waits for what comes, says that it has sent all, or vanishes


class Fuzzer:
    """`requests` are whole valid ones, as bytes; what is made of them holds nothing of anyone else."""

    def __init__(self, seed: str, requests: list):
        self._seed, self._requests = seed, [records.split(request) for request in requests]

    def case(self, number: int) -> Case:
        generator = _Generator(random.Random(f"{self._seed}/{number}"), self._requests)
        if generator.random.random() < 0.15:
            name, data = generator.noise()
        else:
            name, data = generator.mutated()
        ending = generator.random.choice(["wait", "wait", "wait", "stop sending", "vanish"])
        return Case(number, name, generator.in_pieces(data), ending)


class _Generator:
    def __init__(self, source: random.Random, requests: list):
        self.random, self._requests = source, requests

    # Whole cases

    def mutated(self) -> tuple:
        """A valid request, or two in a row, and one to four things done to its records."""
        parts = [each for _ in range(self.random.choice([1, 1, 1, 2])) for each in self._request()]
        mutations = self.random.choices(self._mutations(), k=self.random.choice([1, 1, 2, 3, 4]))
        for mutation in mutations:
            if parts:
                mutation(parts)
        return ", ".join(each.__name__.strip("_") for each in mutations), b"".join(parts)

    def noise(self) -> tuple:
        make = self.random.choice([self._random_bytes, self._random_records, self._random_headers,
                                   self._begin_and_noise])
        return make.__name__.strip("_"), make()

    def in_pieces(self, data: bytes) -> list:
        """Mostly at once; else cut at a few places, or into single bytes at the start."""
        how = self.random.random()
        if how < 0.6 or len(data) < 2:
            return [data]
        if how < 0.95:
            count = min(self.random.randint(1, 5), len(data) - 1)
            cuts = [0, *sorted(self.random.sample(range(1, len(data)), count)), len(data)]
        else:
            cuts = [*range(min(20, len(data))), len(data)]
        return [data[start:end] for start, end in zip(cuts, cuts[1:])]

    def _request(self) -> list:
        return list(self.random.choice(self._requests))

    # Mutations: each changes a list of records in its place

    def _mutations(self) -> list:
        return [
            self._flip_bits, self._flip_bits, self._replace_bytes, self._cut_off, self._cut_a_record,
            self._drop, self._repeat, self._swap, self._shuffle, self._interleave,
            self._insert_a_record, self._insert_noise, self._insert_management,
            self._change_type, self._change_version, self._change_id, self._change_length,
            self._change_padding, self._change_begin, self._spell_a_size, self._split_into_small,
            self._insert_foreign, self._enlarge, self._insert_an_abort, self._leave_alone,
        ]

    def _leave_alone(self, parts):
        pass

    def _place(self, parts) -> int:
        return self.random.randrange(len(parts))

    def _flip_bits(self, parts):
        for _ in range(self.random.choice([1, 1, 2, 8])):
            place = self._place(parts)
            if altered := bytearray(parts[place]):
                altered[self.random.randrange(len(altered))] ^= 1 << self.random.randrange(8)
                parts[place] = bytes(altered)

    def _replace_bytes(self, parts):
        place = self._place(parts)
        altered = bytearray(parts[place])
        start = self.random.randrange(len(altered) + 1)
        count = self.random.randint(1, 16)
        altered[start : start + count] = self.random.randbytes(self.random.choice([count, 0, 4]))
        parts[place] = bytes(altered)

    def _cut_off(self, parts):
        """The peer stops there."""
        place = self._place(parts)
        parts[place:] = [parts[place][: self.random.randrange(len(parts[place]) + 1)]]

    def _cut_a_record(self, parts):
        """The next one follows too early."""
        place = self._place(parts)
        parts[place] = parts[place][: self.random.randrange(len(parts[place]) + 1)]

    def _drop(self, parts):
        del parts[self._place(parts)]

    def _repeat(self, parts):
        place = self._place(parts)
        parts[place:place] = [parts[place]] * self.random.choice([1, 1, 2, 50])

    def _swap(self, parts):
        one, other = self._place(parts), self._place(parts)
        parts[one], parts[other] = parts[other], parts[one]

    def _shuffle(self, parts):
        self.random.shuffle(parts)

    def _interleave(self, parts):
        """With a whole request of another id, or of the same."""
        request_id = self.random.choice([1, 2, 65_535])
        place = 0
        for each in self._request():
            place = self.random.randint(place, len(parts))
            parts.insert(place, self._with_header(each, request_id=request_id))
            place += 1

    def _insert(self, parts, *strangers):
        place = self.random.randint(0, len(parts))
        parts[place:place] = strangers

    def _insert_a_record(self, parts):
        self._insert(parts, self._random_record())

    def _insert_noise(self, parts):
        self._insert(parts, self.random.randbytes(self.random.randint(1, 40)))

    def _insert_management(self, parts):
        names = self.random.choices([b"FCGI_MAX_CONNS", b"FCGI_MAX_REQS", b"FCGI_MPXS_CONNS", b"X", b""],
                                    k=self.random.choice([0, 1, 3, 4, 5, 500]))
        content = b"".join(pair(name, b"") for name in names)
        kind = self.random.choice([GET_VALUES, GET_VALUES, GET_VALUES, *KINDS])
        self._insert(parts, record(kind, content, request_id=NO_REQUEST))

    def _insert_foreign(self, parts):
        content = self.random.randbytes(self.random.choice([0, 0, 1, 100]))
        self._insert(parts, record(self.random.choice([PARAMS, STDIN, DATA, ABORT_REQUEST]), content,
                                   request_id=self.random.choice([2, 255, 256, 65_535])))

    def _insert_an_abort(self, parts):
        self._insert(parts, record(ABORT_REQUEST, self.random.randbytes(self.random.choice([0, 0, 8]))))

    def _change_type(self, parts):
        self._change_header(parts, kind=self.random.choice(KINDS))

    def _change_version(self, parts):
        self._change_header(parts, version=self.random.choice([0, 2, 128, 255]))

    def _change_id(self, parts):
        self._change_header(parts, request_id=self.random.choice([0, 2, 256, 65_535]))

    def _change_length(self, parts):
        """What the header says; the content remains."""
        length = self.random.choice([*INTERESTING_LENGTHS, self.random.randrange(65_536)])
        self._change_header(parts, length=length)

    def _change_padding(self, parts):
        """With the padding itself, or without."""
        padding = self.random.randrange(256)
        place = self._change_header(parts, padding=padding)
        if place is not None and self.random.random() < 0.7:
            parts[place] += bytes(padding)

    def _change_begin(self, parts):
        role = self.random.choice([0, 1, 1, 2, 3, 4, 256, 65_535])
        flags = self.random.randrange(256)
        parts[0] = record(BEGIN_REQUEST, struct.pack(">HB5x", role, flags))

    def _spell_a_size(self, parts):
        """Somewhere in a record's content there is another length of a name or value."""
        place = self._place(parts)
        size = self.random.choice([*INTERESTING_SIZES, self.random.randrange(1 << 31)])
        spelled = records.wide(size) if size > 127 else self.random.choice(
            [records.length(size), records.wide(size)])
        start = self.random.choice([HEADER.size, self.random.randrange(len(parts[place]) + 1)])
        parts[place] = parts[place][:start] + spelled + parts[place][start + len(spelled) :]

    def _split_into_small(self, parts):
        """A record's content in many, which are right."""
        place = self._place(parts)
        header = self._header(parts[place])
        if header and header.kind in (PARAMS, STDIN) and header.length:
            content = parts[place][HEADER.size : HEADER.size + header.length]
            parts[place : place + 1] = records.split(records.pieces(
                header.kind, content, self.random.randint(1, 60), request_id=header.request_id))

    def _enlarge(self, parts):
        """Content that is much, or too much."""
        kind = self.random.choice([PARAMS, STDIN, DATA, STDERR])
        content = pair(b"X" * 8, b"x" * self.random.randrange(100)) * self.random.choice([10, 100, 500])
        self._insert(parts, *[record(kind, content[: records.LARGEST_CONTENT])]
                     * self.random.choice([1, 1, 1, 5, 30]))

    def _change_header(self, parts, **changes):
        place = self._place(parts)
        if self._header(parts[place]) is None:
            return None
        parts[place] = self._with_header(parts[place], **changes)
        return place

    @staticmethod
    def _header(part: bytes):
        """None where a mutation before has left too little."""
        return Header.parse(part[: HEADER.size]) if len(part) >= HEADER.size else None

    @classmethod
    def _with_header(cls, part: bytes, **changes) -> bytes:
        fields = {**vars(cls._header(part)), **changes}
        return HEADER.pack(*fields.values()) + part[HEADER.size :]

    # Noise

    def _random_bytes(self) -> bytes:
        return self.random.choice([
            self.random.randbytes(self.random.choice([1, 7, 8, 9, 100, 20_000])),
            bytes(self.random.choice([1, 8, 1000])),
            b"\xff" * self.random.choice([1, 8, 1000]),
            b"POST /api/v1/conversation/get_messages HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01\x02\x00" + self.random.randbytes(200),
        ])

    def _random_record(self) -> bytes:
        content = self.random.randbytes(self.random.choice([0, 0, 1, 8, 30, 300]))
        return record(self.random.choice(KINDS), content,
                      request_id=self.random.choice([0, 1, 1, 1, 2]),
                      version=self.random.choice([1, 1, 1, 1, 0, 2]),
                      padding=self.random.choice([0, 0, 1, 7, 255]))

    def _random_records(self) -> bytes:
        return b"".join(self._random_record() for _ in range(self.random.randint(1, 20)))

    def _random_headers(self) -> bytes:
        """Of version 1, with anything behind it."""
        return b"".join(b"\x01" + self.random.randbytes(7) for _ in range(self.random.randint(1, 50)))

    def _begin_and_noise(self) -> bytes:
        kind = self.random.choice([PARAMS, PARAMS, STDIN])
        noise = self.random.randbytes(self.random.randint(1, 2000))
        return (records.begin(keep=True) + records.stream(kind, noise)
                + records.stream(STDIN, self.random.randbytes(100)))
