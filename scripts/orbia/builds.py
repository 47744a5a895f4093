"""Builds of the service: the plain one, and those with a sanitizer, each in a directory of its own."""

import os
from pathlib import Path

from orbia.terminal import fail

SANITIZERS = ("address", "thread")


class Build:
    """One build, chosen by its sanitizer: "" for none, "address" or "thread"."""

    def __init__(self, repository: Path, sanitizer: str = ""):
        if sanitizer and sanitizer not in SANITIZERS:
            fail(f"SANITIZER must be {' or '.join(SANITIZERS)}, not {sanitizer}.")
        self._repository = repository
        self.sanitizer = sanitizer
        self.directory = repository / (f".build-{sanitizer}" if sanitizer else ".build")

    @property
    def options(self) -> list[str]:
        """Of swift build and swift test."""
        if not self.sanitizer:
            return []
        return ["--scratch-path", str(self.directory), "--sanitize", self.sanitizer]

    @property
    def command(self) -> list[str]:
        return ["swift", "build", "--package-path", str(self._repository), "-c", "release",
                "--product", "orbia-conversation", *self.options]

    @property
    def environment(self) -> dict[str, str]:
        """For whatever starts the service: which build it is, and where the sanitizer's reports go.

        What a sanitizer finds is in a file for each process, since the processes' own outputs are read by others, or
        by nobody.
        """
        environment = {"SANITIZER": self.sanitizer}
        if self.sanitizer:
            common = f"log_path={self.reports / self.sanitizer}"
            suppressions = self._repository / "Tests" / "sanitizers" / "thread.supp"
            # Threads that never end hold memory at the process's end: what leaks is told by the tests that repeat
            # things.
            environment["ASAN_OPTIONS"] = f"{common}:detect_leaks=0:detect_stack_use_after_return=1"
            environment["TSAN_OPTIONS"] = f"{common}:suppressions={suppressions}:halt_on_error=0:history_size=4"
        return environment

    @property
    def reports(self) -> Path:
        """The directory of the sanitizer's reports; it has to be there when the service starts."""
        return self.directory / "reports"

    def clear_findings(self) -> None:
        self.reports.mkdir(parents=True, exist_ok=True)
        for report in self.findings():
            os.unlink(report)

    def findings(self) -> list[Path]:
        """The sanitizer's reports, a file for each process that it found something in."""
        return sorted(self.reports.iterdir())
