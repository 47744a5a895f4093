"""The server that is backed up: filled, in use while its backup is made, and then harmed."""

import threading
from pathlib import Path

from orbia.database import Database
from orbia.document import Administrator
from orbia.drill.commands import DUMP
from orbia.drill.load import Load, Sent
from orbia.drill.service import Service
from orbia.drill.snapshot import Snapshot, administrators, commits_held, open_transactions
from orbia.drill.steps import DrillFailed
from orbia.migration.data import fill
from orbia.paths import PLATFORM, SCHEMA
from orbia.polling import eventually
from orbia.private_mariadb import PrivateMariaDB

BINARY_LOG = ("--log-bin=binlog", "--binlog-format=ROW", "--server-id=1")
# Of those that migration.data.fill makes.
MESSAGES_OF_A_CONVERSATION = 50


class Original:
    """A server with a binary log, and `load`, which is there while `service` is used."""

    def __init__(self, server: PrivateMariaDB, messages: int):
        """The platform's database with so many messages, which schema.sql has brought to the service's layout."""
        self.server = server
        self.database: Database = server.create_database()
        self.database.load(PLATFORM)
        fill(self.database, messages // MESSAGES_OF_A_CONVERSATION)
        self.database.load(SCHEMA)
        server.create_account(self.database)

    def back_up(self, administrator: Administrator) -> Snapshot:
        """Makes the backup in the administrator's directory; gives the database as it was at the backup's moment.

        Commits wait until both are under way, so that both see the same rows.
        """
        failure = []

        def dump() -> None:
            try:
                administrator.run(DUMP)
            except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits for it
                failure.append(error)

        dumping = threading.Thread(target=dump, daemon=True)
        with commits_held(self.database):
            before = administrators(self.database)
            dumping.start()
            # A small dump has ended before it is seen. The server keeps its list of transactions for a tenth of a
            # second after somebody has read it.
            eventually(lambda: not dumping.is_alive() or open_transactions(self.database) - before, within=60,
                       every=0.15, what="the dump has begun")
            snapshot = Snapshot(self.database)
        dumping.join()
        if failure:
            raise failure[0]
        return snapshot

    def harm(self, conversation: int) -> None:
        """What a restore to a point in time is to undo."""
        self.database.execute("DELETE FROM orbia_message WHERE conversation_id = %s", conversation)


def place_of_dump(dump: Path) -> str:
    """The file and position that the dump notes, as Snapshot.place says them."""
    with open(dump, errors="replace") as lines:
        for line in lines:
            if line.startswith("-- CHANGE MASTER TO "):
                _, file, _ = line.split("'")
                return f"{file}, {line.split('MASTER_LOG_POS=')[1].rstrip().rstrip(';')}"
    raise DrillFailed(f"{dump} notes no place in the binary log")


def start_of_transaction(since: Path, change: str) -> tuple[str, int]:
    """The file and the position of the first transaction that makes the change: those of its GTID line in since.txt.

    `change` is a line of it, such as "### DELETE FROM `orbia`.`orbia_message`".
    """
    file = position = start = None
    with open(since, errors="replace") as lines:
        for line in lines:
            if line.startswith("# file "):
                file = Path(line.removeprefix("# file ").rstrip()).name
            elif line.startswith("# at "):
                position = int(line.split()[2])
            elif line.startswith("#") and "\tGTID " in line:
                start = file, position
            elif line.rstrip("\n") == change and start:
                return start
    raise DrillFailed(f"{since} does not have: {change}")


def stored_of(database: Database, sent: list[Sent]) -> int:
    """How many of the messages are there, in their conversation and with their content."""
    stored = 0
    for first in range(0, len(sent), 1000):
        part = {each.message_id: each for each in sent[first:first + 1000]}
        rows = database.rows("SELECT message_id, conversation_id, content FROM orbia_message WHERE message_id IN %s",
                             list(part))
        stored += sum(Sent(row["message_id"], row["conversation_id"], row["content"]) == part[row["message_id"]]
                      for row in rows)
    return stored
