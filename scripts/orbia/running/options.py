"""The command line of scripts/run."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orbia.ports import StackPorts

_DESCRIPTION = """\
Runs Orbia Conversation on this machine, in the foreground: installs what is missing, builds the
service, starts a MariaDB server of its own, the service, and nginx in front of it, with the chat page.
It prints a line that begins with "ready" once the service has answered a request through nginx. Ctrl-C or SIGTERM
stops everything that it started, and nothing else; the data is kept.

A process of the service that dies is started again: at once, or after a pause of up to 10 seconds
where it dies at its start. If MariaDB or nginx dies, the run ends, but for a MariaDB that is to be kept
(--keep-database) and the nodes of --galera: they are started again, too. Once it is ready, SIGHUP restarts
the processes of the service in turn, each when the one before is back, with the program that is in
.build by then. With two or more of them no request is lost. One that does not come up again ends the
restart; those after it run on. (A terminal that closes sends SIGHUP, too: that stops the run.)
"""
_EPILOG = """\
In DIR:
  mariadb.sock        for the administrator of this private database:
                      mariadb --socket=DIR/mariadb.sock --user=root orbia
  mariadb-N.sock      the same, of node N of the cluster; it has a database of its own, which is not
                      that of a run without --galera
  jwt-secret          the secret that tokens are signed with
  demo-users.json     who can be picked on the chat page, with tokens for 30 days; nginx serves it to
                      this machine alone
  page/               the chat page, in the form that browsers keep the files of
  uploads/            what was uploaded in the chat page
  mysql-password      the password of the service's database account
  tls/localhost.crt   the certificate, for curl --cacert
  service-N.sock      where instance N of the service listens, from 1 on; pids/service-N has its
                      process id
  log/                service-N.log and access-N.log of instance N, nginx-access.log,
                      nginx-error.log, mariadb.log or mariadb-N.log; NAME.log.1 is the run before

A second stack needs a DIR and three ports of its own, and with --galera a BASE.

Environment:
  JWT_SECRET           the secret to use (default: the one in DIR, else a new one)
  MYSQL_HOST           use this database server and start none: MYSQL_PORT, MYSQL_SOCKET,
                       MYSQL_DATABASE, MYSQL_USERNAME and MYSQL_PASSWORD are then the service's
                       settings, the schema must be there, and no demo data is put in (default: not
                       set)
  MARIADB_BUFFER_POOL  memory for the private server's data, innodb-buffer-pool-size (default: 1G;
                       256M for each node of a cluster)
  SANITIZER            address or thread: build and run the service with that sanitizer; its reports are in
                       .build-address/reports or .build-thread/reports (default: not set)
  TZ, JWT_ISSUER, JWT_SECRET_PREVIOUS, and those that begin with ORBIA_
                       go to the service as they are, but for ORBIA_LISTEN, ORBIA_STATUS_LISTEN and
                       ORBIA_ACCESS_LOG, of which each instance has its own;
                       ".build/release/orbia-conversation --help" tells what they mean

Exit status: 0 when it was asked to stop while it was ready, 1 when something failed, 2 for a wrong
command line, 128 + N when signal N came before it was ready.
"""


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    directory: Path
    ports: StackPorts
    instances: int
    # Worker threads of each instance; None for the service's own choice.
    workers: int | None
    # Worker processes of nginx; None for one for each processor.
    nginx_workers: int | None
    keep_database: bool
    galera: bool
    galera_port: int
    # The environment names a database server: none is started, and what is in it is not ours.
    has_given_database: bool
    demo: bool
    install: bool
    # What nginx serves as the chat page; None for the repository's, published so that browsers keep its files.
    page: Path | None


def read_options(arguments: Sequence[str], repository: Path) -> Options:
    """Ends the process for a wrong command line, and for --help."""
    parser = _parser(repository)
    given = parser.parse_args(arguments)
    ports = StackPorts(given.https, given.http, given.status)
    if len(set(ports)) < len(ports):
        parser.error("--https, --http and --status name the same port twice: {}, {}, {}.".format(*ports))
    has_given_database = bool(os.environ.get("MYSQL_HOST"))
    if has_given_database and (given.galera or given.keep_database):
        parser.error("--galera and --keep-database are for a database of its own, and MYSQL_HOST names another one.")
    return Options(given.dir, ports, given.instances, given.workers, given.nginx_workers, given.keep_database,
                   given.galera, given.galera_port, has_given_database, not given.no_demo and not has_given_database,
                   not given.no_install, given.page and given.page.resolve())


def _parser(repository: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/run", usage="scripts/run [OPTION]...", description=_DESCRIPTION, epilog=_EPILOG, add_help=False,
        allow_abbrev=False,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=17, width=100))
    options = parser.add_argument_group("Options")
    add = options.add_argument
    add("--dir", type=_directory, default=repository / ".run", metavar="DIR",
        help="where everything is kept: database, secrets, certificate, logs (default: .run in the repository; made"
        " where it is missing)")
    add("--https", type=_number(65535), default=8443, metavar="PORT",
        help="port for HTTPS on localhost (default: %(default)s)")
    add("--http", type=_number(65535), default=8080, metavar="PORT",
        help="port for plain HTTP on 127.0.0.1, without the rate limit: for a browser that does not know the"
        " certificate, and for load tests (default: %(default)s)")
    add("--status", type=_number(65535), default=8082, metavar="PORT",
        help="port for the health and the metrics of each instance on 127.0.0.1: /N/healthz, /N/readyz and /N/metrics"
        " of instance N (default: %(default)s)")
    add("--instances", type=_number(16), default=1, metavar="N",
        help="processes of the service, from 1 to 16, behind the one nginx (default: %(default)s)")
    add("--workers", type=_number(256), metavar="N",
        help="worker threads of each of them, each with a database connection (default: ORBIA_WORKERS, else 8)")
    add("--nginx-workers", type=_number(64), metavar="N",
        help="worker processes of nginx. Each has 16,384 connections, of which a client that waits takes two"
        " (default: one for each processor)")
    add("--keep-database", action="store_true", help="start MariaDB again when it dies (default: the run ends)")
    add("--galera", action="store_true",
        help="a Galera cluster of three MariaDB servers in place of the one. The service is given all three; the first"
        " that can be used is the one in use (default: one server)")
    # The last port of the last node is BASE + 33.
    add("--galera-port", type=_number(65502), default=4600, metavar="BASE",
        help="port of the cluster on 127.0.0.1: node N takes BASE + 10 N for clients, and the three ports after it"
        " (default: %(default)s, so 4610 to 4613, 4620 to 4623, 4630 to 4633)")
    add("--no-demo", action="store_true", help="no demo data (default: it is put in at the first start)")
    add("--page", type=_page, metavar="DIR",
        help="the chat page, served from where it is, so that a change shows at the next reload: nginx/www while one"
        " works on it, another version's, or one with a config.js of its own (default: nginx/www of the repository, as"
        " it is at the start, published by scripts/publish-page's way in DIR/page)")
    add("--no-install", action="store_true",
        help="install no packages; stop where a command is missing (default: install, as root or with sudo)")
    add("--help", action="help", help="this text")
    return parser


def _number(greatest: int):
    def read(text: str) -> int:
        if not re.fullmatch("[1-9][0-9]{0,4}", text, re.ASCII) or int(text) > greatest:
            raise argparse.ArgumentTypeError(f'needs a number from 1 to {greatest}, not "{text}"')
        return int(text)

    return read


def _directory(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("needs a directory")
    return Path(text)


def _page(text: str) -> Path:
    if not (Path(text) / "index.html").is_file():
        raise argparse.ArgumentTypeError(f'needs a directory with an index.html, not "{text}"')
    return Path(text)
