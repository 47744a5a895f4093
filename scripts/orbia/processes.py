"""Processes of this machine, as /proc has them: children, state, memory, processor time; and freezing one."""

import os
import signal
from pathlib import Path

from orbia.polling import eventually


def children(pid: int) -> set:
    """The process ids of its children, without those that other threads than its main one started."""
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def descendants(pid: int) -> set:
    """The process ids of its children, their children, and so on."""
    by_parent = {}
    for child, parent in _parents().items():
        by_parent.setdefault(parent, []).append(child)
    found, waiting = set(), [pid]
    while waiting:
        for child in by_parent.get(waiting.pop(), []):
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


def anonymous_memory(pid: int) -> int:
    """Its resident memory in bytes, without what it shares with files."""
    return _status_bytes(pid, "RssAnon")


def resident_memory(pid: int) -> int:
    """In bytes."""
    return _status_bytes(pid, "VmRSS")


def _status_bytes(pid: int, name: str) -> int:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024


def cpu_times(pid: int) -> tuple:
    """The seconds of processor time that it has used itself, and through the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / ticks, int(fields[12]) / ticks


def busy_times() -> float:
    """The seconds that all processors together have been busy, for whatever process."""
    user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


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
