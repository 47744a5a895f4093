"""TLS to the database: none, with whoever answers, or with a server that proves who it is."""

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import pymysql
import pytest

from certificates import Authority
from mariadb import MariaDB
from orbia.database_server import ACCOUNT
from orbia.polling import eventually
from orbia.ports import free_port
from orbia.private_mariadb import PASSWORD
from service import Service, run, settings_for

# Seconds in which a service has looked at the certificate; a look that failed is tried again after ten.
LOOK = 20


def certificate_ends(service) -> dict:
    """By the hosts, in seconds since 1970."""
    name = 'orbia_database_certificate_expiry_timestamp_seconds{host="'
    return {key.removeprefix(name).removesuffix('"}'): value for key, value in service.metrics().items()
            if key.startswith(name)}


@pytest.fixture(scope="module")
def authority(make_directory):
    return Authority(make_directory(), "authority")


@pytest.fixture(scope="module")
def other_authority(make_directory):
    return Authority(make_directory(), "other")


@pytest.fixture(scope="module")
def client(authority):
    return authority.sign("client")


@pytest.fixture(scope="module")
def secure_server(authority, make_directory):
    certificate, key = authority.sign("server", "subjectAltName=IP:127.0.0.1,DNS:db.example")
    with MariaDB(make_directory(), f"--ssl-ca={authority.certificate}", f"--ssl-cert={certificate}",
                 f"--ssl-key={key}", port=free_port()) as server:
        server.create_service_database()
        yield server


@pytest.fixture
def settings(secure_server):
    return {**settings_for(secure_server, secure_server.database()), "MYSQL_SOCKET": "", "MYSQL_HOST": "127.0.0.1",
            "MYSQL_PORT": str(secure_server.port)}


@pytest.fixture
def requirement(secure_server):
    """Has the server want something of the service's account."""
    def require(what):
        for host in ("localhost", "127.0.0.1"):
            secure_server.database().execute(f"ALTER USER orbia_conversation@{host} REQUIRE {what}")

    yield require
    require("NONE")


def check(settings, **more):
    return run("check", **{**settings, **{name: str(value) for name, value in more.items()}})


def test_without_it_the_connection_is_plain(settings, requirement):
    assert check(settings).returncode == 0
    requirement("SSL")
    assert check(settings).returncode == 1


@pytest.mark.parametrize("mode", ["required", "verify"])
def test_with_it_the_connection_is_encrypted(settings, requirement, authority, mode):
    requirement("SSL")
    done = check(settings, MYSQL_TLS=mode, MYSQL_TLS_CA=authority.certificate)
    assert done.returncode == 0, done.stdout


def test_required_takes_any_certificate(settings, requirement):
    requirement("SSL")
    assert check(settings, MYSQL_TLS="required").returncode == 0


def test_verify_refuses_a_server_of_another_authority(settings, other_authority):
    done = check(settings, MYSQL_TLS="verify", MYSQL_TLS_CA=other_authority.certificate)
    assert done.returncode == 1
    assert "wrong database" in done.stdout


def test_verify_refuses_a_server_of_another_name(settings, authority):
    """localhost is the same server, but not a name that its certificate has."""
    done = check(settings, MYSQL_TLS="verify", MYSQL_TLS_CA=authority.certificate, MYSQL_HOST="localhost")
    assert done.returncode == 1


@pytest.mark.parametrize("mode", ["required", "verify"])
def test_a_server_without_tls_is_refused(settings, authority, make_directory, mode):
    with MariaDB(make_directory(), port=free_port()) as plain:
        plain.create_service_database()
        there = {**settings, "MYSQL_PORT": str(plain.port)}
        assert check(there).returncode == 0
        assert check(there, MYSQL_TLS=mode, MYSQL_TLS_CA=authority.certificate).returncode == 1


def test_a_client_proves_who_it_is(settings, requirement, authority, client):
    requirement("X509")
    certificate, key = client
    tls = {"MYSQL_TLS": "verify", "MYSQL_TLS_CA": authority.certificate}
    assert check(settings, **tls).returncode == 1
    assert check(settings, **tls, MYSQL_TLS_CERT=certificate, MYSQL_TLS_KEY=key).returncode == 0


def test_requests_are_served_and_bounded_over_it(secure_server, settings, authority, make_directory):
    service = Service(make_directory(), {**settings, "MYSQL_TLS": "verify",
                                         "MYSQL_TLS_CA": str(authority.certificate)})
    service.start()
    try:
        database = secure_server.database()
        user = database.user()
        conversation = database.conversation(user)
        service.api().send_text(user, conversation, "长" * 20_000).success()
        [message] = service.api().get_messages(user, conversation_id=conversation.id).success()["messages"]
        assert message["content"] == "长" * 20_000
        secure_server.freeze()
        try:
            for _ in range(3):
                service.api(timeout=4).get_messages(user, conversation_id=conversation.id).error(503)
        finally:
            secure_server.resume()
        eventually(lambda: service.api().get_conversations(user).status == 200, within=5, what="it answers again")
    finally:
        assert service.stop() == 0


def test_the_end_of_the_servers_certificate_is_told(secure_server, settings, authority, make_directory):
    service = Service(make_directory(), {**settings, "MYSQL_TLS": "required"})
    with service.running():
        end = eventually(lambda: certificate_ends(service), within=LOOK, what="it is told")
    assert end == {f'127.0.0.1:{settings["MYSQL_PORT"]}': authority.end_of("server")}


def test_a_renewed_certificate_is_told_by_a_new_connection_alone(secure_server, settings, authority, make_directory):
    """The service connects anew for each look: a connection that is kept would tell of the old one."""
    def sign_anew() -> bool:
        authority.sign("server", "subjectAltName=IP:127.0.0.1,DNS:db.example")
        return authority.end_of("server") != old

    old = authority.end_of("server")
    kept = pymysql.connect(host="127.0.0.1", port=secure_server.port, user=ACCOUNT, password=PASSWORD, database="orbia",
                           ssl={"ca": str(authority.certificate)})
    eventually(sign_anew, within=10, what="there is another one")
    secure_server.database().execute("FLUSH SSL")
    with kept.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_server_not_after'")
        assert ssl.cert_time_to_seconds(cursor.fetchone()[1]) == old
    kept.close()
    service = Service(make_directory(), {**settings, "MYSQL_TLS": "verify", "MYSQL_TLS_CA": str(authority.certificate)})
    with service.running():
        end = eventually(lambda: certificate_ends(service), within=LOOK, what="it is told")
    assert set(end.values()) == {authority.end_of("server")}


@pytest.mark.parametrize("changed", [{"MYSQL_TLS": "off"}, {"MYSQL_TLS": "required", "MYSQL_HOST": "127.0.0.1:1"}])
def test_without_tls_or_a_connection_no_end_of_a_certificate_is_told(settings, make_directory, changed):
    service = Service(make_directory(), {**settings, **changed})
    with service.running():
        eventually(lambda: service.page("/readyz").json["status"] != "starting", within=10, what="it has looked")
        assert certificate_ends(service) == {}


OWN_END = "orbia_database_own_certificate_expiry_timestamp_seconds"


def test_the_end_of_the_services_own_certificate_is_told(settings, requirement, authority, make_directory):
    """That of the file as it is now, since each new connection reads it anew."""
    requirement("X509")
    certificate, key = authority.sign("service")
    tls = {"MYSQL_TLS": "required", "MYSQL_TLS_CERT": str(certificate), "MYSQL_TLS_KEY": str(key)}
    with Service(make_directory(), {**settings, **tls}).running() as service:
        eventually(lambda: service.page("/readyz").status == 200, within=10, what="the database knows it")
        assert service.metrics()[OWN_END] == (end := authority.end_of("service"))
        eventually(lambda: authority.sign("service") and authority.end_of("service") != end, within=10,
                   what="it is renewed")
        assert service.metrics()[OWN_END] == authority.end_of("service") != end
        # As a file with a chain: the service's own comes first.
        certificate.write_text(certificate.read_text() + authority.certificate.read_text())
        assert service.metrics()[OWN_END] == authority.end_of("service")
        for unreadable in ("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
            certificate.write_text(unreadable)
            assert OWN_END not in service.metrics()
        certificate.unlink()
        assert OWN_END not in service.metrics()


@pytest.mark.parametrize("mode", ["off", "required"])
def test_without_a_certificate_or_without_tls_no_end_of_it_is_told(settings, client, make_directory, mode):
    certificate, key = client
    shown = {"MYSQL_TLS_CERT": str(certificate), "MYSQL_TLS_KEY": str(key)} if mode == "off" else {}
    with Service(make_directory(), {**settings, "MYSQL_TLS": mode, **shown}).running() as service:
        assert OWN_END not in service.metrics()


@pytest.fixture(params=["off", "verify"])
def failed_over(request, settings, authority, make_directory):
    """A service whose first host takes connections and never answers; with TLS and without."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
        hosts = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{settings['MYSQL_PORT']}"
        service = Service(make_directory(), {**settings, "MYSQL_HOST": hosts, "MYSQL_TLS": request.param,
                                             "MYSQL_TLS_CA": str(authority.certificate), "ORBIA_WORKERS": "1"})
        service.start()
        yield service
        assert service.stop() == 0


def test_the_client_does_not_give_up_before_the_server_does(failed_over, secure_server):
    """A send waits for 1.2 s, within its time: on its one connection, which is not given up meanwhile."""
    database = secure_server.database()
    user = database.user()
    conversation = database.conversation(user)
    failed_over.api().send_text(user, conversation, "vorher").success()
    connects = failed_over.metrics()["orbia_database_connects_total"]
    with database.connect().cursor() as locking, ThreadPoolExecutor() as threads:
        locking.execute("LOCK TABLES orbia_message WRITE")
        sending = threads.submit(failed_over.api().send_text, user, conversation, "你好")
        time.sleep(1.2)
        locking.execute("UNLOCK TABLES")
        sending.result().success()
    assert [row["content"] for row in database.stored_messages(conversation)] == ["vorher", "你好"]
    assert failed_over.metrics()["orbia_database_connects_total"] == connects


def test_a_host_that_falls_silent_is_left_within_the_deadline(failed_over, secure_server):
    """The only one that is left: nobody waits for longer than the deadline."""
    database = secure_server.database()
    user = database.user()
    failed_over.api().get_conversations(user).success()
    secure_server.freeze()
    try:
        for _ in range(3):
            began = time.monotonic()
            failed_over.api(timeout=6).get_conversations(user).error(503)
            assert time.monotonic() - began < 3.5
    finally:
        secure_server.resume()
    eventually(lambda: failed_over.api().get_conversations(user).status == 200, within=5, what="it answers again")
