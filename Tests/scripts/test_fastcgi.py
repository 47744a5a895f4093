"""The FastCGI client against a peer that the test writes itself."""

import socket
import threading

import pytest

from orbia.fastcgi import records
from orbia.fastcgi.peer import Peer
from orbia.fastcgi.records import END_REQUEST, STDERR, STDOUT, record
from orbia.resilience.instances import serves

END = record(END_REQUEST, bytes(8))


@pytest.fixture
def application(tmp_path):
    """Listens at `path`; `answer` makes it send these bytes to the next connection, and close it or not."""
    path = tmp_path / "application.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        accepted = []

        def answer(data: bytes, close=False):
            def serve():
                connection, _ = listener.accept()
                accepted.append(connection)
                connection.recv(65_536)
                connection.sendall(data)
                if close:
                    connection.close()

            threading.Thread(target=serve, daemon=True).start()

        answer.path = path
        yield answer
        for connection in accepted:
            connection.close()


def test_a_request_is_records_that_can_be_told_apart():
    request = records.request({"REQUEST_METHOD": "POST", "X": "x" * 200}, b"body")
    kinds = [records.Header.parse(each[: records.HEADER.size]).kind for each in records.split(request)]
    assert kinds == [records.BEGIN_REQUEST, records.PARAMS, records.PARAMS, records.STDIN, records.STDIN]
    assert b"".join(records.split(request)) == request


def test_a_reply_is_put_together_from_its_records(application):
    application(record(STDOUT, b"Status: ") + record(STDERR, b"oh") + record(STDOUT, b"401", padding=5) + END)
    with Peer(application.path) as peer:
        reply = peer.ask(b"request")
        assert (reply.output, reply.errors, reply.app_status) == (b"Status: 401", b"oh", 0)
        assert peer.is_open


def test_a_connection_that_is_closed_before_the_end_is_told_of(application):
    application(record(STDOUT, b"Status: "), close=True)
    with Peer(application.path) as peer:
        with pytest.raises(ConnectionError):
            peer.ask(b"request")
        assert not peer.is_open


@pytest.mark.parametrize("answer, is_serving", [
    (record(STDOUT, b"Status: 401 Unauthorized\r\n") + END, True),
    (record(STDOUT, b"Status: 503 Service Unavailable\r\n") + END, False),
    (b"", False),
])
def test_an_instance_serves_when_it_asks_for_a_token(application, answer, is_serving):
    application(answer, close=True)
    assert serves(application.path) == is_serving


def test_nobody_serves_where_nobody_listens(tmp_path):
    assert not serves(tmp_path / "nobody.sock")
