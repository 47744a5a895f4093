"""The tests in the files *.test.mjs: which there are, and how each of them ended."""

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

DIRECTORY = Path(__file__).parent
# Seconds for all tests of a file. They wait more than they compute, and so several files run at a time.
TIMEOUT = 120
AT_A_TIME = 4
_DECLARATION = re.compile(r'^test\("([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, order=True)
class NodeTest:
    """One `test("…")` at the beginning of a line."""

    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.file.removesuffix('.test.mjs')}: {self.name}"


def node_tests() -> list[NodeTest]:
    return [NodeTest(file.name, name) for file in sorted(DIRECTORY.glob("*.test.mjs"))
            for name in _DECLARATION.findall(file.read_text())]


class NodeRuns:
    """A process for each file, which has to end by itself once its tests have."""

    def __init__(self, node: str, files: Sequence[str], environment: Mapping[str, str]):
        self._node = node
        self._environment = {**os.environ, **environment, "NODE_PATH": "/usr/share/nodejs"}
        self._processes: list[subprocess.Popen] = []
        self._lock = threading.Lock()
        self._has_ended = False
        self._pool = ThreadPoolExecutor(AT_A_TIME)
        self._runs: dict[str, Future] = {file: self._pool.submit(self._run, file) for file in files}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self._lock:
            self._has_ended = True
            for process in self._processes:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
        self._pool.shutdown(cancel_futures=True)

    def failure_of(self, test: NodeTest) -> str | None:
        """Why the test failed; None where it passed."""
        outcomes, output = self._runs[test.file].result()
        failure = outcomes.get(test.name, f"{test.file} ended before this test did:\n{output}")
        return failure or outcomes.get("")

    def _run(self, file: str) -> tuple[dict[str, str | None], str]:
        """How each test failed, by its name; under "" why all of them did. And what was printed beside that."""
        command = [self._node, "--test-reporter", DIRECTORY / "support" / "reporter.mjs",
                   "--test-reporter-destination", "stdout", DIRECTORY / file]
        with self._lock:
            if self._has_ended:
                return {}, ""
            process = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self._processes.append(process)
        overdue = None
        try:
            output, _ = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            overdue = f"{file} did not end within {TIMEOUT} s: {output[-4000:]}"
        outcomes, rest = {}, []
        for line in output.splitlines():
            if line.startswith("##outcome "):
                name, failure = json.loads(line.removeprefix("##outcome "))
                outcomes[name] = failure
            else:
                rest.append(line)
        outcomes[""] = overdue
        return outcomes, "\n".join(rest)[-6000:]
