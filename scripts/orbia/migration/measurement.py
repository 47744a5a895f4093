"""schema.sql on a filled database, from each older layout, and schema-remove.sql; beside writers and readers."""

import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

from orbia.database import Database
from orbia.migration.data import back_to_version_1, fill
from orbia.migration.clients import READS, WRITES, Client
from orbia.migration.statement_log import steps_of
from orbia.paths import PLATFORM, REMOVAL, SCHEMA
from orbia.private_mariadb import PrivateMariaDB
from orbia.terminal import say

# Of a write or a read, in seconds; what is shorter is the machine's.
NOTABLE = 0.1


def measure(server: PrivateMariaDB, messages: int) -> None:
    """Prints the figures, from each older layout."""
    database = server.create_database()
    say(f"filling the platform's tables with {messages:,} messages")
    database.load(PLATFORM)
    fill(database, messages // 50)
    counts = database.row(
        "SELECT (SELECT COUNT(*) FROM orbia_conversation) AS conversations,"
        " (SELECT COUNT(*) FROM orbia_conversation_member) AS members,"
        " (SELECT COUNT(*) FROM orbia_message) AS messages, (SELECT COUNT(*) FROM orbia_kol_order) AS orders"
    )
    print(", ".join(f"{number:,} {what}" for what, number in counts.items()))

    report("From the platform's layout", *apply(database))
    back_to_version_1(database)
    report("From version 1's layout", *apply(database))
    report("Applied again", *apply(database))
    report("Taken out by schema-remove.sql", *apply(database, REMOVAL))


def apply(database: Database, file: Path = SCHEMA) -> tuple[float, list[tuple], list[Client]]:
    """Applies a file beside the clients; gives its seconds, its slow statements and the clients."""
    clients = [Client(database, name, statement) for name, statement in WRITES.items()]
    clients += [Client(database, name, statement) for name, statement in READS.items()]
    for client in clients:
        client.start()
    time.sleep(1)
    database.execute("TRUNCATE mysql.slow_log")
    database.execute("SET GLOBAL slow_query_log = 1")
    since = time.time()
    # The log is for this session alone; the others' limit stays at 10 s.
    database.load(file, "--init-command=SET long_query_time = 0")
    seconds = time.time() - since
    database.execute("SET GLOBAL slow_query_log = 0")
    time.sleep(1)
    for client in clients:
        client.stop()
    logged = database.rows(
        "SELECT CAST(UNIX_TIMESTAMP(start_time) AS DOUBLE) AS at, CONVERT(sql_text USING utf8mb4) AS text"
        " FROM mysql.slow_log ORDER BY start_time"
    )
    return seconds, steps_of(logged, end=since + seconds), clients


def report(title: str, seconds: float, found: Sequence[tuple], clients: Sequence[Client]) -> None:
    print(f"\n{title}: {seconds:.1f} s in all")
    for what, since, until in found:
        waits = [(client.longest_wait(since, until), client.name) for client in clients]
        notable = [f"{name} {wait:.1f} s" for wait, name in sorted(waits, reverse=True) if wait >= NOTABLE]
        print(f"  {until - since:6.2f} s  {textwrap.shorten(what, 104, placeholder=' …')}")
        print(f"            waited: {', '.join(notable) or 'nobody'}")
    longest = {client.name: max(ended - began for began, ended in client.waits) for client in clients}
    print("  longest waits in all: " + ", ".join(f"{name} {1000 * wait:.0f} ms" for name, wait in longest.items()))
    for client in clients:
        for error in sorted(set(client.errors)):
            print(f"  {client.name} failed {client.errors.count(error)} times: {error}")
