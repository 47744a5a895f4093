"""scripts/measure-migration: what schema.sql and schema-remove.sql do to a database while others write to it."""

import argparse
import tempfile
from pathlib import Path

from orbia import packages
from orbia.commands.outcome import run_and_exit
from orbia.terminal import command_name


def main() -> None:
    options = read_options()
    run_and_exit(lambda: run(options))


def run(options: argparse.Namespace) -> list[str]:
    """There is nothing to complain of."""
    packages.install(*packages.RUN, *packages.TEST)
    # With Debian's pymysql, which may not have been there before.
    from orbia.migration.measurement import measure
    from orbia.private_mariadb import PrivateMariaDB

    with tempfile.TemporaryDirectory(prefix="orbia-", dir=options.dir) as directory:
        with PrivateMariaDB(
            Path(directory), f"--innodb-buffer-pool-size={options.buffer_pool}",
            "--innodb-log-file-size=512M", "--log-output=TABLE", "--log-slow-disabled-statements=",
            "--log-slow-admin-statements=ON", "--default-time-zone=+00:00", "--sync-binlog=0",
        ) as server:
            measure(server, options.messages)
    return []


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Fills the platform's tables on a private MariaDB server, applies schema.sql while four "
        "connections write to the tables and four read from them, and prints for each statement that took longer than "
        "10 ms how long it took, and the longest that a write and a read had to wait meanwhile. Then it takes version "
        "2's part away and does the same from version 1, and at the end with schema-remove.sql. All of it is in a "
        "temporary directory, and ends by itself.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--messages", type=int, default=1_000_000, help="in conversations of 50 messages each")
    parser.add_argument("--buffer-pool", default="1G", help="memory for the server's data")
    parser.add_argument("--dir", default=tempfile.gettempdir(), help="where the server's temporary directory is made")
    options = parser.parse_args()
    if options.messages < 50:
        parser.error("--messages must be at least 50")
    return options
