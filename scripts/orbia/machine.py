"""What a command needs of the machine: programs, open files, free ports."""

import os
import resource
import shutil
import socket
from pathlib import Path

from orbia.terminal import fail

# What scripts/run needs for 4096 connections (ORBIA_CONNECTIONS), with room: nginx has two for each request.
_OPEN_FILES = 65536


def extend_path() -> None:
    """Adds the directories where Debian keeps mariadbd and nginx; a user's PATH often lacks them."""
    os.environ["PATH"] = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"


def need_swift() -> None:
    """Ends the command where there is no Swift, which no package of Debian's has."""
    if not shutil.which("swift"):
        fail("the command swift is missing.",
             "Install Swift 6.3 (https://www.swift.org/install/linux/) and put its usr/bin into PATH.")


def need_programs(*names: str) -> None:
    """Ends the command where one of the programs is missing: with --no-install nobody has installed it."""
    for name in names:
        if not shutil.which(name):
            fail(f"the command {name} is missing.", "Without --no-install this script installs what it needs.")


def raise_file_limit() -> None:
    """Many systems start a process with a limit of 1024 open files, which it may raise."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(most, _OPEN_FILES)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def need_free_port(address: str, port: int, option: str) -> None:
    """Ends the command where something listens there. `option` is the one that chooses the port."""
    try:
        with socket.create_connection((address, port), timeout=5):
            pass
    except OSError:
        return
    fail(f"port {port} of {address} is in use by another program.", f"Choose another one with {option}.")


def has_ipv6() -> bool:
    """Whether [::1] exists: many containers have no IPv6."""
    try:
        return f"{1:032x} " in Path("/proc/net/if_inet6").read_text()
    except OSError:
        return False
