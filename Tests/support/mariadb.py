"""A private MariaDB server for tests."""

from database import Database
from orbia.private_mariadb import PrivateMariaDB


class MariaDB(PrivateMariaDB):
    """Its databases are those that tests fill."""

    def database(self, name="orbia") -> Database:
        return Database(self.socket, name)
