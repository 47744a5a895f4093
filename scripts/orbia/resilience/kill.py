"""scripts/resilience kill: the death of an instance."""

import argparse
import os
import signal
import time

from orbia.load.dataset import make_dataset, write_requests
from orbia.load.wrk import Load
from orbia.resilience.instances import await_new, serves
from orbia.stack import Stack
from orbia.stack_options import count, stack_of
from orbia.terminal import say

SUMMARY = "the death of an instance"
DESCRIPTION = (
    "Kills one instance after the other with SIGKILL, under a load of messages sent and read, half and half. "
    "Prints how many requests failed, and how long it took until the instance answered on its socket again. What "
    "an instance works on dies with it, and what waits in its queue: nginx does not send a POST twice. Lost: more "
    "requests at a time than an instance has workers."
)


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--instances", type=count, default=2, help="processes of the service")
    command.add_argument(
        "--clients", type=count, help="connections that wrk keeps busy (default: as many as there are workers in all)"
    )
    command.add_argument("--rounds", type=count, default=5, help="instances killed")
    command.add_argument("--seconds", type=count, default=12, help="seconds of load around each kill")


def measure(options: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures and the complaints."""
    options.clients = options.clients or options.instances * options.workers
    rounds = []
    with stack_of(options, instances=options.instances) as stack:
        make_dataset(stack)
        requests_file = write_requests(stack)
        for number in range(1, options.rounds + 1):
            name = stack.instances[(number - 1) % options.instances]
            with Load("writes_and_reads", stack.http_url, requests_file, options.clients, options.seconds) as load:
                time.sleep(options.seconds / 2)
                seconds = _kill(stack, name)
                result = load.result()
            rounds.append(
                {
                    "instance": name, "requests": result["requests"], "failed": result["errors"],
                    "not_200": result["refused"], "broken": result["broken"], "late": result["late"],
                    "seconds_until_it_serves": round(seconds, 3),
                }
            )
            say(f"kill {number} of {options.rounds}: {name} served again after {seconds:.2f} s")

    print(f"\n{'killed':<12}{'requests':>10}{'failed':>8}{'workers':>9}{'serves again after s':>22}")
    for each in rounds:
        print(
            f"{each['instance']:<12}{each['requests']:>10,}{each['failed']:>8}{options.workers:>9}"
            f"{each['seconds_until_it_serves']:>22.2f}"
        )
    figures = {"clients": options.clients, "instances": options.instances, "rounds": rounds}
    worst = max(each["failed"] for each in rounds)
    return figures, [f"{worst} requests failed with one instance"] if worst > options.workers else []


def _kill(stack: Stack, name: str) -> float:
    """The seconds from its death until it answers on its socket again."""
    old = stack.pid_of(name)
    os.kill(old, signal.SIGKILL)
    began = time.monotonic()
    await_new(stack, {name: old}, 60, f"{name} serves again", every=0.01, is_back=serves)
    return time.monotonic() - began
