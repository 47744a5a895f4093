"""A process that crashes is gone within a second, with its sockets: nginx turns to another instance, a supervisor
starts it anew."""

import resource
import signal
import socket

import pytest

import outputs
from service import SANITIZER, SECRET, Service

GONE_WITHIN = 1.0
CRASHES = [signal.SIGSEGV, signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGQUIT,
           signal.SIGSYS]
# How a starter may have set things up. Where the toolchain is installed, Swift's runtime prints backtraces by default.
STARTERS = {
    "as it is": {},
    "with backtraces": {"environment": {"SWIFT_BACKTRACE": "enable=yes,interactive=no"}},
    "in the background": {"ignored": [signal.SIGQUIT, signal.SIGINT]},
    "with signals blocked": {"blocked": CRASHES},
}


@pytest.fixture
def start(make_directory):
    """Starts a service. It has no database, and needs none here."""
    started = []

    def start(environment=None, ignored=(), blocked=(), stderr=None) -> Service:
        def prepare():
            for each in ignored:
                signal.signal(each, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, blocked)

        service = Service(make_directory(), {"MYSQL_SOCKET": "/nowhere/mariadb.sock", "JWT_SECRET": SECRET,
                                             "ORBIA_ACCESS_LOG": "off", **(environment or {})})
        started.append(service)
        service.start(preexec_fn=prepare, **({"stderr": stderr} if stderr else {}))
        return service

    yield start
    for service in started:
        service.stop(signal.SIGKILL)


def accepts(path) -> bool:
    with socket.socket(socket.AF_UNIX) as peer:
        return peer.connect_ex(str(path)) == 0


def is_gone(service, how: list):
    assert -service.wait(within=GONE_WITHIN) in how
    assert not accepts(service.socket) and not accepts(service.status_socket)


@pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: crash.name)
@pytest.mark.parametrize("starter", STARTERS.values(), ids=STARTERS.keys())
def test_a_crash_ends_the_process_at_once(start, starter, crash):
    service = start(**starter)
    assert accepts(service.socket) and accepts(service.status_socket)
    service.signal(crash)
    is_gone(service, [crash])


needs_bounds_of_memory = pytest.mark.skipif(bool(SANITIZER), reason="a sanitizer takes terabytes of addresses")


def run_out_of_memory(service):
    """The thread that receives or answers a large request gets none, and traps: in Swift's runtime, or in C."""
    _, hard = resource.prlimit(service.pid, resource.RLIMIT_DATA)
    resource.prlimit(service.pid, resource.RLIMIT_DATA, (1, hard))
    with pytest.raises(OSError):
        service.api(timeout=GONE_WITHIN).post(1, "send_message", b'{"content":"' + b"x" * 400_000 + b'"}')


@needs_bounds_of_memory
@pytest.mark.parametrize("starter", STARTERS.values(), ids=STARTERS.keys())
def test_a_thread_that_crashes_takes_the_process_along(start, starter):
    service = start(**starter)
    run_out_of_memory(service)
    is_gone(service, CRASHES)


@needs_bounds_of_memory
def test_the_last_words_of_a_crash_need_no_reader(start):
    full = outputs.pipe()
    full.fill()
    service = start(stderr=full.writing)
    run_out_of_memory(service)
    is_gone(service, CRASHES)
