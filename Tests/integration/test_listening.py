"""Where the service listens: a Unix socket, a port, or a descriptor that it was handed."""

import grp
import os
import signal
import socket
import subprocess
from contextlib import contextmanager

import pytest

from api import Api, FastCGITransport, KeptTransport
from orbia.fastcgi.peer import Peer
from orbia.polling import eventually
from orbia.ports import free_port
from orbia.stack import environment
from service import PROGRAM, run, settings_of

# The standard way to give systemd's variables the process's own number: it is the shell's.
WITH_PID = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh"]


@pytest.fixture
def launch(stack, tmp_path):
    """Starts the service in ways that the ordinary fixture does not; stops it at the end."""
    started = []

    def start(*prefix, stdin=subprocess.DEVNULL, inherit=None, **settings) -> subprocess.Popen:
        with open(tmp_path / "log", "ab") as log:
            started.append(subprocess.Popen(
                [*prefix, PROGRAM, "serve"], stdin=stdin, stdout=log, stderr=log,
                env=environment(**{**settings_of(stack), "ORBIA_STATUS_LISTEN": "off", **settings}),
                # systemd hands over descriptor 3.
                preexec_fn=(lambda: os.dup2(inherit.fileno(), 3)) if inherit else None, close_fds=inherit is None))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        assert process.wait(timeout=30) == 0, (tmp_path / "log").read_text()


@contextmanager
def listening(address, family=socket.AF_UNIX):
    with socket.socket(family) as listener:
        listener.bind(address)
        listener.listen()
        yield listener


def answers(address, stack) -> bool:
    return Api(FastCGITransport(address, 5), stack.secret).post(None, "mark_read", {}).status == 401


def works(address, stack):
    eventually(lambda: answers(address, stack), within=10, what=f"the service answers at {address}")


# A port


@pytest.mark.parametrize("host, address", [("127.0.0.1", "127.0.0.1"), ("localhost", "localhost")])
def test_it_listens_on_a_port(launch, stack, host, address):
    port = free_port()
    launch(ORBIA_LISTEN=f"{host}:{port}")
    works((address, port), stack)


def test_a_port_is_taken_again_at_once(launch, stack):
    """Connections of the process before may still be remembered by the kernel."""
    port = free_port()
    for _ in range(3):
        process = launch(ORBIA_LISTEN=f"127.0.0.1:{port}")
        works(("127.0.0.1", port), stack)
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_a_port_in_use_stops_the_start_and_is_named(stack):
    with listening(("127.0.0.1", 0), socket.AF_INET) as taken:
        port = taken.getsockname()[1]
        done = run("serve", **settings_of(stack), ORBIA_LISTEN=f"127.0.0.1:{port}", ORBIA_STATUS_LISTEN="off")
    assert done.returncode != 0
    assert f"127.0.0.1:{port}" in done.stderr


def test_a_host_that_is_not_there_stops_the_start_and_is_named(stack):
    done = run("serve", **settings_of(stack), ORBIA_LISTEN="host.invalid:9000", ORBIA_STATUS_LISTEN="off")
    assert done.returncode != 0
    assert "host.invalid:9000" in done.stderr


def test_an_answer_on_a_port_does_not_wait_for_more(launch, stack):
    """TCP_NODELAY: several answers of several pieces on one connection."""
    port = free_port()
    launch(ORBIA_LISTEN=f"127.0.0.1:{port}")
    works(("127.0.0.1", port), stack)
    for _ in range(20):
        assert answers(("127.0.0.1", port), stack)


def test_hosts_that_are_not_listed_are_turned_away(launch, stack):
    port = free_port()
    launch(ORBIA_LISTEN=f"127.0.0.1:{port}", FCGI_WEB_SERVER_ADDRS="127.0.0.7, ::1")
    eventually(lambda: Peer(("127.0.0.1", port)).rest() == b"", within=10, what="it closes the connection")
    with socket.socket() as allowed:
        allowed.bind(("127.0.0.7", 0))
        allowed.connect(("127.0.0.1", port))
        allowed.settimeout(0.3)
        with pytest.raises(TimeoutError):  # it is kept, and waited for
            allowed.recv(1)


def test_listed_hosts_are_served(launch, stack):
    port = free_port()
    launch(ORBIA_LISTEN=f"127.0.0.1:{port}", FCGI_WEB_SERVER_ADDRS="10.1.2.3,127.0.0.1")
    works(("127.0.0.1", port), stack)


# A Unix socket


def test_the_socket_belongs_to_the_group(start_service):
    group = grp.getgrgid(os.getgid())
    service = start_service(ORBIA_LISTEN_GROUP=group.gr_name)
    assert service.socket.stat().st_gid == group.gr_gid
    assert service.status_socket.stat().st_gid == group.gr_gid


def test_a_group_that_is_not_there_stops_the_start_and_is_named(stack, tmp_path):
    done = run("serve", **settings_of(stack), ORBIA_LISTEN=str(tmp_path / "s"), ORBIA_LISTEN_GROUP="no-such-group")
    assert done.returncode != 0
    assert "no-such-group" in done.stderr


@pytest.mark.parametrize("backlog", ["1", "4096"])
def test_the_backlog_is_as_long_as_it_is_set(start_service, backlog):
    service = start_service(ORBIA_BACKLOG=backlog)
    shown = subprocess.run(["ss", "-xln"], check=True, capture_output=True, text=True).stdout
    [line] = [line for line in shown.splitlines() if str(service.socket) in line]
    somaxconn = int(open("/proc/sys/net/core/somaxconn").read())
    assert int(line.split()[3]) == min(int(backlog), somaxconn)


# A descriptor


def test_it_listens_on_the_socket_that_is_descriptor_0(launch, stack, tmp_path):
    """As spawn-fcgi hands it over."""
    path = str(tmp_path / "s")
    with listening(path) as listener:
        launch(stdin=listener)
        works(path, stack)


def test_it_listens_on_the_port_that_is_descriptor_0(launch, stack):
    with listening(("127.0.0.1", 0), socket.AF_INET) as listener:
        launch(stdin=listener)
        works(listener.getsockname(), stack)


def test_it_listens_on_the_socket_of_systemd(launch, stack, tmp_path):
    path = str(tmp_path / "s")
    with listening(path) as listener:
        launch(*WITH_PID, inherit=listener, LISTEN_FDS="1")
        works(path, stack)


def test_a_socket_for_another_process_is_not_taken(stack, tmp_path):
    with listening(str(tmp_path / "s")) as listener:
        done = subprocess.run([PROGRAM, "serve"], timeout=10, capture_output=True, text=True, close_fds=False,
                              stdin=subprocess.DEVNULL, preexec_fn=lambda: os.dup2(listener.fileno(), 3),
                              env=environment(**settings_of(stack), LISTEN_FDS="1", LISTEN_PID="1",
                                              ORBIA_STATUS_LISTEN="off", ORBIA_LISTEN_GROUP="no-such-group"))
    # It went on to its own default address instead.
    assert "/run/orbia-conversation/fcgi.sock" in done.stderr


def test_more_sockets_than_one_stop_the_start(stack, tmp_path):
    with listening(str(tmp_path / "s")) as listener:
        done = subprocess.run([*WITH_PID, PROGRAM, "serve"], timeout=10, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, close_fds=False,
                              preexec_fn=lambda: [os.dup2(listener.fileno(), each) for each in (3, 4)],
                              env=environment(**settings_of(stack), LISTEN_FDS="2", ORBIA_STATUS_LISTEN="off"))
    assert done.returncode != 0
    assert "LISTEN_FDS" in done.stderr


def test_an_address_that_is_set_comes_first(launch, stack, tmp_path):
    with listening(str(tmp_path / "handed-over")) as listener:
        launch(stdin=listener, ORBIA_LISTEN=str(tmp_path / "own"))
        works(str(tmp_path / "own"), stack)
        with Peer(str(tmp_path / "handed-over")) as peer:
            assert peer.is_silent(0.3)


def test_a_socket_that_was_handed_over_outlives_the_process(launch, stack, tmp_path):
    """Who connects in between is served by the next process."""
    path = str(tmp_path / "s")
    with listening(path) as listener:
        first = launch(stdin=listener)
        works(path, stack)
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=30) == 0
        assert os.path.exists(path)
        api = Api(FastCGITransport(path, 10), stack.secret)
        launch(stdin=listener)
        api.post(None, "mark_read", {}).error(401)


def test_a_socket_that_nobody_else_holds_is_closed_when_it_stops(launch, stack, tmp_path):
    """As with spawn-fcgi: who connects then is told so at once."""
    path = str(tmp_path / "s")
    with listening(path) as listener:
        process = launch(stdin=listener)
    works(path, stack)
    kept = Api(KeptTransport(path, 5), stack.secret)
    kept.post(None, "mark_read", {}).error(401)
    process.send_signal(signal.SIGTERM)

    def is_refused() -> bool:
        try:
            Peer(path).close()
        except ConnectionRefusedError:
            return True
        return False

    eventually(is_refused, within=5, what="nobody can connect any more")
    assert process.poll() is None
    kept.post(None, "mark_read", {}).error(401)
    kept.transport.close()
    assert process.wait(timeout=10) == 0


def test_beside_a_socket_that_was_handed_over_there_is_no_status_socket(launch, stack, tmp_path):
    path = str(tmp_path / "s")
    with listening(path) as listener:
        launch(stdin=listener, ORBIA_STATUS_LISTEN="")
        works(path, stack)
