"""A fresh server that a backup is restored into, as docs/operations.md has it."""

from pathlib import Path

from orbia.database import Database
from orbia.database_server import ACCOUNT
from orbia.document import Administrator
from orbia.drill.commands import (
    FIND, LOAD, LOOK, MAKE_ACCOUNT, REPLAY, SCHEMA, STOP_AT_A_POSITION, TRY_A_TRIGGER)
from orbia.drill.comparison import ComparedTable, compare_definitions, compare_rows
from orbia.drill.load import Sent
from orbia.drill.service import Service
from orbia.drill.snapshot import Snapshot
from orbia.drill.steps import DrillFailed, Steps
from orbia.private_mariadb import PASSWORD, PrivateMariaDB


class Restored:
    """`name` begins the names of its steps."""

    def __init__(self, name: str, server: PrivateMariaDB, backup: Path, steps: Steps, timeout: float):
        """`backup` is the directory with orbia.sql."""
        self.name, self.server, self._steps = name, server, steps
        self.administrator = Administrator(
            backup, server, timeout=timeout, DATABASE="orbia", ACCOUNT=f"'{ACCOUNT}'@'localhost'", PASSWORD=PASSWORD)
        self.database: Database = server.database()
        self.service = Service(server.directory, self.database)

    def load_dump(self) -> None:
        with self._steps.step(f"{self.name}: the dump is loaded", so_far=self._size):
            self.administrator.run(LOAD)

    def print_log(self, binlogs: Path) -> None:
        """Into since.txt: what has happened since the dump."""
        self.administrator.variables["BINLOGS"] = binlogs
        with self._steps.step(f"{self.name}: the binary log is printed"):
            self.administrator.run(FIND, LOOK)

    def replay_until(self, file: str, position: int) -> None:
        self.administrator.variables |= {"UNTIL": f"--stop-position={position}", "LAST": file}
        with self._steps.step(f"{self.name}: the binary log is replayed", so_far=self._size):
            self.administrator.run(FIND, STOP_AT_A_POSITION, REPLAY)

    def make_ready(self) -> None:
        """Everything behind the rows, up to where the service and the platform are let in."""
        with self._steps.step(f"{self.name}: schema.sql, account, a trigger tried, check"):
            self.administrator.run(SCHEMA)
            self.administrator.run(MAKE_ACCOUNT)
            self.administrator.run(TRY_A_TRIGGER)
            self.service.check()

    def compare(self, expected: Snapshot) -> list[ComparedTable]:
        """With the original at that moment. Raises DrillFailed with what differs."""
        found = self.database.connect()
        try:
            with self._steps.step(f"{self.name}: compared with the original"):
                tables = compare_rows(expected.connection, found)
                differences = compare_definitions(expected.connection, found)
        finally:
            found.close()
        differences += [difference for table in tables for difference in table.differences]
        if differences:
            raise DrillFailed("\n".join([f"{self.name} differs from the original:", *differences]))
        return tables

    def try_out(self, known: Sent) -> None:
        """The service answers with the message that was known before, takes another one, and an order opens its
        conversation. Changes what was restored."""
        with self._steps.step(f"{self.name}: requests and an order"), self.service:
            members = self.database.rows("SELECT user_id FROM orbia_conversation_member WHERE conversation_id = %s"
                                         " AND role <> 'admin' ORDER BY role", known.conversation)
            creator, kol = [row["user_id"] for row in members]
            new = self.service.must(creator, "send_message", conversation_id=known.conversation, message_type="text",
                                    content="恢复之后")["message"]
            read = self.service.must(kol, "get_messages", conversation_id=known.conversation, page_size=100)["messages"]
            if new["message_id"] not in [each["message_id"] for each in read]:
                raise DrillFailed(f"{self.name}: the KOL does not see a message that was sent after the restore")
            if (known.message_id, known.content) not in [(each["message_id"], each["content"]) for each in read]:
                raise DrillFailed(f"{self.name}: the KOL does not see a message that was sent before the backup")
            self._confirm_an_order()

    def _confirm_an_order(self) -> None:
        order = self.database.row("SELECT id, order_id, user_id FROM orbia_kol_order ORDER BY id LIMIT 1")
        self.database.execute("UPDATE orbia_kol_order SET order_id = %s, status = 'pending' WHERE id = %s",
                              "KORD_1900000000000_1", order["id"])
        self.database.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s", order["id"])
        self.service.must(order["user_id"], "get_conversation", related_order_id="KORD_1900000000000_1",
                          type="kol_order")

    def _size(self) -> str:
        bytes_ = sum(file.stat().st_size for file in (self.server.directory / "data" / "orbia").glob("*.ibd"))
        return f"{bytes_ / 1e6:,.0f} MB of tables"
