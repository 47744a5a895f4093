"""The platform beside the service, for tests in another language: its rows and tokens, over HTTP with JSON."""

import dataclasses
import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from api import Answer, Api
from database import Database
from upload_platform import UploadPlatform


class PlatformServer:
    """Answers a POST of {"on", "method", "values", "named"} with what that method has returned.

    It is a method of what "on" names: "database", "api" or "uploads".

    Objects come as JSON objects, so that what one call has returned can be given to the next one.
    """

    def __init__(self, service_url: str, database: Database, api: Api):
        self.service_url = service_url
        self._uploads = UploadPlatform()
        self._targets = {"database": database, "api": _Calls(api), "uploads": self._uploads}
        # The HTTP client of `api` is for one thread.
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._uploads.__enter__()
        return self

    def __exit__(self, *_):
        self._uploads.__exit__()
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """What Tests/client/support/platform.mjs reads."""
        return {"ORBIA_SERVICE_URL": self.service_url, "ORBIA_UPLOAD_ENDPOINT": self._uploads.endpoint,
                "ORBIA_PLATFORM_URL": f"http://127.0.0.1:{self._server.server_port}"}

    def call(self, on: str, method: str, values: list, named: Mapping):
        with self._lock:
            function = getattr(self._targets[on], method)
            return function(*map(_as_given, values), **{name: _as_given(value) for name, value in named.items()})

    def _handler(self):
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                try:
                    status, result = 200, platform.call(**request)
                except Exception as error:
                    # It fails the test that has called.
                    status, result = 500, f"{type(error).__name__}: {error}"
                body = json.dumps(result, default=_as_json).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


class _Calls:
    """The API's calls, which must succeed, and tokens."""

    def __init__(self, api: Api):
        self._api = api

    def token(self, user, lifetime: int = 3600) -> str:
        """`lifetime` in seconds; one that is negative has expired."""
        now = int(time.time())
        return self._api.token(user, iat=now - 3600, nbf=now - 3600, exp=now + lifetime)

    def call(self, user, route: str, body) -> dict:
        body = {name: getattr(value, "id", value) for name, value in vars(body).items()}
        return self._api.post(user, route, body).success()


def _as_given(value):
    return SimpleNamespace(**value) if isinstance(value, dict) else value


def _as_json(value):
    if isinstance(value, Answer):
        return value.json
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) else str(value)
