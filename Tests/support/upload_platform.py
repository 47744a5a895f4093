"""A stand-in of the platform's uploads: an address is asked for, the file is PUT there, and read from its public URL.

The platform and its storage are two servers, so two origins; the storage allows those of other pages (CORS).
"""

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LIMIT = 1000
TOKEN = "the-token"


class UploadPlatform:
    """Faults, each of which happens once: "expired", the address is refused; "failing", 500; "broken", no answer."""

    def __init__(self):
        # By path, what lies there; None for an address at which nothing has been put.
        self.files: dict[str, bytes | None] = {}
        # (extension, size) of each address that was asked for.
        self.asked: list[tuple[str, int]] = []
        self.faults: list[str] = []
        self._api, self._storage = (ThreadingHTTPServer(("127.0.0.1", 0), it) for it in _handlers(self))

    def __enter__(self):
        for server in (self._api, self._storage):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in (self._api, self._storage):
            server.shutdown()
            server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._api.server_port}/upload-address"

    @property
    def storage(self) -> str:
        return f"http://127.0.0.1:{self._storage.server_port}"

    def address(self, extension: str) -> dict:
        path = f"/{secrets.token_hex(16)}.{extension}"
        self.files[path] = None
        return {"url": f"{self.storage}{path}?signature=x", "headers": {"X-Signature": "good"},
                "public_url": f"{self.storage}{path}"}

    # For tests in another language

    def order(self, faults: list[str]) -> None:
        self.faults = list(faults)

    def content(self, path: str) -> str:
        return self.files[path].decode()

    def asked_for(self) -> list[tuple[str, int]]:
        return self.asked

    def fault(self, name: str) -> bool:
        """Whether a fault that a test has ordered happens now; once."""
        if name not in self.faults:
            return False
        self.faults.remove(name)
        return True


def _handlers(platform: UploadPlatform):
    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self):
            self.answer(204)

        def answer(self, status, body=b""):
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Methods", "POST, PUT")
            self.send_header("Access-Control-Allow-Headers", "authorization, content-type, x-signature")
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def log_message(self, *_):
            pass

    class ApiHandler(Handler):
        def do_POST(self):
            wanted = json.loads(self.body())
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                return self.answer(401)
            platform.asked.append((wanted["extension"], wanted["size"]))
            if wanted["size"] > LIMIT:
                return self.answer(413)
            return self.answer(200, json.dumps(platform.address(wanted["extension"])).encode())

    class StorageHandler(Handler):
        def do_PUT(self):
            path, body = self.path.split("?")[0], self.body()
            if platform.fault("broken"):
                self.close_connection = True
                return None
            if platform.fault("expired") or self.headers["X-Signature"] != "good":
                return self.answer(403)
            if platform.fault("failing"):
                return self.answer(500)
            platform.files[path] = body
            return self.answer(200)

    return ApiHandler, StorageHandler
