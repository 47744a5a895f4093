"""Each alert of deploy/prometheus, brought about on a real service and seen firing in a real Prometheus.

Their expressions are as they are; for how long something has to last is left out ("for"). Each alert is looked at for a
job of its own, and a service that nothing is wrong with raises none.
"""

import re
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import yaml

from another_build import another_build
from api import Api, FastCGITransport
from certificates import Authority
from control_group import ControlGroup
from mariadb import MariaDB
from order_progress import opened, turn_on
from orbia.document import Administrator, commands
from orbia.fastcgi.peer import exchange
from orbia.polling import eventually
from orbia.ports import free_port
from polls import polls_at
from prometheus import EXAMPLE, Mtail, Pages, Prometheus, alert_names
from service import Service, settings_for
from test_rate_limit import REQUESTS, pipelined
from wire import Wire

pytestmark = pytest.mark.slow

# Seconds in which Prometheus sees, with two looks a second, what has been brought about.
SEEN_WITHIN = 15
HEALTHY, MORTAL = "orbia-conversation-healthy", "orbia-conversation-mortal"
JOBS = [HEALTHY, MORTAL, *(f"orbia-conversation-{name}" for name in alert_names())]
# The one job with a second instance.
TWO_BUILDS = "orbia-conversation-OrbiaTwoBuilds"
NGINX = "orbia-nginx"
ADDRESS = "127.3.1.1"


class Watch:
    """The Prometheus, and which service stands under which job."""

    def __init__(self, prometheus: Prometheus, pages: Pages):
        self._prometheus, self._pages = prometheus, pages
        self.port = prometheus.port
        self.query = prometheus.query
        self.firing = prometheus.firing

    @contextmanager
    def beside(self, service: Service) -> Iterator[None]:
        """Inside, it is the second instance of TWO_BUILDS, once that has been seen."""
        self._pages.services[f"{TWO_BUILDS}-2"] = service
        try:
            self._see(f'up{{job="{TWO_BUILDS}",instance="host/2"}} == 1', "the second instance is seen")
            yield
        finally:
            del self._pages.services[f"{TWO_BUILDS}-2"]

    def look_at(self, service: Service, job: str):
        """Returns when it has been seen."""
        self._pages.services[job] = service
        self._see(f'up{{job="{job}"}} == 1', "it is seen")

    def raises(self, service: Service, *alerts: str, act: Callable[[], object] = lambda: None,
               within: float = SEEN_WITHIN):
        """Each of the alerts fires, for the service under a job of its own; `act` is called until they do."""
        jobs = [f"orbia-conversation-{alert}" for alert in alerts]
        for job in jobs:
            self.look_at(service, job)

        def fire() -> bool:
            act()
            return all(alert in self.firing(job) for alert, job in zip(alerts, jobs))

        try:
            eventually(fire, within=within, what=f"{', '.join(alerts)} fire", every=0.1)
        finally:
            for job in jobs:
                del self._pages.services[job]

    def sees(self, job: str, metric: str, value: float):
        self._see(f'{metric}{{job="{job}"}} == {value}', f"{metric} is {value}")

    def _see(self, expression: str, what: str):
        eventually(lambda: self.query(expression), within=SEEN_WITHIN, what=what, every=0.1)


@pytest.fixture(scope="module")
def mtail(make_directory, stack):
    with Mtail(make_directory(), stack.directory / "log" / "nginx-access.log") as mtail:
        yield mtail


@pytest.fixture(scope="module")
def watch(make_directory, mtail) -> Iterator[Watch]:
    with Pages() as pages:
        targets = [{"targets": [pages.address], "labels": {"job": job, "__metrics_path__": f"/{job}/metrics",
                                                           "instance": "host/1"}} for job in JOBS]
        targets.append({"targets": [pages.address], "labels": {
            "job": TWO_BUILDS, "__metrics_path__": f"/{TWO_BUILDS}-2/metrics", "instance": "host/2"}})
        targets.append({"targets": [f"127.0.0.1:{mtail.port}"], "labels": {"job": NGINX, "instance": "host"}})
        scrape_configs = [{"job_name": "any", "static_configs": targets}]
        with Prometheus(make_directory(), scrape_configs) as prometheus:
            yield Watch(prometheus, pages)


@pytest.fixture
def own(server, quiet_database, make_directory):
    """A database of the test's own, and services on it with settings of their own."""
    database = server.create_service_database("watched")
    started = []

    def start(**settings) -> Service:
        started.append(Service(make_directory(), {**settings_for(server, database), **settings}))
        started[-1].start()
        return started[-1]

    yield database, start
    for service in started:
        service.stop()
    database.execute("DROP DATABASE watched")


@contextmanager
def repeated(act: Callable[[], object]) -> Iterator[None]:
    """Inside, it is done again and again, in another thread."""
    stop = threading.Event()

    def run():
        while not stop.is_set():
            act()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_example_of_a_configuration_watches_a_stack(stack, mtail, make_directory, api, database):
    """prometheus.yml, but for its intervals and for where nginx and mtail listen. Of its two instances this stack has
    the first."""
    here = {"127.0.0.1:9180": f"127.0.0.1:{stack.ports.status}", "127.0.0.1:3903": f"127.0.0.1:{mtail.port}"}
    example = EXAMPLE.read_text()
    for there, replacement in here.items():
        assert there in example
        example = example.replace(there, replacement)
    user = database.user()
    with Prometheus(make_directory(), yaml.safe_load(example)["scrape_configs"]) as prometheus:
        def ups() -> dict:
            return {(series["metric"]["job"], series["metric"]["instance"]): series["value"][1]
                    for series in prometheus.query("up")}

        def rates() -> list[dict]:
            api.get_conversations(user).success()
            return [prometheus.query(query) for query in (
                'orbia:requests:rate5m{job="orbia-conversation",endpoint="get_conversations",status="200"} > 0',
                'rate(orbia_nginx_requests_total{job="orbia-nginx",instance="host",status="200"}[5m]) > 0')]

        eventually(lambda: len(ups()) == 3, within=SEEN_WITHIN, what="it looks at all of them", every=0.1)
        eventually(lambda: all(rates()), within=SEEN_WITHIN, what="requests are seen from both sides", every=0.1)
        assert ups() == {("orbia-conversation", "host/1"): "1", ("orbia-conversation", "host/2"): "0",
                         ("orbia-nginx", "host"): "1"}
        eventually(lambda: prometheus.firing("orbia-conversation") == {"OrbiaInstanceDown"}, within=SEEN_WITHIN,
                   what="the second instance, and nothing else, is missed", every=0.1)


def test_every_alert_is_brought_about_here():
    with open(__file__) as file:
        text = file.read()
    assert [name for name in alert_names() if f'"{name}"' not in text] == []


def test_a_service_that_nothing_is_wrong_with_raises_none(watch, own):
    """With requests of every kind, one that is refused among them, and a client that waits."""
    database, start = own
    service = start()
    user = database.user()
    conversation = database.conversation(user)
    eventually(lambda: service.metrics()["orbia_backfill_last_success_timestamp_seconds"] > 0, within=10,
               what="the back-fill has run")
    eventually(lambda: service.page("/readyz").status == 200, within=10, what="it is ready")
    watch.look_at(service, HEALTHY)
    with polls_at(service) as polls:
        polls.for_changes(user)
        for _ in range(50):
            service.api().send_text(user, conversation).success()
            service.api().get_messages(user, conversation_id=conversation.id).success()
        service.api().mark_read(user).error(400)
        eventually(lambda: watch.query(f'orbia:errors:ratio5m{{job="{HEALTHY}"}} == 0'), within=SEEN_WITHIN,
                   what="the requests are seen")
        # A machine that is busy may answer a look too late, which without "for" is an instance that is down.
        eventually(lambda: watch.firing(HEALTHY) == set(), within=SEEN_WITHIN, what="none fires", every=0.1)


def test_an_instance_that_is_killed_is_told_of(watch, own):
    service = own[1]()
    watch.raises(service, "OrbiaInstanceDown", act=service.kill)


def test_a_dead_database_is_told_of(watch, mortal, make_directory):
    service = Service(make_directory(), settings_for(mortal, mortal.database()))
    with service.running():
        watch.look_at(service, MORTAL)
        watch.sees(MORTAL, "orbia_ready", 1)
        mortal.kill()
        try:
            watch.raises(service, "OrbiaNotReady", "OrbiaNoDatabase", "OrbiaDatabaseHostOut")
        finally:
            mortal.start()


def test_a_host_that_comes_and_goes_is_told_of(watch, mortal, make_directory):
    service = Service(make_directory(), settings_for(mortal, mortal.database()))
    up = f'orbia_database_host_up{{host="{mortal.socket}"}}'

    def come_and_go():
        for is_read_only in (1, 0):
            mortal.database().execute(f"SET GLOBAL read_only = {is_read_only}")
            eventually(lambda: service.metrics()[up] == 1 - is_read_only, within=10, what="it has been noticed")

    with service.running():
        watch.raises(service, "OrbiaDatabaseHostFlaps", act=come_and_go, within=60)


def test_requests_that_fail_are_told_of(watch, own):
    """No database is there, and so no back-fill runs, either."""
    service = own[1](MYSQL_SOCKET="/nowhere/mariadb.sock")

    def fail():
        body = {"conversation_id": 1, "message_type": "text", "content": "x"}
        service.api().post_with_token(service.api().token(1), "send_message", body).error(503)

    watch.raises(service, "OrbiaErrors", "OrbiaSendsFail", "OrbiaBackfillLate", act=fail)


def test_writes_that_are_held_up_are_told_of(watch, own):
    """One row is locked, and its write has the one worker."""
    database, start = own
    service = start(ORBIA_WORKERS="1", ORBIA_QUEUE_AGE="50ms")
    user = database.user()
    conversation = database.conversation(user)
    with database.transaction() as cursor:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        with repeated(lambda: service.api().send_text(user, conversation)):
            watch.raises(service, "OrbiaWritesBlocked", "OrbiaWorkersBusy", "OrbiaSlow", "OrbiaRefusing",
                         act=lambda: service.api().get_conversations(user))
        cursor.connection.rollback()


def test_as_many_clients_as_may_wait_are_told_of(watch, own):
    database, start = own
    service = start(ORBIA_WAITERS="2")
    with polls_at(service) as polls:
        for user in database.users(2):
            polls.for_changes(user)
        watch.raises(service, "OrbiaWaitersFull")


def test_a_watcher_that_cannot_look_is_told_of(watch, own, quiet_database):
    """A client waits, and then the service's right to read changes is gone."""
    database, start = own
    service = start()
    with polls_at(service) as polls:
        polls.for_changes(database.user())
        database.execute("REVOKE SELECT ON orbia_conversation_change FROM orbia_conversation_app_watched")
        watch.raises(service, "OrbiaWatcherFails")


def test_as_many_connections_and_descriptors_as_may_be_are_told_of(watch, own):
    database, start = own
    service = start(ORBIA_CONNECTIONS="10")
    kept = [service.kept_api() for _ in range(10)]
    for api in kept:
        api.get_conversations(database.user()).success()
    limits = resource.prlimit(service.pid, resource.RLIMIT_NOFILE)
    # One of them is the status page's.
    few = int(service.metrics()["process_open_fds"]) + 1
    resource.prlimit(service.pid, resource.RLIMIT_NOFILE, (few, limits[1]))
    try:
        watch.raises(service, "OrbiaConnectionsFull", "OrbiaDescriptorsFull")
    finally:
        resource.prlimit(service.pid, resource.RLIMIT_NOFILE, limits)
        for api in kept:
            api.transport.close()


def test_memory_near_its_limit_is_told_of(watch, own, server, make_directory):
    """The limit is what moves here: to a little more than the process has."""
    group = ControlGroup(make_directory())
    group.limit(1 << 30)
    with Service(make_directory(), settings_for(server, own[0]), program=group.program).running() as service:
        watch.look_at(service, MORTAL)
        watch.sees(MORTAL, "process_resident_memory_bytes_limit", 1 << 30)
        assert "OrbiaMemoryFull" not in watch.firing(MORTAL)
        group.limit(int(service.metrics()["process_resident_memory_bytes"] * 1.1))
        watch.raises(service, "OrbiaMemoryFull")


def test_two_builds_are_told_of(watch, own, make_directory):
    service = own[1]()
    other = Service(make_directory(), service.settings, program=another_build(make_directory()))
    with other.running(), watch.beside(other):
        watch.raises(service, "OrbiaTwoBuilds")


def test_a_service_that_is_started_again_and_again_is_told_of(watch, own):
    service = own[1]()

    def start_again():
        started = service.metrics()["process_start_time_seconds"]
        service.kill()
        eventually(lambda: time.time() >= started + 1, within=2, what="the next second has begun")
        service.start()
        started = service.metrics()["process_start_time_seconds"]
        watch.sees("orbia-conversation-OrbiaRestarts", "process_start_time_seconds", started)

    watch.raises(service, "OrbiaRestarts", act=start_again, within=60)


def test_tokens_that_are_refused_are_told_of(watch, own):
    service = own[1]()
    watch.raises(service, "OrbiaTokensRefused", act=lambda: service.api().post_with_token("x.y.z").error(401))


def test_a_previous_secret_that_nobody_uses_is_told_of(watch, own, server):
    service = own[1](JWT_SECRET="the new secret, with more than 32 bytes",
                     JWT_SECRET_PREVIOUS=settings_for(server, own[0])["JWT_SECRET"])
    watch.raises(service, "OrbiaPreviousSecretLeft")


def test_one_that_is_used_is_not(watch, own, server):
    old = settings_for(server, own[0])["JWT_SECRET"]
    service = own[1](JWT_SECRET="the new secret, with more than 32 bytes", JWT_SECRET_PREVIOUS=old)
    user = own[0].user()
    watch.look_at(service, MORTAL)
    watch.sees(MORTAL, "orbia_requests_by_previous_secret_total", 0)
    Api(FastCGITransport(service.socket, 10), old).get_conversations(user).success()
    eventually(lambda: watch.query(f'increase(orbia_requests_by_previous_secret_total{{job="{MORTAL}"}}[1h]) > 0'),
               within=SEEN_WITHIN, what="it is seen")
    eventually(lambda: "OrbiaPreviousSecretLeft" not in watch.firing(MORTAL), within=SEEN_WITHIN, what="it is silent")


def test_certificates_that_end_soon_are_told_of(watch, make_directory):
    """The server's, and the one that the service shows it."""
    authority = Authority(make_directory(), "authority")
    certificate, key = authority.sign("server")
    own_certificate, own_key = authority.sign("service")
    with MariaDB(make_directory(), f"--ssl-ca={authority.certificate}", f"--ssl-cert={certificate}",
                 f"--ssl-key={key}", port=free_port()) as server:
        server.create_service_database()
        server.database().execute("ALTER USER orbia_conversation@127.0.0.1 REQUIRE X509")
        tls = {"MYSQL_SOCKET": "", "MYSQL_HOST": f"127.0.0.1:{server.port}", "MYSQL_TLS": "required",
               "MYSQL_TLS_CERT": str(own_certificate), "MYSQL_TLS_KEY": str(own_key)}
        with Service(make_directory(), {**settings_for(server, server.database()), **tls}).running() as service:
            watch.raises(service, "OrbiaCertificateEnds", "OrbiaOwnCertificateEnds")


def test_orders_that_nobody_can_open_a_conversation_for_are_told_of(watch, own):
    database, start = own
    order = database.order(status="confirmed")
    database.execute("DELETE FROM orbia_conversation WHERE related_order_id = %s", order.order_id)
    database.execute("CREATE TRIGGER refuse BEFORE INSERT ON orbia_conversation FOR EACH ROW"
                     " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test'")
    watch.raises(start(), "OrbiaOrdersWithoutConversation")


def test_a_change_of_an_order_that_is_not_told_is_told_of(watch, own):
    """Of a minute ago, in a conversation that staff hold."""
    database, start = own
    turn_on(database)
    order, conversation = opened(database)
    service = start()
    with database.transaction() as staff:
        staff.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        database.set_order_status(order, "completed")
        database.execute("UPDATE orbia_order_progress SET changed_at = changed_at - INTERVAL 1 MINUTE")
        watch.raises(service, "OrbiaOrderProgressLate")
        staff.connection.rollback()


def test_times_that_are_ahead_are_told_of(watch, own):
    database, start = own
    conversation = database.conversation(database.user())
    database.execute("UPDATE orbia_conversation SET last_message_at = NOW() + INTERVAL 1 DAY WHERE id = %s",
                     conversation.id)
    watch.raises(start(), "OrbiaTimesAhead")


def test_a_log_that_cannot_be_written_is_told_of(watch, own):
    """The lines wait, and are dropped once there is no room for them: 8 MB, of requests with a long id."""
    service = own[1](ORBIA_ACCESS_LOG="/dev/full")
    parameters = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "/", "REQUEST_ID": "x" * 6_000}

    def request():
        for _ in range(200):
            exchange(service.socket, parameters, b"", 5)

    with repeated(request):
        watch.raises(service, "OrbiaLogNotWritten", "OrbiaLogLinesDropped", within=60)


@contextmanager
def out_of_reach(stack) -> Iterator[None]:
    """Inside, the service's socket has another name. nginx notices once it has closed the connections that it keeps."""
    socket, away = (stack.directory / name for name in ("service-1.sock", "service-1.sock.away"))
    socket.rename(away)
    try:
        yield
    finally:
        away.rename(socket)


def test_an_instance_that_nginx_does_not_reach_is_told_of(watch, stack, api, database, server, tmp_path):
    """By mtail, from the log of the stack's nginx; and the runbook's command says which instance it is."""
    user, administrator = database.user(), Administrator(tmp_path, server)

    def fires() -> bool:
        statuses = {api.get_conversations(user).status for _ in range(20)}
        return statuses == {502} and "OrbiaUnreachable" in watch.firing(NGINX)

    with out_of_reach(stack):
        eventually(fires, within=60, what="it fires", every=0.5)
    log = stack.directory / "log" / "nginx-access.log"
    [which] = [command for command in commands("Alerts") if command.startswith("awk ")]
    counted = administrator.run(which.replace("/var/log/nginx/orbia-conversation.log", str(log)))
    assert re.search(rf"^ *[0-9]+ instance=unix:{stack.directory}/service-1.sock$", counted, re.MULTILINE), counted


def flood(stack):
    """More requests than the rate limit lets through, from one address."""
    answers = pipelined(Wire(stack.ports.https, stack.certificate, ADDRESS), REQUESTS)
    assert 429 in {answer.status for answer in answers}


def test_what_the_rate_limit_refuses_is_counted_and_told_of(watch, stack):
    """By mtail, from the log of the stack's nginx."""
    def fires() -> bool:
        flood(stack)
        return "OrbiaRateLimited" in watch.firing(NGINX)

    eventually(fires, within=60, what="it fires", every=0.5)


def test_the_questions_of_a_night_are_answered(watch, own, server, stack, database, api, tmp_path):
    """The commands of the runbook as they stand there, but for ports and for where the logs are."""
    flood(stack)
    user = database.user()
    api.send_text(user, database.conversation(user)).success()
    answer = api.get_messages(user)
    answer.error(400)
    logs = stack.directory / "log"
    for log in ("nginx-access.log", "access-1.log"):
        eventually(lambda: answer.headers["X-Request-Id"] in (logs / log).read_text(), within=5, what=f"it is in {log}")
    watched, start = own
    sender = watched.user()
    watched.message(watched.conversation(sender), sender)
    service = start()
    watch.look_at(service, HEALTHY)
    with repeated(lambda: service.api().get_conversations(sender).success()):
        eventually(lambda: watch.query(f'orbia:database:ratio5m{{job="{HEALTHY}"}}'), within=SEEN_WITHIN,
                   what="it has seen requests")
    here = {"/var/log/orbia-conversation/*.log": f"{logs}/access-1.log", "mariadb orbia ": "mariadb watched ",
            "/var/log/nginx/orbia-conversation.log": f"{logs}/nginx-access.log", '"user":1,': f'"user":{user.id},',
            "127.0.0.1:9180": f"127.0.0.1:{stack.ports.status}", "127.0.0.1:9090": f"127.0.0.1:{watch.port}"}
    questions = []
    for command in commands("Questions of a night"):
        for there, replacement in here.items():
            command = command.replace(there, replacement)
        questions.append(command)
    [requests] = [command for command in questions if command.startswith("requests() { tail ")]
    questions = [command for command in questions if not command.startswith("requests()")]
    assert len(questions) >= 14
    administrator = Administrator(tmp_path, server)
    assert [command for command in questions if not administrator.run(requests, command).strip()] == []


def test_a_log_of_nginx_that_nobody_counts_is_told_of(watch, mtail):
    """The last of the tests here: mtail is gone with it."""
    assert "OrbiaNginxNotCounted" not in watch.firing(NGINX)
    mtail.kill()
    eventually(lambda: "OrbiaNginxNotCounted" in watch.firing(NGINX), within=SEEN_WITHIN, what="it fires", every=0.1)
