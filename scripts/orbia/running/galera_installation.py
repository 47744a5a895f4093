"""What a Galera cluster needs beside one server's packages: Galera, and MariaDB's scripts for the state transfer."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from orbia import packages
from orbia.machine import need_programs
from orbia.terminal import fail, say

# The provider that MariaDB's servers load.
LIBRARY = Path("/usr/lib/galera/libgalera_smm.so")


def scripts_directory(repository: Path) -> Path:
    """Where MariaDB's scripts for the state transfer are kept: Debian has them only in the package of a server that
    runs as a system service."""
    return repository / ".build" / "galera"


def install(scripts: Path) -> None:
    """Installs the packages, and takes MariaDB's scripts for the state transfer into `scripts`.

    mariadb-server, which has them, is not installed: it would start a server at every boot.
    """
    packages.install(*packages.GALERA)
    if _has_transfer_script(scripts):
        return
    say("fetching wsrep_sst_rsync from the package mariadb-server")
    scripts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scripts.parent, prefix="galera.") as name:
        directory = Path(name)
        if (subprocess.run(["apt-get", "download", "mariadb-server"], cwd=directory, stdout=sys.stderr).returncode != 0
                or any(subprocess.run(["dpkg-deb", "-x", package, directory]).returncode != 0
                       for package in directory.glob("mariadb-server_*.deb"))):
            fail("the package mariadb-server could not be fetched.", "apt-get update may help.")
        for script in ("wsrep_sst_common", "wsrep_sst_rsync"):
            shutil.move(directory / "usr" / "bin" / script, scripts / script)


def need(scripts: Path) -> None:
    """Ends the command where something is missing that a cluster needs."""
    need_programs("rsync", "ss")
    if not LIBRARY.exists() or not _has_transfer_script(scripts):
        fail(f"{LIBRARY} or MariaDB's wsrep_sst_rsync is missing.",
             "Without --no-install this script fetches what it needs.")


def _has_transfer_script(scripts: Path) -> bool:
    return os.access(scripts / "wsrep_sst_rsync", os.X_OK) or shutil.which("wsrep_sst_rsync") is not None
