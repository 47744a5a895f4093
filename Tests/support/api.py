"""A client of the endpoints, over HTTP or straight over FastCGI, and what its answers say."""

import json
import secrets
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from orbia import tokens
from orbia.fastcgi import records
from orbia.fastcgi.peer import Peer, exchange
from orbia.stack import Stack

PREFIX = "/api/v1/conversation/"
ROUTES = ["send_message", "get_messages", "get_conversation", "get_conversations", "mark_read", "recall_message",
          "search_messages"]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: CaseInsensitiveDict
    body: bytes

    @property
    def json(self):
        assert self.headers["Content-Type"].split(";")[0] == "application/json", self
        return json.loads(self.body.decode("utf-8"))

    def success(self) -> dict:
        """The body of an answer that must be a success, without its base_resp."""
        assert self.status == 200, self
        body = self.json
        assert body.pop("base_resp") == {"code": 200, "message": "success"}
        return body

    def error(self, code: int, *words: str) -> str:
        """The message of an answer that must be this error; `words` must stand in it."""
        assert self.status == code, self
        body = self.json
        assert list(body) == ["base_resp"], self
        assert sorted(body["base_resp"]) == ["code", "message"], self
        assert body["base_resp"]["code"] == code, self
        message = body["base_resp"]["message"]
        assert message, self
        for word in words:
            assert word in message, f"{word!r} is not in {message!r}"
        return message


class HttpTransport:
    """Requests to nginx. Its rate limit counts by address, so each transport may have its own."""

    def __init__(self, base: str, ca=True, address="127.0.0.1", timeout=10.0):
        self.base, self.ca, self.address, self.timeout = base, ca, address, timeout
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy: the address is our own machine
        self.session.verify = str(ca)
        self.session.mount(base, _FromAddress(address))

    def request(self, method: str, path: str, headers: dict, body: bytes) -> Answer:
        response = self.session.request(
            method, self.base + path, headers=headers, data=body, timeout=self.timeout,
            allow_redirects=False,
        )
        return Answer(response.status_code, CaseInsensitiveDict(response.headers),
                      response.content)

    def request_by_lines(self, method: str, path: str, lines: list, body=b"") -> Answer:
        """A request whose header lines are sent as given: a name may come twice."""
        scheme, _, authority = self.base.partition("://")
        options = {"timeout": self.timeout, "source_address": (self.address, 0)}
        if scheme == "https":
            context = ssl.create_default_context(cafile=str(self.ca))
            connection = HTTPSConnection(authority, context=context, **options)
        else:
            connection = HTTPConnection(authority, **options)
        try:
            connection.putrequest(method, path)
            for name, value in [*lines, ("Content-Length", str(len(body)))]:
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            content = response.read()
            return Answer(response.status, CaseInsensitiveDict(response.getheaders()), content)
        finally:
            connection.close()

    def close(self):
        self.session.close()


class _FromAddress(HTTPAdapter):
    """Opens its connections from one address of the loopback network."""

    def __init__(self, address: str):
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


class FastCGITransport:
    """Requests straight to a service's socket, with the parameters that nginx would add."""

    def __init__(self, address, timeout=10.0):
        self.address, self.timeout = address, timeout
        self.request_id = None  # of the last request

    def request(self, method: str, path: str, headers: dict, body: bytes) -> Answer:
        document, _, query = path.partition("?")
        self.request_id = secrets.token_hex(16)
        parameters = {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_SOFTWARE": "nginx",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "REQUEST_SCHEME": "https",
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_PORT": "50000",
            "REQUEST_METHOD": method,
            "REQUEST_URI": path,
            "DOCUMENT_URI": document,
            "SCRIPT_NAME": document,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "REQUEST_ID": self.request_id,
        }
        for name, value in headers.items():
            variable = name.upper().replace("-", "_")
            parameters[variable if variable == "CONTENT_TYPE" else "HTTP_" + variable] = value
        return cgi_answer(self._exchange(parameters, body))

    def _exchange(self, parameters: dict, body: bytes) -> bytes:
        return exchange(self.address, parameters, body, self.timeout)

    def close(self):
        pass


class KeptTransport(FastCGITransport):
    """One request after another on one connection, as nginx keeps it."""

    def __init__(self, address, timeout=10.0):
        super().__init__(address, timeout)
        self.peer = Peer(address, timeout)

    def _exchange(self, parameters: dict, body: bytes) -> bytes:
        return self.peer.ask(records.request(parameters, body, keep=True)).output

    def close(self):
        self.peer.close()


def cgi_answer(output: bytes) -> Answer:
    """What an application's output says (RFC 3875, section 6)."""
    head, _, body = output.partition(b"\r\n\r\n")
    pairs = (line.split(": ", 1) for line in head.decode().split("\r\n"))
    headers = CaseInsensitiveDict({name: value for name, value in pairs})
    status = int(headers.pop("Status", "200").split()[0])
    return Answer(status, headers, body)


class Api:
    """The endpoints as one calls them: `api.send_message(user, conversation_id=…, …)`.

    `user` is whatever has an `id`, or an id; None sends no token.
    """

    def __init__(self, transport, secret: str):
        self.transport, self.secret = transport, secret

    def token(self, user, **changes) -> str:
        return tokens.token(self.secret, tokens.claims_of(getattr(user, "id", user), **changes))

    def post(self, user, route: str, body) -> Answer:
        """`body` is an object to be written as JSON, or bytes to be sent as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if user is not None:
            headers["Authorization"] = f"Bearer {self.token(user)}"
        return self.transport.request("POST", PREFIX + route, headers, content)

    def post_with_token(self, token: str, route="get_conversations", body=None) -> Answer:
        """A call whose token a test spells; by default of the endpoint that requires no key."""
        return self.post_with_authorization(f"Bearer {token}", route, body)

    def post_with_authorization(self, value: str, route="get_conversations", body=None) -> Answer:
        headers = {"Content-Type": "application/json", "Authorization": value}
        return self.transport.request("POST", PREFIX + route, headers,
                                      json.dumps(body or {}).encode())

    def send_message(self, user, **body) -> Answer:
        return self.post(user, "send_message", body)

    def send_text(self, user, conversation, content="你好") -> Answer:
        return self.send_message(
            user, conversation_id=conversation.id, message_type="text", content=content
        )

    def get_messages(self, user, **body) -> Answer:
        return self.post(user, "get_messages", body)

    def get_conversation(self, user, **body) -> Answer:
        return self.post(user, "get_conversation", body)

    def get_conversations(self, user, **body) -> Answer:
        return self.post(user, "get_conversations", body)

    def mark_read(self, user, **body) -> Answer:
        return self.post(user, "mark_read", body)

    def recall_message(self, user, **body) -> Answer:
        return self.post(user, "recall_message", body)

    def search_messages(self, user, **body) -> Answer:
        return self.post(user, "search_messages", body)


def https_api(stack: Stack, address="127.0.0.1") -> Api:
    return Api(HttpTransport(stack.https_url, stack.certificate, address), stack.secret)


def http_api(stack: Stack) -> Api:
    """Over plain HTTP, where nothing limits the rate."""
    return Api(HttpTransport(stack.http_url), stack.secret)
