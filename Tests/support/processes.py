"""Which processes of this machine belong to a process, which still run, what they use; and stopping one in its tracks."""

import os
import signal
from pathlib import Path

from polling import eventually


def descendants(pid: int) -> set:
    """The process ids of its children, their children, and so on."""
    children = {}
    for child, parent in _parents().items():
        children.setdefault(parent, []).append(child)
    found, waiting = set(), [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def running(pids) -> set:
    """Those of the processes that have not ended; one that nobody waited for yet has."""
    return {pid for pid in pids if _status(Path(f"/proc/{pid}/stat"))[0] not in ("", "Z")}


def open_files(pid: int) -> int:
    """How many descriptors it has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def memory(pid: int) -> int:
    """Its resident memory in bytes, without what it shares with files."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines()
              if line.startswith("RssAnon:")]
    return int(line.split()[1]) * 1024


def freeze(pid: int):
    """Returns once every thread stands still; after the signal alone some may run on for a while."""
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: all(_status(task / "stat")[0] == "T" for task in Path(f"/proc/{pid}/task").iterdir()),
               within=10, what="it stands still", every=0.002)


def thaw(pid: int):
    os.kill(pid, signal.SIGCONT)


def _parents() -> dict:
    return {int(stat.parent.name): int(_status(stat)[1] or 0)
            for stat in Path("/proc").glob("[0-9]*/stat")}


def _status(stat: Path) -> list:
    """State and parent; empty where the process is gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return ["", ""]
