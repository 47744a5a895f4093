"""A process of the service on a private server's database, asked over FastCGI as nginx would ask it."""

import json
import secrets
import subprocess
from pathlib import Path

from orbia.builds import Build
from orbia.database import Database
from orbia.drill.steps import DrillFailed
from orbia.fastcgi.peer import exchange
from orbia.paths import REPOSITORY
from orbia.polling import eventually
from orbia.private_mariadb import PASSWORD
from orbia.stack import environment
from orbia.tokens import valid_token

PROGRAM = Build(REPOSITORY).directory / "release" / "orbia-conversation"
# Seconds that a token is good for: longer than a drill takes.
_LIFETIME = 86_400


class Service:
    """Runs inside of a with block."""

    def __init__(self, directory: Path, database: Database):
        self._socket = directory / "service.sock"
        self._log = directory / "service.log"
        self._secret = secrets.token_hex(32)
        self._environment = environment(
            MYSQL_SOCKET=database.socket, MYSQL_DATABASE=database.name, MYSQL_USERNAME=database.account,
            MYSQL_PASSWORD=PASSWORD, JWT_SECRET=self._secret, ORBIA_LISTEN=str(self._socket), ORBIA_ACCESS_LOG="off")
        self._process = None

    def check(self) -> None:
        """Raises DrillFailed where the command `check` has anything to say but "ok"."""
        done = subprocess.run([PROGRAM, "check"], env=self._environment, capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL)
        lines = done.stdout.splitlines()
        if done.returncode != 0 or not lines or any(not line.startswith("ok ") for line in lines):
            raise DrillFailed(f"check is not content:\n{done.stdout}{done.stderr}")

    def __enter__(self):
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen([PROGRAM, "serve"], env=self._environment, stdin=subprocess.DEVNULL,
                                             stdout=log, stderr=log)
        try:
            eventually(lambda: self.ask(None, "get_conversations")[0] == 401, within=30, what="the service answers")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()

    def ask(self, user: int | None, route: str, **body) -> tuple[int | None, dict]:
        """The status and the body of the answer to one request; None where there was no answer."""
        content = json.dumps(body).encode()
        parameters = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": f"/api/v1/conversation/{route}",
                      "CONTENT_LENGTH": str(len(content)), "REQUEST_ID": secrets.token_hex(16)}
        if user is not None:
            parameters["HTTP_AUTHORIZATION"] = f"Bearer {valid_token(self._secret, user, _LIFETIME)}"
        try:
            output = exchange(self._socket, parameters, content, timeout=10)
        except OSError:
            return None, {}
        head, _, text = output.partition(b"\r\n\r\n")
        status = next((line.split()[1] for line in head.split(b"\r\n") if line.startswith(b"Status:")), b"200")
        return int(status), json.loads(text)

    def must(self, user: int, route: str, **body) -> dict:
        """The body of an answer that has to be 200. Raises DrillFailed."""
        status, answer = self.ask(user, route, **body)
        if status != 200:
            raise DrillFailed(f"{route} is answered {status} {answer}")
        return answer
