"""What the database has of the run's conversations."""

from collections.abc import Sequence

from orbia.chaos.records import Row, State
from orbia.database_server import DatabaseServer


def read_state(server: DatabaseServer, conversations: Sequence[int]) -> State:
    listed = ", ".join(map(str, conversations))
    messages = {conversation: [] for conversation in conversations}
    rows = server.sql(
        "SELECT conversation_id, id, message_id, CAST(UNIX_TIMESTAMP(created_at) * 1000 AS INTEGER), sender_id, "
        "client_message_id, content, recalled_at IS NOT NULL, JSON_VALUE(event, '$.message_id') "
        f"FROM orbia_message WHERE conversation_id IN ({listed}) "
        "ORDER BY conversation_id, created_at, id", timeout=300
    )
    for line in rows.splitlines():
        conversation, id, message_id, created_at, sender, key, content, is_recalled, tells = line.split("\t")
        row = Row(int(id), message_id, int(created_at), int(sender), key, content, is_recalled == "1",
                  None if tells == "NULL" else tells)
        messages[int(conversation)].append(row)
    members = {}
    rows = server.sql(
        "SELECT user_id, conversation_id, unread_count, CAST(UNIX_TIMESTAMP(last_read_at) * 1000 AS INTEGER) "
        f"FROM orbia_conversation_member WHERE conversation_id IN ({listed})", timeout=300
    )
    for line in rows.splitlines():
        user, conversation, unread, last_read = line.split("\t")
        members[int(user), int(conversation)] = (int(unread), None if last_read == "NULL" else int(last_read))
    return State(messages, members)
