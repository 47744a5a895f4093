"""The fixtures that every set of tests over HTTPS shares: the stack of scripts/run, its database, a client."""

import itertools
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.register_assert_rewrite("api", "database", "service", "target", "orbia")

from api import https_api
from database import Database
from orbia.running_stack import RunningStack
from orbia.stack import Stack

_addresses = itertools.count(2)


@pytest.fixture(scope="session")
def make_directory():
    """Makes directories with short names: a Unix socket's path has at most 107 bytes."""
    made = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="orbia-")))
        return made[-1]

    yield make
    for directory in made:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def stack(make_directory):
    """nginx, the service and MariaDB, as scripts/run starts them; or those that run already, in ORBIA_TEST_STACK."""
    directory = os.environ.get("ORBIA_TEST_STACK")
    with started(RunningStack(Path(directory)) if directory else Stack(make_directory())) as stack:
        yield stack


@contextmanager
def started(stack: Stack):
    """Inside, the stack runs; that it lives until then is part of every test that uses it."""
    try:
        stack.start()
        yield stack
    finally:
        status = stack.stop()
    assert status == 0, f"the stack did not live to the end of the tests:\n{stack.output}"


@pytest.fixture(scope="session")
def database(stack):
    return Database(stack.mysql_socket)


@pytest.fixture
def me(database):
    return database.user("我")


@pytest.fixture
def other(database):
    return database.user("对方")


@pytest.fixture
def api(stack):
    """A client over HTTPS, from an address of its own: nginx limits the rate by address."""
    number = next(_addresses)
    api = https_api(stack, address=f"127.0.{number // 250}.{number % 250 + 1}")
    yield api
    api.transport.close()
