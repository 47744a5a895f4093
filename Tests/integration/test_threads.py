"""The threads of a process, as docs/design.md has them."""

import re
from pathlib import Path

from orbia.paths import REPOSITORY


def test_the_document_names_every_thread_and_no_other(start_service):
    # Two threads are there for systemd, and for TLS to the database, which over its Unix socket changes nothing else.
    service = start_service(ORBIA_WORKERS="3", NOTIFY_SOCKET="/nowhere/notify", MYSQL_TLS="required")
    tasks = Path(f"/proc/{service.pid}/task")
    names = {(task / "comm").read_text().strip() for task in tasks.iterdir() if int(task.name) != service.pid}

    assert {re.sub(r"\d+$", "N", name) for name in names} == set(documented())
    assert {name for name in names if name.startswith("worker")} == {"worker-1", "worker-2", "worker-3"}


def documented() -> list:
    """The names of threads in the document's table; the main thread's is the process's."""
    section = (REPOSITORY / "docs" / "design.md").read_text().split("### Threads")[1].split("###")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
