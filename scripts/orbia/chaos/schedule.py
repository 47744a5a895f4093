"""Which kill comes when, and what each cost: without a stack."""

from collections.abc import Sequence
from random import Random

# Longer than it is from one success to the next where nothing is wrong, in seconds.
JUST_BEFORE = 0.2


def schedule(random: Random, kinds: Sequence[str], number: int, seconds: float) -> list[tuple[float, str]]:
    """When each kill is due, in seconds after the beginning, and its kind.

    Each kind comes up as often as the others, in an order of its own.
    """
    return list(zip(_times(random, number, seconds), _kinds(random, kinds, number)))


def _times(random: Random, number: int, seconds: float) -> list[float]:
    """Between 0 and `seconds`, with gaps of which none is more than three times another one."""
    gaps = [random.uniform(0.5, 1.5) for _ in range(number + 1)]
    ends = [sum(gaps[: position + 1]) for position in range(number)]
    return [seconds * end / sum(gaps) for end in ends]


def _kinds(random: Random, kinds: Sequence[str], number: int) -> list[str]:
    drawn = []
    while len(drawn) < number:
        drawn += random.sample(kinds, len(kinds))
    return drawn[:number]


def longest_gaps(events: Sequence[float], successes: Sequence[float]) -> list[float | None]:
    """For each of the events' times, the longest time without a success until the next event, in seconds.

    One that goes on beyond the next event is this one's, whole, where it was there before: not only since
    the last success before it.
    """
    gaps = []
    for event, following in zip(events, [*events[1:], float("inf")]):
        points = [event, *(success for success in successes if success > event)]
        between = [(a, b) for a, b in zip(points, points[1:]) if b <= following or a + JUST_BEFORE < following]
        gaps.append(max((b - a for a, b in between), default=None))
    return gaps
