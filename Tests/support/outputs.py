"""What a process may have as its standard output or error: pipes, sockets and terminals that nobody reads, full disks."""

import contextlib
import fcntl
import os
import pty
import resource
import select
import socket
import subprocess
import threading
import tty
from pathlib import Path

SMALLEST_PIPE = 4096


class Output:
    """The two ends of something that a process writes to. Nothing is read before `collect`."""

    def __init__(self, writing: int, reading: int):
        self.writing, self._reading = writing, reading
        self._taken = b""

    def fill(self):
        """Writes until nothing more goes in. The filling is empty lines."""
        while select.select([], [self.writing], [], 0)[1]:
            os.set_blocking(self.writing, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(self.writing, b"\n")
            os.set_blocking(self.writing, True)

    def collect(self):
        """From now on everything is read."""
        os.close(self.writing)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with contextlib.suppress(OSError):  # the way a terminal ends
            while piece := os.read(self._reading, 65_536):
                self._taken += piece

    def lines(self) -> list:
        """Those that were read whole, without the filling."""
        return [line for line in self._taken.decode().split("\n")[:-1] if line]


def pipe() -> Output:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
    return Output(writing, reading)


def stream_socket() -> Output:
    """As journald's."""
    ours, theirs = socket.socketpair()
    return Output(theirs.detach(), ours.detach())


def terminal() -> Output:
    reading, writing = pty.openpty()
    tty.setraw(writing)
    return Output(writing, reading)


@contextlib.contextmanager
def file_size_limit(pid: int, size: int):
    """Inside, no file of the process gets larger: as on a disk that is full, writing takes what has room and then fails."""
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextlib.contextmanager
def small_disk(directory: Path, size: int):
    """Inside, the directory is a file system of its own of so many bytes. Only root may mount one."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "orbia-test", directory], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)
