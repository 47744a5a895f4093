"""scripts/resilience idle: many idle connections beside a few busy ones."""

import argparse
import contextlib
import statistics
from collections.abc import Iterator

from orbia.fastcgi.peer import Peer
from orbia.figures import plural
from orbia.load.dataset import make_dataset, write_requests
from orbia.load.wrk import drive, rate_of
from orbia.processes import resident_memory
from orbia.resilience.instances import REQUEST, answers
from orbia.stack import Stack
from orbia.stack_options import count, stack_of
from orbia.terminal import say

SUMMARY = "many idle connections beside a few busy ones"
DESCRIPTION = (
    "Measures the p99 of get_messages through nginx, in turn without and with many idle FastCGI connections to "
    "the same instance, each of which has had one request answered and is kept. Prints the two medians, their "
    "ratio and the instance's memory. Lost: any answer that is not 200, and any idle connection that is closed, "
    "or does not get an answer, when its round is over."
)


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--clients", type=count, default=32, help="busy connections")
    command.add_argument("--idle", type=count, default=2000, help="idle connections")
    command.add_argument("--rounds", type=count, default=5, help="runs without and with them")
    command.add_argument("--seconds", type=count, default=8, help="seconds for each run")


def measure(options: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures and the complaints."""
    runs = {"without": [], "with": []}
    with stack_of(options) as stack:
        make_dataset(stack)
        load = ("get_messages", stack.http_url, write_requests(stack), options.clients)
        drive(*load, seconds=2)  # warms caches and statements
        for number in range(1, options.rounds + 1):
            say(f"round {number} of {options.rounds}: {options.seconds} s without idle connections, and with")
            runs["without"].append(_run(stack, load, 0, options))
            runs["with"].append(_run(stack, load, options.idle, options))

    p99 = {name: statistics.median(run["p99_ms"] for run in runs[name]) for name in runs}
    memory = {name: max(run["memory_mb"] for run in runs[name]) for name in runs}
    ratio = p99["with"] / p99["without"]
    errors = sum(run["errors"] for run in runs["without"] + runs["with"])
    lost = sum(run["idle_lost"] for run in runs["with"])
    print(f"\n{'idle connections':>18}{'p99 ms, median':>17}{'p50 ms':>9}{'req/s':>8}{'MB':>8}   p99 of each round")
    for name, idle in (("without", 0), ("with", options.idle)):
        p50, rate = (statistics.median(run[key] for run in runs[name]) for key in ("p50_ms", "requests_per_second"))
        each = " ".join(f"{run['p99_ms']:.1f}" for run in runs[name])
        print(f"{idle:>18,}{p99[name]:>17.2f}{p50:>9.2f}{rate:>8.0f}{memory[name]:>8.1f}   {each}")
    print(f"p99 with them / without: {ratio:.2f}; errors: {errors}; idle connections lost: {lost}", flush=True)

    figures = {
        "clients": options.clients, "idle": options.idle, "p99_ms": p99, "p99_ratio": round(ratio, 3),
        "memory_mb": memory, "errors": errors, "idle_lost": lost, "runs": runs,
    }
    complaints = [f"{plural(errors, 'answer')} was not 200"] if errors else []
    return figures, complaints + ([f"{plural(lost, 'idle connection')} did not outlive the load"] if lost else [])


def _run(stack: Stack, load: tuple, idle: int, options: argparse.Namespace) -> dict:
    with _idle_connections(stack, idle) as connections:
        result = drive(*load, seconds=options.seconds)
        memory = resident_memory(stack.pid_of("service-1")) / 2**20
        lost = sum(not (connection.is_open and answers(connection)) for connection in connections)
    return {
        "p50_ms": result["p50_us"] / 1000,
        "p99_ms": result["p99_us"] / 1000,
        "requests_per_second": rate_of(result),
        "errors": result["errors"],
        "memory_mb": round(memory, 1),
        "idle_lost": lost,
    }


@contextlib.contextmanager
def _idle_connections(stack: Stack, number: int) -> Iterator[list[Peer]]:
    """That many of them, each of which has had one request answered."""
    with contextlib.ExitStack() as connections:
        peers = []
        for _ in range(number):
            peers.append(connections.enter_context(Peer(stack.socket_of("service-1"))))
            peers[-1].ask(REQUEST)
        yield peers
