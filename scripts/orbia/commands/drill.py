"""scripts/drill: backup, restore and restore to a point in time by docs/operations.md, compared row by row."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from orbia import packages
from orbia.builds import Build
from orbia.commands.outcome import run_and_exit
from orbia.paths import REPOSITORY
from orbia.terminal import command_name, fail, say

# Seconds that one of the document's commands may take, with a message; and with none.
_SECONDS_OF_A_MESSAGE, _LEAST_SECONDS = 0.001, 300


def main() -> None:
    options = read_options()
    run_and_exit(lambda: run(options))


def run(options: argparse.Namespace) -> list[str]:
    """What is wrong."""
    if options.install:
        packages.install(*packages.BUILD, *packages.RUN, *packages.TEST)
    say("building the service (the first time this takes some minutes)")
    if subprocess.run(Build(REPOSITORY).command, stdout=sys.stderr, check=False).returncode != 0:
        fail("the service could not be built; the compiler's messages are above.")
    # With Debian's pymysql, which may not have been there before.
    from orbia.document import CommandFailed
    from orbia.drill.run import Drill
    from orbia.drill.steps import DrillFailed

    timeout = _LEAST_SECONDS + _SECONDS_OF_A_MESSAGE * options.messages
    with tempfile.TemporaryDirectory(prefix="orbia-", dir=options.dir) as directory:
        try:
            Drill(Path(directory), options.messages, options.buffer_pool, timeout).run()
        except (CommandFailed, DrillFailed) as failure:
            return str(failure).splitlines()
        except subprocess.TimeoutExpired as failure:
            return [f"not within {failure.timeout:.0f} s:", str(failure.cmd[-1])]
    return []


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Runs the commands of docs/operations.md, \"Backup\", \"Restoring\" and \"To a point in time\", as "
        "they stand there, on private MariaDB servers. The first server is filled, and backed up while clients send "
        "and read through the service and orders are confirmed; then a conversation's messages are deleted, and the "
        "clients go on. Two fresh servers are restored from the backup: one as it is, one up to the moment before the "
        "deletion. Each is compared with the first server as it was at that moment: all tables row by row, and how "
        "tables, triggers and routines are made. What was acknowledged before the moment has to be there, what was "
        "sent after it must not be; the command check has to be content, and requests and an order have to work. It "
        "prints what was compared and how long each step took. Anything that is wrong makes the exit status 1. All of "
        "it is in a temporary directory, and ends by itself.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--messages", type=int, default=10_000, help="in conversations of 50 messages each")
    parser.add_argument("--buffer-pool", default="256M", help="memory for each server's data")
    parser.add_argument("--dir", default=tempfile.gettempdir(),
                        help="where the temporary directory is made; 1,000,000 messages take 5 GB")
    parser.add_argument("--no-install", dest="install", action="store_false", default=argparse.SUPPRESS,
                        help="install no packages; stop where one is missing")
    options = parser.parse_args(namespace=argparse.Namespace(install=True))
    # Each client has conversations of its own.
    if options.messages < 500:
        parser.error("--messages must be at least 500")
    return options
