"""A private MariaDB server for tests."""

from database import Database
from orbia.private_mariadb import PrivateMariaDB

# For tests of many statements, where it does not matter what a crash of the machine leaves behind: without waiting for
# the disk they take half the time.
WITHOUT_SYNC = ("--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--debug-no-sync")


class MariaDB(PrivateMariaDB):
    """Its databases are those that tests fill."""

    def database(self, name="orbia") -> Database:
        return Database(self.socket, name)
