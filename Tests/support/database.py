"""The platform's side of the database: the rows that other programs and staff would write."""

import itertools
import time
from dataclasses import dataclass

import orbia.database

_numbers = itertools.count(10**9)  # far from the ids that the database gives out itself


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class User:
    id: int
    nickname: str


@dataclass(frozen=True)
class Kol:
    id: int
    user: User


@dataclass(frozen=True)
class Order:
    id: int
    order_id: str
    user: User
    kol: Kol


@dataclass(frozen=True)
class Conversation:
    id: int
    conversation_id: str


class Database(orbia.database.Database):
    """With the rows of people, orders and conversations, and what the service wrote to them."""

    # People and orders

    def user(self, nickname="张三", **columns) -> User:
        return User(self.insert("orbia_user", nickname=nickname, **columns), nickname)

    def users(self, count: int) -> list:
        return [self.user(f"用户 {number}") for number in range(count)]

    def kol(self, user=None) -> Kol:
        user = user or self.user("李四 (KOL)")
        return Kol(self.insert("orbia_kol", user_id=user.id, status="approved"), user)

    def order(self, user=None, kol=None, status="pending", **columns) -> Order:
        user, kol = user or self.user(), kol or self.kol()
        order_id = f"KORD_{now_ms()}_{next(_numbers)}"
        values = {
            "order_id": order_id, "user_id": user.id, "kol_id": kol.id, "plan_id": 1,
            "plan_title": "标准套餐", "plan_price": "199.00", "plan_type": "standard",
            "title": "产品推广视频", "requirement_description": "60 秒竖屏", "video_type": "short",
            "video_duration": 60, "target_audience": "18-30",
            "expected_delivery_date": "2030-01-01", "status": status,
        }
        return Order(self.insert("orbia_kol_order", **{**values, **columns}), order_id, user, kol)

    def set_order_status(self, order: Order, status: str):
        self.execute("UPDATE orbia_kol_order SET status = %s WHERE id = %s", status, order.id)

    # Conversations

    def conversation(self, *members, **columns) -> Conversation:
        """A conversation; the first member has role creator. Its type is general by default."""
        conversation_id = f"CONV_{now_ms()}_{next(_numbers)}"
        row = self.insert(
            "orbia_conversation", **{"conversation_id": conversation_id, "title": "测试", **columns}
        )
        conversation = Conversation(row, conversation_id)
        for position, user in enumerate(members):
            self.join(conversation, user, role="member" if position else "creator")
        return conversation

    def conversations(self, count: int, *members, **columns) -> list:
        return [self.conversation(*members, **columns) for _ in range(count)]

    def join(self, conversation: Conversation, user: User, **columns):
        self.insert("orbia_conversation_member", conversation_id=conversation.id, user_id=user.id,
                    **columns)

    def update_conversation(self, conversation: Conversation, **columns):
        changes = ", ".join(f"`{name}` = %s" for name in columns)
        self.execute(f"UPDATE orbia_conversation SET {changes} WHERE id = %s",
                     *columns.values(), conversation.id)

    def message(self, conversation: Conversation, sender: User, content="你好", at=None,
                **columns) -> str:
        """A message straight into its table; `at` is its created_at in milliseconds."""
        message_id = columns.pop("message_id", None) or f"MSG_{at or now_ms()}_{next(_numbers)}"
        self.insert(
            "orbia_message",
            **{"message_id": message_id, "conversation_id": conversation.id,
               "sender_id": sender.id, "content": content,
               "created_at": timestamp(at or now_ms()), **columns},
        )
        return message_id

    def body_for_all_routes(self, conversation: Conversation, sender: User, **columns) -> dict:
        """A body that is good for every route, of a member; it names a message of theirs that can be recalled."""
        message_id = self.message(conversation, sender, **columns)
        return {"conversation_id": conversation.id, "message_type": "text", "content": "你好", "message_id": message_id}

    def messages(self, conversation: Conversation, sender: User, count: int, first_at: int) -> list:
        """`count` messages, one a second from `first_at` on; returns their times."""
        times = [first_at + 1000 * number for number in range(count)]
        for number, at in enumerate(times):
            self.message(conversation, sender, f"第 {number} 条", at)
        return times

    def fill(self, conversation: Conversation, sender: User, count: int, size: int):
        """`count` messages of `size` bytes each, from long ago."""
        self.execute(
            "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
            " SELECT CONCAT('MSG_', seq, '_', %s), %s, %s, REPEAT('x', %s), FROM_UNIXTIME(1600000000 + seq)"
            f" FROM seq_1_to_{count}", conversation.id, conversation.id, sender.id, size)

    # What the service wrote

    def stored_messages(self, conversation: Conversation) -> list:
        return self.rows(
            "SELECT *, CAST(UNIX_TIMESTAMP(created_at) * 1000 AS INTEGER) AS created_ms"
            " FROM orbia_message WHERE conversation_id = %s ORDER BY created_at, id",
            conversation.id,
        )

    def member(self, conversation: Conversation, user: User) -> dict:
        return self.row(
            "SELECT *, CAST(UNIX_TIMESTAMP(last_read_at) * 1000 AS INTEGER) AS last_read_ms,"
            " CAST(UNIX_TIMESTAMP(last_activity_at) * 1000 AS INTEGER) AS last_activity_ms"
            " FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
            conversation.id, user.id,
        )

    def unread(self, conversation: Conversation, user: User) -> int:
        return self.member(conversation, user)["unread_count"]

    def stored_conversation(self, conversation: Conversation) -> dict:
        return self.row(
            "SELECT *, CAST(UNIX_TIMESTAMP(last_message_at) * 1000 AS INTEGER) AS last_message_ms"
            " FROM orbia_conversation WHERE id = %s",
            conversation.id,
        )

    def conversations_of(self, order: Order) -> list:
        return self.rows("SELECT * FROM orbia_conversation WHERE related_order_id = %s",
                         order.order_id)

    def members_of(self, conversation_row: dict) -> dict:
        """The members' roles by user id."""
        rows = self.rows(
            "SELECT user_id, role FROM orbia_conversation_member WHERE conversation_id = %s",
            conversation_row["id"],
        )
        return {row["user_id"]: row["role"] for row in rows}

    def end_of_time(self) -> int:
        """The last millisecond that a TIMESTAMP of this server can be."""
        last_second = self.value("SELECT NUMERIC_MAX_VALUE FROM information_schema.SYSTEM_VARIABLES"
                                 " WHERE VARIABLE_NAME = 'TIMESTAMP'")
        return int(last_second) * 1000 + 999

    def content_checksum(self) -> list:
        """Changes when any row of the conversation tables does."""
        return self.rows(
            "CHECKSUM TABLE orbia_conversation, orbia_conversation_member, orbia_message, "
            "orbia_user, orbia_kol, orbia_kol_order"
        )


def timestamp(ms: int) -> str:
    """A literal for a TIMESTAMP(3) column in a session in UTC."""
    seconds, rest = divmod(ms, 1000)
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + f".{rest:03}"
