"""The fuzz's program: the service's modules and the targets of Tests/fuzz, for libFuzzer and the address sanitizer.

The compiler is called for each module as a whole. swift build would compile every package that there is, the
command line's too, which takes minutes.

There are two builds. Without optimization it compiles in a fifth of the time, and memory that is used after its
end is not hidden by an optimizer that lets it live longer; with it the inputs run up to nine times as fast.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from orbia.paths import REPOSITORY
from orbia.terminal import fail, say

BUILD = REPOSITORY / ".build-fuzz"
FUZZ = REPOSITORY / "Tests" / "fuzz"

SOURCES = REPOSITORY / "Sources"
LOGGING = REPOSITORY / ".build" / "checkouts" / "swift-log" / "Sources" / "Logging"
SYSTEM_MODULES = ["CFCGI", "CLinux", "CMariaDB", "COpenSSL"]
# What is no part of a target, and would bring the command line in.
LEFT_OUT = {"Commands", "OrbiaConversation.swift"}


def build(optimized: bool) -> Path:
    """Compiles what has changed, and whatever depends on it; gives the program."""
    output = BUILD / ("release" if optimized else "debug")
    output.mkdir(parents=True, exist_ok=True)
    if not LOGGING.exists():
        _run(REPOSITORY, "swift", "package", "resolve")
    modules = {"Logging": LOGGING, "Runtime": SOURCES / "Runtime", "MySQLStore": SOURCES / "MySQLStore",
               "Handlers": SOURCES / "Handlers", "FCGIApp": SOURCES / "FCGIApp", "Fuzz": FUZZ}
    newest = Path(__file__).stat().st_mtime
    for name, directory in modules.items():
        files = [file for file in sorted(directory.rglob("*.swift"))
                 if not LEFT_OUT & set(file.relative_to(directory).parts)]
        newest = max(newest, *(path.stat().st_mtime for path in [*files, *_directories(files)]))
        target = output / f"{name}.o"
        if not target.exists() or target.stat().st_mtime < newest:
            say(f"compiling {name} for the fuzz")
            began = time.time()
            _compile(name, files, target, "-O" if optimized else "-Onone")
            # What is written to a file meanwhile makes the module old.
            os.utime(target, (began, began))
    objects = [output / f"{name}.o" for name in modules]
    program = output / "fuzz"
    if not program.exists() or program.stat().st_mtime < max(each.stat().st_ctime for each in objects):
        # The linker warns of the sanitizer's own symbols.
        _run(output, "swiftc", "-sanitize=fuzzer,address", *objects, "-o", program, *_pkg_config("--libs"), quiet=True)
    return program


def _directories(files: Iterable[Path]) -> set[Path]:
    """A file that goes away changes its directory."""
    return {file.parent for file in files}


def _compile(name: str, files: Iterable[Path], target: Path, optimization: str) -> None:
    # swift-log is a package of its own here, too: it has a Lock for its package alone.
    own = [] if name == "Logging" else ["-warnings-as-errors", "-enable-upcoming-feature", "ExistentialAny",
                                        "-enable-upcoming-feature", "InternalImportsByDefault"]
    include = [f"-I{SOURCES / module}" for module in SYSTEM_MODULES]
    headers = [part for flag in _pkg_config("--cflags") for part in ("-Xcc", flag)]
    _run(target.parent, "swiftc", "-sanitize=fuzzer,address", optimization, "-gline-tables-only", "-swift-version", "6",
         "-parse-as-library", "-enable-testing", "-package-name", "swift-log" if name == "Logging" else "orbia", "-wmo",
         "-c", "-emit-module", "-module-name", name, f"-I{target.parent}", *include, *headers, *own, *files,
         "-o", target, quiet=name == "Logging")


def _pkg_config(what: str) -> list[str]:
    command = ["pkg-config", what, "fcgi", "libmariadb", "libcrypto"]
    return shlex.split(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _run(directory: Path, *command, quiet: bool = False) -> None:
    """`quiet`: what the command says is shown where it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=directory, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else sys.stderr, stderr=subprocess.STDOUT if quiet else None,
    )
    if done.returncode:
        fail('the fuzz could not be built.', (done.stdout or b'').decode())
