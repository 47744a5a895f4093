"""The processes of scripts/test: their output, their order, and their end."""

import signal
import subprocess
import sys
import time

import pytest

from orbia.testing import steps
from orbia.testing.steps import Step


@pytest.fixture
def make_step(tmp_path):
    def make(name, script, **options) -> Step:
        return Step(name, ["bash", "-c", script], tmp_path / f"{name}.log", **options)

    return make


def test_the_output_of_one_alone_comes_as_it_is_written(make_step, capfdbinary):
    assert steps.run(make_step("one", "echo out; echo err >&2; exit 3")) == 3
    assert capfdbinary.readouterr().out == b"out\nerr\n"


def test_side_by_side_each_queue_has_its_order_and_none_waits_for_another(make_step, tmp_path):
    """The first of each queue waits for the other queue's first."""
    def meet(mine, other):
        return f"touch {tmp_path}/{mine}; until [ -e {tmp_path}/{other} ]; do sleep 0.01; done"

    queues = [[make_step("a1", meet("a1", "b1")), make_step("a2", f"[ -e {tmp_path}/a1 ]")],
              [make_step("b1", meet("b1", "a1")), make_step("b2", "exit 4")]]
    ended = []
    steps.run_side_by_side(queues, lambda step: ended.append((step.name, step.status)), lambda _: None)
    assert sorted(ended) == [("a1", 0), ("a2", 0), ("b1", 0), ("b2", 4)]
    names = [name for name, _ in ended]
    assert names.index("a1") < names.index("a2") and names.index("b1") < names.index("b2")


class Interruption(Exception):
    """What a signal raises in scripts/test."""


@pytest.mark.parametrize("script, remains", [
    ("trap 'echo cleaned; exit' INT; while :; do sleep 0.02; done", "cleaned\n"),
    ("trap '' INT; while :; do sleep 0.02; done", ""),
], ids=["one that cleans up", "one that heeds no signal"])
def test_whoever_is_interrupted_leaves_no_process_behind(make_step, script, remains):
    step = make_step("endless", script, seconds_to_stop=1)

    def interrupt(_, __):
        raise Interruption

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(Interruption):
            steps.run_side_by_side([[step]], lambda _: None, lambda _: None)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert step.status is not None
    assert step.output() == remains


def test_the_end_of_scripts_test_by_a_kill_ends_its_steps(tmp_path):
    """By the kernel: nothing else can notice it."""
    log = tmp_path / "log"
    program = ("from pathlib import Path; from orbia.testing import steps;"
               f"steps.run(steps.Step('endless', ['bash', '-c', 'echo begun; trap \"echo ended; exit\" INT;"
               f" while :; do sleep 0.02; done'], Path({str(log)!r})))")
    script = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL,
                              env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"})
    await_line(log, "begun")
    script.kill()
    script.wait()
    await_line(log, "ended")


def await_line(log, line):
    deadline = time.monotonic() + 10
    while not (log.exists() and line in log.read_text()):
        assert time.monotonic() < deadline, f"no {line} in {log}"
        time.sleep(0.02)
