"""The children of a command: started, watched, restarted, stopped. Each test is a command of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# What every command of these tests begins with.
BEGINNING = """
import signal, sys, time
from pathlib import Path
from orbia.supervision.child import Program
from orbia.supervision.leftovers import stop_leftovers
from orbia.supervision.signals import Signals, Stopped
from orbia.state import StateDirectory
from orbia.supervision.supervisor import Supervisor

state = StateDirectory(Path(sys.argv[1]), Path("/"), 1)
signals = Signals()
supervisor = Supervisor(state, signals)
stop_leftovers(state, signals)

def launch(name, script, **options):
    supervisor.start(Program(name, ["bash", "-c", script], state.log(name), **options))

def run(steps):
    try:
        steps()
    except Stopped as stopped:
        sys.exit(stopped.status)
    finally:
        signals.ignore()
        supervisor.stop()
"""
IDLE = "while :; do sleep 0.02; done"


class Command:
    """A command that runs `steps`, the body of a function."""

    def __init__(self, directory: Path, steps: str, before=None):
        indented = "".join(f"    {line}\n" for line in steps.strip().splitlines())
        self.directory = directory
        self._said = directory.parent / "said"
        with open(self._said, "ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", f"{BEGINNING}\ndef steps():\n{indented}\nrun(steps)", directory],
                stdin=subprocess.DEVNULL, stderr=said, preexec_fn=before, start_new_session=True,
                env={**os.environ, "PYTHONPATH": ":".join(sys.path)})

    @property
    def said(self) -> str:
        return self._said.read_text()

    def pid_of(self, name) -> int:
        """A child may have written to its log before its process id stands in the file."""
        file = self.directory / "pids" / name
        eventually(lambda: file.exists() and file.read_text(), f"{name} has a process id")
        return int(file.read_text())

    def log(self, name) -> str:
        file = self.directory / "log" / f"{name}.log"
        return file.read_text() if file.exists() else ""

    def stop(self, how=signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)


def eventually(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def runs(pid) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def command(tmp_path):
    made = []

    def make(steps, **options) -> Command:
        made.append(Command(tmp_path / "state", steps, **options))
        return made[-1]

    yield make
    for each in made:
        each.process.kill()
        each.process.wait()


TWO = f"""
launch("first", "echo begun; trap 'date +%s%N; exit' TERM; {IDLE}")
launch("second", "echo begun; trap 'date +%s%N; exit' QUIT; {IDLE}", stop_signal=signal.SIGQUIT)
supervisor.watch()
"""


def await_two(command):
    eventually(lambda: command.log("first") and command.log("second"), "both run")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_youngest_first_each_with_its_own_signal(command, how):
    running = command(TWO)
    await_two(running)
    assert running.stop(how) == 128 + how
    first, second = (int(running.log(name).split()[1]) for name in ("first", "second"))
    assert second < first
    assert list((running.directory / "pids").iterdir()) == []
    assert re.findall(r"stopping (\w+)", running.said) == ["second", "first"]


def test_an_interrupt_that_was_inherited_as_ignored_stops_it(command):
    """As behind an "&" in a script."""
    running = command(TWO, before=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    await_two(running)
    assert running.stop(signal.SIGINT) == 130


def test_with_nohup_a_hang_up_is_ignored(command):
    running = command(TWO, before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    await_two(running)
    running.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert running.process.poll() is None
    assert running.stop() == 143


def test_a_second_signal_does_not_cut_the_stop_short(command):
    running = command(f"""
launch("slow", "echo begun; trap 'sleep 1; echo ended; exit' TERM; {IDLE}")
supervisor.watch()
""")
    eventually(lambda: running.log("slow"), "it runs")
    for how in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        running.process.send_signal(how)
        time.sleep(0.2)
    assert running.process.wait(30) == 143
    assert running.log("slow") == "begun\nended\n"


def test_one_that_heeds_no_signal_is_killed_with_all_that_it_started(command):
    running = command(f"""
launch("stubborn", "trap '' TERM; bash -c 'echo $BASHPID; {IDLE}' & {IDLE}", seconds_to_stop=0.3)
supervisor.watch()
""")
    eventually(lambda: running.log("stubborn"), "it runs")
    pids = [running.pid_of("stubborn"), int(running.log("stubborn"))]
    running.stop()
    assert not any(map(runs, pids))


def test_the_end_of_a_child_ends_the_command_and_shows_its_log(command):
    running = command("""
launch("lasting", "sleep 60")
launch("brief", "for i in $(seq 30); do echo line $i; done; exit 7")
supervisor.watch()
""")
    assert running.process.wait(30) == 1
    assert "brief stopped unexpectedly, with exit status 7." in running.said
    assert "line 30" in running.said and "line 11\n" in running.said and "line 10\n" not in running.said
    assert "stopping lasting" in running.said


def test_a_program_that_is_not_there_is_a_child_that_ends(command):
    running = command("""
supervisor.start(Program("missing", ["/no/such/program"], state.log("missing")))
supervisor.watch()
""")
    assert running.process.wait(30) == 1
    assert "with exit status 127" in running.said and "/no/such/program" in running.said


def test_a_kept_child_is_started_again_and_goes_on_writing_to_its_log(command):
    running = command(f"""
start = lambda: launch("kept", "echo begun; {IDLE}")
start()
supervisor.keep("kept", start)
supervisor.watch()
""")
    eventually(lambda: running.log("kept"), "it runs")
    before = running.pid_of("kept")
    os.kill(before, signal.SIGKILL)
    eventually(lambda: running.log("kept") == "begun\nbegun\n", "it runs again")
    assert running.pid_of("kept") != before
    assert "kept stopped unexpectedly, with exit status 137 (SIGKILL)" in running.said
    assert "starting kept again, 1 s from now" in running.said


def test_the_log_of_the_run_before_is_kept(command):
    running = command(TWO)
    await_two(running)
    running.stop()
    log = running.directory / "log" / "first.log"
    log.write_text("of the run before")
    command(TWO)
    eventually(lambda: running.log("first") == "begun\n", "it begins a new one")
    assert log.with_name("first.log.1").read_text() == "of the run before"


IN_TURN = f"""
def keep(name, script, is_back):
    start = lambda: launch(name, script)
    start()
    supervisor.keep(name, start, is_back)

keep("one", "echo begun; {IDLE}", lambda: supervisor.is_soon("one", 5, lambda: True))
keep("two", "echo begun; trap 'exit 3' TERM; {IDLE}", lambda: supervisor.is_soon("two", 5, lambda: True))
launch("other", "echo begun; {IDLE}")
supervisor.restart_on_hangup()
print("ready", file=sys.stderr, flush=True)
supervisor.watch()
"""


def test_a_hang_up_restarts_in_turn_those_that_can_be_awaited(command):
    running = command(IN_TURN)
    eventually(lambda: "ready" in running.said and running.log("two") and running.log("other"), "all run")
    before = {name: running.pid_of(name) for name in ("one", "two", "other")}
    running.process.send_signal(signal.SIGHUP)
    eventually(lambda: "restarted all 2 instances" in running.said, "they are restarted")
    assert running.pid_of("one") != before["one"] and running.pid_of("two") != before["two"]
    assert running.pid_of("other") == before["other"]
    assert "two stopped as it was told to, with exit status 3." in running.said
    assert "unexpectedly" not in running.said
    assert running.stop() == 143


def test_a_restart_ends_where_one_does_not_come_up(command):
    running = command(IN_TURN.replace('"one", 5, lambda: True', '"one", 0.3, lambda: False'))
    eventually(lambda: "ready" in running.said, "all run")
    running.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the restart ends here; those after one run on" in running.said, "it ends")
    assert "restarting two" not in running.said
    assert running.stop() == 143


def test_where_the_command_is_killed_its_children_get_the_signal(command):
    running = command(TWO)
    await_two(running)
    pids = [running.pid_of("first"), running.pid_of("second")]
    running.process.kill()
    eventually(lambda: not runs(pids[0]), "the first, which heeds SIGTERM, has ended")


def test_what_a_killed_run_left_behind_is_stopped_by_the_next(command):
    running = command(f"""
launch("left", "trap 'trap exit TERM' TERM; echo begun; {IDLE}")
supervisor.watch()
""")
    eventually(lambda: running.log("left"), "it runs")
    left = running.pid_of("left")
    running.process.kill()
    running.process.wait()
    # What runs with the process id of another child by now does not write to a log of the directory.
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    (running.directory / "pids" / "stranger").write_text(f"{stranger.pid}\n")
    following = command("pass")
    assert following.process.wait(60) == 0
    assert not runs(left)
    assert "stopping left, left over from a run that was killed" in following.said
    assert stranger.poll() is None and "stopping stranger" not in following.said
    stranger.kill()
    stranger.wait()


def test_a_signal_during_a_step_stops_the_step(command):
    running = command(f"""
from orbia.supervision import sessions
sessions.run_step(signals, ["bash", "-c", "trap 'echo cleaned >&2; exit' INT; echo begun >&2; {IDLE}"])
""")
    eventually(lambda: "begun" in running.said, "it runs")
    assert running.stop() == 143
    assert "cleaned" in running.said
