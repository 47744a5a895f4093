"""The processor time of the service and of its twin, in turn under the same load."""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path

from orbia.load.wrk import drive, rate_of
from orbia.processes import cpu_times, resident_memory
from orbia.stack import Stack
from orbia.terminal import fail
from orbia.twin.subjects import Subject


def measure(endpoint: str, stack: Stack, subjects: Sequence[Subject], requests_file: Path,
            options: argparse.Namespace) -> dict[str, list[dict]]:
    """The runs of each subject by its name, in the order of the rounds."""
    for subject in subjects:
        subject.take_over()
        drive(endpoint, stack.http_url, requests_file, options.clients, 2)  # warms caches and statements
    runs = {subject.name: [] for subject in subjects}
    for _ in range(options.rounds):
        for subject in subjects:
            subject.take_over()
            runs[subject.name].append(_measure_once(endpoint, stack, subject, requests_file, options))
    return runs


def _measure_once(endpoint: str, stack: Stack, subject: Subject, requests_file: Path,
                  options: argparse.Namespace) -> dict:
    before = cpu_times(subject.pid)
    result = drive(endpoint, stack.http_url, requests_file, options.clients, options.seconds)
    after = cpu_times(subject.pid)
    if result["errors"] or not result["requests"]:
        fail(f"{result['errors']} answers of the {subject.name} were not 200; figures would say nothing.")
    user, system = (1e6 * (b - a) / result["requests"] for a, b in zip(before, after))
    return {
        "cpu": user + system,
        "user": user,
        "system": system,
        "rate": rate_of(result),
        "memory": resident_memory(subject.pid) / 2**20,
    }


def print_comparison(endpoint: str, runs: dict[str, list[dict]]) -> None:
    print(f"\n{endpoint:<14}{'CPU µs a request':>22}{'user':>14}{'system':>16}{'req/s':>12}{'MB':>8}")
    for name, of_subject in runs.items():
        figures = {key: [run[key] for run in of_subject] for key in of_subject[0]}
        print(
            f"  {name:<12}{_spread(figures['cpu']):>22}{statistics.median(figures['user']):>14.1f}"
            f"{statistics.median(figures['system']):>16.1f}{statistics.median(figures['rate']):>12.0f}"
            f"{max(figures['memory']):>8.1f}"
        )
    ratio = {key: [run[key] for run in runs["service"]] for key in ("cpu", "user", "system", "rate")}
    for key, values in ratio.items():
        ratio[key] = statistics.median(values) / statistics.median(run[key] for run in runs["twin"])
    pairs = (f"{ours['cpu'] / theirs['cpu']:.2f}" for ours, theirs in zip(runs["service"], runs["twin"]))
    print(
        f"  {'service/twin':<12}{ratio['cpu']:>22.2f}{ratio['user']:>14.2f}{ratio['system']:>16.2f}"
        f"{ratio['rate']:>12.2f}\n  pair by pair: {' '.join(pairs)}",
        flush=True,
    )


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
