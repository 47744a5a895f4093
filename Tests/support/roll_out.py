"""The roll-out by hand of docs/deployment.md, on a fleet."""

import shlex
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from fleet import Fleet
from roll_out_commands import documented


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
        self._commands = documented()

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
        (self._directory / "all.env").write_text("".join(lines))
        return self._run(self._commands.check_by_hand, program)

    def forward(self, program: Path) -> None:
        self._run(self._commands.install_by_hand + self._commands.function + "roll_out\n", program)

    def back(self) -> None:
        self._run(self._commands.back_by_hand + self._commands.function + "roll_out\n")

    def _run(self, commands: str, program: Path = Path("/nowhere")) -> str:
        for documented, here in ((".build/release/orbia-conversation", str(program)),
                                 ("/usr/local/bin/orbia-conversation", str(self._installed)),
                                 ("/etc/orbia-conversation/all.env", str(self._directory / "all.env")),
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
