"""A stack of scripts/run with the load data set in its database, for the scripts that measure it."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
PARTS = pathlib.Path(__file__).resolve().parent
SCRIPT = f"scripts/{pathlib.Path(sys.argv[0]).name}"
CONVERSATIONS = 20_000


def add_options(parser, http, https):
    """The options of a stack; `http` and `https` are the ports where none are asked for."""
    parser.add_argument("--dir", default=str(REPOSITORY / ".run-load"), help="where the stack keeps everything")
    parser.add_argument("--http", type=int, default=http, help="port for plain HTTP on 127.0.0.1")
    parser.add_argument("--https", type=int, default=https, help="port for HTTPS on localhost")
    parser.add_argument("--workers", type=int, default=8, help="worker threads of the service")


class Stack:
    """scripts/run, from its start to its end."""

    def __init__(self, options):
        self.directory = pathlib.Path(options.dir).resolve()
        self.options = options
        self.url = f"http://127.0.0.1:{options.http}"

    def __enter__(self):
        options = self.options
        command = [
            REPOSITORY / "scripts" / "run", "--no-demo", "--dir", self.directory, "--http", options.http,
            "--https", options.https, "--workers", options.workers,
        ]  # fmt: skip
        environment = {**os.environ, "MARIADB_BUFFER_POOL": os.environ.get("MARIADB_BUFFER_POOL", "2G")}
        self.process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, text=True, env=environment
        )
        for line in self.process.stdout:
            if line.startswith("ready "):
                return self
        sys.exit(f"{SCRIPT}: the stack did not start; its reason is above.")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()

    def sql(self, statement):
        """The rows that a statement gives the database's administrator, one a line."""
        command = ["mariadb", "--no-defaults", f"--socket={self.directory}/mariadb.sock", "--user=root", "-N", "orbia"]
        return subprocess.run(command, input=statement, text=True, check=True, capture_output=True).stdout

    def make_dataset(self):
        if int(self.sql("SELECT COUNT(*) FROM orbia_conversation")) == CONVERSATIONS:
            return
        say("making the data set, once: about a minute")
        self.sql((PARTS / "dataset.sql").read_text())

    def write_requests(self):
        """A file of users, conversations they are members of, and tokens, for wrk to draw from."""
        tokens = {}
        path = self.directory / "requests.txt"
        with path.open("w") as lines:
            for conversation in range(1, CONVERSATIONS + 1, 4):
                user = member_of(conversation)
                tokens[user] = tokens.get(user) or self.token(user)
                lines.write(f"{user} {conversation} {tokens[user]}\n")
        return path

    def token(self, user, lifetime=86_400):
        """A token for `user` that expires in `lifetime` seconds."""
        return make_token((self.directory / "jwt-secret").read_bytes(), user, lifetime)

    def statements(self):
        """How many statements the server has been sent; each CALL is one, whatever its routine does."""
        return int(self.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'").split()[1])

    def pid(self, name):
        """The process id of nginx, mariadb, or an instance of the service: service-1."""
        return int((self.directory / "pids" / name).read_text())


def member_of(conversation):
    """The user of the data set who created a conversation."""
    return 2 + conversation % 1999


def make_token(secret, user, lifetime):
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    claims = {"user_id": user, "iss": "orbia_api", "exp": int(time.time()) + lifetime}
    signed = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
    return (signed + b"." + encode(hmac.new(secret.strip(), signed, hashlib.sha256).digest())).decode()


def cpu_seconds(pid):
    """What a process has used of the processors: user, system."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / ticks, int(fields[12]) / ticks


def memory_mb(pid):
    """A process's resident memory."""
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def say(text):
    print(f"{SCRIPT}: {text}", file=sys.stderr, flush=True)
