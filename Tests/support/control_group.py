"""A service in a control group of its own, as systemd or a container would have it, on machines of any kind."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from service import PROGRAM

# A process with mounts of its own; who is not root is root among them.
_UNSHARE = "unshare --mount" if os.geteuid() == 0 else "unshare --map-root-user --mount"
UNIT = "/system.slice/orbia-conversation@1.service"


class ControlGroup:
    """The files of /sys/fs/cgroup and /proc/self/cgroup, which a service sees in the place of the machine's.

    They are a directory's, mounted for that process alone. The kernel enforces nothing that stands there.
    """

    def __init__(self, directory: Path):
        """`directory` is empty, and is the groups' from now on. Where mounts are forbidden the test is skipped."""
        mount = [*_UNSHARE.split(), "mount", "--bind", directory, "/sys/fs/cgroup"]
        if subprocess.run(mount, capture_output=True).returncode != 0:
            pytest.skip("nobody may mount anything here")
        self._groups = directory / "groups"
        (self._groups / UNIT[1:]).mkdir(parents=True)
        membership = directory / "membership"
        # As on a machine that has some controllers in groups of version 1: these are not the ones to look at.
        membership.write_text(f"4:memory:/elsewhere\n1:name=systemd:{UNIT}\n0::{UNIT}\n")
        # What it runs in place of the service's program: the process becomes that, with the same process id.
        self.program = directory / "orbia-conversation"
        mounts = (f"mount --bind {shlex.quote(str(self._groups))} /sys/fs/cgroup && "
                  f"mount --bind {shlex.quote(str(membership))} /proc/$$/cgroup && "
                  f'exec {shlex.quote(str(PROGRAM))} "$@"')
        self.program.write_text(f"#!/bin/sh\nexec {_UNSHARE} sh -c {shlex.quote(mounts)} sh \"$@\"\n")
        self.program.chmod(0o755)

    def limit(self, memory: int | str, group=UNIT):
        """Writes a group's memory.max: bytes, or "max"."""
        (self._groups / group[1:] / "memory.max").write_text(f"{memory}\n")
