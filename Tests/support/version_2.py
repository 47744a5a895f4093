"""Databases of version 2 of the schema."""

from database import Database
from mariadb import MariaDB
from orbia.paths import VERSION_2


def version_2_database(server: MariaDB, name: str) -> Database:
    """With the service's account as the operator had made it then."""
    database = server.create_database(name)
    database.load(VERSION_2)
    for account in server.create_user(database):
        database.execute(f"GRANT orbia_conversation_app TO {account}")
        database.execute(f"SET DEFAULT ROLE orbia_conversation_app FOR {account}")
    return database
