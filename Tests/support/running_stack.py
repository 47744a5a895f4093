"""A stack that somebody has started with scripts/run and keeps: tests use it, and leave it as it is."""

import re
from pathlib import Path

from stack import Stack


class RunningStack(Stack):
    """What scripts/run keeps in `directory` tells its ports."""

    def __init__(self, directory: Path):
        super().__init__(directory)
        local = (directory / "nginx" / "nginx.conf").read_text()
        status = (directory / "nginx" / "orbia-conversation-status.conf").read_text()
        self.https_port = _port(r"listen 127\.0\.0\.1:(\d+) ssl", local)
        self.http_port = _port(r"listen 127\.0\.0\.1:(\d+) backlog", local)
        self.status_port = _port(r"listen 127\.0\.0\.1:(\d+);", status)

    def start(self):
        """Nothing is started; one that does not run is told of at once."""
        try:
            self.http_api().post(None, "mark_read", {}).error(401)
        except OSError as error:
            raise RuntimeError(f"no stack answers in {self.directory}: scripts/run --dir {self.directory}") from error

    def stop(self):
        return 0


def _port(pattern: str, configuration: str) -> int:
    return int(re.search(pattern, configuration)[1])
