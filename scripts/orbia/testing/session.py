"""One call of scripts/test: the steps of its parts, and what they came to."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from orbia.testing import counts, steps
from orbia.testing.builds import Build
from orbia.testing.counts import Counts
from orbia.testing.environments import SYSTEM_PYTHON, Environment
from orbia.testing.parts import BROWSER, CONTRACT, INTEGRATION, SLOW, Part
from orbia.testing.steps import Step
from orbia.testing.terminal import fail, say

# Seconds for each target of the short fuzz.
FUZZ_SECONDS = 3
# Of scripts/chaos on the build with the thread sanitizer, which is slower than the plain one by an order of magnitude.
# With few kills, so that most of it is load.
THREAD_SECONDS, THREAD_KILLS = 60, 8
# pytest's exit status where it found no test.
NO_TEST = 5
# pytest's parts, in queues that run side by side: most of their tests wait more than they compute.
QUEUES = ((INTEGRATION, CONTRACT), (BROWSER,))


class Session:
    """Runs steps, and counts their tests."""

    def __init__(self, repository: Path, sanitizer: str, workers: int, pytest_arguments: Sequence[str]):
        self.counts = Counts()
        self.is_good = True
        self._repository = repository
        self._results = repository / ".build" / "test-results"
        self._sanitizer = sanitizer
        self._workers = workers
        self._pytest_arguments = list(pytest_arguments)

    def lint(self) -> None:
        say("swift format lint")
        paths = ["--recursive", "Sources", "Tests", "Package.swift"]
        if steps.run(self._step("lint", ["swift", "format", "lint", "--strict", *paths])) != 0:
            say(f"swift format lint found something; 'swift format --in-place {' '.join(paths)}' mends most of it")
            self.is_good = False

    def build(self, sanitizer: str | None = None) -> None:
        """The service, for the tests that start it. Without it nothing of what follows means anything."""
        build = Build(self._repository, self._sanitizer if sanitizer is None else sanitizer)
        kind = f" with the {build.sanitizer} sanitizer" if build.sanitizer else ""
        say(f"building the service{kind} (the first time this takes some minutes)")
        if steps.run(self._step("build", build.command)) != 0:
            fail("the service could not be built; the compiler's messages are above.")

    def unit(self, sanitizer: str | None = None) -> None:
        say("unit: swift test")
        step = self.swift_test(sanitizer)
        steps.run(step)
        self.count_swift_test(step)
        say("unit: pytest Tests/scripts")
        step = self._pytest("scripts", "scripts")
        steps.run(step)
        self.count_pytest(step)

    def swift_test(self, sanitizer: str | None = None) -> Step:
        build = Build(self._repository, self._sanitizer if sanitizer is None else sanitizer)
        for stale in self._results.glob("unit*"):
            stale.unlink()
        return self._step("unit", ["swift", "test", "--xunit-output", self._report("unit"), *build.options])

    def count_swift_test(self, step: Step) -> None:
        # Swift Testing writes a report, beside the name that it is given; XCTest writes lines alone.
        self._add(step, counts.of_junit(self._report("unit-swift-testing")) + counts.of_xctest(step.output()))

    def fuzz(self) -> None:
        say("fuzz: scripts/fuzz")
        report = self._report("fuzz")
        report.unlink(missing_ok=True)
        step = self._step("fuzz", [self._repository / "scripts" / "fuzz", "--debug", "--no-install",
                                   "--seconds", FUZZ_SECONDS, "--junit-xml", report])
        steps.run(step)
        self._add(step, counts.of_junit(report))

    def pytest_parts(self, wanted: Iterable[Part]) -> None:
        """Side by side, each with its output whole when it ends; one alone with its output as it comes."""
        wanted = list(wanted)
        if len(wanted) == 1:
            step = self.pytest(wanted[0])
            steps.run(step)
            self.count_pytest(step)
            return
        queues = [[self.pytest(part) for part in queue if part in wanted] for queue in QUEUES]
        names = [step.name for queue in queues for step in queue]
        say(f"{', '.join(names)}: side by side, each with its output when it ends")
        self.run_side_by_side(queues)

    def run_side_by_side(self, queues: Sequence[Sequence[Step]]) -> None:
        """Steps of pytest, and the unit tests'."""
        def end(step: Step) -> None:
            say(f"{step.name}: ended after {step.seconds:.0f} s")
            sys.stdout.write(step.output())
            if step.name == "unit":
                self.count_swift_test(step)
            else:
                self.count_pytest(step)

        def progress(running: Sequence[Step]) -> None:
            say("; ".join(f"{step.name} after {step.seconds:.0f} s: {counts.of_pytest(step.output())}" for step in running))

        steps.run_side_by_side(queues, end, progress)

    def pytest(self, part: Part, paths: Sequence[str] = ()) -> Step:
        say(f"{part.name}: pytest Tests/{part.directory}")
        arguments = ["-m", "slow"] if part is SLOW else []
        # Behind "--" there may be options that need a single process, such as -x.
        if part is INTEGRATION and not paths and not self._pytest_arguments and self._workers > 1:
            arguments += ["-n", str(self._workers), "--dist", "loadfile"]
        return self._pytest(part.name, part.directory, *arguments, paths=paths)

    def _pytest(self, name: str, directory: str, *arguments: str, paths: Sequence[str] = (),
                environment: Mapping[str, str] | None = None) -> Step:
        python = Environment(self._repository, directory).python
        self._report(name).unlink(missing_ok=True)
        return self._step(name, [
            python, "-m", "pytest", "-v", "--durations=10", f"--junit-xml={self._report(name)}",
            *(paths or [f"Tests/{directory}"]), *arguments, *self._pytest_arguments], environment)

    def count_pytest(self, step: Step) -> None:
        # What was chosen behind "--" can be in another part.
        if step.status == NO_TEST and self._pytest_arguments:
            say(f"{step.name}: no test was chosen")
            return
        self._add(step, counts.of_junit(self._report(step.name)))

    def address(self) -> None:
        def run(environment: Mapping[str, str]) -> None:
            self.unit("address")
            say("address: pytest Tests/integration")
            step = self._pytest("address", "integration", "-n", str(self._workers), "--dist", "loadfile",
                                environment=environment)
            steps.run(step)
            self.count_pytest(step)

        self._with_sanitizer("address", run)

    def thread(self) -> None:
        def run(environment: Mapping[str, str]) -> None:
            say("thread: scripts/chaos")
            step = self._step("thread", [
                self._repository / "scripts" / "chaos", "--no-install", "--dir", self._repository / ".run-thread",
                "--seconds", THREAD_SECONDS, "--kills", THREAD_KILLS], environment)
            self._add(step, Counts(passed=1) if steps.run(step) == 0 else Counts())

        self._with_sanitizer("thread", run)

    def _with_sanitizer(self, sanitizer: str, run) -> None:
        """That the sanitizer finds nothing is a test of its own."""
        build = Build(self._repository, sanitizer)
        build.clear_findings()
        self.build(sanitizer)
        run(build.environment)
        findings = build.findings()
        if findings:
            say(f"the {sanitizer} sanitizer found something: {' '.join(map(str, findings))}")
            print(*findings[0].read_text(errors="replace").splitlines()[:40], sep="\n", flush=True)
            self.is_good = False
        self.counts += Counts(failed=1) if findings else Counts(passed=1)

    def _step(self, name: str, command: Sequence, environment: Mapping[str, str] | None = None) -> Step:
        return Step(name, command, self._results / f"{name}.log", directory=self._repository,
                    environment={"SANITIZER": self._sanitizer, **(environment or {})})

    def _report(self, name: str) -> Path:
        return self._results / f"{name}.xml"

    def _add(self, step: Step, found: Counts) -> None:
        if step.status != 0:
            self.is_good = False
        self.counts += found.with_status(step.status)

    def print_total(self) -> None:
        """The last line of scripts/test."""
        if self.counts.total == 0:
            say("no test ran")
            self.is_good = False
        print(f"\n{self.counts}", flush=True)
