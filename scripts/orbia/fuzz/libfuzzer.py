"""libFuzzer on one target: a run and its findings, and the inputs that are kept."""

import os
import re
import subprocess
import time
from pathlib import Path

from orbia.fuzz.build import BUILD, FUZZ
from orbia.terminal import fail

# The longest input of each target, in bytes. Longer ones take longer, and find little more.
TARGETS = {"request-gate": 8192, "json-object": 4096, "token-verifier": 2048, "settings": 2048, "row-reader": 4096}
# Seconds after which one input counts as a hang, and megabytes at which it counts as a leak or worse.
HANG, MEMORY = 10, 2048
# What libFuzzer may take beyond its time: for the corpus at its start, and its own end.
PATIENCE = 60
SEEDS, FOUND, FINDINGS = FUZZ / "corpus", BUILD / "corpus", BUILD / "findings"

# Those that a signal to the command has to end.
_running = set()


class Run:
    """One target's run, and what libFuzzer said of it."""

    def __init__(self, program: Path, target: str, seconds: int):
        self.program, self.target = program, target
        began = time.monotonic()
        found = make(FOUND / target)
        try:
            done = fuzz(
                program, target, f"-max_total_time={seconds}", "-print_final_stats=1", f"-timeout={HANG}",
                f"-rss_limit_mb={MEMORY}", *directories(target), timeout=seconds + PATIENCE,
            )
            self.output, self.failed = done.stderr, done.returncode != 0
        except subprocess.TimeoutExpired:
            self.output, self.failed = "it did not end", True
        self.seconds = time.monotonic() - began
        self.executions = self._last(r"stat::number_of_executed_units: (\d+)")
        self.coverage = self._last(r"\bcov: (\d+)")
        self.inputs = sum(1 for _ in found.iterdir())
        self.finding = next(iter(re.findall(r"Test unit written to (\S+)", self.output)), None)

    def _last(self, pattern: str) -> int:
        return int(next(reversed(re.findall(pattern, self.output)), 0))

    @property
    def reason(self) -> str:
        """The lines that say what is wrong."""
        lines = re.findall(r"^(?:.*Fatal error: .*|.*Precondition failed.*|==\d+== ?ERROR: .*|SUMMARY: .*)$",
                           self.output, re.M)
        return "\n".join(lines) or self.output[-2000:]


def fuzz(program: Path, target: str, *arguments: str, timeout: float | None = None) -> subprocess.CompletedProcess:
    """Runs a target to its end; `timeout` raises subprocess.TimeoutExpired."""
    environment = {
        **os.environ, "FUZZ_TARGET": target,
        # The toolchain's own backtrace would come in between libFuzzer and the input that is to be kept.
        "SWIFT_BACKTRACE": "enable=no",
        "ASAN_OPTIONS": "detect_stack_use_after_return=1",
    }
    dictionary = FUZZ / "dictionaries" / f"{target}.txt"
    if dictionary.exists():
        arguments = (f"-dict={dictionary}", *arguments)
    command = [program, f"-max_len={TARGETS[target]}", f"-artifact_prefix={FINDINGS}/{target}-", *arguments]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, errors="replace",
    )
    _running.add(process)
    try:
        _, errors = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(command, process.returncode, stderr=errors)
    finally:
        process.kill()
        _running.discard(process)


def directories(target: str) -> list[Path]:
    """Where the inputs are; libFuzzer adds new ones to the first."""
    return [make(FOUND / target), make(SEEDS / target)]


def make(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def keep_corpus(program: Path, target: str) -> None:
    """Brings the inputs of earlier runs that reach something new into Tests/fuzz/corpus."""
    before = len(list(make(SEEDS / target).iterdir()))
    done = fuzz(program, target, "-set_cover_merge=1", *reversed(directories(target)))
    if done.returncode:
        fail(f"the inputs of {target} could not be merged:", done.stderr[-2000:])
    print(f"{target}: {before} inputs before, {len(list((SEEDS / target).iterdir()))} now")


def kill_all() -> None:
    """Ends all that run."""
    for process in list(_running):
        process.kill()
