"""The drill: a backup under load, a restore of it, and a restore to a point in time, each compared row by row."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from orbia.document import Administrator
from orbia.drill.comparison import ComparedTable
from orbia.drill.load import Client, Load, Sent
from orbia.drill.original import BINARY_LOG, Original, place_of_dump, start_of_transaction, stored_of
from orbia.drill.restored import Restored
from orbia.drill.service import Service
from orbia.drill.snapshot import Snapshot
from orbia.drill.steps import DrillFailed, Steps
from orbia.figures import plural
from orbia.polling import eventually
from orbia.private_mariadb import PrivateMariaDB

# Messages that the clients have sent before the backup begins, and again between it and the accident.
SENT_BEFORE = 100


class Drill:
    """A drill in a directory of its own. run() prints what it found, and raises DrillFailed where anything is wrong."""

    def __init__(self, directory: Path, messages: int, buffer_pool: str, timeout: float):
        """`timeout`: seconds that one of the document's commands may take."""
        self._directory, self._messages, self._timeout = directory, messages, timeout
        self._options = (f"--innodb-buffer-pool-size={buffer_pool}", "--innodb-log-file-size=512M")
        self._backup = directory / "backup"
        self._steps = Steps()

    def run(self) -> None:
        with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as installers:
            # Made meanwhile, since a server's first files take some seconds.
            fresh = [installers.submit(self._install, name) for name in ("restored", "rewound")]
            with self._steps.step(f"a server with {self._messages:,} messages"):
                server = stack.enter_context(self._install("original", *BINARY_LOG))
                original = Original(server, self._messages)
            self._use_and_harm(original, stack)
            self._restore(Restored("restore", stack.enter_context(fresh[0].result()), self._backup, self._steps,
                                   self._timeout))
            self._rewind(original, Restored("point in time", stack.enter_context(fresh[1].result()), self._backup,
                                            self._steps, self._timeout))
        self._print_seconds()

    def _install(self, name: str, *options: str) -> PrivateMariaDB:
        directory = self._directory / name
        directory.mkdir()
        return PrivateMariaDB(directory, *self._options, *options)

    # The original

    def _use_and_harm(self, original: Original, stack: contextlib.ExitStack) -> None:
        """The backup, and then an accident between two messages that are known, all of it under load."""
        service = stack.enter_context(Service(original.server.directory, original.database))
        with Load(service, original.database) as load:
            eventually(lambda: len(load.sent) >= SENT_BEFORE and load.confirmed, within=60, what="the clients send")
            self._before_dump = load.sent
            administrator = Administrator(self._backup, original.server, timeout=self._timeout)
            with self._steps.step("backup", so_far=self._size_of_dump):
                self._at_dump = original.back_up(administrator)
            stack.callback(self._at_dump.close)
            self._after_dump = self._sent_from_now_on(load)
            # What is replayed lies in two files of the log, and there is a third one behind them.
            original.database.execute("FLUSH BINARY LOGS")
            self._sent_from_now_on(load)
            self._harm(original, service, load, stack)
            original.database.execute("FLUSH BINARY LOGS")
            self._after_harm = self._sent_from_now_on(load)
            print(f"{plural(len(load.sent), 'message')} sent meanwhile and acknowledged, {load.repeated} attempts"
                  f" repeated; {plural(len(load.confirmed), 'order')} confirmed")

    @staticmethod
    def _sent_from_now_on(load: Load) -> list[Sent]:
        """Waits until there are enough of them. None of them was under way before."""
        with load.paused():
            before = set(load.sent)
        eventually(lambda: len(load.sent) >= len(before) + SENT_BEFORE, within=120, what="the clients send")
        return [sent for sent in load.sent if sent not in before]

    def _harm(self, original: Original, service: Service, load: Load, stack: contextlib.ExitStack) -> None:
        """Somebody deletes a conversation's messages: behind one message that is known, and before another one.

        The clients stand still for that moment, so that it is exact which rows there were before.
        """
        row = original.database.row(
            "SELECT m.conversation_id, m.user_id FROM orbia_conversation_member m WHERE m.role = 'creator'"
            " AND m.conversation_id = (SELECT MAX(related.conversation_id) FROM orbia_message related)")
        conversation, user = row["conversation_id"], row["user_id"]
        somebody = Client(service, "somebody", [(conversation, user, user)])
        with load.paused():
            self._known_before = somebody.send(conversation, user)
            self._before_harm = [*load.sent, self._known_before]
            self._at_harm = Snapshot(original.database)
            stack.callback(self._at_harm.close)
            original.harm(conversation)
            self._known_after = somebody.send(conversation, user)

    def _size_of_dump(self) -> str:
        return f"{(self._backup / 'orbia.sql').stat().st_size / 1e6:,.0f} MB"

    # What is made of the backup

    def _restore(self, restored: Restored) -> None:
        place = place_of_dump(self._backup / "orbia.sql")
        if place != self._at_dump.place:
            raise DrillFailed(f"the dump is of {place}, and what it is to be compared with of {self._at_dump.place}")
        restored.load_dump()
        restored.make_ready()
        self._report(restored, self._at_dump, restored.compare(self._at_dump))
        self._must_hold(restored, self._before_dump, self._after_dump)
        restored.try_out(self._before_dump[-1])

    def _rewind(self, original: Original, restored: Restored) -> None:
        restored.print_log(original.server.directory / "data")
        file, position = start_of_transaction(self._backup / "since.txt", "### DELETE FROM `orbia`.`orbia_message`")
        if f"{file}, {position}" != self._at_harm.place:
            raise DrillFailed(f"since.txt has the accident at {file}, {position}, and it was at {self._at_harm.place}")
        restored.load_dump()
        restored.replay_until(file, position)
        restored.make_ready()
        self._report(restored, self._at_harm, restored.compare(self._at_harm))
        self._must_hold(restored, self._before_harm, [self._known_after, *self._after_harm])
        restored.try_out(self._known_before)

    @staticmethod
    def _must_hold(restored: Restored, before: list[Sent], after: list[Sent]) -> None:
        there, too_late = (stored_of(restored.database, sent) for sent in (before, after))
        print(f"  sent before, and acknowledged: {there:,} of {len(before):,} are there; sent after: {too_late:,} of"
              f" {len(after):,}")
        if there != len(before) or too_late:
            raise DrillFailed(f"{restored.name} has not what was sent before that moment, and nothing else")

    @staticmethod
    def _report(restored: Restored, moment: Snapshot, tables: list[ComparedTable]) -> None:
        print(f"\n{restored.name}: every row as it was in the original at {moment.place}")
        for table in tables:
            print(f"  {table.name:28} {table.rows:12,} rows in {plural(table.chunks, 'checksum')}")
        print("  tables, triggers and routines are made alike; check says ok")

    def _print_seconds(self) -> None:
        seconds = self._steps.seconds
        print(f"\n  the dump has {self._size_of_dump()}")
        for name, took in seconds.items():
            print(f"  {took:8.1f} s  {name}")
        for name in ("restore", "point in time"):
            parts = [took for step, took in seconds.items()
                     if step.startswith(f"{name}: ") and not step.endswith(("original", "order"))]
            print(f"  {sum(parts):8.1f} s  {name}, until service and platform could be let in")
