"""/healthz, /readyz and /metrics: what an instance tells of itself, whatever its workers do."""

import re
import resource
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import ROUTES, Api, FastCGITransport
from orbia.database_server import ACCOUNT
from orbia.fastcgi.peer import Peer
from orbia.paths import SCHEMA
from orbia.polling import eventually
from service import Service, settings_for
from transactions import wait_for_lock_wait

PAGES = ["/healthz", "/readyz", "/metrics"]


def is_ready(service) -> bool:
    return service.page("/readyz").status == 200


@pytest.fixture
def service(start_service):
    service = start_service(ORBIA_WORKERS="1")
    eventually(lambda: is_ready(service), within=5, what="the service is ready")
    return service


@pytest.fixture
def service_on(make_directory):
    """Starts a service on a database of a test's own."""
    started = []

    def start(server, database) -> Service:
        started.append(Service(make_directory(), settings_for(server, database)))
        started[-1].start()
        return started[-1]

    yield start
    for service in started:
        service.stop()


# The socket


@pytest.mark.parametrize("page", PAGES)
def test_each_page_answers(service, page):
    assert service.page(page).status == 200


def test_head_is_answered_like_get(service):
    assert service.page("/healthz", method="HEAD").status == 200


@pytest.mark.parametrize("page", PAGES)
def test_another_method_is_refused(service, page):
    answer = service.page(page, method="POST")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "", "/healthz/", "/metrics.txt", "/api/v1/conversation/mark_read"])
def test_there_is_no_other_page(service, path):
    assert service.page(path).status == 404


def test_the_pages_are_not_among_the_routes(service):
    for page in PAGES:
        service.api().transport.request("GET", page, {}, b"").error(404)


def test_the_socket_has_the_permissions_of_the_other_one(start_service):
    service = start_service(ORBIA_LISTEN_MODE="0600")
    assert stat.S_IMODE(service.status_socket.stat().st_mode) == 0o600


def test_the_socket_can_be_elsewhere(start_service, tmp_path):
    service = start_service(ORBIA_STATUS_LISTEN=str(tmp_path / "x"))
    assert not service.status_socket.exists()
    service.status_socket = tmp_path / "x"
    assert service.page("/healthz").json == {"status": "ok"}


def test_there_need_be_none(start_service):
    service = start_service(ORBIA_STATUS_LISTEN="off")
    assert not service.status_socket.exists()


def test_the_socket_is_gone_with_the_process(service):
    assert service.stop() == 0
    assert not service.status_socket.exists()


def test_a_peer_that_says_nothing_does_not_keep_others_waiting_for_long(service):
    with Peer(service.status_socket) as silent:
        assert service.page("/healthz", timeout=10).status == 200
        assert silent.rest() == b""


def test_broken_peers_leave_it_alive(service):
    for data in (b"", b"GET /healthz HTTP/1.0\r\n\r\n", bytes(100), b"\x01\x01\x00\x01\x00\x08\x00\x00"):
        with Peer(service.status_socket) as peer:
            peer.send(data)
    assert service.page("/healthz", timeout=10).status == 200


def test_they_answer_again_after_descriptors_had_run_out(service):
    limits = resource.prlimit(service.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(service.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        with Peer(service.status_socket, timeout=0.5):
            eventually(lambda: "Too many open files" in service.log(), within=5, what="it has none left")
    finally:
        resource.prlimit(service.pid, resource.RLIMIT_NOFILE, limits)
    eventually(lambda: service.page("/healthz").status == 200, within=5, what="it answers")


@pytest.mark.parametrize("page", PAGES)
def test_they_answer_while_every_worker_is_busy(service, database, page):
    user = database.user()
    conversation = database.conversation(user)
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        held = threads.submit(service.api().send_text, user, conversation)
        wait_for_lock_wait(database, ACCOUNT)
        answer = service.page(page)
        assert not held.done()
        cursor.connection.rollback()
    assert answer.status == 200


# Readiness


def test_it_is_not_ready_while_the_database_is_away(mortal, service_on):
    service = service_on(mortal, mortal.database())
    eventually(lambda: is_ready(service), within=5, what="the service is ready")
    for begin, end in ((mortal.kill, mortal.start), (mortal.freeze, mortal.resume)):
        begin()
        try:
            eventually(lambda: not is_ready(service), within=10, what="it is not ready")
            answer = service.page("/readyz")
            assert (answer.status, answer.json["status"]) == (503, "database")
            assert service.page("/healthz").status == 200
        finally:
            end()
        eventually(lambda: is_ready(service), within=10, what="it is ready again")


def test_it_is_not_ready_on_another_schema(server, service_on):
    database = server.create_service_database("unready")
    database.execute("DROP TRIGGER orbia_conversation_carry")
    service = service_on(server, database)
    eventually(lambda: service.page("/readyz").json["status"] == "schema", within=5, what="it says schema")
    assert service.page("/readyz").status == 503
    database.load(SCHEMA)
    eventually(lambda: is_ready(service), within=5, what="it is ready")


def test_it_is_not_ready_where_there_is_no_schema(server, service_on):
    database = server.create_database("bare")
    for account in server.create_user(database):
        database.execute(f"GRANT ALL ON bare.* TO {account}")
    service = service_on(server, database)
    eventually(lambda: service.page("/readyz").json["status"] == "schema", within=5, what="it says schema")


def test_it_is_not_ready_while_it_drains(service, database):
    user = database.user()
    kept = service.kept_api()
    kept.get_conversations(user).success()
    service.signal()
    eventually(lambda: service.page("/readyz").status == 503, within=5, what="it is not ready")
    assert service.page("/readyz").json["status"] == "draining"
    assert service.page("/healthz").status == 200
    assert service.metrics()["orbia_draining"] == 1
    kept.transport.close()
    assert service.stop() == 0


# Metrics


def changes(service, act) -> dict:
    """By how much each sample differs once `act` is done, and all of it is counted."""
    before = service.metrics()
    act()
    time.sleep(0.05)  # a request is counted right behind its answer
    after = service.metrics()
    return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}


def test_metrics_are_in_prometheus_text(service):
    answer = service.page("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4"
    text = answer.body.decode()
    sample = re.compile(r'[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+')
    described, typed = set(), {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            described.add(line.split()[2])
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name not in typed
            typed[name] = kind
        else:
            assert sample.fullmatch(line), line
            name = re.match("[a-z_]+", line)[0]
            family = re.sub("_(bucket|sum|count)$", "", name)
            assert typed.get(name, "histogram") == "histogram" or family in typed or name in typed
    assert described == set(typed)
    assert text.endswith("\n")


def test_requests_are_counted_by_endpoint_and_status(service, database):
    user = database.user()
    conversation = database.conversation(user)
    api = service.api()

    def act():
        for _ in range(3):
            api.get_messages(user, conversation_id=conversation.id).success()
        api.get_messages(user).error(400)
        api.post(None, "mark_read", {}).error(401)
        api.post(user, "nothing", {}).error(404)

    changed = changes(service, act)
    assert changed['orbia_requests_total{endpoint="get_messages",status="200"}'] == 3
    assert changed['orbia_requests_total{endpoint="get_messages",status="400"}'] == 1
    assert changed['orbia_requests_total{endpoint="mark_read",status="401"}'] == 1
    assert changed['orbia_requests_total{endpoint="other",status="404"}'] == 1
    assert changed['orbia_request_duration_seconds_count{endpoint="get_messages"}'] == 4
    assert changed['orbia_request_duration_seconds_bucket{endpoint="get_messages",le="+Inf"}'] == 4
    assert changed["orbia_queue_seconds_count"] == 6
    assert changed["orbia_database_statements_total"] == 6
    assert changed["orbia_database_seconds_total"] > 0
    assert changed["orbia_connections_accepted_total"] == 6
    assert changed['orbia_connections_closed_total{reason="finished"}'] == 6


def test_requests_that_libfcgi_does_not_read_have_a_count(service):
    assert service.metrics()["orbia_requests_unreadable_total"] == 0


@pytest.mark.parametrize("route", ROUTES)
def test_every_endpoint_is_there_before_its_first_request(service, route):
    assert f'orbia_request_duration_seconds_count{{endpoint="{route}"}}' in service.metrics()


def test_the_busy_worker_and_those_who_wait_are_seen(service, database):
    """The one worker has a write that waits for a row; two more writes of the conversation wait for their turn."""
    user = database.user()
    conversation, other = database.conversation(user), database.conversation(user)
    metrics = service.metrics()
    assert (metrics["orbia_workers"], metrics["orbia_workers_busy"], metrics["orbia_writes"]) == (1, 0, 0)
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        calls = [threads.submit(service.api().send_text, user, conversation)]
        wait_for_lock_wait(database, ACCOUNT)
        calls += [threads.submit(service.api().send_text, user, other) for _ in range(2)]
        eventually(lambda: service.metrics()["orbia_queue_length"] == 2, within=5, what="two wait")
        metrics = service.metrics()
        cursor.connection.rollback()
        for call in calls:
            call.result().success()
    assert (metrics["orbia_workers_busy"], metrics["orbia_writes"]) == (1, 1)
    assert metrics['orbia_connections{state="serving"}'] == 1
    assert metrics['orbia_connections{state="waiting"}'] == 2


def test_writes_that_are_parked_are_seen(start_service, database):
    service = start_service(ORBIA_WORKERS="8", ORBIA_QUEUE_AGE="10s")
    user = database.user()
    conversation = database.conversation(user)
    with database.transaction() as cursor, ThreadPoolExecutor(7) as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        calls = [threads.submit(service.api().send_text, user, conversation) for _ in range(7)]
        eventually(lambda: service.metrics()['orbia_connections{state="parked"}'] >= 5, within=5,
                   what="they are parked")
        metrics = service.metrics()
        cursor.connection.rollback()
        for call in calls:
            call.result().success()
    assert metrics["orbia_writes"] + metrics['orbia_connections{state="parked"}'] == 7
    assert metrics['orbia_connections{state="serving"}'] == metrics["orbia_writes"]
    assert metrics["orbia_queue_length"] == 0
    metrics = service.metrics()
    assert (metrics["orbia_writes"], metrics['orbia_connections{state="parked"}']) == (0, 0)


def test_kept_connections_are_seen(service, database):
    user = database.user()
    kept = [service.kept_api() for _ in range(5)]
    for api in kept:
        api.get_conversations(user).success()
    assert service.metrics()['orbia_connections{state="idle"}'] == 5
    for api in kept:
        api.transport.close()
    eventually(lambda: service.metrics()['orbia_connections{state="idle"}'] == 0, within=5, what="they are closed")
    assert service.metrics()['orbia_connections_closed_total{reason="peer"}'] == 5


@pytest.mark.parametrize("route, queue", [("send_message", "writes"), ("get_conversation", "queue")])
def test_refused_requests_are_counted_by_their_reason(start_service, database, route, queue):
    service = start_service(ORBIA_WORKERS="1", ORBIA_QUEUE_LENGTH="1", ORBIA_WRITE_QUEUE_LENGTH="1",
                            ORBIA_QUEUE_AGE="100ms")
    user = database.user()
    conversation = database.conversation(user)
    body = {"conversation_id": conversation.id, "message_type": "text", "content": "x"}
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        held = threads.submit(service.api().send_text, user, conversation)
        wait_for_lock_wait(database, ACCOUNT)
        calls = [threads.submit(service.api().post, user, route, body) for _ in range(3)]
        for call in calls:
            call.result().error(503)
        cursor.connection.rollback()
        held.result().success()
    eventually(lambda: service.metrics()[f'orbia_requests_total{{endpoint="{route}",status="503"}}'] == 3,
               within=5, what="they are counted")
    metrics = service.metrics()
    assert metrics[f'orbia_refused_total{{reason="{queue}_full"}}'] == 2
    assert metrics[f'orbia_refused_total{{reason="{queue}_age"}}'] == 1


def test_a_lost_database_connection_is_counted(service, database):
    user = database.user()
    service.api().get_conversations(user).success()
    before = service.metrics()["orbia_database_connects_total"]
    for row in database.rows("SHOW PROCESSLIST"):
        if row["User"] == ACCOUNT and row["db"] == database.name:
            database.execute(f"KILL {row['Id']}")
    service.api().get_conversations(user).success()
    eventually(lambda: service.metrics()["orbia_database_connects_total"] == before + 1,
               within=5, what="it is counted")


def test_limits_stand_beside_what_they_limit(start_service):
    metrics = start_service(ORBIA_WORKERS="8", ORBIA_QUEUE_LENGTH="31", ORBIA_WRITE_QUEUE_LENGTH="32",
                            ORBIA_CONNECTIONS="600", ORBIA_WAITERS="33", ORBIA_QUEUE_AGE="700ms",
                            ORBIA_DEADLINE="4s").metrics()
    limits = {name: value for name, value in metrics.items() if name.endswith("_limit")}
    # There where these tests run in a group with a limit.
    limits.pop("process_resident_memory_bytes_limit", None)
    assert limits.pop("orbia_held_bytes_limit") > 64 << 20
    assert limits == {
        "orbia_queue_length_limit": 31, "orbia_writes_limit": 6, "orbia_writes_waiting_limit": 32,
        "orbia_searches_limit": 2, "orbia_searches_waiting_limit": 31, "orbia_polls_waiting_limit": 33,
        "orbia_connections_limit": 600}
    assert (metrics["orbia_queue_limit_seconds"], metrics["orbia_deadline_seconds"]) == (0.7, 4)
    assert metrics["process_max_fds"] >= 600
    for name in limits:
        assert any(each.partition("{")[0] == name.removesuffix("_limit") for each in metrics), name


def test_the_last_success_of_each_endpoint_is_told(service, database):
    user = database.user()
    conversation = database.conversation(user)
    last = 'orbia_last_success_timestamp_seconds{endpoint="send_message"}'
    assert service.metrics()[last] == 0
    service.api().post(user, "send_message", {}).error(400)
    assert service.metrics()[last] == 0
    service.api().send_text(user, conversation).success()
    eventually(lambda: abs(service.metrics()[last] - time.time()) < 30, within=5, what="it is there")
    assert service.metrics()['orbia_last_success_timestamp_seconds{endpoint="mark_read"}'] == 0


def test_requests_by_the_previous_secret_alone_are_counted(start_service, database, stack):
    service = start_service(JWT_SECRET="the new secret, with more than 32 bytes", JWT_SECRET_PREVIOUS=stack.secret)
    user = database.user()
    counted = "orbia_requests_by_previous_secret_total"
    assert service.metrics()["orbia_token_secrets"] == 2
    service.api().get_conversations(user).success()
    assert service.metrics()[counted] == 0
    Api(FastCGITransport(service.socket, 10), stack.secret).get_conversations(user).success()
    eventually(lambda: service.metrics()[counted] == 1, within=5, what="it is counted")
    Api(FastCGITransport(service.socket, 10), "a secret of nobody's").get_conversations(user).error(401)
    assert service.metrics()[counted] == 1


def test_a_host_that_comes_and_goes_is_counted(mortal, service_on):
    service = service_on(mortal, mortal.database())
    eventually(lambda: is_ready(service), within=5, what="the service is ready")

    def count(name):
        return service.metrics()[f'orbia_database_host_{name}{{host="{mortal.socket}"}}']

    assert (count("up"), count("in_use"), count("faults_total")) == (1, 1, 0)
    mortal.kill()
    try:
        eventually(lambda: count("up") == 0, within=10, what="it is out")
        assert (count("in_use"), count("faults_total")) == (0, 1)
    finally:
        mortal.start()
    eventually(lambda: count("up") == 1, within=10, what="it is back")
    assert (count("in_use"), count("faults_total")) == (1, 1)


def test_what_the_process_takes_is_seen(service):
    metrics = service.metrics()
    assert 1 << 20 < metrics["process_resident_memory_bytes"] < 1 << 28
    assert metrics["process_cpu_seconds_total"] > 0
    assert 5 < metrics["process_open_fds"] < 100
    assert time.time() - 3600 < metrics["process_start_time_seconds"] <= time.time()
