"""Load from wrk, with request.lua choosing the requests."""

import json
import re
import shutil
import subprocess
import sys

from stack import PARTS, SCRIPT


def require_wrk():
    if shutil.which("wrk") is None:
        sys.exit(f"{SCRIPT}: wrk is missing; as root: apt-get install wrk")


def drive(endpoint, url, requests_file, clients, seconds):
    """Keeps `clients` connections busy for so long; what request.lua says of it, as a dictionary."""
    command = ["wrk", "-t2", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", PARTS / "request.lua", url]
    command += ["--", endpoint, requests_file]
    output = subprocess.run(command, text=True, check=True, capture_output=True).stdout
    return json.loads(re.search(r"^result (.*)$", output, re.MULTILINE)[1])
