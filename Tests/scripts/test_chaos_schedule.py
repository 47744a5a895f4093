"""When scripts/chaos kills what, and what each kill is held to have cost."""

import itertools
from collections import Counter
from random import Random

import pytest

from orbia.chaos.schedule import longest_gaps, schedule

KINDS = ["instance", "database", "connections"]


@pytest.mark.parametrize("number", [1, 3, 7, 30])
def test_each_kind_comes_up_as_often_as_the_others(number):
    counts = Counter(kind for _, kind in schedule(Random(1), KINDS, number, 60))
    assert counts.total() == number
    assert max(counts.values()) - min(counts[kind] for kind in KINDS) <= 1


def test_kills_are_spread_over_the_seconds():
    times = [due for due, _ in schedule(Random(1), KINDS, 20, 60)]
    gaps = [b - a for a, b in itertools.pairwise([0, *times, 60])]
    assert min(gaps) > 0 and max(gaps) <= 3 * min(gaps)


def test_a_seed_gives_the_same_schedule_again():
    assert schedule(Random(5), KINDS, 10, 60) == schedule(Random(5), KINDS, 10, 60)
    assert schedule(Random(5), KINDS, 10, 60) != schedule(Random(6), KINDS, 10, 60)


@pytest.mark.parametrize("events, successes, gaps", [
    ([10], [9.9, 10.5, 10.6], [0.5]),
    ([10], [9.0], [None]),
    ([10, 20], [9.9, 12, 19.9, 20.1], [pytest.approx(7.9), pytest.approx(0.1)]),
    ([10, 20], [9.9, 12, 26, 26.5], [14, 6]),
    ([10, 20], [19.9, 26], [pytest.approx(9.9), 6]),
], ids=["one", "no success after it", "each has its own", "one that was there before the next event is whole",
        "one that began with the next event is not"])
def test_the_longest_time_without_a_success_after_each_kill(events, successes, gaps):
    assert longest_gaps(events, successes) == gaps
