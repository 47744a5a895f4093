"""Two users and their conversation, for the two browsers."""

import time

from orbia import tokens
from orbia.database import Database
from orbia.stack import Stack

# Of a token: longer than any measurement.
_TOKEN_SECONDS = 86_400


class World:
    """`users` are the ids of the sender and the reader, and `tokens` theirs."""

    title = "测量"

    def __init__(self, stack: Stack, history: int):
        database = Database(stack.mysql_socket)
        self.users = users = [database.insert("orbia_user", nickname=name) for name in ("sender", "reader")]
        now = int(time.time())
        conversation = database.insert(
            "orbia_conversation", conversation_id="CONV_1_1", title=self.title,
            last_message_at=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now - 60)))
        for user in users:
            database.insert("orbia_conversation_member", conversation_id=conversation, user_id=user)
        for number in range(history):
            sent_at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now - 60 - history + number))
            database.insert(
                "orbia_message", message_id=f"MSG_{number}", conversation_id=conversation, sender_id=users[number % 2],
                content=f"第 {number} 条消息，有几个字。", created_at=sent_at)
        self.tokens = [tokens.valid_token(stack.secret, user, _TOKEN_SECONDS) for user in users]
