"""The tree that the package is built from: an export of one commit, whose debian/ is deploy/debian."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from orbia.packaging.changelog import debian_changelog

_VERSION_FILE = "Sources/FCGIApp/Telemetry/BuildVersion.swift"


@dataclass(frozen=True)
class Commit:
    """What the package says of the commit that it is built from."""

    name: str
    moment: datetime
    # Of a release its own; of a commit between two one that sorts behind the release before, and by time.
    version: str

    @property
    def epoch(self) -> int:
        """For SOURCE_DATE_EPOCH: no file in the package is newer."""
        return int(self.moment.timestamp())


def read_commit(repository: Path, reference: str) -> Commit:
    """Raises CalledProcessError where there is no such commit."""
    name = _git(repository, "rev-parse", "--verify", f"{reference}^{{commit}}").strip()
    moment = datetime.fromtimestamp(int(_git(repository, "show", "-s", "--format=%ct", name)), timezone.utc)
    number = re.search(r'number = "(.+)"', _git(repository, "show", f"{name}:{_VERSION_FILE}"))[1]
    tags = _git(repository, "tag", "--points-at", name).split()
    version = number if f"v{number}" in tags else f"{number}+git{moment:%Y%m%d%H%M%S}.{name[:8]}"
    return Commit(name, moment, version)


def has_changes(repository: Path) -> bool:
    """Whether the working tree has changes that no commit has."""
    return bool(_git(repository, "status", "--porcelain"))


def export(repository: Path, commit: Commit, tree: Path) -> None:
    """Makes the tree anew. `git archive` writes the commit's name into it (.gitattributes)."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    archive = subprocess.Popen(["git", "-C", repository, "archive", commit.name], stdout=subprocess.PIPE)
    subprocess.run(["tar", "--extract", "--directory", tree], stdin=archive.stdout, check=True)
    archive.stdout.close()
    if archive.wait() != 0:
        raise subprocess.CalledProcessError(archive.returncode, "git archive")
    # Whatever the umask of whoever builds: modes are part of the package.
    subprocess.run(["chmod", "-R", "u=rwX,go=rX", tree], check=True)
    debian = tree / "debian"
    shutil.copytree(tree / "deploy" / "debian", debian)
    maintainer = re.search(r"^Maintainer: (.+)$", (debian / "control").read_text(), re.MULTILINE)[1]
    changes = tree / "CHANGELOG.md"
    (debian / "changelog").write_text(debian_changelog(changes.read_text(), commit.version, commit.moment, maintainer))
    # debhelper would install it in the other one's place.
    changes.unlink()
    (debian / "commit").write_text(commit.name)


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", repository, *arguments], check=True, capture_output=True, text=True).stdout
