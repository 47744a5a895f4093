"""Python environments for tests whose packages Debian does not have, or has in other versions than they need.

Such a directory of Tests has a requirements.txt, and gets an environment of its own in .build/python.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from orbia.terminal import fail, say

# Debian's, which has the packages; another python3 may come first in PATH.
SYSTEM_PYTHON = Path("/usr/bin/python3")


class Environment:
    """The interpreter for the tests of one directory."""

    def __init__(self, repository: Path, directory: str):
        self._name = f"Tests/{directory}"
        self._requirements = repository / "Tests" / directory / "requirements.txt"
        self._home = repository / ".build" / "python" / directory

    @property
    def python(self) -> Path:
        return self._home / "bin" / "python" if self._requirements.exists() else SYSTEM_PYTHON

    def prepare(self, install: bool) -> None:
        """Installs the packages from PyPI. Costs nothing where they are there; made anew, whole, where the file or
        Python's version has changed."""
        if not self._requirements.exists() or self._is_current():
            return
        if not install:
            fail(f"the Python packages of {self._name} are not installed, or not the right ones.",
                 f"Without --no-install this script installs them, from PyPI, into {self._home}.")
        say(f"installing the Python packages of {self._name}")
        shutil.rmtree(self._home, ignore_errors=True)
        _run(f"{SYSTEM_PYTHON} could not make an environment in {self._home}.", SYSTEM_PYTHON, "-m", "venv", self._home)
        pip = [self.python, "-m", "pip", "--disable-pip-version-check"]
        # The file names every package, those that others need, too: nothing comes in unnamed. What it forgot is what
        # "check" finds.
        _run(f"pip could not install what {self._requirements} names: it needs PyPI, or a mirror of it.",
             *pip, "install", "--quiet", "--no-deps", "--requirement", self._requirements)
        _run(f"{self._requirements} is not complete, or its packages do not go together.", *pip, "check")
        self._stamp.write_text(self._wanted_stamp())

    @property
    def _stamp(self) -> Path:
        """Written last: an installation that was interrupted has none."""
        return self._home / "stamp"

    def _wanted_stamp(self) -> str:
        return hashlib.sha256(sys.version.encode() + self._requirements.read_bytes()).hexdigest()

    def _is_current(self) -> bool:
        return self._stamp.exists() and self._stamp.read_text() == self._wanted_stamp()


def _run(failure: str, *command) -> None:
    if subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode != 0:
        fail(failure, "The message of the command that failed is above.")
