"""The commands of docs/deployment.md, "Rolling out a new build", as they stand there, on a fleet."""

import re
import shlex
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from fleet import Fleet
from orbia.paths import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "deployment.md"


class RollOut:
    """Where the document has a site's paths and addresses, these are of the fleet and of `directory`, which has the
    program that the instances run. A command `systemctl` there restarts them.
    """

    def __init__(self, fleet: Fleet, directory: Path, program: Path):
        self._fleet, self._directory = fleet, directory
        self._installed = directory / "orbia-conversation"
        shutil.copy(program, self._installed)
        for instance in fleet.instances:
            instance.program = self._installed
        section = re.search(r"^## Rolling out a new build\n(.*?)^### ", DOCUMENT.read_text(), re.M | re.S)[1]
        # The check, the roll-out, and the way back. A list's lines are indented, too, and follow another line.
        self._check, self._forward, self._back = re.findall(r"(?<=\n\n)((?:    .*\n|\n(?=    ))+)", section)
        self._function = re.search(r"^    roll_out\(\) \{.*?^    \}\n", self._forward, re.M | re.S)[0]

    def __enter__(self):
        self._server = HTTPServer(("127.0.0.1", 0), _handler(self._fleet))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        command = self._directory / "systemctl"
        address = f"http://127.0.0.1:{self._server.server_port}"
        command.write_text(f"#!/bin/sh\n[ $1 = restart ] && exec curl -sf -d '' {address}/${{2#orbia-conversation@}}\n")
        command.chmod(0o755)
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def check(self, program: Path) -> str:
        """What the check before says."""
        settings = self._fleet.instances[0].settings
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in settings.items() if name != "ORBIA_LISTEN"]
        (self._directory / "orbia-conversation.env").write_text("".join(lines))
        return self._run(self._check, program)

    def forward(self, program: Path) -> None:
        self._run(self._forward, program)

    def back(self) -> None:
        self._run(self._function + self._back)

    def _run(self, commands: str, program: Path = Path("/nowhere")) -> str:
        for documented, here in ((".build/release/orbia-conversation", str(program)),
                                 ("/usr/local/bin/orbia-conversation", str(self._installed)),
                                 ("/etc/orbia-conversation.env", str(self._directory / "orbia-conversation.env")),
                                 ("127.0.0.1:9180", f"127.0.0.1:{self._fleet.ports.status}"),
                                 ("https://www.orbia.example", f"http://127.0.0.1:{self._fleet.ports.http}")):
            commands = commands.replace(documented, here)
        done = subprocess.run(["bash", "-c", f'PATH={self._directory}:"$PATH"\n{commands}'], capture_output=True,
                              text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _handler(fleet: Fleet) -> type:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            fleet.restart(int(self.path.removeprefix("/")))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    return Handler
