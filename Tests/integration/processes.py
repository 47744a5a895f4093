"""Which processes of this machine belong to a process, and which of them still run."""

from pathlib import Path


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


def _parents() -> dict:
    return {int(stat.parent.name): int(_status(stat)[1] or 0)
            for stat in Path("/proc").glob("[0-9]*/stat")}


def _status(stat: Path) -> list:
    """State and parent; empty where the process is gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return ["", ""]
