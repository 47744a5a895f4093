"""Random records do no harm: seeded, and as many as FUZZ_CASES says.

    FUZZ_CASES=20000 scripts/test integration -- -k fuzz

The seed stands in the test's name; FUZZ_SEED set to it makes the same cases again.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import PREFIX, cgi_answer
from orbia.fastcgi import records
from orbia.fastcgi.peer import Peer
from orbia.fastcgi.records import END_REQUEST, STDERR, STDOUT
from orbia.polling import eventually
from orbia.processes import anonymous_memory, open_files, threads
from record_fuzz import Case, Fuzzer
from service import SANITIZER, Service, settings_of
from target import SETTINGS, Target

CASES = int(os.environ.get("FUZZ_CASES", "1500"))
MANY_CASES = 20 * CASES
SEED = os.environ["FUZZ_SEED"]

BATCH = 100
SIDE_BY_SIDE = 16
# Short, so that the many cases that only a time-out ends take little time.
TIMEOUTS = {
    "ORBIA_READ_TIMEOUT": "300ms", "ORBIA_WRITE_TIMEOUT": "300ms", "ORBIA_IDLE_TIMEOUT": "500ms"}
PATIENCE = 10  # seconds in which every case must have come to its end

STATUSES = {200, 400, 401, 403, 404, 405, 413, 503}
LARGEST_GROWTH = 16 << 20


@pytest.fixture
def target(stack, database, make_directory):
    service = Service(make_directory(), {**settings_of(stack), **SETTINGS, **TIMEOUTS})
    try:
        service.start()
        yield Target(service, database)
        assert service.runs
    finally:
        status = service.stop()
    assert status == 0


def requests(target) -> list:
    """What the cases are made of. A valid token stands beside nothing that could change a row.

    Mutations mix records of different requests: the message is for a conversation that is not there,
    and only what reads carries the token.
    """
    nowhere = {"conversation_id": 9_000_000_000_000_000_000, "message_type": "text", "content": "fuzz"}
    without_token = {"HTTP_AUTHORIZATION": None}

    def request(route, body, **parameters) -> bytes:
        content = json.dumps(body).encode()
        return records.request(
            target.parameters(SCRIPT_NAME=PREFIX + route, CONTENT_LENGTH=str(len(content)), **parameters),
            content, keep=True)

    return [
        target.request(),
        target.request(keep=False),
        records.begin(keep=True) + target.params(largest=50) + target.stdin(largest=5),
        request("send_message", nowhere, **without_token),
        request("get_conversations", {"page_size": 1}, HTTP_AUTHORIZATION="Bearer a.b.c"),
        request("get_conversation", {"x": "x" * 20_000}, **without_token),
        request("nothing", {}, **without_token),
    ]


@pytest.mark.parametrize("seed", [SEED])
def test_fuzz(target, database, seed):
    fuzz(target, database, seed, CASES)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [SEED])
def test_fuzz_with_many_cases(target, database, seed):
    fuzz(target, database, seed, MANY_CASES)


def fuzz(target, database, seed, cases):
    fuzzer = Fuzzer(seed, requests(target))
    pid = target.service.pid
    rows = database.content_checksum()
    files, running = open_files(pid), threads(pid)

    before = None
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for first in range(0, cases, BATCH):
            batch = [fuzzer.case(number) for number in range(first, min(first + BATCH, cases))]
            for failure in filter(None, pool.map(lambda case: attempt(target.service, case), batch)):
                pytest.fail(f"FUZZ_SEED={seed}: {failure}")
            what = f"FUZZ_SEED={seed}, cases {first} to {batch[-1].number}"
            assert target.service.runs, f"{what}:\n{target.service.log()[-2000:]}"
            eventually(lambda: answers(target), within=PATIENCE, what=f"{what}: a good request is answered")
            # What is allocated once has been, behind some of the batches.
            if first <= cases // 5:
                before = anonymous_memory(pid)

    eventually(lambda: open_files(pid) <= files, within=PATIENCE, what="all descriptors are closed")
    assert threads(pid) <= running
    # A sanitizer keeps what is freed, to see who uses it afterwards.
    assert SANITIZER or anonymous_memory(pid) - before < LARGEST_GROWTH
    assert database.content_checksum() == rows
    assert target.token not in target.service.log()


def answers(target) -> bool:
    target.ask_anew()
    return True


def attempt(service, case: Case) -> str:
    """What is wrong with the service's part in it; None where nothing is."""
    try:
        with service.peer(PATIENCE) as peer:
            perform(peer, case)
    except (AssertionError, OSError, ValueError) as error:
        return f"case {case.number} ({case.name}, {case.ending}): {type(error).__name__} {error}"
    return None


def perform(peer: Peer, case: Case):
    """Sends it, and reads up to a reply's end or the connection's: one of them must come."""
    for piece in case.pieces:
        if not peer.send(piece):
            break
        if len(case.pieces) > 1:
            peer.wait_until_taken(within=0.002)
    if case.ending == "vanish":
        return
    if case.ending == "stop sending":
        peer.stop_sending()
    output = b""
    try:
        while True:
            header, content = peer.record()
            assert header.kind in (STDOUT, STDERR, END_REQUEST), header
            assert header.request_id != records.NO_REQUEST, header
            if header.kind == END_REQUEST:
                break
            output += content
    except ConnectionError:
        return
    if output:
        answer = cgi_answer(output)
        assert answer.status in STATUSES, answer
        assert answer.json["base_resp"]["code"] == answer.status, answer


def test_a_fuzz_case_can_be_made_again(target):
    """The seed and the number are all that it depends on."""
    one, other = (Fuzzer("seed", requests(target)) for _ in range(2))
    cases = [one.case(number) for number in range(200)]
    assert [other.case(number) for number in reversed(range(200))] == cases[::-1]
    assert len({b"".join(case.pieces) for case in cases}) > 150
    assert Fuzzer("another", requests(target)).case(0) != cases[0]
