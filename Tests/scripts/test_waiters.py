"""The generator of scripts/load --waiters against a server that says what it is told to."""

import http.server
import json
import shutil
import subprocess
import threading
import time

import pytest

from orbia.load.delivery import Events
from orbia.load.generator import build
from orbia.polling import eventually

pytestmark = pytest.mark.skipif(not shutil.which("cc"), reason="no compiler")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return build(tmp_path_factory.mktemp("program"))


class Server(http.server.ThreadingHTTPServer):
    """Answers by `answer`, a function of endpoint and body that gives a dictionary or a status; notes the requests."""

    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.requests, self.addresses = answer, [], set()
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def handle_error(self, *_):
        """A client that was stopped has closed its connection."""

    def asked(self, endpoint, **keys):
        """The requests to an endpoint with these keys, each with its time."""
        return [(at, body) for at, name, body in list(self.requests)
                if name == endpoint and keys.items() <= body.items()]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        endpoint = self.path.rpartition("/")[2]
        self.server.requests.append((time.monotonic(), endpoint, body))
        self.server.addresses.add(self.client_address[0])
        answer = self.server.answer(endpoint, body)
        content = json.dumps(answer).encode() if isinstance(answer, dict) else b"{}"
        self.send_response(200 if isinstance(answer, dict) else answer)
        self.send_header("Content-Length", str(len(content)))
        if body.get("wait") is None:
            # The next request is on a new connection.
            self.send_header("Connection", "close")
        self.end_headers()
        # In two parts, as a long answer comes.
        self.wfile.write(content[:10])
        self.wfile.flush()
        self.wfile.write(content[10:])

    def log_message(self, *_):
        pass


class Clients:
    """A process of the generator, until `events` is called."""

    def __init__(self, program, server, directory, *lines, wait=4, poll=200):
        (directory / "clients.txt").write_text("".join(f"{line} token\n" for line in lines))
        self._events = directory / "events.txt"
        self.process = subprocess.Popen(
            [program, "hold", str(server.server_port), "127.0.1.1", str(wait), str(poll), directory / "clients.txt",
             self._events], stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"

    def events(self):
        self.process.terminate()
        assert self.process.wait(5) == 0
        events = Events()
        events.read(self._events.read_text().splitlines())
        return events


@pytest.fixture
def serve():
    servers = []

    def start(answer):
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def hold(program, tmp_path):
    started = []

    def start(*arguments, **options):
        started.append(Clients(program, arguments[0], tmp_path, *arguments[1:], **options))
        return started[-1]

    yield start
    for clients in started:
        clients.process.kill()
        clients.process.wait()


def conversation(number, last_message_at):
    # With what is easily mistaken for structure.
    return {"id": number, "title": 'a "]}{[\\', "members": [{"id": 99, "last_message_at": 1}],
            "last_message": {"created_at": 3, "id": 77}, "last_message_at": last_message_at}


def message(created_at):
    return {"message_id": f"MSG_{created_at}", "content": "x \\\" }", "created_at": created_at}


def test_a_page_waits_with_its_list_and_reads_the_open_conversation_when_that_is_named(serve, hold):
    def answer(endpoint, body):
        if endpoint == "get_messages":
            newest = body.get("after_timestamp", 0)
            return {"messages": [message(newest + 10)], "has_more": newest == 10}
        cursor = body.get("after_cursor")
        if cursor is None:
            return {"conversations": [conversation(7, 10), conversation(8, 10)], "cursor": "a"}
        if cursor == "a":
            return {"conversations": [conversation(7, 20), conversation(8, 30)], "has_more": False, "cursor": "b"}
        time.sleep(0.2)
        return {"conversations": [], "has_more": False, "cursor": "b", "retry_after": 60000}

    server = serve(answer)
    clients = hold(server, "5 list 1 7")
    eventually(lambda: server.asked("get_conversations", after_cursor="b"), within=5, what="it goes on")
    assert server.asked("get_messages", conversation_id=7, after_timestamp=20)
    assert not server.asked("get_messages", conversation_id=8)
    assert server.addresses == {"127.0.1.1"}
    time.sleep(0.4)
    events = clients.events()
    assert [key for key in events.listed] == [(5, 7), (5, 8)]
    assert [created_at for _, created_at in events.listed[5, 8]] == [30]
    assert set(events.shown) == {(5, "MSG_20"), (5, "MSG_30")}
    assert (events.repeated, events.cut, events.early, events.errors) == (0, 1, 0, {})


def test_a_page_of_one_conversation_waits_with_get_messages(serve, hold):
    def answer(endpoint, body):
        if body.get("after_timestamp") == 20:
            time.sleep(1)
        return {"messages": [message(body["after_timestamp"] + 10 if "wait" in body else 10)]
                if body.get("after_timestamp") != 20 else [], "has_more": False, "retry_after": 60000}

    server = serve(answer)
    clients = hold(server, "5 messages 1 7")
    [(_, body)] = eventually(lambda: server.asked("get_messages", after_timestamp=10), within=5, what="it waits")
    assert 1 <= body["wait"] <= 4
    assert not server.asked("get_conversations")
    assert set(clients.events().shown) <= {(5, "MSG_20")}


def test_what_is_listed_again_is_noted(serve, hold):
    def answer(endpoint, body):
        if endpoint == "get_messages":
            return {"messages": [], "has_more": False}
        return {"conversations": [conversation(8, 10)], "cursor": "a", "retry_after": 60000}

    server = serve(answer)
    clients = hold(server, "5 list 1 7")
    eventually(lambda: server.asked("get_conversations", after_cursor="a"), within=5, what="it waits")
    time.sleep(0.1)
    assert clients.events().repeated == 1


@pytest.mark.parametrize("retry_after, least", [(0, 0), (300, 0.3)])
def test_a_wait_that_is_cut_short_is_renewed_after_retry_after(serve, hold, retry_after, least):
    def answer(endpoint, body):
        if endpoint == "get_messages":
            return {"messages": [], "has_more": False}
        return {"conversations": [], "cursor": "a", "retry_after": retry_after}

    server = serve(answer)
    clients = hold(server, "5 list 1 7")
    eventually(lambda: len(server.asked("get_conversations", after_cursor="a")) >= 3, within=5, what="it asks again")
    times = [at for at, _ in server.asked("get_conversations", after_cursor="a")]
    assert all(second - first >= least for first, second in zip(times, times[1:]))
    assert clients.events().cut >= 2


def test_a_server_that_answers_waits_at_once_is_polled(serve, hold):
    server = serve(lambda endpoint, body: {"messages": [], "has_more": False} if endpoint == "get_messages"
                   else {"conversations": [], "cursor": "a"})
    clients = hold(server, "5 list 1 7", poll=300)
    time.sleep(1)
    assert 2 <= len(server.asked("get_conversations", after_cursor="a")) <= 5
    assert clients.events().early >= 2


@pytest.mark.parametrize("wait, cursor", [(0, {"cursor": "a"}), (4, {})])
def test_without_a_wait_or_a_cursor_list_and_open_conversation_are_polled(serve, hold, wait, cursor):
    def answer(endpoint, body):
        if endpoint == "get_messages":
            newest = body.get("after_timestamp", 10)
            return {"messages": [message(newest + 10)] if newest < 40 else [], "has_more": False}
        return {"conversations": [conversation(8, 10)], **cursor}

    server = serve(answer)
    clients = hold(server, "5 list 1 7", wait=wait, poll=150)
    eventually(lambda: server.asked("get_messages", after_timestamp=40), within=5, what="it polls")
    assert all(body == {} for _, body in server.asked("get_conversations"))
    events = clients.events()
    assert (events.repeated, events.listed) == (0, {})
    assert {(5, "MSG_30"), (5, "MSG_40")} <= set(events.shown)


def test_a_reset_has_page_1_read_again(serve, hold):
    answers = iter([{"conversations": [], "cursor": "b", "reset": True, "has_more": False}])

    def answer(endpoint, body):
        if endpoint == "get_messages":
            return {"messages": [message(10)], "has_more": False}
        if "after_cursor" in body:
            return next(answers, {"conversations": [], "cursor": "a", "retry_after": 60000})
        return {"conversations": [conversation(7, 10)], "cursor": "a"}

    server = serve(answer)
    clients = hold(server, "5 list 1 7")
    eventually(lambda: len(server.asked("get_conversations")) >= 4, within=5, what="it begins again")
    time.sleep(0.1)
    events = clients.events()
    assert (events.resets, events.early, events.listed, events.shown) == (1, 0, {}, {})


def test_an_answer_that_is_an_error_is_counted_and_asked_for_again(serve, hold):
    statuses = iter([502, 503])

    def answer(endpoint, body):
        if "wait" in body:
            return next(statuses, {"conversations": [], "cursor": "a", "retry_after": 60000})
        return {"conversations": [], "cursor": "a", "messages": [], "has_more": False}

    server = serve(answer)
    clients = hold(server, "5 list 1 7")
    eventually(lambda: len(server.asked("get_conversations", after_cursor="a")) == 3, within=5, what="it goes on")
    time.sleep(0.1)
    assert clients.events().errors == {"502": 1, "503": 1}


def test_messages_are_sent_at_a_rate_and_noted(program, serve, tmp_path):
    server = serve(lambda endpoint, body: {"message": message(10 * body["conversation_id"])})
    (tmp_path / "sends.txt").write_text("1 7 token\n2 8 token\n")
    process = subprocess.Popen([program, "send", str(server.server_port), "50", tmp_path / "sends.txt",
                                tmp_path / "events.txt"], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    time.sleep(1)
    process.terminate()
    assert process.wait(15) == 0
    events = Events()
    events.read((tmp_path / "events.txt").read_text().splitlines())
    assert 30 <= len(events.sent) <= 60 and not events.errors
    assert {(each.conversation, each.message_id) for each in events.sent} == {(7, "MSG_70"), (8, "MSG_80")}
    assert all(each.began < each.acknowledged for each in events.sent)
