"""scripts/package: the service as a Debian package."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from orbia import packages
from orbia.machine import extend_path, need_programs, need_swift
from orbia.packaging import tree
from orbia.paths import REPOSITORY
from orbia.terminal import command_name, fail, say


# Swift's compiler writes hashes of the directory that it works in into program and debugging symbols, which no option
# of its own prevents. So each build has its tree at one place, in a mount namespace of its own.
_PLACE = "/usr/src"
_BUILD = f"""\
mount --bind "$1" {_PLACE}
cd {_PLACE}/"$2"
exec dpkg-buildpackage --build=binary --no-sign --no-check-builddeps
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Builds orbia-conversation_VERSION_ARCH.deb, and beside it the package with the program's debugging"
        " symbols, from a commit of this repository: what is in no commit is in no package. The program needs no Swift"
        " where it runs. Two builds of one commit are the same byte for byte, wherever they are made, with the same"
        " Swift and the same libraries of Debian's. The last line on standard output is the package's path.")
    parser.add_argument("--commit", default="HEAD", metavar="COMMIT", help="what to build (default: HEAD)")
    parser.add_argument("--output", type=Path, default=REPOSITORY / ".build" / "package", metavar="DIR",
                        help="where the packages go (default: .build/package)")
    parser.add_argument("--work", type=Path, metavar="DIR",
                        help="where it is built; DIR is made anew (default: OUTPUT/work)")
    parser.add_argument("--no-install", action="store_true",
                        help="install none of Debian's packages; stop where one is missing")
    options = parser.parse_args()
    extend_path()
    need_swift()
    if not options.no_install:
        packages.install(*packages.BUILD, *packages.PACKAGE)
    need_programs("dpkg-buildpackage", "dh", "git", "unshare")
    try:
        commit = tree.read_commit(REPOSITORY, options.commit)
    except subprocess.CalledProcessError as error:
        fail(f"{options.commit}: {error.stderr.strip()}")
    if options.commit == "HEAD" and tree.has_changes(REPOSITORY):
        say("the working tree has changes that are in no commit, and so not in the package")
    print(build(commit, options.output.resolve(), (options.work or options.output / "work").resolve()))


def _namespace() -> list[str]:
    """Who is not root needs a user namespace to mount in, which Debian's kernels allow."""
    return ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]


def build(commit: tree.Commit, output: Path, work: Path) -> Path:
    """Returns the package's path. dpkg-buildpackage puts its results beside the tree that it builds in."""
    say(f"building orbia-conversation {commit.version} in {work}; this takes some minutes")
    source = work / "orbia-conversation"
    shutil.rmtree(work, ignore_errors=True)
    tree.export(REPOSITORY, commit, source)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(commit.epoch), "LC_ALL": "C.UTF-8", "TZ": "UTC",
                   # Without the packages that add to each build what only tests look at.
                   "DEB_BUILD_OPTIONS": "nocheck"}
    done = subprocess.run([*_namespace(), "sh", "-ec", _BUILD, "sh", work, source.name], env=environment,
                          stdin=subprocess.DEVNULL, stdout=sys.stderr)
    if done.returncode != 0:
        fail("the package could not be built; the messages are above.")
    output.mkdir(parents=True, exist_ok=True)
    for file in [*work.glob("*.deb"), *work.glob("*.buildinfo"), *work.glob("*.changes")]:
        shutil.move(file, output / file.name)
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True,
                                  text=True).stdout.strip()
    return output / f"orbia-conversation_{commit.version}_{architecture}.deb"
