"""Packages of commits from before there was a package: their own program, units, schema and files for nginx, in the
package of this commit."""

import os
import shutil
import subprocess
from pathlib import Path

from orbia.paths import REPOSITORY

# What makes a package, and what is in one that those commits do not have.
_OF_THIS_COMMIT = ("scripts", "deploy", ".gitattributes", "Sources/FCGIApp/Telemetry/BuildVersion.swift",
                   "openapi.yaml", "schema-remove.sql", "nginx/www/config.js")
_UNITS = "deploy/systemd/*@.*"


def package_of(commit: str) -> Path:
    """It is built once, in .build/earlier; that takes minutes."""
    directory = REPOSITORY / ".build" / "earlier" / f"{commit[:7]}-package"
    packages = list(directory.glob("orbia-conversation_*.deb"))
    if not packages:
        packages = [_build(commit, directory)]
    return packages[0]


def _build(commit: str, output: Path) -> Path:
    tree = output / "repository"
    shutil.rmtree(tree, ignore_errors=True)

    def git(*arguments: str, **environment: str) -> str:
        return subprocess.run(["git", "-C", tree, *arguments], check=True, capture_output=True, text=True,
                              env={**os.environ, **environment}).stdout

    subprocess.run(["git", "clone", "--quiet", "--shared", "--no-checkout", REPOSITORY, tree], check=True)
    this = git("rev-parse", "HEAD").strip()
    git("checkout", "--quiet", commit)
    git("rm", "-r", "--quiet", "scripts")
    git("checkout", this, "--", *_OF_THIS_COMMIT)
    git("checkout", commit, "--", _UNITS)
    (tree / "CHANGELOG.md").write_text("# Changelog\n")
    git("add", "CHANGELOG.md")
    # A commit of that time, so that the version sorts before this one's.
    git("-c", "user.name=tests", "-c", "user.email=tests@example.org", "commit", "--quiet", "--message=As a package",
        GIT_COMMITTER_DATE=git("show", "-s", "--format=%cI", commit).strip())
    done = subprocess.run([tree / "scripts" / "package", "--no-install", "--output", output], check=True,
                          stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.splitlines()[-1])
