"""The options of a command that brings up a stack, and the stack that they describe."""

import argparse
import os
import sys
from pathlib import Path

from orbia import packages
from orbia.paths import REPOSITORY
from orbia.ports import StackPorts
from orbia.running import galera_installation
from orbia.stack import Stack


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Names the default of each option that has one."""

    def _get_help_string(self, action):
        return action.help if action.default is None or action.nargs == 0 else super()._get_help_string(action)


def count(text: str) -> int:
    """An option's value that is a number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return number


def add_stack_options(parser: argparse.ArgumentParser, ports: StackPorts, directory: str = ".run-load") -> None:
    """`ports` and `directory` are the defaults; the directory's is in the repository."""
    parser.add_argument("--dir", default=str(REPOSITORY / directory), help="where the stack keeps everything")
    parser.add_argument("--http", type=int, default=ports.http, help="port for plain HTTP on 127.0.0.1")
    parser.add_argument("--https", type=int, default=ports.https, help="port for HTTPS on localhost")
    parser.add_argument("--status", type=int, default=ports.status, help="port for health and metrics on 127.0.0.1")
    parser.add_argument("--workers", type=count, default=8, help="worker threads of each instance of the service")
    parser.add_argument(
        "--no-install", dest="install", action="store_false", help="install no packages; stop where one is missing"
    )


def install_packages(options: argparse.Namespace, *more: str, with_galera: bool = False) -> None:
    """What a stack needs, and `more`; here and not by scripts/run, which has no terminal to ask for a password."""
    if options.install:
        packages.install(*packages.BUILD, *packages.RUN, *more)
        if with_galera:
            galera_installation.install(galera_installation.scripts_directory(REPOSITORY))


def stack_of(options: argparse.Namespace, kind: type[Stack] = Stack, *arguments: str, instances: int = 1,
             buffer_pool: str = "2G", settings: dict[str, str] | None = None, **keywords) -> Stack:
    """A stack, not yet started, with the environment's settings and some more. `keywords` are for `kind`."""
    return kind(
        Path(options.dir).resolve(), "--workers", str(options.workers), *arguments, instances=instances,
        ports=StackPorts(https=options.https, http=options.http, status=options.status),
        settings={"MARIADB_BUFFER_POOL": buffer_pool, **os.environ, **(settings or {})}, progress=sys.stderr,
        **keywords)
