"""The service: built, checked, started in as many processes as are wanted, and its tokens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from orbia.builds import Build
from orbia.running.nginx import Nginx
from orbia.state import StateDirectory, set_aside
from orbia.supervision import sessions
from orbia.supervision.child import Program
from orbia.supervision.signals import Signals
from orbia.supervision.supervisor import Supervisor
from orbia.terminal import fail, say

# Seconds until an instance listens, or is ready again.
_SECONDS_TO_START = 60
# nginx may take up to 20 s of it to retire the connections that it keeps.
_SECONDS_TO_STOP = 30
# Seconds until nginx has had an answer of an instance that was away: it tries it once a second (fail_timeout=1s), and
# a poll that it is tried with may wait for 25 s.
_SECONDS_UNTIL_NGINX_TRIES = 60


class Service:
    """The instances of the service in a stack."""

    def __init__(self, state: StateDirectory, build: Build, instances: int, workers: int | None,
                 database_settings: Mapping[str, str]):
        """`database_settings` are empty where the environment has them."""
        self._state, self._build = state, build
        self._workers, self._database_settings = workers, database_settings
        self.instances = [f"service-{number}" for number in range(1, instances + 1)]

    @property
    def program(self) -> Path:
        return self._build.directory / "release" / "orbia-conversation"

    def check(self) -> None:
        """Has the service look at its settings and its database; it says how to mend what is wrong."""
        if subprocess.run([self.program, "check"], env=self._environment(self.instances[0]), stdout=sys.stderr,
                          check=False).returncode != 0:
            fail("the service cannot work like this; its reason is above.")

    def start(self, supervisor: Supervisor, nginx: Nginx) -> None:
        """Returns when all instances listen."""
        say("starting the service")
        # An earlier run may have had more instances than this one.
        for socket in self._state.path.glob("service*.sock"):
            socket.unlink()
        for name in self.instances:
            set_aside(self._access_log(name))
            self._launch(supervisor, name)
        for name in self.instances:
            socket = self._state.socket(name)
            supervisor.wait_for(name, _SECONDS_TO_START, f"it listened on {socket}", socket.is_socket)
            supervisor.keep(name, lambda name=name: self._launch(supervisor, name),
                            lambda name=name: self._await_ready(supervisor, nginx, name))

    def token(self, user: str, seconds: int) -> str:
        """A token for the user with that id."""
        command = [self.program, "token", "--user-id", user, "--ttl", str(seconds)]
        return subprocess.run(command, env=self._environment(self.instances[0]), stdout=subprocess.PIPE, text=True,
                              check=True).stdout.strip()

    def _launch(self, supervisor: Supervisor, name: str) -> None:
        # Left behind where it was killed.
        for socket in (self._state.socket(name), self._state.socket(f"{name}.status")):
            socket.unlink(missing_ok=True)
        supervisor.start(Program(name, [self.program, "serve"], self._state.log(name),
                                 seconds_to_stop=_SECONDS_TO_STOP, environment=self._environment(name)))

    def _await_ready(self, supervisor: Supervisor, nginx: Nginx, name: str) -> bool:
        """Whether the instance is ready, and nginx sends it requests again.

        nginx tries an instance that was away with one request a second, until one of these is answered: if the next
        instance were away before that, the others would get a 502. Such a request may be a poll that waits. So there
        are requests to try it with, until it has answered one.
        """
        if not supervisor.is_soon(name, _SECONDS_TO_START, lambda: nginx.is_ready(_number(name))):
            return False
        return supervisor.is_soon(name, _SECONDS_UNTIL_NGINX_TRIES, lambda: self._has_answered(nginx, name))

    def _has_answered(self, nginx: Nginx, name: str) -> bool:
        for _ in self.instances:
            nginx.service_answers()
        return nginx.answers_of(_number(name)) > 0

    def _environment(self, name: str) -> dict[str, str]:
        """An instance's settings. To the service an empty variable is one that is not set.

        Not on its command line, which everybody on the machine can read. The secret is read at each start.
        """
        workers = str(self._workers) if self._workers else os.environ.get("ORBIA_WORKERS", "")
        return {**os.environ, **self._build.environment, **self._database_settings,
                "JWT_SECRET": self._state.secret("jwt-secret"),
                "ORBIA_LISTEN": str(self._state.socket(name)),
                # The status socket then lies beside the other one.
                "ORBIA_STATUS_LISTEN": "",
                "ORBIA_ACCESS_LOG": str(self._access_log(name)),
                "ORBIA_WORKERS": workers}

    def _access_log(self, name: str) -> Path:
        return self._state.log(f"access-{_number(name)}")


def build_service(build: Build, signals: Signals) -> None:
    """Builds the program, or ends the command."""
    kind = f" with the {build.sanitizer} sanitizer" if build.sanitizer else ""
    say(f"building the service{kind} (the first time this takes some minutes)")
    if build.sanitizer:
        build.reports.mkdir(parents=True, exist_ok=True)
    if sessions.run_step(signals, build.command, stdout=sys.stderr) != 0:
        fail("the service could not be built; the compiler's messages are above.")


def _number(name: str) -> int:
    return int(name.removeprefix("service-"))
