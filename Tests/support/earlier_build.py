"""Builds of earlier commits, which tests upgrade from."""

import shutil
import subprocess
import tarfile
from pathlib import Path

from orbia.paths import REPOSITORY

PRODUCT = "orbia-conversation"
# The last build of version 2 of the schema.
EARLIER = "883ebdc4aa018a04a5a118ba497bff6685101fa2"


def build_of(commit: str) -> Path:
    """The program of a commit of the repository's history. It is built once, in .build/earlier; that takes minutes."""
    directory = REPOSITORY / ".build" / "earlier" / commit[:7]
    program = directory / PRODUCT
    if not program.exists():
        built = _build(commit, directory / "source")
        # Under its own name only when it is whole.
        shutil.copy(built, directory / "new")
        (directory / "new").replace(program)
    return program


def _build(commit: str, source: Path) -> Path:
    source.mkdir(parents=True, exist_ok=True)
    archive = source / "source.tar"
    subprocess.run(["git", "archive", "--output", archive, commit], cwd=REPOSITORY, check=True)
    with tarfile.open(archive) as files:
        files.extractall(source)
    # The same versions of the Swift packages as this build's, where it knows them already.
    resolved = REPOSITORY / "Package.resolved"
    if resolved.exists():
        shutil.copy(resolved, source)
    subprocess.run(["swift", "build", "-c", "release", "--product", PRODUCT], cwd=source, check=True)
    return source / ".build" / "release" / PRODUCT
