"""What scripts/load --waiters makes of the generator's events: delivered, missed, doubled, and when."""

import pytest

from orbia.load.delivery import Events, account, percentile, rates
from orbia.load.waiters_dataset import Client

# Conversation 1 is of the users 11 and 12, 2 of 11 and 13, whom nobody looks in for.
MEMBERS = {1: (11, 12), 2: (11, 13)}
# User 11 has conversation 2 open, user 12 shows conversation 1 alone.
CLIENTS = [Client(user=11, open=2, has_list=True), Client(user=12, open=1, has_list=False)]


def events(*lines):
    read = Events()
    read.read(lines)
    return read


def delivery(*lines):
    return account(events(*lines), CLIENTS, MEMBERS.__getitem__)


def sent(conversation, created_at, began=1_000, answered=2_000):
    return f"sent {answered} {conversation} {created_at} MSG_{created_at} {began}"


def test_each_client_of_a_member_is_told_once():
    found = delivery(sent(1, 70), "list 5000 0 1 70 60", "message 9000 1 1 70 MSG_70")
    assert (found.expected, found.missed, found.doubled) == (2, 0, 0)
    assert found.after_acknowledgement == [3.0, 7.0]
    assert found.after_beginning == [4.0, 8.0]


def test_a_receipt_before_the_senders_answer_counts_as_it_is():
    assert delivery(sent(2, 70), "message 1500 0 2 70 MSG_70").after_acknowledgement == [-0.5]


def test_a_message_of_the_open_conversation_is_there_when_get_messages_has_it():
    found = delivery(sent(2, 70), "list 3000 0 2 70 60", "message 4000 0 2 70 MSG_70")
    assert found.after_acknowledgement == [2.0]
    assert delivery(sent(2, 70), "list 3000 0 2 70 60").missed == 1


def test_a_list_that_names_a_newer_message_tells_of_those_before_it():
    found = delivery(sent(1, 70), sent(1, 71), "list 5000 0 1 71 60", "message 6000 1 1 70 MSG_70",
                     "message 6000 1 1 71 MSG_71")
    assert (found.expected, found.missed, found.doubled) == (4, 0, 0)


def test_what_a_client_was_told_before_is_no_receipt():
    found = delivery(sent(1, 70), "list 1500 0 1 69 60", "message 1500 1 1 69 MSG_69")
    assert (found.expected, found.missed, found.doubled) == (2, 2, 0)


def test_a_client_without_a_list_misses_nothing_of_other_conversations():
    found = account(events(sent(2, 70)), CLIENTS[1:], lambda conversation: (12, 13))
    assert found.expected == 0


def test_what_is_told_again_is_doubled():
    found = delivery(sent(1, 70), "list 5000 0 1 70 60", "list 6000 0 1 70 70", "message 5000 1 1 70 MSG_70",
                     "message 6000 1 1 70 MSG_70")
    assert (found.missed, found.doubled) == (0, 2)


def test_events_of_several_processes_come_together():
    both = events("answered 2000000 7", "error 1 0 502", "cut 1 0 3000", "early 1 0", "reset 1 0")
    both.read(["answered 2000000 5", "answered 3000000 1", "error 2 9 502", "error 2 9 broken"])
    assert both.answered == {2_000_000: 12, 3_000_000: 1}
    assert both.errors == {"502": 2, "broken": 1}
    assert (both.cut, both.early, both.resets) == (1, 1, 1)


def test_a_rate_is_that_of_a_whole_second():
    answered = events("answered 2000000 7", "answered 3000000 8", "answered 4000000 9").answered
    assert rates(answered, 1_500_000, 3_999_999) == [8]
    assert rates(answered, 1_000_000, 4_000_000) == [7, 8, 9]


@pytest.mark.parametrize("percent, value", [(50, 50), (99, 99), (100, 100), (0.5, 1), (1.5, 2)])
def test_a_percentile_is_one_of_the_values(percent, value):
    assert percentile(range(100, 0, -1), percent) == value


def test_a_percentile_of_few_values_is_the_largest_of_them():
    assert percentile([3.0, 1.0, 2.0], 99) == 3.0
    assert percentile([7.0], 50) == 7.0
    assert percentile([], 50) == 0
