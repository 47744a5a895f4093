"""Debian packages for the scripts in Python, installed as those in bash do it."""

import pathlib
import subprocess
import sys

LIBRARY = pathlib.Path(__file__).resolve().parents[1]

INSTALL = """
set -euo pipefail
source "$1/terminal.sh"
source "$1/packages.sh"
trap remove_policy_file EXIT
shift
for list; do
    declare -n packages=$list
    install_packages "${packages[@]}"
done
"""


def install(*lists):
    """Installs what is missing of the lists of packages.sh; ends the script where that fails."""
    command = ["bash", "-c", INSTALL, f"scripts/{pathlib.Path(sys.argv[0]).name}", LIBRARY, *lists]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(1)
