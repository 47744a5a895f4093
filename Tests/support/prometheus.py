"""A Prometheus and an mtail of Debian's, on loopback, with the rules of deploy/prometheus."""

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import yaml

from orbia.paths import REPOSITORY
from orbia.polling import eventually
from orbia.ports import free_port
from service import Service

FILES = REPOSITORY / "deploy" / "prometheus"
RECORDS, ALERTS = FILES / "orbia-conversation-records.yml", FILES / "orbia-conversation-alerts.yml"
EXAMPLE = FILES / "prometheus.yml"
MTAIL_PROGRAM = FILES / "orbia-conversation-nginx.mtail"


def rules(file: Path) -> list[dict]:
    return [rule for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def alert_names() -> list[str]:
    return [rule["alert"] for rule in rules(ALERTS)]


class Pages:
    """Answers /NAME/metrics over HTTP with that page of the service of this name, as nginx does: Prometheus reads no
    Unix sockets. Without such a service, or where that does not answer, it is a 502."""

    def __init__(self):
        self.services: dict[str, Service] = {}
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                try:
                    page = pages.services[self.path.split("/")[1]].page("/metrics").body
                except (KeyError, OSError, ValueError, AssertionError):
                    return self.send_error(502)
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Process:
    """A program that serves HTTP on a port of loopback, with its log in a directory."""

    def __init__(self, directory: Path, ready: str):
        self.port = free_port()
        self._directory, self._ready, self._process = directory, ready, None

    def _command(self) -> Sequence:
        raise NotImplementedError

    def __enter__(self):
        with open(self._directory / "log", "ab") as log:
            self._process = subprocess.Popen([str(word) for word in self._command()], stdin=subprocess.DEVNULL,
                                             stdout=log, stderr=log, cwd=self._directory)
        eventually(self._is_ready, within=30, what=f"{self._process.args[0]} is ready", every=0.1)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=30)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, (self._directory / "log").read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self._ready}", timeout=5) as answer:
            return answer.status == 200


class Mtail(_Process):
    """Counts the lines of a log by a program."""

    def __init__(self, directory: Path, log: Path):
        super().__init__(directory, "/metrics")
        self._log = log

    def _command(self) -> Sequence:
        return ["mtail", "--progs", MTAIL_PROGRAM, "--logs", self._log, "--address", "127.0.0.1", "--port", self.port,
                "--poll_interval", "100ms", "--poll_log_interval", "100ms", "--logtostderr"]


class Prometheus(_Process):
    """It looks and evaluates twice a second, and alerts do not wait: "for" is taken out of the rules."""

    INTERVAL = "500ms"

    def __init__(self, directory: Path, scrape_configs: list[dict]):
        """`scrape_configs` as in prometheus.yml."""
        super().__init__(directory, "/-/ready")
        groups = [{"name": "records", "rules": rules(RECORDS)},
                  {"name": "alerts", "rules": [{key: value for key, value in rule.items() if key != "for"}
                                               for rule in rules(ALERTS)]}]
        (directory / "rules.yml").write_text(yaml.safe_dump({"groups": groups}))
        (directory / "prometheus.yml").write_text(yaml.safe_dump({
            "global": {"scrape_interval": self.INTERVAL, "scrape_timeout": self.INTERVAL,
                       "evaluation_interval": self.INTERVAL},
            "rule_files": ["rules.yml"],
            "scrape_configs": scrape_configs}))

    def _command(self) -> Sequence:
        return ["prometheus", "--config.file", "prometheus.yml", "--storage.tsdb.path", "data", "--log.level", "warn",
                "--web.listen-address", f"127.0.0.1:{self.port}"]

    def query(self, expression: str) -> list[dict]:
        """The series that it has now."""
        return self._get("query?" + urllib.parse.urlencode({"query": expression}))["result"]

    def firing(self, job: str) -> set[str]:
        """The alerts of a job that are firing now."""
        return {alert["labels"]["alertname"] for alert in self._get("alerts")["alerts"]
                if alert["labels"].get("job") == job and alert["state"] == "firing"}

    def _get(self, path: str) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]
