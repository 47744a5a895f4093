"""Load from wrk, with request.lua choosing the requests."""

import json
import re
import signal
import subprocess
from pathlib import Path

from orbia.terminal import fail

SCRIPT = Path(__file__).with_name("request.lua")


def drive(kind: str, url: str, requests_file: Path, clients: int, seconds: int, count_statuses: bool = False) -> dict:
    """Keeps `clients` connections busy for so long; what request.lua says of it."""
    with Load(kind, url, requests_file, clients, seconds, count_statuses) as load:
        return load.result()


def rate_of(result: dict) -> float:
    """Requests per second."""
    return result["requests"] / result["seconds"]


class Load:
    """Load that goes on beside the command, for `seconds` at most.

    `kind` is one of request.lua's: an endpoint, or a mixture of some.
    """

    def __init__(self, kind: str, url: str, requests_file: Path, clients: int, seconds: int,
                 count_statuses: bool = False):
        command = ["wrk", f"-t{min(clients, 2)}", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", SCRIPT,
                   url, "--", kind, requests_file, *(["statuses"] if count_statuses else [])]
        self._process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.goes_on:
            self._process.kill()
            self._process.communicate()

    @property
    def goes_on(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> dict:
        """Ends it before its time; what request.lua says of it."""
        self._process.send_signal(signal.SIGINT)
        return self.result()

    def result(self) -> dict:
        """What request.lua says of it, once it has ended."""
        output, _ = self._process.communicate()
        found = re.search(r"^result (.*)$", output, re.MULTILINE)
        if not found:
            fail("wrk gave no figures:", output)
        return json.loads(found[1])
