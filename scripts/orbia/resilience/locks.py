"""scripts/resilience locks: writes that are blocked, and the reads beside them."""

import argparse
import statistics
from pathlib import Path

from orbia.load.dataset import make_dataset, write_requests, write_requests_of
from orbia.load.wrk import Load, drive
from orbia.stack import Stack
from orbia.stack_options import count, stack_of
from orbia.terminal import say

LOCKED_CONVERSATION = 7
# The statements of another session, which lasts as long as the run.
BLOCKADES = {
    "nothing": [],
    "row lock": ["BEGIN", f"SELECT id FROM orbia_conversation WHERE id = {LOCKED_CONVERSATION} FOR UPDATE"],
    "backup": ["FLUSH TABLES WITH READ LOCK"],
}

SUMMARY = "writes that are blocked"
DESCRIPTION = (
    "Has 16 clients send to one conversation, and 4 read others, for some seconds each: with nothing in the way; "
    "with the conversation's row locked by somebody else; with all tables locked for a backup (FLUSH TABLES WITH "
    "READ LOCK). Prints the readers' rate, what they were refused, and the writers' answers. Lost: more than one "
    "in a hundred of the reads."
)


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--writers", type=count, default=16, help="clients that send")
    command.add_argument("--readers", type=count, default=4, help="clients that read")
    command.add_argument("--rounds", type=count, default=5, help="runs of each kind")
    command.add_argument("--seconds", type=count, default=8, help="seconds for each run")


def measure(options: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures and the complaints."""
    runs = {name: [] for name in BLOCKADES}
    with stack_of(options) as stack:
        make_dataset(stack)
        reads, writes = write_requests(stack), write_requests_of(stack, LOCKED_CONVERSATION)
        drive("get_messages", stack.http_url, reads, options.readers, seconds=2)  # warms caches and statements
        for number in range(1, options.rounds + 1):
            say(f"round {number} of {options.rounds}: {options.seconds} s each with {', '.join(BLOCKADES)} in the way")
            for name, statements in BLOCKADES.items():
                with stack.server().session(*statements):
                    runs[name].append(_run(stack, reads, writes, options))

    _print(runs)
    figures = {"writers": options.writers, "readers": options.readers, "runs": runs}
    return figures, complaints_of(runs)


def _print(runs: dict[str, list[dict]]) -> None:
    free = statistics.median(run["reads_per_second"] for run in runs["nothing"])
    print(f"\n{'in the way':<12}{'reads/s, median':>17}{'ratio':>8}{'refused':>9}{'p99 ms':>9}   reads/s of each round")
    for name in BLOCKADES:
        rate, p99 = (statistics.median(run[key] for run in runs[name]) for key in ("reads_per_second", "reads_p99_ms"))
        refused = sum(run["reads_refused"] for run in runs[name]) / sum(run["reads"] for run in runs[name])
        each = " ".join(f"{run['reads_per_second']:.0f}" for run in runs[name])
        print(f"{name:<12}{rate:>17.0f}{rate / free:>8.2f}{refused:>9.2%}{p99:>9.1f}   {each}")


def complaints_of(runs: dict[str, list[dict]]) -> list[str]:
    """`runs` by their blockade."""
    refused = {name: sum(run["reads_refused"] for run in runs[name]) for name in BLOCKADES}
    total = {name: sum(run["reads"] for run in runs[name]) for name in BLOCKADES}
    return [
        f"{refused[name]:,} of {total[name]:,} reads were refused with this in the way: {name}"
        for name in BLOCKADES
        if refused[name] > total[name] / 100
    ]


def _run(stack: Stack, reads: Path, writes: Path, options: argparse.Namespace) -> dict:
    with Load("send_message", stack.http_url, writes, options.writers, options.seconds, count_statuses=True) as sending:
        read = drive("get_messages", stack.http_url, reads, options.readers, options.seconds, count_statuses=True)
        sent = sending.result()
    return {
        "reads": read["requests"], "reads_refused": read["requests"] - read["statuses"].get("200", 0),
        "reads_per_second": read["statuses"].get("200", 0) / read["seconds"],
        "reads_p99_ms": read["p99_us"] / 1000, "writes": sent["statuses"],
    }
