"""A bare Debian in a directory, in which commands run with a network of their own."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from orbia.polling import eventually

# Of what a package's scripts may start, nothing is: the tests play systemd's part.
_POLICY = "#!/bin/sh\nexit 101\n"
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class BareRoot:
    """A copy of a root that debootstrap has made, and that is kept for later runs.

    `run` has a network with a loopback alone, so that every port is free, and what it starts is seen by nobody else.
    """

    def __init__(self, suite: str, kept: Path):
        self._suite = suite
        self._pristine = kept / suite
        self.path = Path(tempfile.mkdtemp(prefix=f"orbia-{suite}-"))
        self._namespace: subprocess.Popen | None = None

    def __enter__(self) -> BareRoot:
        if not (self._pristine / "stamp").exists():
            shutil.rmtree(self._pristine, ignore_errors=True)
            self._pristine.mkdir(parents=True)
            subprocess.run(["debootstrap", "--variant=minbase", self._suite, self._pristine / "root", self._mirror()],
                           check=True, stdout=subprocess.DEVNULL)
            (self._pristine / "stamp").touch()
        subprocess.run(["cp", "-a", f"{self._pristine}/root/.", self.path], check=True)
        policy = self.path / "usr/sbin/policy-rc.d"
        policy.write_text(_POLICY)
        policy.chmod(0o755)
        shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")
        # Debian's installer writes it, and debootstrap does not.
        (self.path / "etc/hosts").write_text("127.0.0.1\tlocalhost\n::1\tlocalhost\n")
        # A root that was kept knows packages that the mirror may have no more. Without the network it is what it is.
        subprocess.run(["chroot", self.path, "apt-get", "update"], env=self._environment, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, check=False)
        # Holds the namespaces for as long as it runs; all in them ends with it.
        self._namespace = subprocess.Popen(
            ["unshare", "--net", "--pid", "--mount", "--fork", "--kill-child", "sh", "-ec",
             f"ip link set lo up; mount --bind {self.path} {self.path}; mount -t proc proc {self.path}/proc;"
             f" mount -t tmpfs tmpfs {self.path}/run; mount --bind /dev {self.path}/dev;"
             f" mount -t devpts -o ptmxmode=666 devpts {self.path}/dev/pts; echo ready;"
             " exec sleep infinity"],
            stdout=subprocess.PIPE, text=True)
        assert self._namespace.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_) -> None:
        self._namespace.kill()
        self._namespace.wait()
        # The mounts went with their namespace; nothing of them is below the directory any more.
        shutil.rmtree(self.path)

    @staticmethod
    def _mirror() -> str:
        """Where apt gets its packages from here."""
        done = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
                              capture_output=True, text=True, check=True)
        found = [line for line in done.stdout.splitlines() if line.rstrip("/").endswith("/debian")]
        return found[0] if found else "http://deb.debian.org/debian"

    @property
    def _holder(self) -> str:
        """The process whose namespaces are entered: unshare's child."""
        return Path(f"/proc/{self._namespace.pid}/task/{self._namespace.pid}/children").read_text().split()[0]

    @property
    def _inside(self) -> list[str]:
        return ["nsenter", f"--target={self._holder}", "--net", "--pid", "--mount", "chroot", str(self.path)]

    def seen_from_outside(self, path: str) -> Path:
        """Where a path of the root's is for processes of this machine, what is mounted in it included."""
        return Path(f"/proc/{self._holder}/root{self.path}{path}")

    def enter_network(self) -> None:
        """The calling thread's connections are from then on those of the root's network, for as long as it lives."""
        with open(f"/proc/{self._holder}/ns/net") as network:
            if _LIBC.setns(network.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def start(self, command: str, **options) -> subprocess.Popen:
        """Starts a shell's command inside; it ends with the root at the latest."""
        return subprocess.Popen([*self._inside, "/bin/sh", "-ec", command], env=self._environment,
                                stdin=subprocess.DEVNULL, **options)

    def run(self, command: str, check: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run([*self._inside, "/bin/sh", "-ec", command], env=self._environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert not check or done.returncode == 0, done.stdout
        return done

    def install(self, *packages: str) -> None:
        """By apt, with the network of this machine."""
        command = ["chroot", str(self.path), "apt-get", "install", "--yes", "--no-install-recommends", *packages]
        done = subprocess.run(command, env=self._environment, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout

    @property
    def _environment(self) -> dict:
        return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive",
                **{name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}}

    def await_path(self, path: str, within: float) -> None:
        """`path` as it is inside: what is mounted there is not seen from here."""
        eventually(lambda: self.run(f"test -e {path}", check=False).returncode == 0, within=within, every=0.1,
                   what=f"{path} is there")
