"""What the tests need of the machine: the compiler, Debian's packages, and Python environments."""

from pathlib import Path

from orbia import packages
from orbia.machine import need_swift
from orbia.running import galera_installation
from orbia.testing.environments import Environment
from orbia.testing.options import Options, part_of
from orbia.testing.parts import BROWSER, CLIENT, PACKAGE, PAGE, WEBKIT


def prepare_machine(repository: Path, options: Options) -> None:
    """Installs what is missing, or ends scripts/test."""
    need_swift()
    parts = options.parts or [part_of(test) for test in options.fast]
    if options.install:
        packages.install(*packages.BUILD, *packages.RUN, *packages.TEST,
                         *(packages.BROWSER if any(part.directory == BROWSER.directory for part in parts) else ()),
                         *(packages.WEBKIT if {PAGE, WEBKIT} & set(parts) else ()),
                         *(packages.PACKAGE_TEST if PACKAGE in parts else ()),
                         *(packages.client() if CLIENT in parts else ()))
        galera_installation.install(galera_installation.scripts_directory(repository))
    for directory in {part.directory for part in parts if part.directory}:
        Environment(repository, directory).prepare(options.install)
