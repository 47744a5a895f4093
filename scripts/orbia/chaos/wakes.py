"""Whether clients that waited were told of each message in time: without a stack."""

import bisect
import collections
import dataclasses
import itertools

from orbia.chaos.records import Records, Send

# Seconds that a wake may take, where sends succeed meanwhile.
MARGIN = 5.0
# Without a send that succeeds for so many seconds the database is taken to be out.
OUTAGE = 1.0


def missed_wakes(records: Records) -> list[str]:
    """The messages that an answer did not tell of which came more than the margin behind their acknowledgement.

    Time in which no send succeeded does not count: nobody could be told then. Neither do answers that say that there is
    more than they hold.
    """
    outages, sends = outages_of(records), acknowledged_sends(records)
    missed = []
    for (user, conversation), answers in records.waits.items():
        times = [answer.at for answer in answers]
        for send in sends[conversation]:
            place = bisect.bisect(times, send.acknowledged_at + MARGIN)
            if place < len(times) and answers[place].newest >= send.answer[1]:
                continue
            while place < len(times) and working_time(send.acknowledged_at, times[place], outages) <= MARGIN:
                place += 1
            if place < len(times) and answers[place].newest < send.answer[1] and not answers[place].has_more:
                late = times[place] - send.acknowledged_at
                missed.append(f"user {user} was not told of {send.content} by an answer {late:.1f} s behind it")
    return missed


def acknowledged_sends(records: Records) -> dict[int, list[Send]]:
    """By conversation."""
    sends = collections.defaultdict(list)
    for send in records.sends:
        if send.answer is not None and send.acknowledged_at is not None:
            sends[send.conversation].append(send)
    return sends


def outages_of(records: Records) -> list[tuple[float, float]]:
    """From when to when no send succeeded."""
    successes = sorted(send.acknowledged_at for send in records.sends if send.acknowledged_at is not None)
    return [(a, b) for a, b in itertools.pairwise(successes) if b - a > OUTAGE]


def working_time(begin: float, end: float, outages: list[tuple[float, float]]) -> float:
    """The seconds between two times that were in no outage."""
    return end - begin - sum(max(0.0, min(end, b) - max(begin, a)) for a, b in outages)


@dataclasses.dataclass(frozen=True, order=True)
class Delivery:
    """Of a message to a client that waited, from the acknowledgement to the first answer that told of it."""

    seconds: float
    acknowledged_at: float
    user: int
    content: str


def deliveries(records: Records) -> list[Delivery]:
    """All of them, the quickest first."""
    found, sends = [], acknowledged_sends(records)
    for (user, conversation), answers in records.waits.items():
        newest = [answer.newest for answer in answers]
        for send in sends[conversation]:
            place = bisect.bisect_left(newest, send.answer[1])
            if place < len(answers):
                # An answer may come before the acknowledgement does.
                seconds = max(0.0, answers[place].at - send.acknowledged_at)
                found.append(Delivery(seconds, send.acknowledged_at, user, send.content))
    return sorted(found)
