"""What scripts/resilience complains of, and how long it says that nothing succeeded."""

import time

import pytest

from orbia.repeated_calls import RepeatedCalls
from orbia.resilience import locks, overload

GOOD = {"statuses": {"200": 90, "503": 10}, "slowest_s": 2.0, "without_retry_after": 0, "broken": 0, "errors_beside": 0}


@pytest.mark.parametrize("change, complaint", [
    ({"statuses": {"200": 90, "503": 9, "502": 1}}, "1 answers were neither 200 nor 503"),
    ({"without_retry_after": 2}, "2 answers of 503 had no Retry-After"),
    ({"broken": 3}, "3 connections broke"),
    ({"errors_beside": 4}, "4 answers were not 200 before or after the overload"),
    ({"slowest_s": 5.5}, "the slowest answer took 5.50 s, and 5 s is the limit"),
])
def test_one_bad_round_of_an_overload_is_complained_of(change, complaint):
    assert overload.complaints_of([GOOD, GOOD], 5) == []
    assert overload.complaints_of([GOOD, {**GOOD, **change}], 5) == [complaint]


def test_without_a_refusal_there_was_no_overload():
    free = {**GOOD, "statuses": {"200": 100}}
    assert overload.complaints_of([free, GOOD], 5) == []
    assert overload.complaints_of([free, free], 5) == ["nothing was refused: that was no overload"]


@pytest.mark.parametrize("refused, is_fine", [(0, True), (2, True), (3, False)])
def test_one_in_a_hundred_reads_may_be_refused_while_writes_are_blocked(refused, is_fine):
    runs = {name: [{"reads": 100, "reads_refused": 0}] * 2 for name in locks.BLOCKADES}
    runs["backup"] = [{"reads": 100, "reads_refused": refused}, {"reads": 100, "reads_refused": 0}]
    complaints = locks.complaints_of(runs)
    assert complaints == ([] if is_fine else [f"{refused} of 200 reads were refused with this in the way: backup"])


def test_calls_are_counted_by_kind_and_time():
    answers = {"send 1": iter([True, False, False]), "read 1": iter([True, True, True])}
    with RepeatedCalls({name: lambda each=each: next(each, True) for name, each in answers.items()}) as calls:
        while calls.counts("send")[1] < 3:
            time.sleep(0.01)
    failed, _ = calls.counts("send")
    assert failed == 2 and calls.counts("read")[0] == 0
    assert calls.counts("send", time.monotonic()) == (0, 0)


def test_a_gap_reaches_to_the_end_where_nothing_succeeds():
    with RepeatedCalls({"send": lambda: False, "read": lambda: True}, pause=0.005) as calls:
        time.sleep(0.3)
    assert calls.longest_gap("send") >= 0.3 > calls.longest_gap("read")
