"""What the tests share: the stack behind nginx, a private database server, and clients of both."""

import itertools
import re
import shutil
import tempfile
from pathlib import Path

import pytest

pytest.register_assert_rewrite("api", "database", "polling", "stack", "service", "fastcgi", "target")

from database import Database
from mariadb import SCHEMA, MariaDB
from service import Service, settings_of
from stack import Stack
from target import SETTINGS, Target

_addresses = itertools.count(2)


def pytest_make_parametrize_id(config, val, argname):
    """Names a test by the beginning of a long value; pytest would use the whole."""
    if isinstance(val, (str, bytes)) and len(val) > 60:
        return f"{ascii(val[:40])}… of {len(val)}"
    return None


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
    """nginx, the service and MariaDB, as scripts/run starts them."""
    stack = Stack(make_directory())
    try:
        stack.start()
        yield stack
    finally:
        status = stack.stop()
    assert status == 0, f"the stack did not live to the end of the tests:\n{stack.output}"


@pytest.fixture(scope="session")
def database(stack):
    return stack.database()


@pytest.fixture
def api(stack):
    """A client over HTTPS, from an address of its own: nginx limits the rate by address."""
    number = next(_addresses)
    api = stack.https_api(address=f"127.0.{number // 250}.{number % 250 + 1}")
    yield api
    api.transport.close()


@pytest.fixture(scope="session")
def server(make_directory):
    """A MariaDB server with nothing beside it: no service fills in what a test takes away."""
    server = MariaDB(make_directory())
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def quiet_database(server) -> Database:
    """The schema in a database that no service is connected to; the service's account is there."""
    database = server.create_database()
    database.load(SCHEMA)
    server.create_account(database)
    return database


@pytest.fixture(scope="module")
def mortal(make_directory):
    """A database server of a file's own, to kill and to freeze; it runs before each test."""
    server = MariaDB(make_directory())
    try:
        server.start()
        database = server.create_database()
        database.load(SCHEMA)
        server.create_account(database)
        yield server
    finally:
        server.stop()


@pytest.fixture
def start_service(stack, make_directory):
    """Starts another process of the service on the stack's database, with settings of its own."""
    started = []

    def start(**settings) -> Service:
        service = Service(make_directory(), {**settings_of(stack), **settings})
        started.append(service)
        service.start()
        return service

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="module")
def target(stack, database, make_directory):
    """A service on the stack's database that one file's tests mistreat."""
    service = Service(make_directory(), {**settings_of(stack), **SETTINGS})
    try:
        service.start()
        target = Target(service, database)
        yield target
        stored = [row["message_id"] for row in database.stored_messages(target.conversation)]
        assert stored == target.stored
        assert target.token not in service.log()
        assert service.runs
    finally:
        status = service.stop()
    assert status == 0


@pytest.fixture
def unshaken(target):
    """For what peers do to the service: others do not notice, and nothing is left behind."""
    if not target.service.runs:
        target.service.start()  # the test before this one killed it, and failed
    with target.unshaken():
        yield


@pytest.fixture
def unharmed(stack, database):
    """For bad input: no row changes, nothing in the log is an error, and the service lives on."""
    rows, log = database.content_checksum(), stack.log()
    yield
    assert database.content_checksum() == rows
    written = stack.log()[len(log):]
    assert not re.search(r"\b(error|critical|fatal)\b", written, re.IGNORECASE), written
    stack.http_api().post(None, "mark_read", {}).error(401)
