"""Two instances of the service behind nginx, without scripts/run: each can be replaced by another build."""

import http.client
import signal
import subprocess
from pathlib import Path

from api import Api, HttpTransport
from orbia.paths import PAGE, REPOSITORY
from orbia.polling import eventually
from orbia.ports import free_stack_ports
from orbia.running.nginx import Nginx
from orbia.state import StateDirectory
from orbia.supervision import sessions
from orbia.supervision.child import Program
from service import SECRET, Service


class Fleet:
    """As docs/deployment.md, "Rolling out a new build", has them; it listens on ports of its own."""

    def __init__(self, directory: Path, settings: dict, program: Path):
        names = ["service-1", "service-2"]
        self.ports = free_stack_ports()
        self._state = StateDirectory(directory, REPOSITORY, len(names))
        self.instances = [Service(directory, settings, program, name) for name in names]
        self._names = names
        self._nginx = Nginx(self._state, REPOSITORY, PAGE, self.ports, workers=2)
        self._process = None

    def __enter__(self):
        try:
            for instance in self.instances:
                instance.start()
            # It asks for no more of its supervisor than these two.
            self._nginx.start(self, self._names)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process:
            sessions.stop(self._process, signal.SIGQUIT, 10)
        for instance in self.instances:
            if instance.has_started:
                instance.stop()

    def start(self, program: Program) -> None:
        with open(program.log, "ab") as log:
            self._process = sessions.start(program.command, signal.SIGTERM, stdout=log, stderr=subprocess.STDOUT)

    def wait_for(self, _name: str, seconds: float, what: str, is_so) -> None:
        eventually(is_so, within=seconds, what=what)

    def api(self, timeout: float = 40.0) -> Api:
        """A client through nginx, over plain HTTP, where nothing limits the rate."""
        return Api(HttpTransport(f"http://127.0.0.1:{self.ports.http}", timeout=timeout), SECRET)

    def restart(self, number: int) -> None:
        """As systemd restarts a unit: nobody asks the new process anything."""
        instance = self.instances[number - 1]
        ran = instance.runs
        status = instance.stop()
        assert status == 0 or not ran, f"instance {number} ended with {status}:\n{instance.log()[-2000:]}"
        instance.launch()

    def has_metric(self, name: str) -> list[bool]:
        """Of each instance, whether it has that metric: by that builds are told apart."""
        return [any(line.startswith(name) for line in self._page(number, "metrics").splitlines())
                for number, _ in enumerate(self.instances, 1)]

    def _page(self, number: int, page: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports.status, timeout=5)
        try:
            connection.request("GET", f"/{number}/{page}")
            return connection.getresponse().read().decode()
        finally:
            connection.close()
