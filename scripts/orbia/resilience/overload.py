"""scripts/resilience overload: more clients than the workers can serve."""

import argparse
import statistics
from collections.abc import Sequence

from orbia.load.dataset import BUSIEST_USER, make_dataset, write_requests
from orbia.load.wrk import drive, rate_of
from orbia.stack_options import count, stack_of
from orbia.terminal import fail, say

# Fewer than nginx and an instance of the service can hold at a time.
MOST_CLIENTS = 1800
# Before and after the overload.
USUAL_CLIENTS = 32
QUEUE_AGE, DEADLINE = 1, 3
SETTINGS = {"ORBIA_QUEUE_AGE": f"{QUEUE_AGE}s", "ORBIA_DEADLINE": f"{DEADLINE}s"}

SUMMARY = "more clients than the workers can serve"
DESCRIPTION = (
    "Measures how many of the largest pages of the longest list the workers give in a second to 32 clients, then "
    f"has four times that many clients ask at once, {MOST_CLIENTS} at most, each asking again as soon as it is "
    "answered, whatever Retry-After says, and then 32 again. Prints the answers by status, the slowest, and the "
    "rate right afterwards against the rate before. Lost: any answer that is not 200, or 503 with Retry-After; any "
    f"that comes later than queue age ({QUEUE_AGE} s), deadline ({DEADLINE} s) and --tolerance together."
)


def add_options(command: argparse.ArgumentParser) -> None:
    command.set_defaults(workers=2)
    command.add_argument("--rounds", type=count, default=3, help="overloads, each between two measurements of the rate")
    command.add_argument("--seconds", type=count, default=10, help="seconds of each overload and each measurement")
    command.add_argument(
        "--tolerance", type=float, default=1.0, help="seconds for the way through client, nginx and a busy machine"
    )


def measure(options: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures and the complaints."""
    rounds = []
    if options.seconds <= latest(options):
        fail(f"--seconds must be above {latest(options):g}: an answer can be as late as that.")
    with stack_of(options, settings=SETTINGS) as stack:
        make_dataset(stack)
        load = ("largest_page", stack.http_url, write_requests(stack, BUSIEST_USER))
        drive(*load, clients=USUAL_CLIENTS, seconds=5)  # warms caches and statements
        for number in range(1, options.rounds + 1):
            say(f"round {number} of {options.rounds}: {options.seconds} s each before, in and after the overload")
            before = drive(*load, clients=USUAL_CLIENTS, seconds=options.seconds)
            clients = min(round(4 * rate_of(before)), MOST_CLIENTS)
            overload = drive(*load, clients=clients, seconds=options.seconds, count_statuses=True)
            after = drive(*load, clients=USUAL_CLIENTS, seconds=options.seconds)
            rounds.append({
                "rate_before": round(rate_of(before), 1),
                "clients": clients,
                "statuses": overload["statuses"],
                "rate_of_200": round(overload["statuses"].get("200", 0) / overload["seconds"], 1),
                "slowest_s": round(overload["max_us"] / 1e6, 3),
                "p99_s": round(overload["p99_us"] / 1e6, 3),
                "without_retry_after": overload["without_retry_after"],
                "broken": overload["broken"],
                "late": overload["late"],
                "rate_after": round(rate_of(after), 1),
                "errors_beside": before["errors"] + after["errors"],
            })
    ratio = statistics.median(each["rate_after"] / each["rate_before"] for each in rounds)
    _print(rounds, ratio)
    figures = {
        "clients": USUAL_CLIENTS, "queue_age_s": QUEUE_AGE, "deadline_s": DEADLINE, "tolerance_s": options.tolerance,
        "rate_ratio": round(ratio, 3), "rounds": rounds,
    }
    return figures, complaints_of(rounds, latest(options))


def _print(rounds: Sequence[dict], ratio: float) -> None:
    print(
        f"\n{'before':>8}{'clients':>9}{'200s':>9}{'503s':>9}{'others':>8}{'200s/s':>8}{'slowest s':>11}{'after':>8}"
        f"{'after/before':>14}"
    )
    for each in rounds:
        statuses = each["statuses"]
        print(
            f"{each['rate_before']:>8.0f}{each['clients']:>9}{statuses.get('200', 0):>9}{statuses.get('503', 0):>9}"
            f"{others(each):>8}{each['rate_of_200']:>8.0f}{each['slowest_s']:>11.2f}{each['rate_after']:>8.0f}"
            f"{each['rate_after'] / each['rate_before']:>14.2f}"
        )
    print(f"rate after / before, median: {ratio:.2f}")


def others(each: dict) -> int:
    """The answers that are neither 200 nor 503."""
    return sum(number for status, number in each["statuses"].items() if status not in ("200", "503"))


def latest(options: argparse.Namespace) -> float:
    """The seconds after which no answer may come any more."""
    return QUEUE_AGE + DEADLINE + options.tolerance


def complaints_of(rounds: Sequence[dict], limit: float) -> list[str]:
    """`limit` is `latest`."""
    complaints = []
    slowest = max(each["slowest_s"] for each in rounds)
    counts = {
        "answers were neither 200 nor 503": sum(map(others, rounds)),
        "answers of 503 had no Retry-After": sum(each["without_retry_after"] for each in rounds),
        "connections broke": sum(each["broken"] for each in rounds),
        "answers were not 200 before or after the overload": sum(each["errors_beside"] for each in rounds),
    }
    for what, number in counts.items():
        if number:
            complaints.append(f"{number:,} {what}")
    if slowest > limit:
        complaints.append(f"the slowest answer took {slowest:.2f} s, and {limit:g} s is the limit")
    if not any("503" in each["statuses"] for each in rounds):
        complaints.append("nothing was refused: that was no overload")
    return complaints
