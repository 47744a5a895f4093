"""The fuzz's program: the service's modules and the targets of Tests/fuzz, for libFuzzer and the address sanitizer.

The compiler is called for each module as a whole. swift build would compile every package that there is, the
command line's too, which takes minutes.
"""

import pathlib
import shlex
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BUILD = REPOSITORY / ".build-fuzz"
FUZZ = REPOSITORY / "Tests" / "fuzz"
PROGRAM = BUILD / "fuzz"

SOURCES = REPOSITORY / "Sources"
LOGGING = REPOSITORY / ".build" / "checkouts" / "swift-log" / "Sources" / "Logging"
SYSTEM_MODULES = ["CFCGI", "CLinux", "CMariaDB", "COpenSSL"]
# What is no part of a target, and would bring the command line in.
LEFT_OUT = {"Commands", "OrbiaConversation.swift"}


def build():
    """Compiles what has changed, and whatever depends on it."""
    BUILD.mkdir(exist_ok=True)
    if not LOGGING.exists():
        run("swift", "package", "resolve")
    modules = {"Logging": LOGGING, "MySQLStore": SOURCES / "MySQLStore", "Handlers": SOURCES / "Handlers",
               "FCGIApp": SOURCES / "FCGIApp", "Fuzz": FUZZ}  # fmt: skip
    newest = pathlib.Path(__file__).stat().st_mtime
    for name, directory in modules.items():
        files = [file for file in sorted(directory.rglob("*.swift"))
                 if not LEFT_OUT & set(file.relative_to(directory).parts)]  # fmt: skip
        newest = max(newest, *(path.stat().st_mtime for path in [*files, *directories(files)]))
        target = BUILD / f"{name}.o"
        if not target.exists() or target.stat().st_mtime < newest:
            print(f"==> compiling {name} for the fuzz", file=sys.stderr, flush=True)
            compile_module(name, files, target)
    objects = [BUILD / f"{name}.o" for name in modules]
    if not PROGRAM.exists() or PROGRAM.stat().st_mtime < max(each.stat().st_mtime for each in objects):
        run("swiftc", "-sanitize=fuzzer,address", *objects, "-o", PROGRAM, *pkg_config("--libs"), quiet=True)


def directories(files):
    """A file that goes away changes its directory."""
    return {file.parent for file in files}


def compile_module(name, files, target):
    own = [] if name == "Logging" else ["-warnings-as-errors", "-enable-upcoming-feature", "ExistentialAny",
                                        "-enable-upcoming-feature", "InternalImportsByDefault"]  # fmt: skip
    include = [f"-I{SOURCES / module}" for module in SYSTEM_MODULES]
    headers = [part for flag in pkg_config("--cflags") for part in ("-Xcc", flag)]
    run("swiftc", "-sanitize=fuzzer,address", "-parse-as-library", "-enable-testing", "-swift-version", "6", "-gline-tables-only",
        "-package-name", "orbia", "-wmo", "-c", "-emit-module", "-module-name", name, f"-I{BUILD}", *include, *headers,
        *own, *files, "-o", target, quiet=name == "Logging")  # fmt: skip


def pkg_config(what):
    packages = ["fcgi", "libmariadb", "libcrypto"]
    return shlex.split(subprocess.run(["pkg-config", what, *packages], check=True, capture_output=True, text=True).stdout)


def run(*command, quiet=False):
    """`quiet`: what the command says is shown where it fails. The linker warns of the sanitizer's own symbols."""
    output = subprocess.PIPE if quiet else sys.stderr
    done = subprocess.run([str(part) for part in command], cwd=BUILD, stdout=output, stderr=subprocess.STDOUT if quiet else None)
    if done.returncode:
        sys.exit(f"scripts/fuzz: the fuzz could not be built.\n{(done.stdout or b'').decode()}")
