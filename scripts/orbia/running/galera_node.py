"""A node of the private Galera cluster: where it stands, and, as a program, its start from there.

    galera_node.py CONFIGURATION DATA [OPTION]...   finds out the last transaction that the node has, and becomes
                                                    mariadbd with it

Told where it stands, a node that crashed gets from the others what it has missed, not all the data. Debian's
galera_recovery does the same for systemd.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def position(configuration: Path, data: Path) -> str:
    """The last transaction that the node has, UUID:number; empty where it has no data, or has them in part."""
    if not (data / "mysql").is_dir() or (data / "sst_in_progress").exists() or _is_without_state(data):
        return ""
    with tempfile.NamedTemporaryFile(dir=configuration.parent / "temp", prefix="position.") as log:
        subprocess.run(["mariadbd", f"--defaults-file={configuration}", "--wsrep-recover", f"--log-error={log.name}"],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        found = re.findall(r"WSREP: Recovered position: *(\S+)", Path(log.name).read_text(errors="replace"))
    return found[-1] if found else ""


def _is_without_state(data: Path) -> bool:
    with contextlib.suppress(OSError):
        state = (data / "grastate.dat").read_text()
        return re.search("^uuid: *00000000-0000-0000-0000-000000000000", state, re.M) is not None
    return False


def main() -> None:
    configuration, data, *options = sys.argv[1:]
    start = position(Path(configuration), Path(data))
    if start:
        options.insert(0, f"--wsrep-start-position={start}")
    os.execvp("mariadbd", ["mariadbd", f"--defaults-file={configuration}", *options])


if __name__ == "__main__":
    main()
