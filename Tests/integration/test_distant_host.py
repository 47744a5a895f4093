"""A host a tenth of a second away, with a deadline of one second: it is well, stays in use and serves."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from api import ROUTES
from fault_proxy import FaultProxy
from service import Service, settings_for

pytestmark = pytest.mark.undisturbed

WORKERS = 4


@pytest.fixture(scope="module")
def database(server, quiet_database):
    database = server.create_service_database("distant_host")
    return database


@pytest.fixture(scope="module")
def distant(server, database, make_directory):
    """Behind it is a host that takes nobody in: to leave the distant one would be seen."""
    proxy = FaultProxy(server.socket, round_trip=0.1)
    address = f"127.0.0.1:{proxy.port}"
    service = Service(make_directory(), {
        **settings_for(server, database), "MYSQL_SOCKET": "", "MYSQL_HOST": f"{address},127.0.0.1:1",
        "ORBIA_DEADLINE": "1s", "ORBIA_QUEUE_AGE": "10s", "ORBIA_WORKERS": str(WORKERS)})
    service.start()
    yield SimpleNamespace(service=service, address=address)
    assert service.stop() == 0
    proxy.close()


@pytest.fixture
def statuses(distant, database):
    """Calls each route, as many times as there are workers, side by side; the statuses."""
    user = database.user()
    body = database.body_for_all_routes(database.conversation(user), user)

    def call(route) -> int:
        return distant.service.api().post(user, route, body).status

    def all_of_them() -> list:
        with ThreadPoolExecutor(WORKERS) as threads:
            return list(threads.map(call, ROUTES * WORKERS))

    return all_of_them


def assert_in_use(distant):
    samples = distant.service.metrics()
    assert samples[f'orbia_database_host_in_use{{host="{distant.address}"}}'] == 1
    assert samples[f'orbia_database_host_up{{host="{distant.address}"}}'] == 1
    assert f"{distant.address} is out" not in distant.service.log()


def test_it_serves_from_the_first_request_on(distant, statuses):
    assert statuses() == [200] * len(ROUTES) * WORKERS
    assert_in_use(distant)


def test_it_serves_when_all_connections_are_new(distant, statuses, database):
    statuses()
    for row in database.rows("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s AND DB = %s",
                             database.account, database.name):
        database.execute(f"KILL {row['ID']}")
    assert statuses() == [200] * len(ROUTES) * WORKERS
    assert_in_use(distant)
