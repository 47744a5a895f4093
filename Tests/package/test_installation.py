"""From installing to purging, in a bare Debian without Swift, with its MariaDB and nginx. In the order of the file."""

import json
import re

import pytest

from host import INSTANCES, PASSWORD, SECRET, SETTINGS, SHARE, Host
from orbia.polling import eventually

API = "http://127.0.0.1/api/v1/conversation"
# What the operator made by hand, and the database; the package's removal leaves both alone.
OPERATORS = re.compile(r"^/(etc/nginx|var/lib/mysql)/")


@pytest.fixture(scope="module")
def host(bare_root, package):
    return Host(bare_root, package)


def mode_and_owner(host, path: str) -> str:
    return host.run(f"stat -c '%a %U %G' {path}").stdout.strip()


def test_the_account_and_the_sockets_group_are_there_and_nobody_is_in_it(host):
    account = host.run("getent passwd orbia-conversation").stdout.split(":")
    assert account[5:] == ["/nonexistent", "/usr/sbin/nologin\n"]
    assert host.run("getent group orbia-conversation-web").stdout.strip().split(":")[3] == ""


def test_the_settings_are_roots_alone(host):
    assert mode_and_owner(host, SETTINGS) == "600 root root"


def test_without_a_secret_no_instance_starts_and_it_says_what_is_missing_where(host):
    done = host.run(host.command(1), check=False)
    assert done.returncode == 78
    assert f"settings: JWT_SECRET must be set (the units read {SETTINGS})" in done.stdout


def test_the_commands_of_an_administrator_work(host):
    assert "orbia-conversation" in host.run("orbia-conversation --version && orbia-conversation --help").stdout
    # systemd's own tool, where the package has brought it along.
    if host.run("command -v systemctl", check=False).returncode == 0:
        host.run("systemctl enable orbia-conversation@1 orbia-conversation@2")


def test_check_is_content_once_it_is_configured(host):
    host.make_database("orbia_conversation_app_orbia")
    path = host.root.path / SETTINGS.lstrip("/")
    text = path.read_text()
    for name, value in (("JWT_SECRET", SECRET), ("MYSQL_PASSWORD", PASSWORD)):
        assert f"#{name}=''" in text
        text = text.replace(f"#{name}=''", f"{name}='{value}'")
    path.write_text(text)
    done = host.run(f"set -a; . {SETTINGS}; orbia-conversation check", check=False)
    assert done.returncode == 0 and "wrong" not in done.stdout and "note" not in done.stdout, done.stdout


def test_it_serves_requests_through_nginx(host):
    for instance in INSTANCES:
        host.start(instance)
    host.configure_nginx(f"root {SHARE}/www;", "include orbia-conversation-page.conf;")
    host.let_nginx_at_the_sockets()
    assert "[warn]" not in host.run("nginx -t").stdout
    host.run("nginx")
    user = int(host.sql("INSERT INTO orbia_user (nickname) VALUES ('x'); SELECT LAST_INSERT_ID();"))
    host.sql(f"""INSERT INTO orbia_conversation (id, conversation_id, title) VALUES (1, 'CONV_1_1', 'x');
                 INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
                 VALUES (1, {user}, 'creator');""")
    token = host.run(f"JWT_SECRET='{SECRET}' orbia-conversation token --user-id {user}").stdout.strip()

    def post(route: str, body: dict) -> dict:
        done = host.run(f"curl -sS -H 'Authorization: Bearer {token}' -d '{json.dumps(body)}' {API}/{route}")
        return json.loads(done.stdout)

    sent = post("send_message", {"conversation_id": 1, "message_type": "text", "content": "hello"})
    assert sent["base_resp"]["code"] in (0, 200), sent
    got = post("get_messages", {"conversation_id": 1})
    assert "hello" in json.dumps(got)
    page = host.run("curl -sSi http://127.0.0.1/").stdout
    assert "<title>" in page and "\nContent-Security-Policy: default-src 'none'" in page
    assert "uploadUrl: null," in host.run("curl -sSf http://127.0.0.1/config.js").stdout
    for instance in INSTANCES:
        # What readiness knows is a second old at the most.
        eventually(lambda: '"ok"' in host.run(f"curl -sS http://127.0.0.1:9180/{instance}/readyz").stdout, within=10,
                   what="the instance is ready")
        assert "orbia_build_info{" in host.run(f"curl -sS http://127.0.0.1:9180/{instance}/metrics").stdout


def test_nobody_else_speaks_to_the_sockets_or_reads_logs_and_settings(host):
    """PHP's processes run as www-data, too, but in its own group alone where they are told so."""
    connect = "curl -sS --max-time 5 --unix-socket /run/orbia-conversation/1.sock http://x/"
    for account in ("nobody --regid=nogroup", "www-data --regid=www-data"):
        refused = host.run(f"setpriv --reuid={account} --clear-groups {connect}", check=False)
        assert refused.returncode == 7, refused.stdout
        for path in (SETTINGS, "/var/log/orbia-conversation/1.log"):
            assert host.run(f"setpriv --reuid={account} --clear-groups cat {path}", check=False).returncode == 1
    # nginx's user speaks to the sockets, and no more.
    mine = "setpriv --reuid=www-data --regid=www-data --init-groups"
    assert host.run(f"{mine} {connect}", check=False).returncode != 7
    assert host.run(f"{mine} cat /var/log/orbia-conversation/1.log", check=False).returncode == 1


def test_logrotate_takes_the_access_logs(host):
    log = "/var/log/orbia-conversation/1.log"
    assert mode_and_owner(host, log) == "640 orbia-conversation orbia-conversation-web"
    eventually(lambda: "send_message" in host.run("cat /var/log/orbia-conversation/*.log").stdout, within=5,
               what="the requests are logged")
    host.run("logrotate --force /etc/logrotate.d/orbia-conversation")
    assert "send_message" in host.run("cat /var/log/orbia-conversation/*.log.1").stdout
    # Where systemd runs this is what the rotation ends with.
    host.run("pkill -USR1 -x orbia-conversat")
    host.root.await_path(log, within=5)
    assert mode_and_owner(host, log) == "640 orbia-conversation orbia-conversation-web"


def test_installing_it_again_leaves_settings_and_instances_alone(host, package):
    before = host.run(f"cat {SETTINGS}; pgrep -x orbia-conversat").stdout
    host.run(f"dpkg --install /tmp/{package.name}")
    assert host.run(f"cat {SETTINGS}; pgrep -x orbia-conversat").stdout == before
    assert mode_and_owner(host, SETTINGS) == "600 root root"
    assert host.run("ls /etc/orbia-conversation").stdout == "all.env\nconfig.js\n"


def test_a_disk_that_is_full_leaves_no_half_of_the_settings(host):
    directory = SETTINGS.rpartition("/")[0]
    # What the package's configuration runs; a page of this file system is all that it has.
    configure = "/var/lib/dpkg/info/orbia-conversation.postinst configure"
    host.run(f"mount -t tmpfs -o size=4k tmpfs {directory}; head -c 4096 /dev/zero > {directory}/full")
    try:
        full = host.run(configure, check=False)
        assert full.returncode != 0 and "No space left" in full.stdout
        assert host.run(f"test -e {SETTINGS}", check=False).returncode == 1
        host.run(f"rm {directory}/full; {configure}; cmp {SETTINGS} {SHARE}/all.env")
        assert mode_and_owner(host, SETTINGS) == "600 root root"
        # A link to where the settings are put at a boot stays one.
        host.run(f"ln -sf /run/not/there/yet {SETTINGS}; {configure}; test -L {SETTINGS}")
    finally:
        host.run(f"umount {directory}")


def test_a_removal_keeps_the_settings(host):
    # systemd would stop them.
    host.run("pkill -TERM -x orbia-conversat; pkill -TERM -x orbia-conversat")
    for process in host.instances.values():
        assert process.wait(timeout=40) == 0
    removed = host.run("dpkg --remove orbia-conversation").stdout
    # With them nginx would not start again, which is more than this service.
    assert "nginx does not start while these lead nowhere" in removed
    for name in ("conf.d/orbia-conversation-http.conf", "orbia-conversation.conf"):
        assert f"/etc/nginx/{name}\n" in removed
    assert "/etc/nginx/orbia-conversation-sockets.conf" not in removed
    assert host.run(f"test -e {SETTINGS} && ! command -v orbia-conversation").returncode == 0
    assert host.run("test ! -e /run/orbia-conversation").returncode == 0


def test_a_purge_goes_on_where_the_logs_have_a_file_system_of_their_own(host):
    logs = "/var/log/orbia-conversation"
    link = "/etc/systemd/system/multi-user.target.wants/orbia-conversation@9.service"
    host.run(f"mount -t tmpfs tmpfs {logs}; touch {logs}/9.log; install -d $(dirname {link}); ln -s /nowhere {link}")
    try:
        host.run("/var/lib/dpkg/info/orbia-conversation.postrm purge")
        assert host.run(f"ls {logs}").stdout == ""
        assert host.run(f"test -L {link}", check=False).returncode == 1
    finally:
        host.run(f"umount {logs}")


def test_a_purge_leaves_nothing_but_the_account(host, package):
    host.run(f"dpkg --purge orbia-conversation; rm /tmp/{package.name}")
    left = host.run("find / -xdev -name '*orbia*'").stdout.split()
    assert [path for path in left if not OPERATORS.match(path)] == []
    assert host.run("dpkg-query -s orbia-conversation", check=False).returncode != 0
    assert host.run("getent passwd orbia-conversation", check=False).returncode == 0
