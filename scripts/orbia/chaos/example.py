"""A made-up run of scripts/chaos in which nothing went wrong, to try the comparison on."""

import dataclasses
import itertools

from orbia.chaos.records import Answer, Chain, Mark, Recall, Records, Row, Send, State


def example(messages: int = 30) -> tuple[Records, list[State]]:
    """Records and the states of three nodes that agree: of two senders, a reader and a waiter in two conversations."""
    records, rows = Records(), {1: [], 2: []}
    for number in range(1, messages + 1):
        for sender, conversation in itertools.product((11, 12), (1, 2)):
            key = f"key-{sender}-{conversation}-{number}"
            id = sum(map(len, rows.values())) + 1
            answer = (f"MSG_{1000 + id}_{conversation}", 1000 + id)
            send = Send(conversation, sender, number, key, answer, acknowledged_at=id / 10)
            records.sends.append(send)
            rows[conversation].append(Row(id, *answer, sender, key, send.content))
    _recall(records, rows[1], 4)
    # One that was never acknowledged may be there or not.
    records.sends += [Send(1, 11, messages + 1, "key-never-there"), Send(1, 12, messages + 1, None)]
    members = {}
    for conversation, there in rows.items():
        seen = [(row.created_at, row.message_id) for row in there if not row.is_recalled]
        counting = [row for row in there if not row.is_recalled and row.tells is None]
        records.polls[13, conversation] = list(seen)
        records.chains += [Chain(conversation, seen[::-1], True), Chain(conversation, seen[10:20][::-1])]
        records.marks[13, conversation] = Mark(seen[19][0], seen[19][0])
        members[13, conversation] = (sum(row.created_at > seen[19][0] for row in counting), seen[19][0])
        # Told of each message by an answer of its own, and by one more that brings nothing.
        told = [Answer((row.id + 0.5) / 10, row.created_at) for row in there]
        records.waits[14, conversation] = [*told, Answer(told[-1].at + 15, told[-1].newest)]
        records.lists[14] = records.lists.get(14, []) + [(conversation, row.created_at, row.content) for row in there]
        members[14, conversation] = (len(counting), None)
        for sender in (11, 12):
            members[sender, conversation] = (sum(row.sender != sender for row in counting), None)
    for (user, conversation), (unread, _) in members.items():
        records.listed[user, conversation] = unread
        records.totals[user] = records.totals.get(user, 0) + unread
    return records, [State({c: list(r) for c, r in rows.items()}, dict(members)) for _ in range(3)]


def _recall(records: Records, rows: list[Row], place: int) -> None:
    """Has the sender of a row of the conversation take it back, behind all other rows."""
    recalled = rows[place]
    conversation = int(recalled.message_id.rsplit("_", 1)[1])
    id = rows[-1].id + 1
    answer = (f"MSG_{2000 + id}_{conversation}", 2000 + id)
    rows[place] = dataclasses.replace(recalled, is_recalled=True)
    rows.append(Row(id, *answer, recalled.sender, f"server:recall:{recalled.id}", "撤回了一条消息",
                    tells=recalled.message_id))
    records.recalls[recalled.message_id] = Recall(conversation, recalled.message_id, answer, acknowledged_at=id / 10)
