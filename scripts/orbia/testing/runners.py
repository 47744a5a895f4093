"""The test runners' commands: swift test, pytest, scripts/fuzz, scripts/chaos; and how the tests of each are counted."""

from collections.abc import Callable, Sequence
from pathlib import Path

from orbia.testing import counts
from orbia.testing.builds import Build
from orbia.testing.counts import Counts
from orbia.testing.environments import Environment
from orbia.testing.steps import Step

# Seconds for each target of the short fuzz.
FUZZ_SECONDS = 3
# Of scripts/chaos on the build with the thread sanitizer, which is slower than the plain one by an order of magnitude.
# With few kills, so that most of it is load.
CHAOS_SECONDS, CHAOS_KILLS = 60, 8
# pytest's exit status where it found no test.
NO_TEST = 5


class TestStep(Step):
    """A step that runs tests, and leaves behind how they ended."""

    def __init__(self, name: str, runner: str, command: Sequence, log: Path, count: Callable[[Step], Counts],
                 good_statuses: Sequence[int] = (0,), **options):
        super().__init__(name, command, log, **options)
        self.title = f"{name}: {runner}"
        self._count = count
        self._good_statuses = good_statuses

    @property
    def counts(self) -> Counts:
        """Once it has ended."""
        return self._count(self).with_status(0 if self.status in self._good_statuses else self.status)


class Runners:
    """Makes steps for one build of the service; they leave their output and reports in one directory."""

    def __init__(self, repository: Path, build: Build, results: Path, pytest_arguments: Sequence[str] = ()):
        self._repository = repository
        self.build = build
        self._results = results
        self._pytest_arguments = list(pytest_arguments)

    def lint(self, paths: Sequence[str]) -> Step:
        return self._step("lint", ["swift", "format", "lint", "--strict", *paths])

    def swift_build(self) -> Step:
        return self._step("build", self.build.command)

    def swift_test(self) -> TestStep:
        # Swift Testing writes its report beside the name that it is given; XCTest writes lines alone.
        written = self._report("unit-swift-testing")
        written.unlink(missing_ok=True)
        command = ["swift", "test", "--xunit-output", self._report("unit"), *self.build.options]
        return self._test_step("unit", "swift test", command,
                               lambda step: counts.of_junit(written) + counts.of_xctest(step.output()))

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
        # What was chosen behind "--" can be in another part.
        good_statuses = (0, NO_TEST) if self._pytest_arguments else (0,)
        return self._test_step(name, f"pytest Tests/{directory}", command, lambda _: counts.of_junit(report),
                               good_statuses)

    def _step(self, name: str, command: Sequence) -> Step:
        return Step(name, command, self._log(name), directory=self._repository)

    def _test_step(self, name: str, runner: str, command: Sequence, count: Callable[[Step], Counts],
                   good_statuses: Sequence[int] = (0,)) -> TestStep:
        return TestStep(name, runner, command, self._log(name), count, good_statuses, directory=self._repository,
                        environment=self.build.environment)

    def _new_report(self, name: str) -> Path:
        self._report(name).unlink(missing_ok=True)
        return self._report(name)

    def _report(self, name: str) -> Path:
        return self._results / f"{name}.xml"

    def _log(self, name: str) -> Path:
        return self._results / f"{name}.log"
