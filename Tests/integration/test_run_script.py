"""scripts/run: what it starts, prints, keeps and stops."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess

import pytest
import requests

from api import http_api, https_api
from database import Database
from orbia.database_server import ACCOUNT
from orbia.paths import RUN, SCHEMA
from orbia.polling import eventually
from orbia.ports import free_port
from orbia.private_mariadb import PASSWORD
from orbia.processes import descendants, running
from orbia.running_stack import RunningStack
from orbia.stack import Stack, environment

OPTIONS = {"--dir": ".run", "--https": "8443", "--http": "8080", "--status": "8082",
           "--instances": "1", "--workers": None, "--nginx-workers": None, "--keep-database": None, "--galera": None,
           "--galera-port": "4600", "--no-demo": None, "--page": None, "--no-install": None}
SECRET = "a secret given in the environment, long enough"


def run(*arguments, **settings) -> subprocess.CompletedProcess:
    """scripts/run where it is not expected to come up."""
    return subprocess.run([RUN, *arguments], env=environment(**settings), timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


def answers(stack) -> bool:
    """Whether a request through both of its listeners gets the service's own answer."""
    apis = [https_api(stack), http_api(stack)]
    return all(api.post(None, "mark_read", {}).status == 401 for api in apis)


def is_free(port) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def new_stack(make_directory):
    """Makes stacks of a test's own; what is still running at its end is stopped."""
    made = []

    def make(*options, settings=None) -> Stack:
        made.append(Stack(make_directory(), *options, settings=settings))
        return made[-1]

    yield make
    for stack in made:
        stack.stop()


@pytest.fixture(scope="module")
def demo(stack, make_directory):
    """A second stack beside the first, with demo data."""
    demo = Stack(make_directory(), "--workers", "3", demo=True, settings={"JWT_SECRET": SECRET})
    try:
        demo.start()
        yield demo
    finally:
        demo.stop()


def test_tests_find_a_stack_that_runs_by_its_directory(stack):
    found = RunningStack(stack.directory)
    found.start()
    assert found.ports == stack.ports
    assert answers(found)
    assert found.stop() == 0
    assert answers(stack), "it runs on"


# The command line


def test_help_lists_each_option_with_its_default():
    done = run("--help")
    assert done.returncode == 0
    for option, default in OPTIONS.items():
        [described] = re.findall(rf"^ +{option}(?![\w-]).*?(?=^ +--|^\S|\Z)", done.stdout, re.M | re.S)
        assert "default" in described
        assert default is None or default in described


@pytest.mark.parametrize("arguments", [
    ["--nothing"], ["now"], ["--https"], ["--https", "x"], ["--https", "0"], ["--http", "65536"],
    ["--status", "0"], ["--status", "8443"],
    ["--workers", "0"], ["--workers", "many"], ["--dir"], ["--instances"], ["--instances", "0"],
    ["--instances", "17"], ["--instances=two"], ["--galera-port", "65503"], ["--galera-port=x"],
    ["--page"], ["--page", "/nowhere"],
])
def test_a_wrong_command_line_is_told_so(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert arguments[0].partition("=")[0] in done.stderr


@pytest.mark.parametrize("option", ["--galera", "--keep-database"])
def test_an_option_for_its_own_database_is_refused_beside_another_one(option):
    done = run(option, MYSQL_HOST="127.0.0.1")
    assert done.returncode == 2
    assert option in done.stderr and "MYSQL_HOST" in done.stderr


# A stack with demo data


def test_a_second_stack_runs_beside_the_first(stack, demo):
    assert answers(stack) and answers(demo)


def test_the_ready_line_names_the_address(demo):
    [line] = re.findall(r"^ready .*$", demo.output, re.M)
    assert str(demo.ports.https) in line


def test_it_says_how_to_stop(demo):
    assert re.search("stop", demo.output, re.I) and "Ctrl-C" in demo.output


def test_the_printed_curl_lines_work_for_two_users(demo):
    lines = re.findall(r"^ *(curl .*)$", demo.output, re.M)
    assert len(lines) >= 2
    for line in lines:
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["base_resp"] == {"code": 200, "message": "success"}
    tokens = set(re.findall(r"Bearer ([\w.-]+)", "\n".join(lines)))
    assert len(tokens) == 2


def test_the_demo_data_are_a_small_platform(demo):
    database = Database(demo.mysql_socket)

    def distinct(column, table) -> set:
        return {row["value"] for row in database.rows(f"SELECT {column} AS value FROM {table}")}

    nicknames = distinct("nickname", "orbia_user WHERE nickname IS NOT NULL")
    assert len([name for name in nicknames if re.search(r"[\u4e00-\u9fff]", name)]) >= 3
    assert len(distinct("id", "orbia_kol")) >= 1
    assert len(distinct("status", "orbia_kol_order")) >= 3
    assert distinct("message_type", "orbia_message") >= {"text", "image", "file", "video", "audio"}


def test_a_demo_conversation_comes_from_the_trigger(demo):
    rows = Database(demo.mysql_socket).rows(
        "SELECT c.conversation_id, o.id FROM orbia_conversation c"
        " JOIN orbia_kol_order o ON o.order_id = c.related_order_id AND c.type = 'kol_order'")
    assert rows
    assert any(re.fullmatch(rf"CONV_\d+_{row['id']}", row["conversation_id"]) for row in rows)


def test_the_demo_data_obey_the_rules_of_the_service(demo):
    """Counts and times are as if the messages had been sent through the API."""
    assert Database(demo.mysql_socket).rows(
        "SELECT m.conversation_id, m.user_id FROM orbia_conversation_member m WHERE unread_count <>"
        " (SELECT COUNT(*) FROM orbia_message n WHERE n.conversation_id = m.conversation_id"
        "   AND n.sender_id <> m.user_id"
        "   AND n.created_at > COALESCE(m.last_read_at, m.joined_at))") == []
    assert Database(demo.mysql_socket).rows(
        "SELECT c.id FROM orbia_conversation c WHERE NOT c.last_message_at <=>"
        " (SELECT MAX(created_at) FROM orbia_message n WHERE n.conversation_id = c.id)") == []


def test_the_demo_users_tokens_are_good(demo):
    users = requests.get(f"http://127.0.0.1:{demo.ports.http}/demo-users.json", timeout=10).json()["users"]
    assert [user["part"] for user in users] == ["buyer", "kol", "buyer", "buyer", "admin"]
    for user in users:
        listed = https_api(demo).post_with_token(user["token"]).success()["conversations"]
        assert all(user["nickname"] in [member["nickname"] for member in each["members"]] for each in listed)


def test_the_files_of_the_demo_data_are_there(demo):
    """What the messages and people link to, with the type and the size that they name."""
    shared = Database(demo.mysql_socket).rows(
        "SELECT content, file_type, file_size FROM orbia_message WHERE message_type NOT IN ('text', 'system')")
    faces = Database(demo.mysql_socket).rows("SELECT avatar_url FROM orbia_user WHERE avatar_url IS NOT NULL")
    assert len(shared) == 6 and len(faces) == 3
    for row in shared:
        answer = requests.get(row["content"], timeout=10)
        assert (answer.status_code, answer.headers["Content-Type"], len(answer.content)) == (
            200, row["file_type"], row["file_size"])
    for row in faces:
        assert requests.get(row["avatar_url"], timeout=10).headers["Content-Type"] == "image/svg+xml"


def test_browsers_keep_the_files_of_the_page_and_ask_for_index_html(stack):
    base = f"http://127.0.0.1:{stack.ports.http}/"
    index = requests.get(base, timeout=10)
    assert index.headers["Cache-Control"] == "no-cache"
    entry = re.search(r'<script type="module" src="(v/[0-9a-f]+/app/main.js)">', index.text)[1]
    assert requests.get(base + entry, timeout=10).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_without_demo_data_there_are_no_demo_users(stack):
    base = f"http://127.0.0.1:{stack.ports.http}"
    assert requests.get(f"{base}/", timeout=10).status_code == 200
    assert requests.get(f"{base}/demo-users.json", timeout=10).status_code == 404
    assert not (stack.directory / "demo-users.json").exists()


def test_a_secret_in_the_environment_is_the_one_in_use(demo):
    assert demo.secret == SECRET
    user = Database(demo.mysql_socket).user()
    https_api(demo).get_conversations(user).success()


def test_the_number_of_workers_is_the_services(demo):
    connections = Database(demo.mysql_socket).value(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = %s", ACCOUNT)
    assert 1 <= connections <= 5  # 3 workers, what looks for the order's progress, and the back-fill while it runs
    assert "3 workers" in demo.log()


def test_its_secrets_are_nobody_elses_to_read(demo):
    assert demo.directory.stat().st_mode & 0o077 == 0
    for name in ("jwt-secret", "mysql-password", "demo-users.json"):
        assert (demo.directory / name).stat().st_mode & 0o077 == 0


def test_its_certificate_is_for_localhost_alone(demo):
    """The system's own authorities know nothing of it."""
    context = ssl.create_default_context()
    with socket.create_connection(("127.0.0.1", demo.ports.https)) as connection:
        with pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(connection, server_hostname="localhost")
    context.load_verify_locations(demo.certificate)
    with socket.create_connection(("127.0.0.1", demo.ports.https)) as connection:
        with pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(connection, server_hostname="www.orbia.example")


def test_plain_http_and_the_database_are_on_loopback_alone(demo):
    listening = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True).stdout
    addresses = [line.split()[3] for line in listening.splitlines()]
    ports = (f":{demo.ports.http}", f":{demo.ports.https}", f":{demo.ports.status}")
    ours = [each for each in addresses if each.endswith(ports)]
    assert ours
    assert {address.rpartition(":")[0] for address in ours} <= {"127.0.0.1", "[::1]"}


# Stopping, and starting again


def test_it_stops_everything_it_started_and_keeps_the_data(stack, new_stack):
    mine = new_stack()
    mine.start()
    user = Database(mine.mysql_socket).user("留下来的人")
    secret, started = mine.secret, descendants(mine.pid)
    assert len(started) >= 4  # mariadbd, the service, nginx and a worker of its
    assert mine.stop(signal.SIGTERM) == 0
    assert running(started) == set()
    assert all(map(is_free, [mine.ports.https, mine.ports.http, mine.ports.status]))
    assert answers(stack), "the other stack must not notice"

    mine.start()
    assert mine.secret == secret
    assert Database(mine.mysql_socket).value("SELECT nickname FROM orbia_user WHERE id = %s",
                                 user.id) == "留下来的人"
    https_api(mine).get_conversations(user).success()
    started = descendants(mine.pid)
    assert mine.stop(signal.SIGINT) == 0
    assert running(started) == set()


def test_after_a_kill_nothing_stays_and_the_next_start_works(new_stack):
    mine = new_stack()
    mine.start()
    started = descendants(mine.pid)
    assert mine.stop(signal.SIGKILL) == -signal.SIGKILL
    eventually(lambda: not running(started), within=30, what="what it started has ended too")
    mine.start()
    assert answers(mine)


@pytest.mark.parametrize("name", ["mariadb", "nginx"])
def test_when_a_part_dies_it_says_so_and_stops_the_rest(new_stack, name):
    mine = new_stack()
    mine.start()
    started = descendants(mine.pid)
    os.kill(mine.pid_of(name), signal.SIGKILL)
    assert mine.wait() == 1
    assert name in mine.output
    assert running(started) == set()


def test_a_database_that_is_to_be_kept_comes_back(new_stack):
    mine = new_stack("--keep-database")
    mine.start()
    user, before = Database(mine.mysql_socket).user(), mine.pid_of("mariadb")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: https_api(mine).get_conversations(user).status == 200, within=60, every=0.2,
               what="it answers out of the database again")
    after = mine.pid_of("mariadb")
    assert after != before
    said = len(mine.output)
    mine.send_signal(signal.SIGHUP)
    eventually(lambda: "restarted all 1 instances" in mine.output[said:], within=60, what="it is restarted")
    assert mine.pid_of("mariadb") == after, "the restart is the service's alone"


def test_a_hang_up_before_it_is_ready_stops_it(new_stack):
    mine = new_stack()
    mine.launch()
    # By then MariaDB runs; one that is still starting heeds no SIGTERM.
    eventually(lambda: "loading schema.sql" in mine.output, within=900, what="it starts something")
    started = descendants(mine.pid)
    assert mine.stop(signal.SIGHUP) == 128 + signal.SIGHUP
    assert running(started) == set()


def test_it_stops_when_its_terminal_closes(new_stack):
    mine = new_stack()
    keyboard, terminal = os.openpty()
    mine.start(terminal=terminal)
    os.close(terminal)
    started = descendants(mine.pid)
    os.close(keyboard)
    assert mine.wait() == 0
    assert running(started) == set()


def test_it_uses_the_database_server_it_is_given_and_starts_none(server, new_stack):
    given = server.create_database("given_to_run")
    given.load(SCHEMA)
    server.create_account(given)
    mine = new_stack(settings={
        "MYSQL_HOST": "localhost", "MYSQL_SOCKET": str(server.socket), "MYSQL_DATABASE": given.name,
        "MYSQL_USERNAME": given.account, "MYSQL_PASSWORD": PASSWORD})
    mine.start()
    assert not mine.mysql_socket.exists()
    user = given.user()
    conversation = given.conversation(user)
    https_api(mine).send_text(user, conversation).success()
    assert len(given.stored_messages(conversation)) == 1
    assert mine.stop() == 0
    assert given.value("SELECT COUNT(*) FROM orbia_user") == 1, "no demo data in a given database"


# Starts that fail


def failing_start(directory, **settings) -> subprocess.CompletedProcess:
    done = run("--dir", directory, "--https", str(free_port()), "--http", str(free_port()),
               "--status", str(free_port()), "--no-install", "--no-demo", **settings)
    assert done.returncode not in (0, None)
    assert not re.search(r"^ready ", done.stdout, re.M)
    return done


def test_a_directory_in_use_is_refused(stack):
    done = failing_start(stack.directory)
    assert str(stack.directory) in done.stderr
    assert answers(stack)


def test_a_directory_of_something_else_is_refused(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    assert str(tmp_path) in failing_start(tmp_path).stderr
    assert [file.name for file in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_directory_with_too_long_a_name_is_refused(tmp_path):
    done = failing_start(tmp_path / ("x" * 100))
    assert "107" in done.stderr


@pytest.mark.parametrize("option", ["--https", "--http", "--status"])
def test_a_port_in_use_is_named(make_directory, stack, option):
    ports = {"--https": str(free_port()), "--http": str(free_port()), "--status": str(free_port()),
             option: str(stack.ports.https)}
    arguments = [word for pair in ports.items() for word in pair]
    done = run("--dir", make_directory(), *arguments, "--no-install", "--no-demo")
    assert done.returncode == 1
    assert str(stack.ports.https) in done.stderr and option in done.stderr


def test_when_the_database_does_not_start_the_end_of_its_log_is_shown(make_directory):
    directory = make_directory()
    (directory / "run.lock").touch()
    (directory / "mysql").mkdir()  # no database in it
    done = failing_start(directory)
    assert "mariadb" in done.stderr
    assert "[ERROR]" in done.stderr


def test_when_the_service_does_not_start_its_reason_is_shown(make_directory):
    done = failing_start(make_directory(), ORBIA_LOG_LEVEL="loud")
    assert "ORBIA_LOG_LEVEL" in done.stderr


def test_a_given_database_that_cannot_be_reached_is_named(make_directory):
    done = failing_start(make_directory(), MYSQL_HOST="127.0.0.1", MYSQL_PORT="1")
    assert "127.0.0.1:1" in done.stderr
