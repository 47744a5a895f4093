"""From the package of an earlier build to this one and back, under load, by the commands of docs/deployment.md."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from api import Api, HttpTransport
from bare_root import BareRoot
from database import Database
from host import INSTANCES, PASSWORD, SECRET, SETTINGS, Host
from orbia.paths import REPOSITORY
from roll_out_commands import documented
from roll_out_load import Load

# This build has the metric, the earlier one has not.
METRIC_OF_THIS_BUILD = "orbia_polls_waiting"
# Those of the earlier build.
EARLIER_SETTINGS = "/etc/orbia-conversation.env"
EARLIER_ROLE = "orbia_conversation_app"

_SYSTEMCTL = """\
#!/bin/sh
[ "$1" = restart ] || exit 0
echo "${2#orbia-conversation@}" > /tmp/systemctl.request
read status < /tmp/systemctl.answer
exit $status
"""


class Systemctl:
    """The command as `roll_out` uses it; what it asks for is done by the host."""

    def __init__(self, host: Host):
        self._host = host
        self._directory = host.root.path / "tmp"
        command = host.root.path / "usr/local/sbin/systemctl"
        command.write_text(_SYSTEMCTL)
        command.chmod(0o755)
        for name in ("request", "answer"):
            os.mkfifo(self._directory / f"systemctl.{name}")
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        (self._directory / "systemctl.request").write_text("\n")
        self._thread.join()

    def _serve(self):
        while instance := (self._directory / "systemctl.request").read_text().strip():
            try:
                self._host.stop(int(instance))
                self._host.launch(int(instance))
                status = 0
            except (AssertionError, subprocess.TimeoutExpired) as error:
                print(error)
                status = 1
            (self._directory / "systemctl.answer").write_text(f"{status}\n")


@pytest.fixture
def host(earlier_package):
    with BareRoot("bookworm", REPOSITORY / ".build" / "roots") as root:
        host = Host(root, earlier_package)
        # The operator answers apt's question whether to go back.
        (root.path / "etc/apt/apt.conf.d/yes").write_text('APT::Get::Assume-Yes "true";\n')
        settings = root.path / EARLIER_SETTINGS.lstrip("/")
        settings.write_text(f"JWT_SECRET='{SECRET}'\nMYSQL_PASSWORD='{PASSWORD}'\nTZ='Asia/Shanghai'\n")
        settings.chmod(0o600)
        host.make_database(EARLIER_ROLE)
        for instance in INSTANCES:
            host.start(instance)
        host.configure_nginx()
        host.run("nginx -t; nginx")
        yield host


def version(host: Host) -> str:
    return host.run("dpkg-query --show --showformat='${Version}' orbia-conversation").stdout


def builds(host: Host) -> list[bool]:
    """Of each instance, whether it is this build."""
    pages = [host.run(f"curl -sS http://127.0.0.1:9180/{instance}/metrics").stdout for instance in INSTANCES]
    return [METRIC_OF_THIS_BUILD in page for page in pages]


def api() -> Api:
    transport = HttpTransport("http://127.0.0.1", timeout=40)
    # nginx closes the connections that are kept when it is told to reload; a request that meets that gets no answer.
    transport.session.headers["Connection"] = "close"
    return Api(transport, SECRET)


def test_the_package_is_upgraded_and_taken_back_and_no_request_fails(host, earlier_package: Path, package: Path):
    commands = documented()
    new = host.bring(package)

    def follow(text: str, check: bool = True) -> str:
        for documented_name, here in (("orbia-conversation_NEW_amd64.deb", new),
                                      ("orbia-conversation_OLD_amd64.deb", earlier_package.name),
                                      # Until all instances are new ("From a build before the package").
                                      (SETTINGS, EARLIER_SETTINGS),
                                      ("https://www.orbia.example", "http://127.0.0.1")):
            text = text.replace(documented_name, here)
        return host.run(f"cd /tmp\n{text}", check).stdout

    database = Database(host.server_socket, "orbia")
    with Systemctl(host), Load(api, database, host.root.enter_network) as load:
        assert builds(host) == [False, False]
        before = version(host)

        assert "wrong schema: " in follow(commands.check, check=False)
        follow("mariadb orbia < new/usr/share/orbia-conversation/schema.sql")
        load.goes_on()
        assert "wrong" not in follow(commands.check)
        # The sockets' group is another one.
        host.let_nginx_at_the_sockets()
        host.run("nginx -s reload")
        load.goes_on()

        follow(commands.forward)
        assert builds(host) == [True, True]
        assert version(host) != before
        load.goes_on()

        follow(commands.function + commands.back)
        assert builds(host) == [False, False]
        assert version(host) == before
        load.goes_on()
    load.nothing_is_lost_or_doubled()
