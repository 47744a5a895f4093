"""What the clients of scripts/chaos did and saw against what is in the database, and whether this would notice."""

import bisect
import collections
import dataclasses
import itertools

from records import Chain, Mark, Records, Row, Send, State

# The name in the figures, and what it says of a number of them.
KINDS = {
    "lost": "acknowledged messages are not there",
    "doubled": "messages are there more than once",
    "changed": "messages are not as they were acknowledged",
    "unknown": "messages were sent by nobody",
    "out_of_order": "messages are out of order",
    "wrong_polls": "messages were missed, seen twice or seen in vain by who polled",
    "wrong_pages": "messages were missed, seen twice or seen in vain by who paged backwards",
    "wrong_counts": "unread counts or read positions are wrong",
    "nodes_differ": "messages and members are not the same on all nodes",
    "refused": "answers were neither a success nor a reason to try again",
}


def compare(records, states, ids_in_order):
    """A list of examples for each of KINDS. `states` of the one database, or of each node.

    `ids_in_order`: the ids of one server grow with its commits; those of several nodes need not.
    """
    found = {kind: [] for kind in KINDS}
    state = states[0]
    found["refused"] += records.refusals
    compare_messages(records, state, found)
    for conversation, rows in state.messages.items():
        compare_order(conversation, rows, ids_in_order, records, found["out_of_order"])
    compare_polls(records, state, found["wrong_polls"])
    compare_pages(records, state, found["wrong_pages"])
    compare_counts(records, state, found["wrong_counts"])
    for number, other in enumerate(states[1:], 2):
        compare_nodes(state, other, number, found["nodes_differ"])
    return found


def compare_messages(records, state, found):
    by_content = collections.defaultdict(list)
    for rows in state.messages.values():
        for row in rows:
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


def compare_order(conversation, rows, ids_in_order, records, complaints):
    """Times grow strictly, and so do the numbers of each sender, who waited for each answer.

    A message without a key that was not acknowledged was not waited for: it may have come late.
    """
    for before, row in itertools.pairwise(rows):
        if row.created_at <= before.created_at:
            complaints.append(f"conversation {conversation}: {before} and {row} have one time")
        elif ids_in_order and row.id <= before.id:
            complaints.append(f"conversation {conversation}: {row} was there before {before}")
    waited_for = records_waited_for(records, conversation)
    newest = {}
    for row in rows:
        number = waited_for.get(row.content)
        if number is None:
            continue
        if number <= newest.get(row.sender, 0):
            complaints.append(f"conversation {conversation}: {row} comes after number {newest[row.sender]}")
        newest[row.sender] = max(number, newest.get(row.sender, 0))


def records_waited_for(records, conversation):
    return {
        send.content: send.number
        for send in records.sends
        if send.conversation == conversation and (send.answer or send.key)
    }


def compare_polls(records, state, complaints):
    for (user, conversation), seen in records.polls.items():
        who = f"user {user} in conversation {conversation}"
        compare_seen(who, seen, [(row.created_at, row.message_id) for row in state.messages[conversation]], complaints)


def compare_pages(records, state, complaints):
    there = {
        conversation: [(row.created_at, row.message_id) for row in rows]
        for conversation, rows in state.messages.items()
    }
    for chain in records.chains:
        if not chain.messages:
            continue
        newest, oldest = chain.messages[0][0], 0 if chain.to_the_first else chain.messages[-1][0]
        messages = there[chain.conversation]
        expected = messages[bisect.bisect(messages, (oldest,)) : bisect.bisect(messages, (newest + 1,))][::-1]
        compare_seen(f"conversation {chain.conversation} from {newest} back", chain.messages, expected, complaints)


def compare_seen(who, seen, expected, complaints):
    if seen == expected:
        return
    times, there = collections.Counter(seen), set(expected)
    complaints += [f"{who}: {message} was missed" for message in expected if not times[message]]
    complaints += [f"{who}: {message} was seen {times[message]} times" for message in times if times[message] > 1]
    complaints += [f"{who}: {message} was seen, and is not there" for message in times if message not in there]
    if list(times) != [message for message in expected if times[message]]:
        complaints.append(f"{who}: seen in another order")


def compare_counts(records, state, complaints):
    totals = collections.Counter()
    for (user, conversation), (unread, last_read) in state.members.items():
        who = f"user {user} in conversation {conversation}"
        counted = sum(
            row.sender != user and (last_read is None or row.created_at > last_read)
            for row in state.messages[conversation]
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


def compare_nodes(state, other, number, complaints):
    for conversation in state.messages.keys() | other.messages.keys():
        one, two = (set(each.messages.get(conversation, [])) for each in (state, other))
        complaints += [f"conversation {conversation}: node 1 or node {number} alone has {row}" for row in one ^ two]
    for member in state.members.keys() | other.members.keys():
        if state.members.get(member) != other.members.get(member):
            complaints.append(f"member {member} is not the same on node 1 and node {number}")


# Whether it would notice -------------------------------------------------------------------------


def blind_spots(records, states, ids_in_order):
    """The names of those tamperings with what was found in order that the comparison does not notice.

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
            row_of(states[0], send), id=newest.id + 1, message_id="MSG_twin", created_at=newest.created_at + 1, key="twin"
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
        waited_for, newest = records_waited_for(records, conversation), {}
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


def made_up(messages=30):
    """Records and the states of three nodes that agree, of two senders and a reader in two conversations."""
    records, rows = Records(), {1: [], 2: []}
    for number in range(1, messages + 1):
        for sender, conversation in itertools.product((11, 12), (1, 2)):
            key = f"key-{sender}-{conversation}-{number}"
            id = sum(map(len, rows.values())) + 1
            answer = (f"MSG_{1000 + id}_{conversation}", 1000 + id)
            send = Send(conversation, sender, number, key, answer)
            records.sends.append(send)
            rows[conversation].append(Row(id, *answer, sender, key, send.content))
    # One that was never acknowledged may be there or not.
    records.sends += [Send(1, 11, messages + 1, "key-never-there"), Send(1, 12, messages + 1, None)]
    members = {}
    for conversation, there in rows.items():
        seen = [(row.created_at, row.message_id) for row in there]
        records.polls[13, conversation] = list(seen)
        records.chains += [Chain(conversation, seen[::-1], True), Chain(conversation, seen[10:20][::-1])]
        records.marks[13, conversation] = Mark(seen[19][0], seen[19][0])
        members[13, conversation] = (len(seen) - 20, seen[19][0])
        for sender in (11, 12):
            members[sender, conversation] = (sum(row.sender != sender for row in there), None)
    for (user, conversation), (unread, _) in members.items():
        records.listed[user, conversation] = unread
        records.totals[user] = records.totals.get(user, 0) + unread
    return records, [State({c: list(r) for c, r in rows.items()}, dict(members)) for _ in range(3)]
