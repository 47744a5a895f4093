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


# By its order


@pytest.fixture
def order(database):
    """A confirmed order, with its conversation."""
    order = database.order(title="春季新品")
    database.set_order_status(order, "confirmed")
    return order


def by_order(api, user, order, **keys):
    return api.get_conversation(user, related_order_id=getattr(order, "order_id", order), **keys)


def test_it_is_found_by_its_order(api, database, order):
    [row] = database.conversations_of(order)
    for user in (order.user, order.kol.user):
        for keys in ({}, {"type": "kol_order"}, {"type": None}, {"conversation_id": None}):
            answer = by_order(api, user, order, **keys).success()
            assert answer == api.get_conversation(user, conversation_id=row["id"]).success()


def test_an_order_has_a_conversation_of_each_type(api, database, order):
    support = database.conversation(order.user, type="support", related_order_id=order.order_id)
    assert by_order(api, order.user, order, type="support").success()["conversation"]["id"] == support.id
    assert by_order(api, order.user, order).success()["conversation"]["type"] == "kol_order"
    assert by_order(api, order.user, order, type="ad_order").error(404) == "conversation not found"


def test_an_order_that_is_not_confirmed_has_none_yet(api, database):
    order = database.order()
    assert by_order(api, order.user, order).error(404) == "conversation not found"
    database.set_order_status(order, "confirmed")
    by_order(api, order.user, order).success()


@pytest.mark.parametrize("role", ["normal", "admin"])
def test_nobody_learns_of_the_order_of_others(api, database, order, role):
    stranger = database.user(role=role)
    assert by_order(api, stranger, order).body == by_order(api, stranger, "KORD_1_1").body
    assert by_order(api, stranger, order).error(404) == "conversation not found"


def test_who_is_added_finds_it_and_who_is_removed_no_more(api, database, order):
    staff = database.user("客服")
    [row] = database.conversations_of(order)
    database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id, role) VALUES (%s, %s, 'admin')",
                     row["id"], staff.id)
    assert by_order(api, staff, order).success()["conversation"]["id"] == row["id"]
    database.execute("DELETE FROM orbia_conversation_member WHERE user_id = %s", staff.id)
    by_order(api, staff, order).error(404)


@pytest.mark.parametrize("status", ["archived", "closed"])
def test_the_conversation_of_an_order_is_found_when_it_is_closed(api, database, order, status):
    database.execute("UPDATE orbia_conversation SET status = %s WHERE related_order_id = %s", status, order.order_id)
    assert by_order(api, order.user, order).success()["conversation"]["status"] == status


def test_the_softly_deleted_conversation_of_an_order_is_not_there(api, database, order):
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE related_order_id = %s", order.order_id)
    assert by_order(api, order.user, order).error(404) == "conversation not found"


def test_the_caller_is_checked_first(api, database, order):
    database.execute("UPDATE orbia_user SET status = 'disabled' WHERE id = %s", order.user.id)
    assert by_order(api, order.user, order).error(403) == "user is disabled or deleted"
    assert by_order(api, order.user, "KORD_1_1").error(403) == "user is disabled or deleted"
    assert by_order(api, 9_000_000_000_000_000_000, order).error(401) == "unknown user"
    by_order(api, None, order).error(401)


@pytest.mark.parametrize("keys, message", [
    ({"related_order_id": 5}, "related_order_id must be a string"),
    ({"related_order_id": ["KORD_1_1"]}, "related_order_id must be a string"),
    ({"related_order_id": ""}, "related_order_id must be visible characters of ASCII"),
    ({"related_order_id": "KORD 1"}, "related_order_id must be visible characters of ASCII"),
    ({"related_order_id": "订单"}, "related_order_id must be visible characters of ASCII"),
    ({"related_order_id": "KORD_1\n"}, "related_order_id must be visible characters of ASCII"),
    ({"related_order_id": "x" * 256}, "related_order_id must be at most 255 characters"),
    ({"related_order_id": "KORD_1_1", "type": "other"}, "type must be one of kol_order, ad_order, general, support"),
    ({"related_order_id": "KORD_1_1", "type": 1}, "type must be a string"),
    ({"related_order_id": "KORD_1_1", "conversation_id": 1},
     "related_order_id cannot be given together with conversation_id"),
    ({"related_order_id": None}, "conversation_id is required"),
    ({"type": "kol_order"}, "conversation_id is required"),
])
def test_what_names_no_order_is_refused(api, creator, keys, message):
    assert api.get_conversation(creator, **keys).error(400) == message


@pytest.mark.parametrize("order_id", ["x" * 64, "x" * 65, "x" * 255, "%", "KORD_%", "'/**/OR/**/'1'='1", "?"])
def test_an_order_that_is_not_there(api, creator, order_id):
    assert by_order(api, creator, order_id).error(404) == "conversation not found"


def test_of_two_conversations_of_an_order_the_newest_of_the_callers_is_found(api, database, order):
    """As on a platform whose key of an order and a type could not be made, since an order had two already."""
    [row] = database.conversations_of(order)
    database.execute("ALTER TABLE orbia_conversation DROP KEY related_order_id")
    try:
        second = database.conversation(order.user, type="kol_order", related_order_id=order.order_id)
        assert by_order(api, order.user, order).success()["conversation"]["id"] == second.id
        assert by_order(api, order.kol.user, order).success()["conversation"]["id"] == row["id"]
        database.update_conversation(second, deleted_at="2024-01-01 00:00:00")
        assert by_order(api, order.user, order).success()["conversation"]["id"] == row["id"]
    finally:
        database.execute("DELETE FROM orbia_conversation WHERE related_order_id = %s AND id <> %s",
                         order.order_id, row["id"])
        database.execute("ALTER TABLE orbia_conversation ADD UNIQUE KEY (related_order_id, type)")


def test_other_endpoints_know_no_orders(api, order):
    for route in ("get_messages", "mark_read"):
        message = api.post(order.user, route, {"related_order_id": order.order_id}).error(400)
        assert message == "conversation_id is required"


# Who may


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
