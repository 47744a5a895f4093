"""Load from wrk, with request.lua choosing the requests."""

import json
import re
import shutil
import signal
import subprocess
import sys

from packages import install
from stack import PARTS, SCRIPT

def need_wrk(options):
    """Installs it where it is missing, as scripts/run does with what it needs."""
    if shutil.which("wrk"):
        return
    if not options.install:
        sys.exit(f"{SCRIPT}: the command wrk is missing. Without --no-install this script installs what it needs.")
    install("LOAD_PACKAGES")


def drive(kind, url, requests_file, clients, seconds, count_statuses=False):
    """Keeps `clients` connections busy for so long; what request.lua says of it, as a dictionary."""
    with Load(kind, url, requests_file, clients, seconds, count_statuses) as load:
        return load.result()


class Load:
    """Load that goes on beside the script, for `seconds` at most."""

    def __init__(self, kind, url, requests_file, clients, seconds, count_statuses=False):
        command = ["wrk", f"-t{min(clients, 2)}", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s"]
        command += ["-s", PARTS / "request.lua", url, "--", kind, requests_file]
        command += ["statuses"] if count_statuses else []
        self.process = subprocess.Popen(
            [str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.goes_on:
            self.process.kill()
            self.process.communicate()

    @property
    def goes_on(self):
        return self.process.poll() is None

    def stop(self):
        """Ends it before its time; what request.lua says of it."""
        self.process.send_signal(signal.SIGINT)
        return self.result()

    def result(self):
        output, _ = self.process.communicate()
        found = re.search(r"^result (.*)$", output, re.MULTILINE)
        if not found:
            sys.exit(f"{SCRIPT}: wrk gave no figures:\n{output}")
        return json.loads(found[1])
