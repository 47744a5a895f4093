"""The test runners' commands: swift test, pytest, scripts/fuzz, scripts/chaos; how the tests of each are counted."""

from collections.abc import Callable, Sequence
from pathlib import Path

from orbia.builds import Build
from orbia.testing import counts
from orbia.testing.counts import Counts
from orbia.testing.environments import SYSTEM_PYTHON, Environment
from orbia.testing.steps import Step

# Seconds for each target of the short fuzz.
FUZZ_SECONDS = 3
# Of scripts/chaos on the build with the thread sanitizer, which is slower than the plain one by an order of magnitude.
# With few kills, so that most of it is load.
CHAOS_SECONDS, CHAOS_KILLS = 60, 8
# By then a moment in which the machine stood still is over.
SECONDS_TO_SECOND_TRY = 3
# pytest's exit status where it found no test.
NO_TEST = 5


class TestStep(Step):
    """A step that runs tests, and leaves behind how they ended."""

    def __init__(self, name: str, runner: str, command: Sequence, log: Path, count: Callable[[Step], Counts],
                 may_be_empty: bool = False, **options):
        """`may_be_empty`: that no test was found is no failure."""
        super().__init__(name, command, log, **options)
        self.title = f"{name}: {runner}"
        self._count = count
        self._may_be_empty = may_be_empty

    @property
    def counts(self) -> Counts:
        """Once it has ended."""
        if self._may_be_empty and self.status == NO_TEST:
            return Counts()
        return self._count(self).with_status(self.status)


class Runners:
    """Makes steps for one build of the service; they leave their output and reports in one directory."""

    def __init__(self, repository: Path, build: Build, results: Path, pytest_arguments: Sequence[str] = (),
                 second_try: bool = False):
        """`second_try`: a test of pytest's that fails is tried once more, and fails where that fails, too."""
        self._repository = repository
        self.build = build
        self._results = results
        self._pytest_arguments = list(pytest_arguments)
        self._second_try = second_try

    def lint(self, paths: Sequence[str]) -> Step:
        return self._step("lint", ["swift", "format", "lint", "--strict", *paths])

    def python_lint(self) -> Step:
        # Without its rules about how lines go on, and about imports behind a change of sys.path.
        return self._step("python", [SYSTEM_PYTHON, "-m", "pycodestyle", "--max-line-length=120",
                                     "--ignore=E12,E203,E402,W503,W504", "scripts", "Tests"])

    def schema_check(self) -> Step:
        return self._step("schema", [self._repository / "scripts" / "assemble-schema", "--check"])

    def page_check(self) -> Step:
        return self._step("page-modules", [self._repository / "scripts" / "list-page-modules", "--check"])

    def swift_build(self) -> Step:
        return self._step("build", self.build.command)

    def swift_test(self) -> TestStep:
        report = self._new_report("unit")
        # With XCTest on, Swift Testing's report would have another name.
        command = ["swift", "test", "--disable-xctest", "--xunit-output", report, *self.build.options]
        return self._test_step("unit", "swift test", command, lambda _: counts.of_junit(report))

    def fuzz(self) -> TestStep:
        report = self._new_report("fuzz")
        command = [self._repository / "scripts" / "fuzz", "--debug", "--no-install", "--seconds", FUZZ_SECONDS,
                   "--junit-xml", report]
        return self._test_step("fuzz", "scripts/fuzz", command, lambda _: counts.of_junit(report))

    def chaos(self, name: str) -> TestStep:
        """One test: whether it found anything wrong."""
        command = [self._repository / "scripts" / "chaos", "--no-install", "--dir", self._repository / f".run-{name}",
                   "--seconds", CHAOS_SECONDS, "--kills", CHAOS_KILLS]
        return self._test_step(name, "scripts/chaos", command,
                               lambda step: Counts(passed=1) if step.status == 0 else Counts(failed=1))

    def pytest(self, name: str, directory: str, *arguments: str, paths: Sequence[str] = ()) -> TestStep:
        """The tests of a directory of Tests, or of some of its files."""
        python = Environment(self._repository, directory).python
        report = self._new_report(name)
        command = [python, "-m", "pytest", "-v", "--durations=10", f"--junit-xml={report}",
                   *(paths or [f"Tests/{directory}"]), *arguments, *self._pytest_arguments]
        if self._second_try:
            command += ["--reruns", 1, "--reruns-delay", SECONDS_TO_SECOND_TRY, "-rR"]
        # What was chosen behind "--" can be in another part.
        return self._test_step(name, f"pytest Tests/{directory}", command,
                               lambda step: counts.of_junit(report).with_second_tries(step.output()),
                               may_be_empty=bool(self._pytest_arguments))

    def _step(self, name: str, command: Sequence) -> Step:
        return Step(name, command, self._log(name), directory=self._repository)

    def _test_step(self, name: str, runner: str, command: Sequence, count: Callable[[Step], Counts],
                   may_be_empty: bool = False) -> TestStep:
        return TestStep(name, runner, command, self._log(name), count, may_be_empty, directory=self._repository,
                        environment=self.build.environment)

    def _new_report(self, name: str) -> Path:
        self._report(name).unlink(missing_ok=True)
        return self._report(name)

    def _report(self, name: str) -> Path:
        return self._results / f"{name}.xml"

    def _log(self, name: str) -> Path:
        return self._results / f"{name}.log"
