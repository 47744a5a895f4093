"""From installing to purging, in a bare Debian without Swift, with its MariaDB and nginx. In the order of the file."""

import json
import re
import shutil
import subprocess

import pytest

from orbia.polling import eventually

SECRET = "a secret of the tests, with more than 32 bytes"
PASSWORD = "a password of the tests"
API = "http://127.0.0.1/api/v1/conversation"
SETTINGS = "/etc/orbia-conversation/all.env"
# What the operator made by hand, and the database; the package's removal leaves both alone.
OPERATORS = re.compile(r"^/(etc/nginx|var/lib/mysql)/")


class Host:
    """The root with the package, and the instances in it, started as the unit would start them."""

    def __init__(self, root):
        self.root = root
        self.instances: dict[int, subprocess.Popen] = {}

    def run(self, command: str, check: bool = True) -> subprocess.CompletedProcess:
        return self.root.run(command, check)

    def unit(self, name: str) -> list[str]:
        """The values of a directive of the unit."""
        text = (self.root.path / "usr/lib/systemd/system/orbia-conversation@.service").read_text()
        return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)

    def command(self, instance: int) -> str:
        """The account, directories, umask and environment of the unit, in its order."""
        [user], [group], [umask], [program] = map(self.unit, ("User", "Group", "UMask", "ExecStart"))
        directories = [(f"/run/{self.unit('RuntimeDirectory')[0]}", self.unit("RuntimeDirectoryMode")[0]),
                       (f"/var/log/{self.unit('LogsDirectory')[0]}", self.unit("LogsDirectoryMode")[0])]
        lines = [f"install -d -o {user} -g {group} -m {mode} {path}" for path, mode in directories]
        lines += [f"export {each}".replace("%i", str(instance)) for each in self.unit("Environment")]
        lines.append("set -a")
        for path in self.unit("EnvironmentFile"):
            path = path.removeprefix("-").replace("%i", str(instance))
            lines.append(f"if [ -e {path} ]; then . {path}; fi")
        lines += ["set +a", f"umask {umask}",
                  f"exec setpriv --reuid={user} --regid={group} --clear-groups {program}"]
        return "\n".join(lines)

    def start(self, instance: int) -> None:
        self.instances[instance] = self.root.start(self.command(instance), stderr=subprocess.DEVNULL)
        self.root.await_path(f"/run/orbia-conversation/{instance}.sock", within=20)

    def sql(self, statements: str) -> str:
        (self.root.path / "tmp/statements.sql").write_text(statements)
        return self.run("mariadb -N orbia < /tmp/statements.sql").stdout


@pytest.fixture(scope="module")
def host(bare_root, package):
    bare_root.install("mariadb-server", "nginx-light", "curl", "logrotate")
    shutil.copy(package, bare_root.path / "tmp")
    bare_root.install(f"/tmp/{package.name}")
    bare_root.start("install -d -o mysql /run/mysqld; exec mariadbd --user=mysql", stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
    bare_root.await_path("/run/mysqld/mysqld.sock", within=60)
    return Host(bare_root)


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
    host.run("mariadb -e 'CREATE DATABASE orbia'; mariadb orbia < /usr/share/orbia-conversation/schema.sql")
    host.sql(f"""CREATE USER orbia_conversation@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
                 GRANT orbia_conversation_app_orbia TO orbia_conversation@'127.0.0.1';
                 SET DEFAULT ROLE orbia_conversation_app_orbia FOR orbia_conversation@'127.0.0.1';""")
    path = host.root.path / SETTINGS.lstrip("/")
    text = path.read_text()
    for name, value in (("JWT_SECRET", SECRET), ("MYSQL_PASSWORD", PASSWORD)):
        assert f"#{name}=''" in text
        text = text.replace(f"#{name}=''", f"{name}='{value}'")
    path.write_text(text)
    done = host.run(f"set -a; . {SETTINGS}; set +a; orbia-conversation check", check=False)
    assert done.returncode == 0 and "wrong" not in done.stdout and "note" not in done.stdout, done.stdout


def test_it_serves_requests_through_nginx(host):
    for instance in (1, 2):
        host.start(instance)
    host.run("""
        cd /etc/nginx
        ln -s /usr/share/orbia-conversation/nginx/orbia-conversation-http.conf conf.d/
        ln -s /usr/share/orbia-conversation/nginx/orbia-conversation-status.conf conf.d/
        ln -s /usr/share/orbia-conversation/nginx/orbia-conversation.conf .
        cp /usr/share/orbia-conversation/nginx/orbia-conversation-origins.conf .
        cp /usr/share/orbia-conversation/nginx/orbia-conversation-sockets.conf .
        sed -i 's/^server .*1.sock.*/&\\n&/; s/\\n\\(.*\\)1.sock/\\n\\12.sock/' orbia-conversation-sockets.conf
        grep -c '^server' orbia-conversation-sockets.conf | grep -qx 2
        rm sites-enabled/default
        cat > sites-enabled/chat <<'END'
server {
    listen 80;
    root /usr/share/orbia-conversation/www;
    include orbia-conversation.conf;
}
END
        usermod --append --groups orbia-conversation-web www-data
        nginx -t
        nginx
    """)
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
    assert "<title>" in host.run("curl -sS http://127.0.0.1/").stdout
    for instance in (1, 2):
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
    assert host.run("ls /etc/orbia-conversation").stdout == "all.env\n"


def test_a_removal_keeps_the_settings(host):
    # systemd would stop them.
    host.run("pkill -TERM -x orbia-conversat; pkill -TERM -x orbia-conversat")
    for process in host.instances.values():
        assert process.wait(timeout=40) == 0
    host.run("dpkg --remove orbia-conversation")
    assert host.run(f"test -e {SETTINGS} && ! command -v orbia-conversation").returncode == 0
    assert host.run("test ! -e /run/orbia-conversation").returncode == 0


def test_a_purge_leaves_nothing_but_the_account(host, package):
    host.run(f"dpkg --purge orbia-conversation; rm /tmp/{package.name}")
    left = host.run("find / -xdev -name '*orbia*'").stdout.split()
    assert [path for path in left if not OPERATORS.match(path)] == []
    assert host.run("dpkg-query -s orbia-conversation", check=False).returncode != 0
    assert host.run("getent passwd orbia-conversation", check=False).returncode == 0
