"""A service that tests mistreat, with a request whose answer is known."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from api import PREFIX, Answer, cgi_answer
from orbia import processes
from orbia.fastcgi import records
from orbia.fastcgi.peer import Peer, Reply
from orbia.polling import eventually
from service import SANITIZER, Service

# Short, so that tests need not wait long; what is not closed after a time-out and this many seconds
# more is not closed at all.
READ_TIMEOUT = WRITE_TIMEOUT = 1
MARGIN = 5
SETTINGS = {
    "ORBIA_WORKERS": "2",
    "ORBIA_READ_TIMEOUT": f"{READ_TIMEOUT}s",
    "ORBIA_WRITE_TIMEOUT": f"{WRITE_TIMEOUT}s",
    "ORBIA_IDLE_TIMEOUT": "30s",
}

SMALL_LEAK = 8 << 20  # bytes; hundreds of repetitions that lose a libfcgi stream each lose more


class Target:
    """The request is for the messages of a conversation; it changes nothing in the database."""

    def __init__(self, service: Service, database):
        self.service, self.database = service, database
        self.user = database.user()
        self.conversation = database.conversation(self.user, database.user())
        self.stored = [database.message(self.conversation, self.user, text)
                       for text in ("你好", "在吗?")]
        self._api = service.api()
        self.token = self._api.token(self.user)
        self.body = json.dumps({"conversation_id": self.conversation.id}).encode()
        self.expected = self._api.post(self.user, "get_messages", self.body).success()
        assert [message["message_id"] for message in self.expected["messages"]] == self.stored

    # The request, and its parts for those who put them together in another way

    def parameters(self, **changes) -> dict:
        """Those that nginx sends; one that is changed to None is left out."""
        parameters = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": PREFIX + "get_messages",
            "CONTENT_LENGTH": str(len(self.body)),
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "REQUEST_ID": "0123456789abcdef0123456789abcdef",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def request(self, keep=True, **header) -> bytes:
        return records.request(self.parameters(), self.body, keep, **header)

    def begin(self, **header) -> bytes:
        return records.begin(**{"keep": True, **header})

    def pairs(self) -> bytes:
        return records.pairs(self.parameters())

    def params(self, **header) -> bytes:
        """The whole stream of parameters."""
        return records.stream(records.PARAMS, self.pairs(), **header)

    def stdin(self, **header) -> bytes:
        return records.stream(records.STDIN, self.body, **header)

    # Connections

    def peer(self, timeout=10.0) -> Peer:
        return self.service.peer(timeout)

    def check(self, reply: Reply, what=""):
        """The request was answered as it always is."""
        assert (reply.app_status, reply.protocol_status) == (0, records.REQUEST_COMPLETE), what
        answer = cgi_answer(reply.output)
        assert answer.status == 200, (what, answer)
        assert answer.success() == self.expected, what

    def ask(self, peer: Peer, what=""):
        self.check(peer.ask(self.request()), what)

    def ask_anew(self):
        with self.peer() as peer:
            self.ask(peer)

    def answered_or_closed(self, peer: Peer, what="") -> bool:
        """Where it is not sure that the service can follow: no wrong answer, and no endless wait."""
        try:
            reply = peer.reply()
        except ConnectionError:
            return False
        self.check(reply, what)
        return True

    def in_step_or_closed(self, peer: Peer, what=""):
        """What follows on a connection whose last request was strange."""
        peer.send(self.request())
        self.answered_or_closed(peer, what)

    # The process

    @contextmanager
    def unshaken(self):
        """Whatever happens inside: the process lives, a connection from before still works, a new one
        does, and no descriptor is lost."""
        before = processes.open_files(self.service.pid)
        with self.peer() as bystander:
            self.ask(bystander)
            yield
            assert self.service.runs, self.service.log()
            self.ask(bystander, "the connection from before")
        self.ask_anew()
        eventually(lambda: processes.open_files(self.service.pid) <= before,
                   within=READ_TIMEOUT + MARGIN, what="all descriptors are closed")

    def loses_no_memory(self, act, repetitions: int, side_by_side=8, bound=SMALL_LEAK):
        """Calls `act` often; some calls first, for what is only allocated once."""
        with ThreadPoolExecutor(side_by_side) as threads:
            list(threads.map(lambda _: act(), range(repetitions // 5)))
            before = processes.anonymous_memory(self.service.pid)
            list(threads.map(lambda _: act(), range(repetitions)))
        grown = processes.anonymous_memory(self.service.pid) - before
        # A sanitizer keeps what is freed, to see who uses it afterwards.
        assert SANITIZER or grown < bound, f"{grown} bytes more after {repetitions} repetitions"


def answer(reply: Reply) -> Answer:
    """Of a request that the service finished in good order, whatever it answered."""
    assert (reply.app_status, reply.protocol_status) == (0, records.REQUEST_COMPLETE), reply
    return cgi_answer(reply.output)


def in_pieces(peer: Peer, data: bytes, count: int, pause: float):
    """Sends the data in so many pieces, with a pause behind each."""
    size = -(-len(data) // count)
    for start in range(0, len(data), size):
        peer.send(data[start : start + size])
        time.sleep(pause)
