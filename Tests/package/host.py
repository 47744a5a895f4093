"""A bare Debian that is a host of the service: MariaDB, nginx, the package, and instances as its unit has them."""

import re
import shutil
import subprocess
from pathlib import Path

from bare_root import BareRoot

SECRET = "a secret of the tests, with more than 32 bytes"
PASSWORD = "a password of the tests"
ACCOUNT = "orbia_conversation@'127.0.0.1'"
SETTINGS = "/etc/orbia-conversation/all.env"
SHARE = "/usr/share/orbia-conversation"
INSTANCES = (1, 2)
_SERVER_SOCKET = "/run/mysqld/mysqld.sock"


class Host:
    """What the operator does on it, and systemd, whose part is played: it does not run here."""

    def __init__(self, root: BareRoot, package: Path):
        self.root = root
        # Those that systemd would have started.
        self.instances: dict[int, subprocess.Popen] = {}
        root.install("mariadb-server", "nginx-light", "curl", "logrotate")
        root.install(f"/tmp/{self.bring(package)}")
        root.start("install -d -o mysql /run/mysqld; exec mariadbd --user=mysql", stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
        root.await_path(_SERVER_SOCKET, within=60)

    def bring(self, package: Path) -> str:
        """Puts a package into /tmp, and returns its name."""
        shutil.copy(package, self.root.path / "tmp")
        return package.name

    def run(self, command: str, check: bool = True) -> subprocess.CompletedProcess:
        return self.root.run(command, check)

    # The operator's part

    @property
    def server_socket(self) -> Path:
        """The database server's, as it is reached from outside."""
        return self.root.seen_from_outside(_SERVER_SOCKET)

    def sql(self, statements: str) -> str:
        (self.root.path / "tmp/statements.sql").write_text(statements)
        return self.run("mariadb -N orbia < /tmp/statements.sql").stdout

    def make_database(self, role: str) -> None:
        """With the package's schema, and the service's account."""
        self.run(f"mariadb -e 'CREATE DATABASE orbia'; mariadb orbia < {SHARE}/schema.sql")
        self.sql(f"""CREATE USER {ACCOUNT} IDENTIFIED BY '{PASSWORD}';
                     GRANT {role} TO {ACCOUNT};
                     SET DEFAULT ROLE {role} FOR {ACCOUNT};""")

    def configure_nginx(self, *more: str) -> None:
        """As docs/deployment.md has it, with plain HTTP, where nothing limits the rate; `more` is what else the server
        block has."""
        lines = "\n".join(["listen 80;", "include orbia-conversation.conf;", *more])
        self.run(f"""
            cd /etc/nginx
            from={SHARE}/nginx
            for name in orbia-conversation-http orbia-conversation-status; do ln -s $from/$name.conf conf.d/; done
            for name in orbia-conversation orbia-conversation-page; do ln -s $from/$name.conf .; done
            for name in orbia-conversation-origins orbia-conversation-sockets; do cp $from/$name.conf .; done
            sed -i 's/^server .*1.sock.*/&\\n&/; s/\\n\\(.*\\)1.sock/\\n\\12.sock/' orbia-conversation-sockets.conf
            [ $(grep -c '^server' orbia-conversation-sockets.conf) = {len(INSTANCES)} ]
            echo "80 '';" > orbia-conversation-unlimited.conf
            rm sites-enabled/default
            cat > sites-enabled/chat <<'END'
server {{
{lines}
}}
END
        """)

    def let_nginx_at_the_sockets(self) -> None:
        self.run("usermod --append --groups orbia-conversation-web www-data")

    # systemd's part

    def unit(self, name: str) -> list[str]:
        """The values of a directive of the unit that is installed."""
        text = (self.root.path / "usr/lib/systemd/system/orbia-conversation@.service").read_text()
        return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)

    def command(self, instance: int) -> str:
        """The account, directories, umask and environment of the unit, in its order."""
        [user], [group], [umask], [program] = map(self.unit, ("User", "Group", "UMask", "ExecStart"))
        # 755 is what systemd makes it where the unit says nothing.
        directories = [(f"/run/{self.unit('RuntimeDirectory')[0]}", self.unit("RuntimeDirectoryMode")[0]),
                       (f"/var/log/{self.unit('LogsDirectory')[0]}", (*self.unit("LogsDirectoryMode"), "755")[0])]
        lines = [f"install -d -o {user} -g {group} -m {mode} {path}" for path, mode in directories]
        lines += [f"export {each}".replace("%i", str(instance)) for each in self.unit("Environment")]
        lines.append("set -a")
        for path in self.unit("EnvironmentFile"):
            path = path.removeprefix("-").replace("%i", str(instance))
            lines.append(f"if [ -e {path} ]; then . {path}; fi")
        lines += ["set +a", f"umask {umask}", f"echo $$ > /tmp/instance-{instance}.pid",
                  f"exec setpriv --reuid={user} --regid={group} --clear-groups {program}"]
        return "\n".join(lines)

    def start(self, instance: int) -> None:
        self.launch(instance)
        self.root.await_path(f"/run/orbia-conversation/{instance}.sock", within=20)

    def launch(self, instance: int) -> None:
        """As systemd starts a unit: nobody asks the process anything."""
        with open(self.root.path / f"tmp/instance-{instance}.log", "ab") as log:
            self.instances[instance] = self.root.start(self.command(instance), stdout=subprocess.DEVNULL, stderr=log)

    def stop(self, instance: int) -> None:
        """An instance that was told to stop has to end in good order."""
        self.run(f"kill -TERM $(cat /tmp/instance-{instance}.pid)")
        status = self.instances[instance].wait(timeout=40)
        log = (self.root.path / f"tmp/instance-{instance}.log").read_text()
        assert status == 0, f"instance {instance} ended with {status}:\n{log[-2000:]}"
