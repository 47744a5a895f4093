"""What these tests share: an earlier build, a database server, and databases of version 2 of the schema."""

import itertools
from pathlib import Path

import pytest

# First: it has pytest explain the assertions of the helpers, too.
from shared_fixtures import make_directory

from database import Database
from earlier_build import EARLIER, build_of
from mariadb import MariaDB
from version_2 import version_2_database

_names = (f"upgrade_{number}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def earlier() -> Path:
    """The program of version 2."""
    return build_of(EARLIER)


@pytest.fixture(scope="session")
def server(make_directory):
    with MariaDB(make_directory()) as server:
        yield server


@pytest.fixture
def version_2(server) -> Database:
    return version_2_database(server, next(_names))
