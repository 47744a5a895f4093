"""What the tests need of the machine: the compiler, Debian's packages, and Python environments."""

import shutil
import subprocess
from pathlib import Path

from orbia.testing.environments import Environment
from orbia.testing.options import Options, part_of
from orbia.testing.parts import BROWSER
from orbia.terminal import fail

_INSTALL = """
set -euo pipefail
REPOSITORY=$1
for file in terminal packages galera; do source "$REPOSITORY/scripts/lib/$file.sh"; done
trap remove_policy_file EXIT
packages=("${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}")
[[ $2 == no ]] || packages+=("${BROWSER_PACKAGES[@]}")
install_packages "${packages[@]}"
install_galera
"""


def prepare_machine(repository: Path, options: Options) -> None:
    """Installs what is missing, or ends scripts/test."""
    if not shutil.which("swift"):
        fail("the command swift is missing.",
             "Install Swift 6.3 (https://www.swift.org/install/linux/) and put its usr/bin into PATH.")
    parts = options.parts or [part_of(test) for test in options.fast]
    if options.install:
        command = ["bash", "-c", _INSTALL, "scripts/test", repository, "yes" if BROWSER in parts else "no"]
        if subprocess.run(command, check=False).returncode != 0:
            fail("packages are missing; the reason is above.")
    for directory in {part.directory for part in parts if part.directory}:
        Environment(repository, directory).prepare(options.install)
