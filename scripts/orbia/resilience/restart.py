"""scripts/resilience restart: restarts of all instances in turn."""

import argparse
import signal
import time

from orbia.figures import plural
from orbia.load.dataset import make_dataset, write_requests
from orbia.load.wrk import Load
from orbia.resilience.instances import await_new
from orbia.stack import Stack
from orbia.stack_options import count, stack_of
from orbia.terminal import say

SUMMARY = "restarts of all instances in turn"
DESCRIPTION = (
    "Has scripts/run restart all instances in turn, several times, while clients send messages and read them, "
    "half and half. Lost: any answer that is not 200, and any connection that breaks."
)


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--instances", type=count, default=2, help="processes of the service")
    command.add_argument("--clients", type=count, default=32, help="connections that wrk keeps busy")
    command.add_argument("--rounds", type=count, default=5, help="restarts of all of them")
    command.add_argument(
        "--requests", type=count, default=100_000, help="the load goes on for at least so many requests"
    )


def measure(options: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures and the complaints."""
    durations = []
    with stack_of(options, instances=options.instances) as stack:
        make_dataset(stack)
        most = options.rounds * _longest_restart(options) + 600
        server = stack.server()
        statements = server.executed_statements()
        with Load("writes_and_reads", stack.http_url, write_requests(stack), options.clients, most) as load:
            time.sleep(2)
            for number in range(1, options.rounds + 1):
                durations.append(round(_restart(stack, options), 2))
                say(f"restart {number} of {options.rounds}: {durations[-1]:.1f} s")
                # scripts/run pauses behind the last one too, for nginx to take it back.
                time.sleep(3)
            # A read is two statements, a send is one: there were at least half as many requests.
            while (server.executed_statements() - statements) / 2 < options.requests and load.goes_on:
                time.sleep(1)
            result = load.stop()

    print(
        f"\n{plural(options.rounds, 'restart')} of {options.instances} instances, {min(durations):.1f} to "
        f"{max(durations):.1f} s each\n{result['requests']:,} requests, {result['errors']} failed: "
        f"{result['refused']} not 200, {result['broken']} broken connections, {result['late']} not within 10 s"
    )
    figures = {
        "clients": options.clients, "instances": options.instances, "restart_seconds": durations,
        "requests": result["requests"], "failed": result["errors"], "not_200": result["refused"],
        "broken": result["broken"], "late": result["late"], "p99_ms": result["p99_us"] / 1000,
        "slowest_ms": result["max_us"] / 1000,
    }
    complaints = [f"{plural(result['errors'], 'request')} failed"] if result["errors"] else []
    if result["requests"] < options.requests:
        complaints.append(f"there were {result['requests']:,} requests, and not the {options.requests:,} asked for")
    return figures, complaints


def _restart(stack: Stack, options: argparse.Namespace) -> float:
    """SIGHUP to scripts/run; the seconds until all instances are new processes that answer."""
    before = {name: stack.pid_of(name) for name in stack.instances}
    began = time.monotonic()
    stack.send_signal(signal.SIGHUP)
    await_new(stack, before, _longest_restart(options), "all instances are restarted")
    return time.monotonic() - began


def _longest_restart(options: argparse.Namespace) -> int:
    """In seconds: 30 to stop and 60 to get ready, for each, and some more."""
    return 100 * options.instances
