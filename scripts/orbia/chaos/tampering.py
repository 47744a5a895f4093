"""Whether the comparison of scripts/chaos would notice: what is right is tampered with in each way that it knows."""

import dataclasses

from orbia.chaos.comparison import compare, sends_waited_for
from orbia.chaos.records import Records, Row, State
from orbia.chaos.wakes import acknowledged_sends


def blind_spots(records: Records, states: list[State], ids_in_order: bool) -> list[str]:
    """Tampers with a run that is in order; the names of the tamperings that the comparison does not notice.

    Each is undone. Those for which there is nothing to tamper with count as not noticed, too.
    """
    unnoticed = []
    for tamper in TAMPERINGS:
        kind, name = tamper.kind, tamper.__name__
        undo = tamper(records, states)
        if undo is None:
            unnoticed.append(f"{name} (nothing to tamper with)")
            continue
        if not compare(records, states, ids_in_order)[kind]:
            unnoticed.append(name)
        undo()
    if len(states) > 1:
        before = states[1]
        states[1] = dataclasses.replace(before, members=dict(list(before.members.items())[1:]))
        if not compare(records, states, ids_in_order)["nodes_differ"]:
            unnoticed.append("a_member_missing_on_a_node")
        states[1] = before
    return unnoticed


TAMPERINGS = []


def tampering(kind):
    def add(function):
        function.kind = kind
        TAMPERINGS.append(function)
        return function

    return add


def change_rows(state, conversation, change):
    """Replaces a conversation's rows by those of `change`; returns what puts them back."""
    before = state.messages[conversation]
    state.messages[conversation] = sorted(change(list(before)), key=lambda row: (row.created_at, row.id))

    def undo():
        state.messages[conversation] = before

    return undo


def change_list(kept, change):
    before = list(kept)
    kept[:] = change(before)

    def undo():
        kept[:] = before

    return undo


def change_value(kept, key, value):
    before = kept.get(key)

    def undo():
        if before is None:
            del kept[key]
        else:
            kept[key] = before

    kept[key] = value
    return undo


def acknowledged(records):
    return next((send for send in records.sends if send.answer and send.key), None)


def row_of(state, send):
    return next(row for row in state.messages[send.conversation] if row.content == send.content)


@tampering("lost")
def an_acknowledged_message_dropped(records, states):
    if send := acknowledged(records):
        return change_rows(states[0], send.conversation, lambda rows: [r for r in rows if r.content != send.content])


@tampering("doubled")
def a_message_doubled(records, states):
    if send := acknowledged(records):
        newest = states[0].messages[send.conversation][-1]
        twin = dataclasses.replace(
            row_of(states[0], send), id=newest.id + 1, message_id="MSG_twin", created_at=newest.created_at + 1,
            key="twin",
        )
        return change_rows(states[0], send.conversation, lambda rows: [*rows, twin])


@tampering("doubled")
def an_unacknowledged_message_doubled(records, states):
    if send := acknowledged(records):
        undo = a_message_doubled(records, states)
        answer, send.answer = send.answer, None

        def undo_both():
            send.answer = answer
            undo()

        return undo_both


@tampering("changed")
def an_answer_with_another_id(records, states):
    if send := acknowledged(records):
        answer, send.answer = send.answer, ("MSG_other", send.answer[1])

        def undo():
            send.answer = answer

        return undo


@tampering("unknown")
def a_message_from_nobody(records, states):
    for conversation, rows in states[0].messages.items():
        if rows:
            newest = rows[-1]
            strange = Row(newest.id + 1, "MSG_strange", newest.created_at + 1, newest.sender, "strange", "strange")
            return change_rows(states[0], conversation, lambda rows, row=strange: [*rows, row])


def neighbours(records, state):
    """Two messages of one sender that follow each other, with their conversation."""
    for conversation, rows in state.messages.items():
        waited_for, newest = sends_waited_for(records, conversation), {}
        for row in rows:
            if row.content in waited_for:
                if row.sender in newest:
                    return conversation, newest[row.sender], row
                newest[row.sender] = row
    return None


@tampering("out_of_order")
def two_messages_of_a_sender_reordered(records, states):
    if found := neighbours(records, states[0]):
        conversation, first, second = found
        swapped = {
            first.content: dataclasses.replace(second, content=first.content),
            second.content: dataclasses.replace(first, content=second.content),
        }
        return change_rows(states[0], conversation, lambda rows: [swapped.get(row.content, row) for row in rows])


@tampering("out_of_order")
def two_messages_of_one_time(records, states):
    if found := neighbours(records, states[0]):
        conversation, first, second = found
        late = dataclasses.replace(first, created_at=second.created_at)
        return change_rows(
            states[0], conversation, lambda rows: [late if row.content == late.content else row for row in rows]
        )


def longest(lists):
    return max(lists, key=len, default=[])


@tampering("wrong_polls")
def a_poll_that_misses_one(records, _):
    if seen := longest(records.polls.values()):
        return change_list(seen, lambda seen: seen[:-2] + seen[-1:] if len(seen) > 1 else [])


@tampering("wrong_polls")
def a_poll_that_repeats_one(records, _):
    if seen := longest(records.polls.values()):
        return change_list(seen, lambda seen: [*seen, seen[-1]])


@tampering("wrong_polls")
def a_poll_that_shows_what_is_not_there(records, _):
    if seen := longest(records.polls.values()):
        return change_list(seen, lambda seen: [*seen, (seen[-1][0] + 1, "MSG_gone")])


@tampering("wrong_pages")
def a_page_that_misses_one(records, _):
    if len(seen := longest(chain.messages for chain in records.chains)) > 2:
        return change_list(seen, lambda seen: seen[:1] + seen[2:])


@tampering("wrong_pages")
def a_page_that_repeats_one(records, _):
    if seen := longest(chain.messages for chain in records.chains):
        return change_list(seen, lambda seen: seen[:1] + seen)


@tampering("missed_wakes")
def a_wake_that_is_missed(records, _):
    """The answers with the newest message of a conversation have the one before it, as long as anybody waits."""
    sent = acknowledged_sends(records)
    for (_, conversation), answers in records.waits.items():
        told = {send.answer[1] for send in sent[conversation]}
        newest = max((answer.newest for answer in answers if answer.newest in told), default=0)
        before = max((answer.newest for answer in answers if answer.newest < newest), default=0)
        if before:
            late = dataclasses.replace(answers[-1], at=answers[-1].at + 60, newest=before)
            return change_list(answers, lambda answers, newest=newest, late=late: [
                *(answer for answer in answers if answer.newest < newest), late])


@tampering("wrong_lists")
def a_list_that_misses_the_newest(records, _):
    if told := longest(records.lists.values()):
        conversation = told[-1][0]
        newest = max(entry[1] for entry in told if entry[0] == conversation)
        return change_list(told, lambda told: [entry for entry in told if entry[:2] != (conversation, newest)])


@tampering("wrong_lists")
def a_list_that_is_told_a_change_again_and_again(records, _):
    for told in records.lists.values():
        for place, (_, _, change) in enumerate(told):
            if change:
                return change_list(told, lambda told, at=place: told[:at] + 9 * told[at : at + 1] + told[at + 1 :])


@tampering("wrong_recalls")
def a_recall_that_is_lost(records, states):
    return _change_recalled(records, states[0], lambda row: dataclasses.replace(row, is_recalled=False))


@tampering("wrong_recalls")
def a_recall_of_nobody(records, states):
    if message := next(iter(records.recalls), None):
        recall = records.recalls.pop(message)

        def undo():
            records.recalls[message] = recall

        return undo


@tampering("wrong_recalls")
def a_recall_that_is_told_twice(records, states):
    for conversation, rows in states[0].messages.items():
        if told := next((row for row in rows if row.tells), None):
            newest = rows[-1]
            twin = dataclasses.replace(told, id=newest.id + 1, message_id="MSG_twin", created_at=newest.created_at + 1)
            return change_rows(states[0], conversation, lambda rows, twin=twin: [*rows, twin])


def _change_recalled(records, state, change):
    for recall in records.recalls.values():
        if recall.answer:
            return change_rows(state, recall.conversation, lambda rows, id=recall.message_id: [
                change(row) if row.message_id == id else row for row in rows])


@tampering("exposed")
def a_recalled_message_that_is_shown(records, _):
    for recall in records.recalls.values():
        if recall.acknowledged_at is not None:
            before = list(records.exposures)
            quoting = {"message_id": "MSG_other", "reply_to": {"message_id": recall.message_id, "content": "x"}}
            records.look_for_recalled(0, recall.acknowledged_at + 1, [quoting])

            def undo():
                records.exposures[:] = before

            return undo


@tampering("wrong_counts")
def an_unread_count_too_high(_, states):
    for member, (unread, last_read) in states[0].members.items():
        return change_value(states[0].members, member, (unread + 1, last_read))


@tampering("wrong_counts")
def a_read_position_that_went_back(records, states):
    for member, mark in records.marks.items():
        if mark.acknowledged:
            unread, _ = states[0].members[member]
            return change_value(states[0].members, member, (unread, mark.acknowledged - 1))


@tampering("wrong_counts")
def a_total_too_high(records, _):
    for user, total in records.totals.items():
        return change_value(records.totals, user, total + 1)
