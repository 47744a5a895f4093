"""The core of Tests/integration in a bare Debian 13, against the package's program.

MariaDB, nginx, libfcgi and Python are that Debian's own.
"""

import re
import shutil
import subprocess

import pytest

from orbia import packages
from orbia.paths import REPOSITORY
from orbia.testing import counts

# The tests of the machine itself run on Debian 12.
pytestmark = pytest.mark.parametrize("bare_root", ["trixie"], indirect=True)

# Inside. What the tests leave there goes with the root.
TREE = "/srv/orbia-conversation"
PROGRAM = f"{TREE}/.build/release/orbia-conversation"
REPORT = "root/core.xml"
# scripts/run has the compiler build the program; here it is there already.
NO_COMPILER = "#!/bin/sh\nexit 0\n"
# What depends on the versions of MariaDB, nginx, libfcgi and Python. What is left out is the service's own whatever
# these are, such as how it reads bad values and tokens; takes minutes, such as clusters; or needs a compiler.
CORE = {
    "messages and conversations": (
        "authentication conversation_cursor delta_polls find_conversations get_conversation get_conversations"
        " get_messages idempotent_sends mark_read quotes recall_message requests search_messages send_message text"
        " uploads"),
    "nginx": "access_log compression cors instances kept_connections nginx_refusals rate_limit",
    "FastCGI": "hostile_peers libfcgi_pitfalls listening odd_records record_fuzz request_bodies slow_peers",
    "side by side": (
        "blocked_writes concurrent_reading concurrent_sends conversation_changes locked_tables settled_writes"
        " statement_counts stopped_writes"),
    "what fails": (
        "crashes database_outage database_tls killed_while_connecting lost_connections server_obstacles several_hosts"
        " stopping"),
    "the database": (
        "backfill clocks confirmed_orders drill first_start foreign_databases least_privilege member_copies"
        " order_progress order_progress_service platform_columns restore schema schema_migration schema_removal"
        " schema_removal_worlds schema_upgrade session_variables several_databases time_zone"),
    "polls that wait": "waiting_instances waiting_limits waiting_messages waiting_outage waiting_peers waiting_stops",
    "who runs it": "commands deployment logs run_script service_manager status_pages",
}
# How many of them pass at least: a run that has found fewer has proved nothing.
LEAST = 3400


@pytest.fixture(scope="module")
def debian(bare_root, package):
    """With the package, what the tests need, and the commit's tree."""
    bare_root.install(*packages.RUN, *packages.STACK_TEST)
    shutil.copy(package, bare_root.path / "tmp")
    bare_root.install(f"/tmp/{package.name}")
    tree = bare_root.path / TREE.lstrip("/")
    tree.mkdir(parents=True)
    archive = subprocess.run(["git", "-C", REPOSITORY, "archive", "HEAD"], check=True, stdout=subprocess.PIPE).stdout
    subprocess.run(["tar", "--extract", "--directory", tree], input=archive, check=True)
    program = bare_root.path / PROGRAM.lstrip("/")
    program.parent.mkdir(parents=True)
    program.symlink_to("/usr/bin/orbia-conversation")
    compiler = bare_root.path / "usr/local/bin/swift"
    compiler.write_text(NO_COMPILER)
    compiler.chmod(0o755)
    return bare_root


@pytest.mark.parametrize("command, version", [
    ("mariadbd --version", r"Ver 11\.8\."), ("nginx -v", r"nginx/1\.26\."), ("/usr/bin/python3 --version", r"3\.13\."),
    ("dpkg-query --show libfcgi0t64", r"\t2\.4\."), ("cat /etc/debian_version", r"^13\."),
], ids=["MariaDB", "nginx", "Python", "libfcgi", "Debian"])
def test_the_versions_are_those_of_debian_13(debian, command, version):
    assert re.search(version, debian.run(command).stdout)


def test_the_program_is_the_packages(debian, commit):
    assert debian.run(f"{PROGRAM} --version").stdout.endswith(f"(commit {commit.name})\n")
    assert debian.run("dpkg --verify orbia-conversation").stdout == ""


def test_the_core_passes(debian):
    """In two processes, and with a second try, as scripts/test does it."""
    files = " ".join(f"Tests/integration/test_{name}.py" for names in CORE.values() for name in names.split())
    done = debian.run(f"""cd {TREE}
        exec /usr/bin/python3 -m pytest -v --tb=short -n 2 -m 'not slow and not undisturbed' --reruns 1 \\
            --reruns-delay 3 -rRs --durations=15 --junit-xml=/{REPORT} {files} 2>&1""", check=False)
    print(done.stdout[-20_000:])
    found = counts.of_junit(debian.path / REPORT).with_status(done.returncode)
    print(found)
    assert (found.failed, found.skipped) == (0, 0) and found.passed >= LEAST
