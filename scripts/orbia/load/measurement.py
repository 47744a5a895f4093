"""The measurement of scripts/load: each endpoint with a number of instances, and a table of all figures."""

import argparse
from collections.abc import Sequence

from orbia.figures import plural
from orbia.load.dataset import BUSIEST_USER, make_dataset, write_requests, write_requests_of
from orbia.load.wrk import drive
from orbia.processes import cpu_times, resident_memory
from orbia.stack import Stack
from orbia.stack_options import stack_of
from orbia.terminal import fail, say

ENDPOINTS = [
    "get_messages", "send_message", "get_conversations", "get_conversation", "mark_read",
    "get_conversations_20000", "send_message_one", "mix",
]
# That send_message_one sends to.
ONE_CONVERSATION = 7


def measure_all(instances: int, options: argparse.Namespace) -> list[dict]:
    """The figures of each endpoint, on a stack of so many instances."""
    endpoints = options.endpoint or ENDPOINTS
    results = []
    with stack_of(options, instances=instances) as stack:
        make_dataset(stack)
        everybody = write_requests(stack)
        others = {
            "get_conversations_20000": ("get_conversations", write_requests(stack, BUSIEST_USER)),
            "send_message_one": ("send_message", write_requests_of(stack, ONE_CONVERSATION)),
        }
        for number, endpoint in enumerate(endpoints, 1):
            say(f"{endpoint} with {plural(instances, 'instance')}: {options.seconds} s with {options.clients} clients "
                f"({number} of {len(endpoints)})")
            kind, requests = others.get(endpoint, (endpoint, everybody))
            load = (kind, stack.http_url, requests, options.clients)
            drive(*load, seconds=2)  # warms caches and statements
            results.append({"endpoint": endpoint, "instances": instances, **_measure(stack, load, options.seconds)})
    return results


def _measure(stack: Stack, load: tuple, seconds: int) -> dict:
    pids, server = _pids(stack), stack.server()
    cpu, statements = _cpu_seconds(pids), server.executed_statements()
    result = drive(*load, seconds=seconds)
    if _pids(stack) != pids:
        fail(f"an instance of the service died under load; its log is in {stack.directory}/log.")
    cpu, statements = _cpu_seconds(pids) - cpu, server.executed_statements() - statements
    requests = max(result["requests"], 1)
    return {
        "requests_per_second": round(requests / result["seconds"]),
        "p50_ms": round(result["p50_us"] / 1000, 2),
        "p99_ms": round(result["p99_us"] / 1000, 2),
        "errors": result["errors"],
        "cpu_us_per_request": round(1e6 * cpu / requests, 1),
        "statements_per_request": round(statements / requests, 2),
        "memory_mb": round(sum(map(resident_memory, pids)) / 2**20, 1),
    }


def _pids(stack: Stack) -> list:
    return [stack.find_pid(name) for name in stack.instances]


def _cpu_seconds(pids: Sequence[int]) -> float:
    return sum(sum(cpu_times(pid)) for pid in pids)


def print_table(results: Sequence[dict], compared: bool) -> None:
    """A row for each endpoint and number of instances; `compared`, with the rate's ratio to the first number's."""
    print(
        f"\n{'endpoint':<24}{'instances':>9}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}{'CPU µs':>9}"
        f"{'stmts':>7}{'MB':>8}{'   ratio' if compared else ''}"
    )
    for endpoint in dict.fromkeys(result["endpoint"] for result in results):
        rows = [result for result in results if result["endpoint"] == endpoint]
        for r in rows:
            ratio = f"{r['requests_per_second'] / rows[0]['requests_per_second']:>8.2f}" if compared else ""
            print(
                f"{endpoint:<24}{r['instances']:>9}{r['requests_per_second']:>8}{r['p50_ms']:>9.2f}{r['p99_ms']:>9.2f}"
                f"{r['errors']:>8}{r['cpu_us_per_request']:>9.1f}{r['statements_per_request']:>7.2f}"
                f"{r['memory_mb']:>8.1f}{ratio}"
            )
