"""What the tests of the package share: the package, what it has in it, and a bare Debian to install it in."""

import os
import subprocess
from pathlib import Path

import pytest

from bare_root import BareRoot
from earlier_build import EARLIER
from earlier_package import package_of
from orbia.packaging import tree
from orbia.paths import REPOSITORY

BUILD = REPOSITORY / ".build" / "package-test"
ROOTS = REPOSITORY / ".build" / "roots"
# Debian 12 and 13: what one package, built on the first, has to run on.
SUITES = ("bookworm", "trixie")


def build(name: str) -> Path:
    """Returns the package's path. `name` is that of a directory of its own."""
    done = subprocess.run([REPOSITORY / "scripts" / "package", "--no-install", "--output", BUILD / name],
                          stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def commit() -> tree.Commit:
    return tree.read_commit(REPOSITORY, "HEAD")


@pytest.fixture(scope="session")
def package() -> Path:
    """Where PACKAGE names one, that one: of this commit, which a build before has made."""
    return Path(os.environ["PACKAGE"]) if "PACKAGE" in os.environ else build("first")


@pytest.fixture(scope="session")
def unpacked(package, tmp_path_factory) -> Path:
    """What the package would put below /."""
    directory = tmp_path_factory.mktemp("unpacked") / "root"
    subprocess.run(["dpkg-deb", "--extract", package, directory], check=True)
    return directory


@pytest.fixture(scope="session")
def earlier_package() -> Path:
    """The last build of version 2 of the schema."""
    return package_of(EARLIER)


@pytest.fixture(scope="module", params=SUITES)
def bare_root(request):
    """One of each Debian for each file of tests, fresh."""
    with BareRoot(request.param, ROOTS) as root:
        yield root
