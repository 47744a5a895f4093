"""What these tests share beside the stack: private database servers, services with settings of their own."""

import os
import re
import secrets

import pytest

# First: it has pytest explain the assertions of the helpers, too.
from shared_fixtures import api, database, make_directory, stack, started

from api import http_api
from database import Database
from mariadb import MariaDB
from orbia.cluster import Cluster
from service import Service, settings_of
from target import SETTINGS, Target

# The seed stands in a test's name, and where the tests run in several processes all of them have to find the same
# names: they inherit it from the process that starts them.
os.environ.setdefault("FUZZ_SEED", secrets.token_hex(4))


def pytest_make_parametrize_id(config, val, argname):
    """Names a test by the beginning of a long value; pytest would use the whole."""
    if isinstance(val, (str, bytes)) and len(val) > 60:
        return f"{ascii(val[:40])}… of {len(val)}"
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Where the tests run in several processes: a file's in one of them, and in one all that share the cluster."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return "cluster" if "test_galera" in file else file

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def server(make_directory):
    """A MariaDB server with nothing beside it: no service fills in what a test takes away."""
    with MariaDB(make_directory()) as server:
        yield server


@pytest.fixture(scope="session")
def quiet_database(server) -> Database:
    """The schema in a database that no service is connected to; the service's account is there."""
    return server.create_service_database()


@pytest.fixture(scope="module")
def mortal(make_directory):
    """A database server of a file's own, to kill and to freeze; it runs before each test."""
    with MariaDB(make_directory()) as server:
        server.create_service_database()
        yield server


@pytest.fixture(scope="session")
def running_cluster(make_directory):
    """Three nodes, for all files that need them; starting them takes half a minute."""
    with started(Cluster(make_directory())) as cluster:
        yield cluster


@pytest.fixture
def cluster(running_cluster):
    """The cluster with all of its nodes in step."""
    running_cluster.await_synced()
    return running_cluster


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
    http_api(stack).post(None, "mark_read", {}).error(401)
