"""One call of scripts/test: which steps it takes in which order, and what their tests came to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from orbia.builds import Build
from orbia.terminal import fail, say
from orbia.testing import counts, steps
from orbia.testing.counts import Counts
from orbia.testing.parts import BROWSER, CLIENT, CONTRACT, INTEGRATION, PACKAGE, UPGRADE, WEBKIT, Part
from orbia.testing.runners import Runners, TestStep

# pytest's parts, in queues that run side by side: most of their tests wait more than they compute.
QUEUES = ((INTEGRATION,), (CLIENT, CONTRACT, BROWSER, WEBKIT))


class Session:
    """Runs steps, and counts their tests."""

    def __init__(self, repository: Path, results: str, sanitizer: str, workers: int, pytest_arguments: Sequence[str]):
        """`results` is the directory in .build for output and reports."""
        self.counts = Counts()
        self.is_good = True
        self._runners_for = lambda sanitizer: Runners(
            repository, Build(repository, sanitizer), repository / ".build" / results, pytest_arguments,
            second_try=workers > 1 and not pytest_arguments)
        self._runners = self._runners_for(sanitizer)
        # Behind "--" there may be options that need a single process, such as -x.
        self._workers = 1 if pytest_arguments else workers

    # The parts

    def lint(self) -> None:
        say("swift format lint")
        paths = ["--recursive", "Sources", "Tests", "Package.swift"]
        if steps.run(self._runners.lint(paths)) != 0:
            say(f"swift format lint found something; 'swift format --in-place {' '.join(paths)}' mends most of it")
            self.is_good = False
        say("pycodestyle")
        if steps.run(self._runners.python_lint()) != 0:
            self.is_good = False
        say("scripts/assemble-schema --check")
        if steps.run(self._runners.schema_check()) != 0:
            self.is_good = False
        say("scripts/list-page-modules --check")
        if steps.run(self._runners.page_check()) != 0:
            self.is_good = False

    def build(self, runners: Runners | None = None) -> None:
        """The service, for the tests that start it. Without it nothing of what follows means anything."""
        runners = runners or self._runners
        kind = f" with the {runners.build.sanitizer} sanitizer" if runners.build.sanitizer else ""
        say(f"building the service{kind} (the first time this takes some minutes)")
        if steps.run(runners.swift_build()) != 0:
            fail("the service could not be built; the compiler's messages are above.")

    def unit(self, runners: Runners | None = None) -> None:
        runners = runners or self._runners
        self._run(runners.swift_test())
        self._run(runners.pytest("scripts", "scripts"))

    def fuzz(self) -> None:
        self._run(self._runners.fuzz())

    def stack_tests(self, wanted: Iterable[Part]) -> None:
        """The parts of QUEUES side by side; one alone with its output as it comes."""
        self._run_side_by_side([[self._stack_tests(part) for part in queue if part in wanted] for queue in QUEUES])
        if INTEGRATION in wanted and self._workers > 1:
            self._run(self._runners.pytest("undisturbed", INTEGRATION.directory, "-m", "undisturbed and not slow"))

    def unit_beside_files(self, files: Mapping[Part, Sequence[str]]) -> None:
        """The unit tests of Swift, and the tests of some files."""
        pytest = [self._runners.pytest(part.name, part.directory, paths=paths) for part, paths in files.items()]
        self._run_side_by_side([[self._runners.swift_test()], pytest], is_brief=True)

    def slow(self) -> None:
        self._run(self._runners.pytest("slow", INTEGRATION.directory, "-m", "slow"))

    def page(self) -> None:
        self._run(self._runners.pytest("page", BROWSER.directory, "--whole", *self._distribution()))
        self._run(self._runners.pytest("page-webkit", WEBKIT.directory, "--whole"))

    def package(self) -> None:
        self._run(self._runners.pytest(PACKAGE.name, PACKAGE.directory))

    def upgrade(self) -> None:
        self._run(self._runners.pytest(UPGRADE.name, UPGRADE.directory))

    def address(self) -> None:
        def run(runners: Runners) -> None:
            self.unit(runners)
            self._run(runners.pytest("address", INTEGRATION.directory, *self._distribution()))

        self._with_sanitizer("address", run)

    def thread(self) -> None:
        self._with_sanitizer("thread", lambda runners: self._run(runners.chaos("thread")))

    # What they are made of

    def _stack_tests(self, part: Part) -> TestStep:
        arguments = []
        if part is INTEGRATION and self._workers > 1:
            arguments = ["-m", "not slow and not undisturbed", *self._distribution()]
        return self._runners.pytest(part.name, part.directory, *arguments)

    def _distribution(self) -> list[str]:
        """pytest-xdist's options. Which tests stay together is for Tests/integration/conftest.py to say."""
        return ["-n", str(self._workers)] if self._workers > 1 else []

    def _with_sanitizer(self, sanitizer: str, run: Callable[[Runners], None]) -> None:
        """That the sanitizer finds nothing is a test of its own."""
        runners = self._runners_for(sanitizer)
        runners.build.clear_findings()
        self.build(runners)
        run(runners)
        findings = runners.build.findings()
        if findings:
            say(f"the {sanitizer} sanitizer found something: {' '.join(map(str, findings))}")
            print(*findings[0].read_text(errors="replace").splitlines()[:40], sep="\n", flush=True)
        self._count(Counts(failed=1) if findings else Counts(passed=1))

    def _run(self, step: TestStep) -> None:
        say(step.title)
        steps.run(step)
        self._count(step.counts)

    def _run_side_by_side(self, queues: Sequence[Sequence[TestStep]], is_brief: bool = False) -> None:
        """Each with its output whole when it ends; where that is to be brief, and all is well, with its last line."""
        all_steps = [step for queue in queues for step in queue]
        if len(all_steps) < 2:
            for step in all_steps:
                self._run(step)
            return
        say("side by side, each with its output when it ends:")
        for step in all_steps:
            say(f"  {step.title}")

        def end(step: TestStep) -> None:
            found, output = step.counts, step.output()
            say(f"{step.title}: ended after {step.seconds:.0f} s")
            print(output.rstrip().rpartition("\n")[2] if is_brief and not found.failed else output, flush=True)
            self._count(found)

        def progress(running: Sequence[TestStep]) -> None:
            say("; ".join(f"{step.name} after {step.seconds:.0f} s: {counts.of_pytest(step.output())}"
                          for step in running))

        steps.run_side_by_side(queues, end, progress)

    def _count(self, found: Counts) -> None:
        self.counts += found
        if found.failed:
            self.is_good = False

    def print_total(self) -> None:
        """The last line of scripts/test."""
        if self.counts.total == 0:
            say("no test ran")
            self.is_good = False
        print(f"\n{self.counts}", flush=True)
