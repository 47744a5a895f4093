"""get_conversation: one conversation with its members, as the caller sees it."""

import pytest

from database import timestamp

AT = 1_698_765_432_123


@pytest.fixture
def creator(database):
    return database.user("张三", avatar_url="https://example.com/avatar1.jpg")


def get(api, user, conversation) -> dict:
    answer = api.get_conversation(user, conversation_id=conversation.id).success()
    assert list(answer) == ["conversation"]
    return answer["conversation"]


def test_it_has_the_documented_keys(api, database, creator):
    other = database.user("李四 (KOL)", avatar_url="https://example.com/avatar2.jpg")
    conversation = database.conversation(
        title="KOL订单: 产品推广视频", type="kol_order", related_order_type="kol_order",
        related_order_id=f"KORD_{AT}_{creator.id}", last_message_at=timestamp(AT),
        created_at="2024-01-01 10:00:00")
    database.join(conversation, creator, role="creator", joined_at="2024-01-01 10:00:00",
                  unread_count=5)
    database.join(conversation, other, role="member", joined_at="2024-01-01 10:00:01")
    assert get(api, creator, conversation) == {
        "id": conversation.id,
        "conversation_id": conversation.conversation_id,
        "title": "KOL订单: 产品推广视频",
        "type": "kol_order",
        "related_order_type": "kol_order",
        "related_order_id": f"KORD_{AT}_{creator.id}",
        "status": "active",
        "last_message_at": AT,
        "members": [
            {"user_id": creator.id, "nickname": "张三",
             "avatar_url": "https://example.com/avatar1.jpg", "role": "creator",
             "joined_at": "2024-01-01 10:00:00", "last_read_at": None},
            {"user_id": other.id, "nickname": "李四 (KOL)",
             "avatar_url": "https://example.com/avatar2.jpg", "role": "member",
             "joined_at": "2024-01-01 10:00:01", "last_read_at": None},
        ],
        "unread_count": 5,
        "created_at": "2024-01-01 10:00:00",
    }


def test_the_documented_keys_stand_in_their_order(api, database, creator):
    conversation = database.conversation(creator)
    documented = ["conversation_id", "title", "type", "related_order_type", "related_order_id",
                  "status", "last_message_at", "members", "unread_count", "created_at"]
    found = get(api, creator, conversation)
    assert [key for key in found if key != "id"] == documented
    assert list(found["members"][0]) == ["user_id", "nickname", "avatar_url", "role", "joined_at",
                                          "last_read_at"]


def test_what_is_not_set_is_null(api, database, creator):
    conversation = database.conversation(creator, title=None)
    found = get(api, creator, conversation)
    assert found["title"] is found["related_order_type"] is found["related_order_id"] is None
    assert found["last_message_at"] is None
    assert found["unread_count"] == 0


@pytest.mark.parametrize("nickname", [None, ""])
def test_a_member_without_a_nickname_is_named_by_number(api, database, nickname):
    nameless = database.user(nickname, email=f"secret-{nickname}@example.com")
    conversation = database.conversation(nameless)
    answer = api.get_conversation(nameless, conversation_id=conversation.id)
    [member] = answer.success()["conversation"]["members"]
    assert member["nickname"] == f"用户{nameless.id}"
    assert member["avatar_url"] is None
    assert b"secret-" not in answer.body


def test_members_come_in_the_order_they_joined(api, database):
    users = database.users(12)
    conversation = database.conversation()
    for user in reversed(users):
        database.join(conversation, user)
    members = get(api, users[0], conversation)["members"]
    assert [member["user_id"] for member in members] == [user.id for user in reversed(users)]


def test_every_role_of_a_member_is_shown(api, database, creator):
    conversation = database.conversation(creator, database.user())
    database.join(conversation, database.user(), role="admin")
    members = get(api, creator, conversation)["members"]
    assert [member["role"] for member in members] == ["creator", "member", "admin"]


def test_the_unread_count_is_the_callers_own(api, database, creator):
    other = database.user()
    conversation = database.conversation(creator, other)
    for _ in range(3):
        api.send_text(creator, conversation).success()
    assert get(api, creator, conversation)["unread_count"] == 0
    assert get(api, other, conversation)["unread_count"] == 3


def test_last_message_at_is_the_time_of_the_last_send(api, database, creator):
    conversation = database.conversation(creator)
    sent = api.send_text(creator, conversation).success()["message"]
    assert get(api, creator, conversation)["last_message_at"] == sent["created_at"]


@pytest.mark.parametrize("column, value", [
    *[("type", value) for value in ("kol_order", "ad_order", "general", "support")],
    *[("status", value) for value in ("active", "archived", "closed")],
])
def test_every_type_and_status_is_shown(api, database, creator, column, value):
    conversation = database.conversation(creator, **{column: value})
    assert get(api, creator, conversation)[column] == value


def test_it_can_be_asked_for_in_each_form(api, database, creator):
    conversation = database.conversation(creator)
    for name in (conversation.id, str(conversation.id), conversation.conversation_id):
        found = api.get_conversation(creator, conversation_id=name).success()["conversation"]
        assert found["id"] == conversation.id
        assert found["conversation_id"] == conversation.conversation_id


def test_reading_changes_nothing(api, database, creator):
    conversation = database.conversation(creator, database.user())
    before = database.content_checksum()
    get(api, creator, conversation)
    assert database.content_checksum() == before


def test_the_conversation_of_a_confirmed_order(api, database):
    order = database.order(title="春季新品")
    database.set_order_status(order, "confirmed")
    [row] = database.conversations_of(order)
    answer = api.get_conversation(order.kol.user, conversation_id=row["conversation_id"])
    found = answer.success()["conversation"]
    assert found["title"] == "KOL订单: 春季新品"
    assert found["related_order_id"] == order.order_id
    assert [member["user_id"] for member in found["members"]] == [order.user.id, order.kol.user.id]


@pytest.mark.parametrize("role", ["normal", "admin"])
def test_who_is_no_member_is_refused(api, database, creator, role):
    conversation = database.conversation(creator)
    stranger = database.user(role=role)
    message = api.get_conversation(stranger, conversation_id=conversation.id).error(403)
    assert message == "user is not a member of this conversation"


def test_a_softly_deleted_conversation_is_not_there(api, database, creator):
    conversation = database.conversation(creator, deleted_at="2024-01-01 00:00:00")
    for name in (conversation.id, conversation.conversation_id):
        answer = api.get_conversation(creator, conversation_id=name)
        assert answer.error(404) == "conversation not found"
