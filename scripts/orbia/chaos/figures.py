"""The figures of scripts/chaos: counts, kills and what each cost, and what is wrong."""

import argparse
import collections
import statistics

from orbia.chaos.comparison import KINDS
from orbia.chaos.records import State
from orbia.chaos.run import Run
from orbia.chaos.schedule import longest_gaps
from orbia.chaos.wakes import deliveries
from orbia.figures import plural

# Of each kind of what is wrong, among the complaints.
EXAMPLES = 5


def complaints_of(found: dict[str, list[str]], run: Run, wanted: int) -> list[str]:
    """`wanted` is the least number of messages acknowledged."""
    complaints = []
    for kind, examples in found.items():
        if examples:
            complaints.append(f"{len(examples):,} {KINDS[kind]}:")
            complaints += [f"  {example}" for example in examples[:EXAMPLES]]
    if given_up := run.counts()["given_up"]:
        complaints.append(f"{plural(given_up, 'act')} could not be settled")
    if len(run.successes) < wanted:
        complaints.append(f"only {len(run.successes):,} messages were acknowledged")
    return complaints


def figures_of(options: argparse.Namespace, run: Run, state: State, found: dict[str, list[str]], events: list[dict],
               began: float, seconds: float) -> dict:
    """With the events' times after the beginning, and the longest time that each was felt."""
    successes = sorted(run.successes)
    gaps = longest_gaps([event["at"] for event in events], successes)
    for event, gap in zip(events, gaps):
        event["seconds_without_a_send"] = None if gap is None else round(gap, 3)
        event["at"] = round(event["at"] - began, 3)
    by_kind = collections.defaultdict(list)
    for event in events:
        if event["seconds_without_a_send"] is not None:
            by_kind[event["kind"]].append(event["seconds_without_a_send"])
    counts = run.counts()
    told = deliveries(run.records)
    return {
        "database": "galera" if options.galera else "one server",
        "seed": options.seed, "seconds": round(seconds, 1), "instances": options.instances, "workers": options.workers,
        "clients": options.clients, "readers": options.readers, "waiters": options.waiters,
        "conversations": options.conversations,
        "kills": len(events),
        "messages": counts["messages"], "acknowledged": counts["acknowledged"],
        "stored": sum(map(len, state.messages.values())),
        "duplicates_answered": counts["duplicates"], "repeated_on_purpose": counts["repeats"],
        "repeated_and_not_called_duplicate": counts["repeats_unmarked"],
        "recalls": counts["recalls"], "quotes": sum(each.reply_to is not None for each in run.records.sends),
        "polls": counts["polls"], "pages": counts["pages"], "marks": counts["marks"],
        "waits": counts["waits"], "wakes": counts["wakes"], "waits_refused": counts["waits_refused"],
        "lists_read_anew": counts["resets"], "seconds_to_a_waiting_client": shares_of([each.seconds for each in told]),
        "slowest_to_a_waiting_client": [
            {"at": round(each.acknowledged_at - began, 3), "seconds": round(each.seconds, 3), "user": each.user,
             "message": each.content}
            for each in reversed(told[-EXAMPLES:])
        ],
        "retries": counts["retries"], "given_up": counts["given_up"],
        "failed_attempts": {name: counts[name] for name in sorted(counts) if name.isdigit() or name == "broken"},
        "wrong": {kind: len(examples) for kind, examples in found.items()},
        "seconds_without_a_send": {
            kind: {"kills": len(each), "median": statistics.median(each), "longest": max(each)}
            for kind, each in by_kind.items()
        },
        "events": events,
    }


def shares_of(ordered: list[float]) -> dict[str, float]:
    """The median and others of numbers in their order; 0 where there are none."""
    def at(share: float) -> float:
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 4) if ordered else 0.0

    return {"median": at(0.5), "99th percentile": at(0.99), "longest": at(1)}


def print_figures(figures: dict) -> None:
    failed = ", ".join(f"{number:,} × {name}" for name, number in figures["failed_attempts"].items()) or "none"
    told = figures["seconds_to_a_waiting_client"]
    print(
        f"\nseed {figures['seed']}, {figures['database']}, {figures['seconds']:.0f} s, "
        f"{plural(figures['kills'], 'kill')}\n"
        f"messages: {figures['messages']:,} sent, {figures['acknowledged']:,} acknowledged, "
        f"{figures['stored']:,} stored; {figures['duplicates_answered']:,} retries and "
        f"{figures['repeated_on_purpose']:,} intended repeats were answered as duplicates\n"
        f"{figures['quotes']:,} of them quote another one; {figures['recalls']:,} recalls\n"
        f"reading: {figures['polls']:,} polls, {figures['pages']:,} pages, {figures['marks']:,} marks\n"
        f"waiting: {figures['waits']:,} answers, {figures['wakes']:,} with news, {figures['waits_refused']:,} without "
        f"a wait; a message was told after {told['median']:.3f} s, {told['99th percentile']:.3f} s at the 99th "
        f"percentile, {told['longest']:.3f} s at the most\n"
        f"attempts that failed: {failed}; {figures['retries']:,} were repeated, {figures['given_up']:,} given up"
    )
    print(f"\n{'kind of kill':<20}{'kills':>6}{'s without a send, median':>26}{'longest':>10}")
    for kind, each in figures["seconds_without_a_send"].items():
        print(f"{kind:<20}{each['kills']:>6}{each['median']:>26.2f}{each['longest']:>10.2f}")
    wrong = ", ".join(f"{kind.replace('_', ' ')}: {number}" for kind, number in figures["wrong"].items())
    print(f"\n{wrong}", flush=True)
