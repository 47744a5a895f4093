"""MYSQL_HOST as a list: the first host that can be used is used by all, and one that cannot is passed over."""

import socket
from contextlib import contextmanager

import pytest

from api import ROUTES
from mariadb import MariaDB
from orbia.polling import eventually
from orbia.ports import free_port
from service import Service, run, settings_for


@pytest.fixture(scope="module")
def servers(make_directory):
    """Two servers with the same users and conversations; nothing keeps them alike."""
    servers = [MariaDB(make_directory(), port=free_port()) for _ in range(2)]
    try:
        for server in servers:
            server.start()
            server.create_service_database()
        yield servers
    finally:
        for server in servers:
            server.stop()


@pytest.fixture
def world(servers):
    """A user and a conversation that are the same on both."""
    user = servers[0].database().user()
    conversation = servers[0].database().conversation(user)
    row = servers[0].database().stored_conversation(conversation)
    other = servers[1].database()
    if other.value("SELECT COUNT(*) FROM orbia_user WHERE id = %s", user.id) == 0:
        other.insert("orbia_user", id=user.id, nickname="张三")
    other.insert("orbia_conversation", id=row["id"], conversation_id=row["conversation_id"], type="general")
    other.join(conversation, user)
    yield user, conversation
    for server in servers:
        server.resume()
        if not server.runs:
            server.start()
        server.database().execute("SET GLOBAL read_only = OFF")


@pytest.fixture
def start(servers, make_directory):
    """Starts a service with both hosts, or with what a test puts in front of them."""
    started = []

    def start(*hosts, **settings) -> Service:
        hosts = hosts or [f"127.0.0.1:{server.port}" for server in servers]
        service = Service(make_directory(), {**settings_for(servers[0], servers[0].database()), "MYSQL_SOCKET": "",
                                             "MYSQL_HOST": ",".join(hosts), "ORBIA_WORKERS": "3", **settings})
        started.append(service)
        service.start()
        return service

    yield start
    for service in started:
        service.stop()


def address(server) -> str:
    return f"127.0.0.1:{server.port}"


def requests_at(server) -> int:
    """How many prepared statements the server has been told to execute."""
    return int(server.database().row("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")["Value"])


def use(service, world, times=6):
    user, conversation = world
    for _ in range(times):
        service.api().send_text(user, conversation).success()


def stored(server, world) -> int:
    return len(server.database().stored_messages(world[1]))


@contextmanager
def a_host_that_never_answers():
    """It takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_all_workers_use_the_first(servers, world, start):
    service = start()
    use(service, world)
    assert (stored(servers[0], world), stored(servers[1], world)) == (6, 0)


def test_in_the_order_of_the_list(servers, world, start):
    service = start(address(servers[1]), address(servers[0]))
    use(service, world)
    assert (stored(servers[0], world), stored(servers[1], world)) == (0, 6)


def test_a_port_of_its_own_comes_before_the_common_one(servers, world, start):
    service = start("127.0.0.1", MYSQL_PORT=str(servers[1].port))
    use(service, world)
    assert stored(servers[1], world) == 6


def test_when_the_first_dies_the_second_is_used_without_a_failed_request(servers, world, start):
    service = start()
    use(service, world)
    servers[0].kill()
    use(service, world)
    assert stored(servers[1], world) == 6


def test_all_workers_return_to_the_first_when_it_is_back(servers, world, start):
    service = start()
    servers[0].kill()
    use(service, world)
    servers[0].start()
    eventually(lambda: f"{address(servers[0])} is back" in service.log(), within=10, what="it is found to be back")
    before = stored(servers[1], world)
    use(service, world)
    assert stored(servers[0], world) == 6
    assert stored(servers[1], world) == before


@pytest.mark.parametrize("route", ROUTES)
def test_a_read_only_host_is_passed_over(servers, world, start, route):
    servers[0].database().execute("SET GLOBAL read_only = ON")
    service = start()
    user, conversation = world
    body = {"conversation_id": conversation.id, "message_type": "text", "content": "你好"}
    if route == "recall_message":
        for server in servers:
            body = server.database().body_for_all_routes(conversation, user, message_id="MSG_1_1")
    service.api().post(user, route, body).success()
    if route == "send_message":
        assert (stored(servers[0], world), stored(servers[1], world)) == (0, 1)
    # Until the host is known to be read-only, it may answer what only reads.
    eventually(lambda: f"{address(servers[0])} is out" in service.log(), within=10, what="it is found to be read-only")

    def is_passed_over() -> bool:
        before = [requests_at(server) for server in servers]
        service.api().post(user, route, body)
        return requests_at(servers[0]) == before[0] and requests_at(servers[1]) > before[1]

    # A background thread may end there what it has begun.
    eventually(is_passed_over, within=10, what="the other one is asked alone")


def test_a_host_that_becomes_read_only_is_left_without_a_failed_request(servers, world, start):
    service = start()
    use(service, world)
    servers[0].database().execute("SET GLOBAL read_only = ON")
    use(service, world)
    assert (stored(servers[0], world), stored(servers[1], world)) == (6, 6)
    servers[0].database().execute("SET GLOBAL read_only = OFF")
    eventually(lambda: "is back" in service.log(), within=10, what="it is found to be back")
    use(service, world)
    assert stored(servers[0], world) == 12


def test_a_host_that_stands_still_is_left(servers, world, start):
    service = start()
    use(service, world)
    servers[0].freeze()
    user, conversation = world
    # Reads are answered by the other one within the deadline; a send that has waited for most of it is not settled.
    for _ in range(6):
        service.api(timeout=4).get_messages(user, conversation_id=conversation.id).success()
    use(service, world)
    assert stored(servers[1], world) == 6


def test_a_host_that_never_answers_is_passed_over(servers, world, start):
    with a_host_that_never_answers() as silent:
        service = start(silent, address(servers[1]))
        eventually(lambda: f"{silent} is out" in service.log(), within=10, what="it is found to be out")
        use(service, world)
    assert stored(servers[1], world) == 6


@pytest.mark.parametrize("host", ["host.invalid", "127.0.0.1:1"])
def test_a_host_that_is_not_there_is_passed_over(servers, world, start, host):
    service = start(host, address(servers[1]))
    use(service, world)
    assert stored(servers[1], world) == 6


def test_where_no_host_can_be_used_it_says_so_and_recovers(servers, world, start):
    service = start()
    for server in servers:
        server.kill()
    user, conversation = world
    for _ in range(5):
        service.api(timeout=4).send_text(user, conversation).error(503)
    servers[1].start()
    eventually(lambda: service.api().get_conversations(user).status == 200, within=10, what="it answers again")
    use(service, world)
    assert stored(servers[1], world) == 6


def test_it_is_ready_with_one_host_of_two(servers, world, start):
    servers[0].kill()
    service = start()
    eventually(lambda: service.page("/readyz").status == 200, within=10, what="it is ready")


def test_the_back_fill_follows(servers, world, start):
    """It is in the second host alone that a conversation is missing, and that can be asked."""
    database = servers[1].database()
    database.execute("SET @@GLOBAL.read_only = OFF")
    order = database.order(status="confirmed")
    database.execute("DELETE FROM orbia_conversation WHERE related_order_id = %s", order.order_id)
    servers[0].kill()
    start()
    eventually(lambda: len(database.conversations_of(order)) == 1, within=5, what="it is opened")


def test_check_is_content_with_one_host_of_two(servers, world):
    servers[0].kill()
    settings = {**settings_for(servers[1], servers[1].database()), "MYSQL_SOCKET": "",
                "MYSQL_HOST": ",".join(map(address, servers))}
    done = run("check", **settings)
    assert done.returncode == 0, done.stdout + done.stderr
