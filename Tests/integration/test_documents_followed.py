"""What an operator does who follows docs/deployment.md and docs/operations.md literally, on a server of their own.

The commands are the documents'; only addresses, ports and directories are others.
"""

import shutil
import socket
import subprocess

import pytest

from mariadb import MariaDB
from orbia.document import DEPLOYMENT, Administrator, block
from orbia.paths import REPOSITORY
from orbia.polling import eventually
from orbia.ports import free_port
from service import PROGRAM, SECRET, Service

NGINX = REPOSITORY / "nginx"
CREATE_DATABASE = block("Database", "CREATE DATABASE", document=DEPLOYMENT)
APPLY = "mariadb orbia < schema.sql\n"
ACCOUNT = block("Database", "CREATE USER", document=DEPLOYMENT)
TRY_OUT = block("nginx", "readyz", "mark_read", document=DEPLOYMENT)


@pytest.fixture(scope="module")
def operator(make_directory):
    """Whose server is empty when this begins."""
    directory = make_directory()
    with MariaDB(make_directory(), port=free_port()) as server:
        administrator = Administrator(directory, server)
        administrator.run(CREATE_DATABASE, APPLY, APPLY)
        administrator.run_sql(ACCOUNT.replace("10.0.0.%", "127.0.0.1"), "orbia")
        yield administrator, server


@pytest.fixture(scope="module")
def service(operator, make_directory):
    _, server = operator
    settings = {"MYSQL_HOST": f"127.0.0.1:{server.port}", "MYSQL_PASSWORD": "a long random password",
                "JWT_SECRET": SECRET, "JWT_ISSUER": "orbia_api", "TZ": "Asia/Shanghai"}
    service = Service(make_directory(), settings)
    with service.running():
        yield service


def change(file, *changes):
    """Each of them has to be there."""
    text = file.read_text()
    for old, new in changes:
        assert old in text, (file, old)
        text = text.replace(old, new)
    file.write_text(text)


@pytest.fixture
def nginx(service, make_directory):
    """Debian's own configuration, with the files where the document has them; gives the ports of status and HTTPS."""
    directory, status, https = make_directory(), free_port(), free_port()
    etc = directory / "nginx"
    shutil.copytree("/etc/nginx", etc, symlinks=True)
    for name in ("http", "status"):
        shutil.copy(NGINX / f"orbia-conversation-{name}.conf", etc / "conf.d")
    for name in ("orbia-conversation-sockets.conf", "orbia-conversation-origins.conf", "orbia-conversation.conf"):
        shutil.copy(NGINX / name, etc)
    change(etc / "nginx.conf", ("user www-data;", "user root;"), ("/run/nginx.pid", f"{directory}/nginx.pid"),
           ("/var/log/nginx", str(directory)), ("/etc/nginx", str(etc)))
    # Instance 1 is the service.
    (directory / "run").mkdir()
    (directory / "run" / "1.sock").symlink_to(service.socket)
    (directory / "run" / "1.status.sock").symlink_to(service.status_socket)
    change(etc / "conf.d" / "orbia-conversation-status.conf", ("9180", str(status)),
           ("/run/orbia-conversation", f"{directory}/run"))
    change(etc / "orbia-conversation-sockets.conf", ("/run/orbia-conversation", f"{directory}/run"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", directory / "key", "-out", directory / "certificate", "-subj", "/CN=www.orbia.example",
                    "-days", "2"], check=True, capture_output=True)
    (etc / "sites-enabled" / "default").unlink(missing_ok=True)
    (etc / "sites-enabled" / "orbia").write_text(
        f"server {{ listen 127.0.0.1:{https} ssl; server_name www.orbia.example;"
        f" ssl_certificate {directory}/certificate; ssl_certificate_key {directory}/key;"
        " include orbia-conversation.conf; }\n")
    subprocess.run(["nginx", "-t", "-c", etc / "nginx.conf"], check=True, capture_output=True)
    process = subprocess.Popen(["nginx", "-c", etc / "nginx.conf", "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    eventually(lambda: not socket.create_connection(("127.0.0.1", https), timeout=5).close(), within=10,
               what="nginx listens")
    yield status, https, directory
    process.terminate()
    process.wait()


def test_the_deployment_works_when_it_is_followed(operator, nginx):
    administrator, _ = operator
    status, https, directory = nginx
    address = f"--cacert {directory}/certificate --resolve www.orbia.example:{https}:127.0.0.1"
    commands = TRY_OUT.replace(":9180", f":{status}").replace("www.orbia.example/", f"www.orbia.example:{https}/")
    answers = administrator.run(commands.replace("curl -sS", f"curl -sS -w '\\n' {address}")).splitlines()
    assert answers == ['{"status":"ok"}', '{"base_resp":{"code":401,"message":"missing bearer token"}}']
    text = DEPLOYMENT.read_text()
    assert all(f"`{answer}`" in text for answer in answers)


def test_check_finds_nothing_to_mend(operator, service):
    administrator, _ = operator
    (administrator.directory / "env").write_text(
        "".join(f"{name}='{value}'\n" for name, value in service.settings.items()))
    command = block("When something does not work", "orbia-conversation check")
    command = command.replace("/etc/orbia-conversation/all.env", "./env")
    lines = administrator.run(f"orbia-conversation() {{ {PROGRAM} \"$@\"; }}\n", command).splitlines()
    assert lines and [line for line in lines if not line.startswith("ok ")] == []


def test_what_staff_do_by_hand(operator, service):
    """Each statement of operations.md, on a conversation of its number."""
    administrator, server = operator
    database = server.database()
    database.execute("INSERT INTO orbia_user (id) VALUES (1), (456)")
    database.execute("INSERT INTO orbia_conversation (id, conversation_id) VALUES (123, 'CONV_1_123')")
    administrator.run_sql(block("Adding a customer-service user to a conversation", "INSERT"), "orbia")
    api = service.api()
    assert [each["id"] for each in api.get_conversations(456).success()["conversations"]] == [123]
    for line, code in zip(block("Archiving, closing and deleting", "UPDATE").splitlines()[:3], [200, 400, 404]):
        administrator.run_sql(line, "orbia")
        sent = api.send_message(456, conversation_id=123, message_type="text", content="你好")
        assert sent.status == code, sent


def test_the_triggers_that_are_removed_come_back_with_the_schema(operator):
    administrator, server = operator
    count = "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'orbia'"
    before = server.database().value(count)
    administrator.run_sql(block("Removing the triggers", "DROP TRIGGER"), "orbia")
    assert server.database().value(count) == before - 2
    administrator.run(APPLY)
    assert server.database().value(count) == before
