"""The open transactions of a server, from InnoDB's own report.

information_schema.INNODB_TRX is no good here: it may be a tenth of a second old.
"""

import re
from dataclasses import dataclass

from database import Database
from orbia.polling import eventually

OPEN = re.compile(
    r"^---TRANSACTION \d+, ACTIVE.*?^MariaDB thread id (?P<thread>\d+),.*? localhost (?P<user>\w+)",
    re.MULTILINE | re.DOTALL)


# As the service's sessions are, and as all are on older servers: with snapshot isolation, a row that has changed since
# the transaction's view of the database cannot be changed (error 1020).
WITHOUT_SNAPSHOT_ISOLATION = "SET @nothing = 0 /*M!101108 , innodb_snapshot_isolation = 0 */"


@dataclass(frozen=True)
class Transaction:
    thread: int
    user: str
    waits: bool


def open_transactions(database: Database, user: str) -> list:
    """Those of an account."""
    report = database.row("SHOW ENGINE INNODB STATUS")["Status"]
    found = [Transaction(int(each["thread"]), each["user"], "\nLOCK WAIT" in each[0])
             for part in re.split(r"(?=^---TRANSACTION)", report, flags=re.MULTILINE)
             for each in OPEN.finditer(part)]
    return [each for each in found if each.user == user]


def wait_for_lock_wait(database: Database, user: str) -> Transaction:
    """Returns the account's one transaction that waits for a row lock, once there is one."""
    def waiting():
        return [each for each in open_transactions(database, user) if each.waits]

    [found] = eventually(waiting, within=5, what="a transaction waits for a lock")
    return found
