"""Debian packages: what is missing is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from orbia.terminal import fail, say

# To build the service. libfcgi, libmariadb and libcrypto are found through pkg-config.
BUILD = ("libfcgi-dev", "libmariadb-dev", "libssl-dev", "pkg-config")
# To run it: the two "core" packages of MariaDB bring the programs without a system service.
RUN = ("mariadb-server-core", "mariadb-client-core", "nginx", "openssl", "curl")
# For a Galera cluster: ss (iproute2) and rsync are what MariaDB's script for the state transfer uses.
GALERA = ("galera-4", "rsync", "iproute2")
# For scripts/package.
PACKAGE = ("debhelper", "dpkg-dev", "git")
# For the tests of the package: what judges it, and what makes a bare system to install it in.
PACKAGE_TEST = (*PACKAGE, "lintian", "debootstrap", "man-db", "systemd")
# For scripts/load, scripts/compare-c and scripts/resilience.
LOAD = ("wrk",)
# For the tests of a stack, with Debian's own Python. mariadb-client has mariadb-dump and mariadb-binlog; faketime sets
# a database's clock wrong.
STACK_TEST = ("python3-pytest", "python3-pytest-xdist", "python3-pytest-rerunfailures", "python3-requests",
              "python3-pymysql", "iproute2", "spawn-fcgi", "systemd", "mariadb-client", "faketime", "python3-yaml")
# For all tests; python3-venv is for those whose packages come from PyPI. prometheus and mtail run the rules of
# deploy/prometheus.
TEST = (*STACK_TEST, "python3-venv", "python3-pycodestyle", "prometheus", "mtail")
# Those whose packages start a server as soon as they are installed.
_SERVERS = {"nginx", "prometheus", "mtail"}
# For the browser tests, with fonts that have what people write.
BROWSER = ("chromium", "fonts-noto-cjk", "fonts-noto-color-emoji")
# For the tests in WebKit: the browser, what drives it, and a screen for it that is nowhere to be seen.
WEBKIT = ("webkit2gtk-driver", "python3-selenium", "xvfb", "fonts-noto-cjk", "fonts-noto-color-emoji",
          "gstreamer1.0-plugins-good", "gstreamer1.0-libav")
# For the tests of the client module: TypeScript's compiler, and React with its types for the example.
CLIENT = ("node-typescript", "node-react", "node-react-test-renderer")
# The oldest Node that the client module is for.
NODE_VERSION = 18

_POLICY_FILE = Path("/usr/sbin/policy-rc.d")


def install(*names: str) -> None:
    """Installs those that are missing, as root or with sudo. Ends the command where that is not possible."""
    if not shutil.which("dpkg-query") or not shutil.which("apt-get"):
        fail("this machine has no apt-get.",
             f"Install what these Debian packages hold, then use --no-install: {' '.join(names)}")
    missing = [name for name in names if not _is_installed(name)]
    if not missing:
        return
    say(f"installing {' '.join(missing)}")
    root = _way_to_root(missing)
    with _no_service_started(root, missing):
        if _run_to_its_end([*root, "apt-get", "update"]) != 0:
            say("apt-get update failed; trying with the lists that are here")
        command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends"]
        if _run_to_its_end([*root, *command, *missing]) != 0:
            fail(f"apt-get could not install {' '.join(missing)}")
    if shutil.which("systemctl"):
        for name in sorted(_SERVERS.intersection(missing)):
            # One that was installed before is not ours to switch off.
            subprocess.run([*root, "systemctl", "disable", f"{name}.service"], capture_output=True, check=False)


def client() -> tuple[str, ...]:
    """For the tests of the client module. Node may have come in another way than as Debian's package."""
    return CLIENT if _has_node() else ("nodejs", *CLIENT)


def _has_node() -> bool:
    if not shutil.which("node"):
        return False
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", done.stdout)
    return version is not None and int(version[1]) >= NODE_VERSION


def _is_installed(name: str) -> bool:
    done = subprocess.run(["dpkg-query", "--show", "--showformat=${db:Status-Status}", name],
                          capture_output=True, text=True, check=False)
    return done.stdout == "installed"


def _way_to_root(missing: Sequence[str]) -> list[str]:
    """What to put before a command to run it as root. Where there is no way, the command ends with what to do."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        if subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
            return ["sudo", "-n"]
        if sys.stdin.isatty() and sys.stderr.isatty():
            return ["sudo"]
    advice = ["Run this line as root, then start again:", "",
              f"    apt-get install --yes --no-install-recommends {' '.join(missing)}"]
    if "nginx" in missing:
        advice += ["", "(nginx's package starts a web server on port 80. It is not needed here:",
                   "systemctl disable --now nginx)"]
    fail("some packages are missing, and this account cannot install them.", *advice)


@contextmanager
def _no_service_started(root: Sequence[str], missing: Sequence[str]) -> Iterator[None]:
    """nginx's package starts a server on port 80 as soon as it is installed, and others do the like.

    Debian's way to prevent that is a policy-rc.d that forbids it; one that is there already is left alone.
    """
    if not _SERVERS.intersection(missing) or _POLICY_FILE.exists():
        yield
        return
    try:
        subprocess.run([*root, "tee", _POLICY_FILE], input=b"#!/bin/sh\nexit 101\n", stdout=subprocess.DEVNULL,
                       check=False)
        subprocess.run([*root, "chmod", "755", _POLICY_FILE], check=False)
        yield
    finally:
        subprocess.run([*root, "rm", "-f", _POLICY_FILE], check=False)


def _run_to_its_end(command: Sequence[str]) -> int:
    """Gives the exit status. A signal is acted on once apt-get has ended: one that is killed leaves halves."""
    with subprocess.Popen(command, stdout=sys.stderr) as process:
        try:
            return process.wait()
        except BaseException:
            process.wait()
            raise
