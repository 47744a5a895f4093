"""What the clients of scripts/chaos did and saw against what is in the database."""

import bisect
import collections
import itertools
from collections.abc import Sequence

from orbia.chaos.records import Mark, Records, Row, State
from orbia.chaos.wakes import missed_wakes

# How often a list's change may be told before somebody is told it for ever.
MOST_TIMES_TOLD = 4
# The name in the figures, and what it says of a number of them.
KINDS = {
    "lost": "acknowledged messages are not there",
    "doubled": "messages are there more than once",
    "changed": "messages are not as they were acknowledged",
    "unknown": "messages were sent by nobody",
    "out_of_order": "messages are out of order",
    "wrong_polls": "messages were missed, seen twice or seen in vain by who polled",
    "wrong_pages": "messages were missed, seen twice or seen in vain by who paged backwards",
    "missed_wakes": "messages were not told to clients that waited while they were committed",
    "wrong_lists": "conversations were missed, or told again and again, by who waited for changes of the list",
    "wrong_counts": "unread counts or read positions are wrong",
    "nodes_differ": "messages and members are not the same on all nodes",
    "wrong_recalls": "recalls were lost or told more than once, or what was not recalled was told to be",
    "exposed": "answers had a message that was recalled before they were asked for",
    "refused": "answers were neither a success nor a reason to try again",
}


def compare(records: Records, states: Sequence[State], ids_in_order: bool) -> dict[str, list[str]]:
    """A list of examples for each of KINDS. `states` of the one database, or of each node.

    `ids_in_order`: the ids of one server grow with its commits; those of several nodes need not.
    """
    found = {kind: [] for kind in KINDS}
    state = states[0]
    found["refused"] += records.refusals
    found["exposed"] += records.exposures
    _compare_messages(records, state, found)
    for conversation, rows in state.messages.items():
        _compare_order(conversation, rows, ids_in_order, records, found["out_of_order"])
    _compare_recalls(records, state, found["wrong_recalls"])
    _compare_polls(records, state, found["wrong_polls"])
    _compare_pages(records, state, found["wrong_pages"])
    found["missed_wakes"] += missed_wakes(records)
    _compare_lists(records, state, found["wrong_lists"])
    _compare_counts(records, state, found["wrong_counts"])
    for number, other in enumerate(states[1:], 2):
        _compare_nodes(state, other, number, found["nodes_differ"])
    return found


def _compare_messages(records: Records, state: State, found: dict) -> None:
    by_content = collections.defaultdict(list)
    for rows in state.messages.values():
        for row in rows:
            if row.tells is None:
                by_content[row.content].append(row)
    for send in records.sends:
        rows = by_content.pop(send.content, [])
        if len(rows) > 1:
            found["doubled"].append(f"{send.content} is there {len(rows)} times")
        if send.answer is None:
            continue
        if not rows:
            found["lost"].append(f"{send.content}, acknowledged as {send.answer[0]}")
        elif send.answer not in [(row.message_id, row.created_at) for row in rows]:
            found["changed"].append(f"{send.content} was acknowledged as {send.answer}, and is {rows[0]}")
        elif send.key is not None and send.key not in [row.key for row in rows]:
            found["changed"].append(f"{send.content} was sent with the key {send.key}, and is {rows[0]}")
    found["unknown"] += [f"{content}: {rows[0]}" for content, rows in by_content.items()]


def _compare_order(conversation: int, rows: Sequence[Row], ids_in_order: bool, records: Records,
                   complaints: list) -> None:
    """Times grow strictly, and so do the numbers of each sender, who waited for each answer.

    A message without a key that was not acknowledged was not waited for: it may have come late.
    """
    for before, row in itertools.pairwise(rows):
        if row.created_at <= before.created_at:
            complaints.append(f"conversation {conversation}: {before} and {row} have one time")
        elif ids_in_order and row.id <= before.id:
            complaints.append(f"conversation {conversation}: {row} was there before {before}")
    waited_for = sends_waited_for(records, conversation)
    newest = {}
    for row in rows:
        number = waited_for.get(row.content)
        if number is None:
            continue
        if number <= newest.get(row.sender, 0):
            complaints.append(f"conversation {conversation}: {row} comes after number {newest[row.sender]}")
        newest[row.sender] = max(number, newest.get(row.sender, 0))


def _compare_recalls(records: Records, state: State, complaints: list) -> None:
    """Each that was acknowledged is there, and told once; each that is there, somebody has tried."""
    recalled, tells = {}, collections.defaultdict(list)
    for rows in state.messages.values():
        for row in rows:
            if row.is_recalled:
                recalled[row.message_id] = row
            if row.tells is not None:
                tells[row.tells].append((row.message_id, row.created_at))
    for recall in records.recalls.values():
        told = tells.pop(recall.message_id, [])
        is_there = recalled.pop(recall.message_id, None) is not None
        if is_there != bool(told) or len(told) > 1:
            complaints.append(f"{recall} is told by {told}, and the message is {'' if is_there else 'not '}recalled")
        elif recall.answer is not None and told != [recall.answer]:
            complaints.append(f"{recall} is told by {told}")
    complaints += [f"{row} is recalled, by nobody" for row in recalled.values()]
    complaints += [f"the recall of {message} is told by {told}, and nobody tried it" for message, told in tells.items()]


def sends_waited_for(records: Records, conversation: int) -> dict[str, int]:
    """The numbers of those messages, by content, whose sender waited for an answer."""
    return {
        send.content: send.number
        for send in records.sends
        if send.conversation == conversation and (send.answer or send.key)
    }


def _compare_polls(records: Records, state: State, complaints: list) -> None:
    for (user, conversation), seen in records.polls.items():
        who = f"user {user} in conversation {conversation}"
        _compare_seen(who, seen, _to_be_seen(state.messages[conversation], seen), complaints)


def _compare_pages(records: Records, state: State, complaints: list) -> None:
    for chain in records.chains:
        if not chain.messages:
            continue
        newest, oldest = chain.messages[0][0], 0 if chain.to_the_first else chain.messages[-1][0]
        messages = _to_be_seen(state.messages[chain.conversation], chain.messages)
        expected = messages[bisect.bisect(messages, (oldest,)) : bisect.bisect(messages, (newest + 1,))][::-1]
        _compare_seen(f"conversation {chain.conversation} from {newest} back", chain.messages, expected, complaints)


def _to_be_seen(rows: Sequence[Row], seen: list) -> list[tuple]:
    """Time and id of the messages that somebody has to have seen: of recalled ones those that were."""
    shown = set(seen) if any(row.is_recalled for row in rows) else ()
    found = [(row.created_at, row.message_id) for row in rows if not row.is_recalled]
    if shown:
        found += [(row.created_at, row.message_id) for row in rows
                  if row.is_recalled and (row.created_at, row.message_id) in shown]
        found.sort()
    return found


def _compare_seen(who: str, seen: list, expected: list, complaints: list) -> None:
    if seen == expected:
        return
    times, there = collections.Counter(seen), set(expected)
    complaints += [f"{who}: {message} was missed" for message in expected if not times[message]]
    complaints += [f"{who}: {message} was seen {times[message]} times" for message in times if times[message] > 1]
    complaints += [f"{who}: {message} was seen, and is not there" for message in times if message not in there]
    if list(times) != [message for message in expected if times[message]]:
        complaints.append(f"{who}: seen in another order")


def _compare_lists(records: Records, state: State, complaints: list) -> None:
    """In the end each list shows the newest message, and nothing was told again and again.

    A few times is no mistake: what is committed while an answer is read may be in it, and is then told by the next one,
    too; and so is what a cluster's node has applied meanwhile that is asked in place of another one.
    """
    for user, told in records.lists.items():
        newest, last = {}, {}
        for conversation, created_at, change in told:
            before, times = last.get(conversation, ("", 0))
            times = times + 1 if change and before == change else 1
            if times > MOST_TIMES_TOLD:
                complaints.append(f"user {user} was told {times} times: {change[:200]}")
            newest[conversation], last[conversation] = created_at, (change, times)
        for member, conversation in state.members:
            rows = state.messages[conversation]
            if member == user and rows and newest.get(conversation) != rows[-1].created_at:
                shown = newest.get(conversation)
                complaints.append(f"user {user} has {shown} as the newest of {conversation}, and it is {rows[-1]}")


def _compare_counts(records: Records, state: State, complaints: list) -> None:
    totals = collections.Counter()
    for (user, conversation), (unread, last_read) in state.members.items():
        who = f"user {user} in conversation {conversation}"
        counted = sum(
            row.sender != user and (last_read is None or row.created_at > last_read)
            for row in state.messages[conversation] if not row.is_recalled and row.tells is None
        )
        totals[user] += counted
        if unread != counted:
            complaints.append(f"{who} has {unread} unread, and {counted} are")
        if records.listed[user, conversation] != counted:
            complaints.append(f"{who} was told of {records.listed[user, conversation]} unread, and {counted} are")
        mark = records.marks.get((user, conversation), Mark())
        if not (mark.acknowledged or 0) <= (last_read or 0) <= (mark.tried or 0):
            complaints.append(f"{who} has read up to {last_read}, and marked {mark}")
    for user, total in totals.items():
        if records.totals[user] != total:
            complaints.append(f"user {user} was told of {records.totals[user]} unread in all, and {total} are")


def _compare_nodes(state: State, other: State, number: int, complaints: list) -> None:
    for conversation in state.messages.keys() | other.messages.keys():
        one, two = (set(each.messages.get(conversation, [])) for each in (state, other))
        complaints += [f"conversation {conversation}: node 1 or node {number} alone has {row}" for row in one ^ two]
    for member in state.members.keys() | other.members.keys():
        if state.members.get(member) != other.members.get(member):
            complaints.append(f"member {member} is not the same on node 1 and node {number}")
