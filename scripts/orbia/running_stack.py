"""A stack that somebody has started with scripts/run and keeps: tests use it, and leave it as it is."""

import re
import urllib.error
import urllib.request
from pathlib import Path

from orbia.ports import StackPorts
from orbia.stack import Stack, StackEnded


class RunningStack(Stack):
    """What scripts/run keeps in `directory` tells its ports."""

    def __init__(self, directory: Path):
        local = (directory / "nginx" / "nginx.conf").read_text()
        status = (directory / "nginx" / "orbia-conversation-status.conf").read_text()
        super().__init__(directory, ports=StackPorts(
            https=_port(r"listen 127\.0\.0\.1:(\d+) ssl", local),
            http=_port(r"listen 127\.0\.0\.1:(\d+) backlog", local),
            status=_port(r"listen 127\.0\.0\.1:(\d+);", status),
        ))

    def start(self, within: float = 10, terminal: int | None = None) -> None:
        """Nothing is started; one that does not run is told of at once."""
        directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            directly.open(self.status_url() + "/healthz", timeout=within).close()
        except OSError as error:
            raise StackEnded(f"no stack answers in {self.directory}: scripts/run --dir {self.directory}") from error

    def stop(self, how: int = 0) -> int:
        return 0


def _port(pattern: str, configuration: str) -> int:
    return int(re.search(pattern, configuration)[1])
