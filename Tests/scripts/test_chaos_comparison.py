"""What scripts/chaos takes for lost, doubled or miscounted."""

import dataclasses

import pytest

from orbia.chaos import tampering
from orbia.chaos.comparison import KINDS, compare
from orbia.chaos.example import example
from orbia.chaos.records import Answer, Records, Row, Send, State
from orbia.chaos.wakes import MARGIN, deliveries, missed_wakes

ANSWER = ("MSG_1", 1001)


def compare_one(send, *rows) -> dict:
    """How much of what is wrong, where one message was sent and these rows are there."""
    found = compare(Records(sends=[send]), [State({1: list(rows)}, {})], ids_in_order=True)
    return {kind: len(examples) for kind, examples in found.items() if examples}


def send(number=1, key="key", answer=ANSWER) -> Send:
    return Send(1, 11, number, key, answer)


def row(id=1, answer=ANSWER, key="key", content="11/1/1") -> Row:
    return Row(id, *answer, 11, key, content)


def test_a_run_in_which_nothing_went_wrong():
    assert compare(*example(), True) == {kind: [] for kind in KINDS}


def test_each_tampering_with_it_is_noticed():
    assert tampering.blind_spots(*example(), True) == []


def test_a_tampering_leaves_nothing_behind():
    records, states = example()
    tampering.blind_spots(records, states, True)
    assert (records, states) == example()


@pytest.mark.parametrize("sent, rows, wrong", [
    (send(), [row()], {}),
    (send(), [], {"lost": 1}),
    (send(), [row(), row(2, ("MSG_2", 1002))], {"doubled": 1, "out_of_order": 1}),
    (send(), [row(answer=("MSG_2", 1001))], {"changed": 1}),
    (send(), [row(key="other")], {"changed": 1}),
    (send(), [row(), row(2, ("MSG_2", 1002), content="12/1/1")], {"unknown": 1}),
    (send(answer=None), [], {}),
    (send(answer=None), [row()], {}),
    (send(answer=None), [row(), row(2, ("MSG_2", 1002))], {"doubled": 1, "out_of_order": 1}),
    (send(key=None), [row(key="of the service")], {}),
], ids=["there", "not there", "twice", "another id", "another key", "of nobody", "not acknowledged, not there",
        "not acknowledged, there", "not acknowledged, twice", "without a key"])
def test_an_acknowledged_message_is_there_once_as_it_was_acknowledged(sent, rows, wrong):
    assert compare_one(sent, *rows) == wrong


def test_only_one_servers_ids_have_to_grow_with_the_time():
    first, second = send(1), send(2, answer=("MSG_2", 1002))
    rows = [row(5), row(3, second.answer, content=second.content)]
    records = Records(sends=[first, second])
    assert compare(records, [State({1: rows}, {})], True)["out_of_order"]
    assert not compare(records, [State({1: rows}, {})], False)["out_of_order"]


def test_a_message_that_nobody_waited_for_may_come_late():
    late, next_one = send(1, key=None, answer=None), send(2, answer=("MSG_2", 1001))
    rows = [row(1, next_one.answer, content=next_one.content), row(2, ("MSG_1", 1002), content=late.content)]
    assert not any(compare(Records(sends=[late, next_one]), [State({1: rows}, {})], True).values())


def test_nodes_that_differ():
    records, states = example()
    states[2] = dataclasses.replace(states[2], members={})
    assert len(compare(records, states, True)["nodes_differ"]) == len(states[0].members)


def waited(*answers, others=()) -> Records:
    """A message that was acknowledged at 10, who waited for it, and when other messages were acknowledged."""
    sends = [Send(1, 11, 1, "key", ANSWER, acknowledged_at=10.0)]
    sends += [Send(2, 11, number, "key", ANSWER, acknowledged_at=at) for number, at in enumerate(others)]
    return Records(sends=sends, waits={(12, 1): list(answers)})


STEADILY = [10 + second / 2 for second in range(60)]
BEFORE, TOLD = ANSWER[1] - 1, ANSWER[1]


@pytest.mark.parametrize("answers, missed", [
    ([], 0),
    ([Answer(10.01, TOLD)], 0),
    ([Answer(9.0, BEFORE), Answer(10 + MARGIN - 1, BEFORE), Answer(20, TOLD)], 0),
    ([Answer(9.0, BEFORE), Answer(10 + MARGIN + 1, BEFORE), Answer(20, TOLD)], 1),
    ([Answer(10 + MARGIN + 1, BEFORE, has_more=True), Answer(20, TOLD)], 0),
    ([Answer(25, TOLD)], 0),
], ids=["nobody waits", "told at once", "told by the next wait", "not told by the wait", "more than an answer holds",
        "told late, by the wait that ran"])
def test_a_wait_that_ends_long_behind_a_message_tells_it(answers, missed):
    assert len(missed_wakes(waited(*answers, others=STEADILY))) == missed


@pytest.mark.parametrize("others, missed", [(STEADILY, 1), ([10.5, 17.5, 18], 0), ([10.5, 13, 13.5, 19], 0)])
def test_while_no_send_succeeds_nobody_has_to_be_told(others, missed):
    assert len(missed_wakes(waited(Answer(18.0, BEFORE), others=others))) == missed


def test_the_time_to_a_waiting_client_begins_with_the_acknowledgement():
    def seconds(*answers) -> list[float]:
        return [each.seconds for each in deliveries(waited(*answers))]

    assert seconds(Answer(9.0, BEFORE), Answer(10.25, TOLD), Answer(11.0, TOLD)) == [0.25]
    assert seconds(Answer(9.99, TOLD)) == [0.0]
    assert seconds(Answer(9.0, BEFORE)) == []


@pytest.mark.parametrize("told, wrong", [
    ([1001], 0), ([1001, 1001], 0), ([1001] * 4, 0), ([1001] * 5, 1), ([], 1), ([1000], 1),
])
def test_a_list_that_is_kept_by_its_changes_shows_the_newest_message(told, wrong):
    lists = {12: [(1, created_at, f"as of {created_at}") for created_at in told]}
    records = Records(listed={(12, 1): 1}, totals={12: 1}, lists=lists)
    found = compare(records, [State({1: [row()]}, {(12, 1): (1, None)})], True)
    assert len(found["wrong_lists"]) == wrong
