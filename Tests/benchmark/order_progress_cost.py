"""What the order's progress costs: statements that change orders, and sends, with it on beside off, in turn.

    PYTHONPATH=scripts:Tests/support /usr/bin/python3 Tests/benchmark/order_progress_cost.py

On a private server that does not flush its log at each commit, so that what is compared is work and not the disk. The
looks are those of two instances, four a second each.
"""

import itertools
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from database import Database
from mariadb import MariaDB
from order_progress import opened, tell, turn_off, turn_on

ROUNDS = 16
ORDERS = 40
SENDS = 700
CHANGE = "UPDATE orbia_kol_order SET status = IF(status = 'confirmed', 'in_progress', 'confirmed') WHERE id = %s"
SEND = "CALL orbia_post_message(%s, %s, NULL, 'text', '你好', NULL, NULL, NULL, %s, NULL)"


class Clock:
    """Seconds that statements of one connection take, by the kind of round that they ran in."""

    def __init__(self, database: Database):
        self._cursor = database.connect().cursor()
        self._cursor.execute("SET SESSION tx_isolation = 'READ-COMMITTED'")
        self.took = {}

    def run(self, kind: str, statement: str, *values):
        begun = time.perf_counter()
        self._cursor.execute(statement, values)
        while self._cursor.nextset():
            pass
        self.took.setdefault(kind, []).append(time.perf_counter() - begun)

    def report(self, what: str):
        for kind, took in sorted(self.took.items()):
            took.sort()
            p10, p50, p99 = (took[len(took) * percent // 100] * 1e6 for percent in (10, 50, 99))
            print(f"{what}, {kind:8} n={len(took)}  p10 {p10:.0f}  p50 {p50:.0f}  p99 {p99:.0f}"
                  f"  mean {sum(took) / len(took) * 1e6:.0f} µs")


def changes_of_orders(database: Database, orders: list):
    clock = Clock(database)
    for number in range(2 * ROUNDS):
        (turn_on if number % 2 else turn_off)(database)
        for order in orders * 3:
            clock.run("on" if number % 2 else "off", CHANGE, order.id)
        database.execute("DELETE FROM orbia_order_progress")
    clock.report("change of an order")


@contextmanager
def repeating(every: float, act):
    """Inside, a thread does it again and again."""
    over = threading.Event()

    def repeat():
        while not over.wait(every):
            act()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def sends(database: Database, made: list):
    """Without looks; with looks while it is off; and while it is on, with 20 changes a second."""
    clock, kind, numbers = Clock(database), "no looks", itertools.count()

    def look():
        if kind != "no looks":
            tell(database)

    def change():
        if kind == "on":
            database.execute(CHANGE, made[next(numbers) % len(made)][0].id)

    with repeating(0.25, look), repeating(0.25, look), repeating(0.05, change):
        for number in range(ROUNDS):
            for kind in ["no looks", "off", "on"][::1 if number % 2 else -1]:
                (turn_on if kind == "on" else turn_off)(database)
                for order, conversation in itertools.islice(itertools.cycle(made), SENDS):
                    clock.run(kind, SEND, order.user.id, conversation.id, str(next(numbers)))
    clock.report("send")


def main():
    with tempfile.TemporaryDirectory(prefix="orbia-") as directory, MariaDB(
            Path(directory), "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite") as server:
        database = server.create_service_database()
        user, kol = database.user(), database.kol()
        made = [opened(database, user, kol) for _ in range(ORDERS)]
        changes_of_orders(database, [order for order, _ in made])
        sends(database, made)


if __name__ == "__main__":
    main()
