"""nginx in front of the service: certificate, configuration, start."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

from orbia.machine import has_ipv6, need_free_port
from orbia.ports import StackPorts
from orbia.state import StateDirectory, set_aside
from orbia.supervision.child import Program
from orbia.supervision.supervisor import Supervisor
from orbia.terminal import fail, say

# The most that browsers and Apple's TLS take.
_CERTIFICATE_DAYS = 825
# A certificate that is valid for less than this is made anew.
_CERTIFICATE_SECONDS_LEFT = 7 * 86400
# Seconds for one request that tries whether something answers.
_REQUEST_SECONDS = 5


def need_free_ports(ports: StackPorts) -> None:
    """Ends the command where one is in use. Called before anything is built: it would show up minutes later."""
    for port, option in ((ports.https, "--https"), (ports.http, "--http"), (ports.status, "--status")):
        need_free_port("127.0.0.1", port, option)
    if has_ipv6():
        need_free_port("::1", ports.https, "--https")


class Nginx:
    """The nginx of a stack."""

    def __init__(self, state: StateDirectory, repository: Path, page: Path, ports: StackPorts, workers: int | None):
        """`page`: the directory of the chat page. `workers`: its worker processes; None for one for each processor."""
        self._state, self._repository, self._page, self._ports = state, repository, page, ports
        self._workers = str(workers or "auto")
        self._directory = state.path / "nginx"

    def start(self, supervisor: Supervisor, instances: Sequence[str]) -> None:
        """Returns when a request through nginx is answered by one of the instances."""
        self._make_certificate()
        self._write_configuration(instances)
        say("starting nginx")
        set_aside(self._state.log("nginx-access"))
        log = self._state.log("nginx-error")
        supervisor.start(Program(
            "nginx", ["nginx", "-p", self._directory, "-c", self._directory / "nginx.conf", "-e", log], log,
            stop_signal=signal.SIGQUIT, seconds_to_stop=10))
        supervisor.wait_for("nginx", 30, "the service answered through it", self.service_answers)

    def service_answers(self) -> bool:
        """Makes one request that goes the whole way.

        401 is the service's own answer to a request without a token; nginx has none with that status.
        """
        try:
            context = ssl.create_default_context(cafile=self._state.certificate)
            connection = http.client.HTTPSConnection("localhost", self._ports.https, timeout=_REQUEST_SECONDS,
                                                     context=context)
            status, body = _answer(connection, "POST", "/api/v1/conversation/get_conversations", "{}",
                                   {"Content-Type": "application/json"})
        except (OSError, http.client.HTTPException):
            return False
        return status == 401 and b'"base_resp"' in body

    def is_ready(self, number: int) -> bool:
        """Whether that instance of the service is ready by its own account: it listens, its database is there."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self._ports.status, timeout=_REQUEST_SECONDS)
            return _answer(connection, "GET", f"/{number}/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def answers_of(self, number: int) -> int:
        """How many requests that instance has answered since its start."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self._ports.status, timeout=_REQUEST_SECONDS)
            _, body = _answer(connection, "GET", f"/{number}/metrics")
        except (OSError, http.client.HTTPException):
            return 0
        counts = [line for line in body.splitlines() if line.startswith(b"orbia_requests_total{")]
        return sum(int(line.rpartition(b" ")[2]) for line in counts)

    def _make_certificate(self) -> None:
        """One of our own, for localhost, where there is none or it ends soon."""
        certificate, key = self._state.certificate, self._state.certificate.with_suffix(".key")
        if key.exists() and key.stat().st_size and self._is_valid(certificate):
            return
        say("making a certificate for localhost")
        new = certificate.with_suffix(".crt.new")
        done = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", str(_CERTIFICATE_DAYS), "-subj", "/CN=localhost", "-keyout", key, "-out", new,
             "-addext", "basicConstraints=critical,CA:FALSE",
             "-addext", "keyUsage=critical,digitalSignature",
             "-addext", "extendedKeyUsage=serverAuth",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, umask=0o077, check=False)
        if done.returncode != 0:
            fail("openssl could not make a certificate:", done.stderr.strip())
        new.replace(certificate)

    @staticmethod
    def _is_valid(certificate: Path) -> bool:
        return subprocess.run(
            ["openssl", "x509", "-in", certificate, "-noout", "-checkend", str(_CERTIFICATE_SECONDS_LEFT)],
            capture_output=True, check=False).returncode == 0

    def _write_configuration(self, instances: Sequence[str]) -> None:
        """The files of nginx/ as they are, with this stack's sockets and ports in the places that a site changes."""
        source, state, ports = self._repository / "nginx", self._state.path, self._ports
        for name in ("", "-http", "-origins", "-page"):
            shutil.copy(source / f"orbia-conversation{name}.conf", self._directory)
        self._write("orbia-conversation-sockets.conf", "".join(
            f'server "unix:{self._state.socket(name)}" max_fails=1 fail_timeout=1s;\n' for name in instances))
        self._write("orbia-conversation-unlimited.conf", f"{ports.http} '';\n")
        self._copy(source / "orbia-conversation-status.conf", {
            "127.0.0.1:9180": f"127.0.0.1:{ports.status}",
            "unix:/run/orbia-conversation/": f"unix:{state}/service-",
        })
        # nginx's workers would otherwise be "nobody", who cannot reach into a private directory.
        user = "user root;" if os.geteuid() == 0 else "# Not started as root: nginx runs as who started it."
        ipv6 = f"listen [::1]:{ports.https} ssl http2 backlog=4096;" if has_ipv6() else "# No IPv6 on this machine."
        for name in ("nginx", "demo", "uploads-http", "uploads", "uploads-file"):
            self._copy(source / "local" / f"{name}.conf", {
                "@USER@": user, "@WORKERS@": self._workers, "@LISTEN_IPV6@": ipv6, "@HTTPS_PORT@": str(ports.https),
                "@HTTP_PORT@": str(ports.http), "@REPOSITORY@": str(self._repository), "@PAGE@": str(self._page),
                "@DIR@": str(state),
            })

    def _copy(self, source: Path, replacements: dict[str, str]) -> None:
        text = source.read_text()
        for old, new in replacements.items():
            text = text.replace(old, new)
        self._write(source.name, text)

    def _write(self, name: str, text: str) -> None:
        (self._directory / name).write_text(text)


def _answer(connection: http.client.HTTPConnection, *request) -> tuple[int, bytes]:
    try:
        connection.request(*request)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
