"""A stack of scripts/run with the load data set in its database, for the scripts that measure it."""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
PARTS = pathlib.Path(__file__).resolve().parent
SCRIPT = f"scripts/{pathlib.Path(sys.argv[0]).name}"
CONVERSATIONS = 20_000
# The user who is a member of all of them.
BUSIEST_USER = 1


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Names the default of each option that has one."""

    def _get_help_string(self, action):
        return action.help if action.default is None or action.nargs == 0 else super()._get_help_string(action)


def add_options(parser, http, https, status):
    """The options of a stack; `http`, `https` and `status` are the ports where none are asked for."""
    parser.add_argument("--dir", default=str(REPOSITORY / ".run-load"), help="where the stack keeps everything")
    parser.add_argument("--http", type=int, default=http, help="port for plain HTTP on 127.0.0.1")
    parser.add_argument("--https", type=int, default=https, help="port for HTTPS on localhost")
    parser.add_argument("--status", type=int, default=status, help="port for health and metrics on 127.0.0.1")
    parser.add_argument("--workers", type=count, default=8, help="worker threads of each instance of the service")
    parser.add_argument(
        "--no-install", dest="install", action="store_false", help="install no packages; stop where one is missing"
    )


def count(text):
    """An option's value that is a number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return number


class Stack:
    """scripts/run, from its start to its end.

    `settings` are further ones for the service, `more` further options. With `aside`, what scripts/run says
    once it is ready goes to log/run.log in its directory.
    """

    def __init__(self, options, instances=1, more=(), aside=False, **settings):
        self.directory = pathlib.Path(options.dir).resolve()
        self.options = options
        self.instances = [f"service-{number}" for number in range(1, instances + 1)]
        self.more, self.aside = more, aside
        self.settings = settings
        self.url = f"http://127.0.0.1:{options.http}"

    def __enter__(self):
        options = self.options
        command = [
            REPOSITORY / "scripts" / "run", "--no-demo", "--dir", self.directory, "--http", options.http,
            "--https", options.https, "--status", options.status, "--instances", len(self.instances),
            "--workers", options.workers,
            *([] if options.install else ["--no-install"]), *self.more,
        ]  # fmt: skip
        environment = {"MARIADB_BUFFER_POOL": "2G", **os.environ, **self.settings}
        # What begins here is not to outlive the script: SIGTERM, too, goes through __exit__.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        self.is_ready = False
        self.process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE if self.aside else None,
            text=True, env=environment,
        )  # fmt: skip
        if self.aside:
            threading.Thread(target=self._pass_on, daemon=True).start()
        try:
            for line in self.process.stdout:
                if line.startswith("ready "):
                    self.is_ready = True
                    return self
            sys.exit(f"{SCRIPT}: the stack did not start; its reason is above.")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stdout.read()
        self.process.wait()

    def _pass_on(self):
        for line in self.process.stderr:
            if self.is_ready:
                with open(self.directory / "log" / "run.log", "a") as log:
                    log.write(line)
            else:
                sys.stderr.write(line)

    def sql(self, statement, server="mariadb"):
        """The rows that a statement gives the database's administrator, one a line."""
        return subprocess.run(self._client(server), input=statement, text=True, check=True, capture_output=True).stdout

    def _client(self, server, *options):
        """The command of the administrator's client."""
        socket = f"--socket={self.directory}/{server}.sock"
        return ["mariadb", "--no-defaults", socket, "--user=root", "-N", *options, "orbia"]

    def make_dataset(self):
        if int(self.sql("SELECT COUNT(*) FROM orbia_conversation")) == CONVERSATIONS:
            return
        say("making the data set, once: about a minute")
        self.sql((PARTS / "dataset.sql").read_text())

    def write_requests(self, only=None):
        """A file of users, conversations they are members of, and tokens, for wrk to draw from.

        `only` a user who is a member of all conversations, or else the creator of each.
        """
        tokens = {}
        path = self.directory / f"requests-{only or 'all'}.txt"
        with path.open("w") as lines:
            for conversation in range(1, CONVERSATIONS + 1, 4):
                user = only or member_of(conversation)
                tokens[user] = tokens.get(user) or self.token(user)
                lines.write(f"{user} {conversation} {tokens[user]}\n")
        return path

    def write_requests_of(self, conversation):
        """Such a file for one conversation, by its creator."""
        user = member_of(conversation)
        path = self.directory / f"requests-of-{conversation}.txt"
        path.write_text(f"{user} {conversation} {self.token(user)}\n")
        return path

    @contextlib.contextmanager
    def session(self, *statements):
        """Statements of the administrator, in one session that ends when the block does."""
        process = subprocess.Popen(self._client("mariadb", "--unbuffered"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write("".join(f"{statement};\n" for statement in statements) + "SELECT 'done';\n")
        process.stdin.flush()
        try:
            while process.stdout.readline().strip() != "done":
                if process.poll() is not None:
                    sys.exit(f"{SCRIPT}: the database did not take {statements[-1]}.")
            yield
        finally:
            process.stdin.close()
            process.wait()

    def token(self, user, lifetime=86_400):
        """A token for `user` that expires in `lifetime` seconds."""
        return make_token((self.directory / "jwt-secret").read_bytes(), user, lifetime)

    def statements(self):
        """How many statements the server has been sent; each CALL is one, whatever its routine does."""
        return int(self.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'").split()[1])

    def pid(self, name):
        """The process id of nginx, mariadb, or an instance of the service: service-1. None while it is down."""
        try:
            return int((self.directory / "pids" / name).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def pids(self):
        """The process ids of all instances of the service."""
        return [self.pid(name) for name in self.instances]


def member_of(conversation):
    """The user of the data set who created a conversation."""
    return 2 + conversation % 1999


def make_token(secret, user, lifetime):
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    claims = {"user_id": user, "iss": "orbia_api", "exp": int(time.time()) + lifetime}
    signed = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
    return (signed + b"." + encode(hmac.new(secret.strip(), signed, hashlib.sha256).digest())).decode()


def user_and_system_seconds(pid):
    """What a process has used of the processors, itself and through the kernel."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / ticks, int(fields[12]) / ticks


def cpu_seconds(pid):
    """The sum of the two."""
    return sum(user_and_system_seconds(pid))


def memory_mb(pid):
    """A process's resident memory."""
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def write_json(options, name, figures):
    """Into the file that --json names, or else NAME.json in --dir."""
    path = pathlib.Path(options.json or pathlib.Path(options.dir) / f"{name}.json")
    path.write_text(json.dumps(figures, indent=2) + "\n")
    say(f"the figures are in {path}")


def plural(number, thing):
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def say(text):
    print(f"{SCRIPT}: {text}", file=sys.stderr, flush=True)
