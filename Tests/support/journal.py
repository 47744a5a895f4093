"""A journal of systemd's, in a file, with what a service has written."""

import os
import re
import subprocess
import time
from pathlib import Path

_REMOTE = "/lib/systemd/systemd-journal-remote"


def journal_stream(file) -> str:
    """What JOURNAL_STREAM is for a process whose output goes to the file."""
    status = os.fstat(file.fileno())
    return f"{status.st_dev}:{status.st_ino}"


class Journal:
    """`journalctl --file PATH` reads it. Its entries are what journald makes of a unit's lines."""

    def __init__(self, path: Path):
        """`path` ends in ".journal"."""
        self.path = path
        self._entries = []

    def add(self, lines: list[str], unit: str, seconds_ago: float = 0):
        """The lines of a unit's standard output or standard error; "<3>" before one is its priority."""
        for line in lines:
            priority, text = re.fullmatch(r"(?:<(\d)>)?(.*)", line, re.DOTALL).groups()
            self._entries.append((time.time() - seconds_ago, unit, priority or "6", text))

    def write(self):
        """Makes the file of all entries, in the order of their times."""
        written = []
        for number, (at, unit, priority, text) in enumerate(sorted(self._entries), 1):
            # The format of "journalctl -o export".
            fields = {"__CURSOR": f"s=a;i={number:x}", "__REALTIME_TIMESTAMP": int(at * 1e6),
                      "__MONOTONIC_TIMESTAMP": number, "_BOOT_ID": "0" * 31 + "1", "_HOSTNAME": "host", "_PID": 77,
                      "_SYSTEMD_UNIT": unit, "_TRANSPORT": "stdout", "SYSLOG_IDENTIFIER": unit.partition("@")[0],
                      "PRIORITY": priority, "MESSAGE": text}
            written.append("".join(f"{name}={value}\n" for name, value in fields.items()) + "\n")
        done = subprocess.run([_REMOTE, "-o", self.path, "-"], input="".join(written), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
