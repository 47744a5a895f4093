"""scripts/run: a stack from start to end, in the foreground."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from orbia import packages
from orbia.builds import Build
from orbia.machine import extend_path, need_programs, need_swift, raise_file_limit
from orbia.page.publication import publish
from orbia.paths import PAGE, REPOSITORY, SCHEMA
from orbia.running import galera_installation
from orbia.running.demo import Demo, token_advice
from orbia.running.galera import CHECK_INTERVAL, GaleraCluster
from orbia.running.mariadb import SingleServer
from orbia.running.nginx import Nginx, need_free_ports
from orbia.running.options import Options, read_options
from orbia.running.service import Service, build_service
from orbia.state import StateDirectory
from orbia.supervision.leftovers import stop_leftovers
from orbia.supervision.signals import Signals, Stopped
from orbia.supervision.supervisor import Supervisor


def main() -> None:
    extend_path()
    run = Run(read_options(sys.argv[1:], REPOSITORY), Signals())
    try:
        try:
            run.steps()
        finally:
            run.signals.ignore()
    except Stopped as stopped:
        run.status = stopped.status
    except BrokenPipeError:
        # Whoever read what it prints has gone.
        run.status = 128 + signal.SIGPIPE
        # What is left of it would fail once more at Python's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        run.stop()
    # Once it was ready, being asked to stop is how it ends, not a failure.
    sys.exit(0 if run.is_ready else run.status)


class Run:
    """One call of scripts/run."""

    def __init__(self, options: Options, signals: Signals):
        self.signals = signals
        self.status = 0
        self.is_ready = False
        self._options = options
        self._supervisor: Supervisor | None = None

    def steps(self) -> None:
        """All that happens, in order. It ends with an exception: one that a signal raises, or SystemExit."""
        options = self._options
        build = Build(REPOSITORY, os.environ.get("SANITIZER", ""))
        raise_file_limit()
        prepare_machine(options)
        state = StateDirectory(options.directory, REPOSITORY, options.instances)
        supervisor = self._supervisor = Supervisor(state, self.signals)
        stop_leftovers(state, self.signals)
        database = choose_database(options, state)
        need_free_ports(options.ports)
        if options.galera:
            database.need_free_ports()
        state.keep_secret("jwt-secret", os.environ.get("JWT_SECRET", ""))
        build_service(build, self.signals)
        if database:
            database.start(supervisor, self.signals)
            database.administered.load_schema(SCHEMA)
            database.create_account()
        service = Service(state, build, options.instances, options.workers, database.settings if database else {})
        demo = Demo(state, database.administered, service) if options.demo else None
        if demo:
            demo.load(options.ports.http)
        service.check()
        (state.path / "demo-users.json").unlink(missing_ok=True)
        if demo:
            demo.write_users()
        nginx = Nginx(state, REPOSITORY, options.page or published_page(state), options.ports, options.nginx_workers)
        service.start(supervisor, nginx)
        nginx.start(supervisor, service.instances)
        supervisor.restart_on_hangup()
        print_ready(options, state, database,
                    demo.requests(options.ports.https) if demo else token_advice(state, service))
        self.is_ready = True
        if options.galera:
            supervisor.watch(database.look, CHECK_INTERVAL)
        else:
            supervisor.watch()

    def stop(self) -> None:
        """Stops everything that was started."""
        if self._supervisor:
            self._supervisor.stop()


def prepare_machine(options: Options) -> None:
    """Installs what is missing, or ends the command."""
    need_swift()
    scripts = galera_installation.scripts_directory(REPOSITORY)
    if options.install:
        packages.install(*packages.BUILD, *packages.RUN)
        if options.galera:
            galera_installation.install(scripts)
    need_programs("nginx", "openssl", "setpriv")
    if not options.has_given_database:
        need_programs("mariadbd", "mariadb-install-db", "mariadb")
    if options.galera:
        galera_installation.need(scripts)


def choose_database(options: Options, state: StateDirectory) -> SingleServer | GaleraCluster | None:
    """None where the environment names a server."""
    if options.has_given_database:
        return None
    if options.galera:
        return GaleraCluster(state, galera_installation.scripts_directory(REPOSITORY), options.galera_port)
    return SingleServer(state, options.keep_database)


def published_page(state: StateDirectory) -> Path:
    """The repository's chat page, in a form that browsers may keep."""
    directory = state.path / "page"
    publish(PAGE, directory)
    return directory


def print_ready(options: Options, state: StateDirectory, database: SingleServer | GaleraCluster | None,
                example: str) -> None:
    ports, api = options.ports, "api/v1/conversation/"
    lines = [
        "\nOrbia Conversation",
        f"  http://127.0.0.1:{ports.http}/    the chat page; https://localhost:{ports.https}/ is the same over HTTPS",
        f"  https://localhost:{ports.https}/{api}   (certificate: {state.certificate})",
        f"  http://127.0.0.1:{ports.http}/{api}    (no rate limit; for load tests)",
        f"  http://127.0.0.1:{ports.status}/1/healthz, /1/readyz, /1/metrics   (of instance 1)",
        *([f"  {database.address}   (the Galera cluster of MariaDB)"] if options.galera else []),
        example,
        f"\nTo stop: Ctrl-C, or kill {os.getpid()}. To restart the service: kill -HUP {os.getpid()}\n",
        f"ready https://localhost:{ports.https}",
    ]
    print(*lines, sep="\n", flush=True)
