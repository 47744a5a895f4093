"""get_conversations: the caller's conversations, the most lately active first, in pages."""

import pytest

from database import timestamp

AT = 1_698_765_432_000


@pytest.fixture
def user(database):
    return database.user("张三", avatar_url="https://example.com/avatar1.jpg")


def ids(answer: dict) -> list:
    return [conversation["id"] for conversation in answer["conversations"]]


def listed(api, user, **keys) -> list:
    return ids(api.get_conversations(user, **keys).success())


def active_at(database, user, *offsets, **columns) -> list:
    """Conversations whose last message lies `offset` seconds after AT; returns their ids."""
    return [database.conversation(user, last_message_at=timestamp(AT + 1000 * offset), **columns).id
            for offset in offsets]


def test_a_conversation_has_the_documented_keys(api, database, user):
    kol = database.user("李四 (KOL)", avatar_url="https://example.com/avatar2.jpg")
    conversation = database.conversation(
        title="KOL订单: 产品推广视频", type="kol_order", related_order_type="kol_order",
        related_order_id=f"KORD_{AT}_{user.id}", last_message_at=timestamp(AT),
        created_at="2024-01-01 10:00:00")
    database.join(conversation, user, role="creator", joined_at="2024-01-01 10:00:00",
                  unread_count=5)
    database.join(conversation, kol, role="member", joined_at="2024-01-01 10:00:00")
    message_id = database.message(conversation, user, "最后一条消息内容", AT)
    answer = api.get_conversations(user).success()
    assert answer.pop("cursor")
    assert answer == {
        "conversations": [{
            "id": conversation.id,
            "conversation_id": conversation.conversation_id,
            "title": "KOL订单: 产品推广视频",
            "type": "kol_order",
            "related_order_type": "kol_order",
            "related_order_id": f"KORD_{AT}_{user.id}",
            "status": "active",
            "last_message": {
                "message_id": message_id,
                "sender_nickname": "张三",
                "message_type": "text",
                "content": "最后一条消息内容",
                "created_at": AT,
            },
            "unread_count": 5,
            "members": [
                {"user_id": user.id, "nickname": "张三",
                 "avatar_url": "https://example.com/avatar1.jpg", "role": "creator",
                 "joined_at": "2024-01-01 10:00:00"},
                {"user_id": kol.id, "nickname": "李四 (KOL)",
                 "avatar_url": "https://example.com/avatar2.jpg", "role": "member",
                 "joined_at": "2024-01-01 10:00:00"},
            ],
            "created_at": "2024-01-01 10:00:00",
            "last_message_at": AT,
        }],
        "page_info": {"page": 1, "page_size": 20, "total": 1, "total_pages": 1},
        "total_unread": 5,
        "unread_by_type": {"kol_order": 5, "ad_order": 0, "general": 0, "support": 0},
    }


def test_the_documented_keys_stand_in_their_order(api, database, user):
    database.message(database.conversation(user), user)
    answer = api.get_conversations(user).json
    assert list(answer) == ["conversations", "page_info", "total_unread", "unread_by_type", "cursor",
                            "base_resp"]
    [found] = answer["conversations"]
    assert [key for key in found if key != "id"] == [
        "conversation_id", "title", "type", "related_order_type", "related_order_id", "status",
        "last_message", "unread_count", "members", "created_at", "last_message_at"]
    assert list(found["last_message"]) == [
        "message_id", "sender_nickname", "message_type", "content", "created_at"]
    assert list(answer["page_info"]) == ["page", "page_size", "total", "total_pages"]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"type":null,"page":null,"page_size":null}'])
def test_no_key_is_required(api, database, user, body):
    conversation = database.conversation(user)
    answer = api.post(user, "get_conversations", body).success()
    assert ids(answer) == [conversation.id]
    assert answer["page_info"] == {"page": 1, "page_size": 20, "total": 1, "total_pages": 1}


def test_a_user_without_conversations(api, user):
    answer = api.get_conversations(user).success()
    assert answer.pop("cursor")
    assert answer == {
        "conversations": [],
        "page_info": {"page": 1, "page_size": 20, "total": 0, "total_pages": 0},
        "total_unread": 0,
        "unread_by_type": {"kol_order": 0, "ad_order": 0, "general": 0, "support": 0},
    }


def test_the_most_lately_active_comes_first(api, database, user):
    first, second, third = active_at(database, user, 20, 30, 10)
    assert listed(api, user) == [second, first, third]


def test_without_a_message_the_creation_counts(api, database, user):
    [before, after] = active_at(database, user, -10, 10, created_at="2020-01-01 00:00:00")
    between = database.conversation(user, created_at=timestamp(AT)[:19]).id
    assert listed(api, user) == [after, between, before]


def test_of_equally_active_ones_the_greater_id_comes_first(api, database, user):
    made = active_at(database, user, 0, 0, 0)
    assert listed(api, user) == made[::-1]


def test_a_message_moves_its_conversation_to_the_top(api, database, user):
    quiet = database.conversation(user, created_at="2024-01-01 00:00:00")
    database.conversation(user, created_at="2024-01-01 00:00:01")
    api.send_text(user, quiet).success()
    assert listed(api, user)[0] == quiet.id


def test_a_last_message_changed_by_plain_sql_moves_it_too(api, database, user):
    quiet, _ = (database.conversation(user, last_message_at=timestamp(AT + 1000 * number))
                for number in range(2))
    database.update_conversation(quiet, last_message_at=timestamp(AT + 5000))
    assert listed(api, user)[0] == quiet.id


def test_only_the_callers_own_are_listed(api, database, user):
    own = database.conversation(user, database.user())
    database.conversation(database.user())
    answer = api.get_conversations(user).success()
    assert ids(answer) == [own.id]
    assert answer["page_info"]["total"] == 1


def test_an_admin_too_sees_only_his_own(api, database):
    admin = database.user(role="admin")
    database.conversation(database.user())
    assert listed(api, admin) == []


def test_who_is_added_sees_it_at_once_and_who_is_removed_no_more(api, database, user):
    conversation = database.conversation(database.user())
    database.join(conversation, user)
    assert listed(api, user) == [conversation.id]
    database.execute("DELETE FROM orbia_conversation_member WHERE user_id = %s", user.id)
    assert listed(api, user) == []


@pytest.mark.parametrize("kind", ["kol_order", "ad_order", "general", "support"])
def test_a_type_filters(api, database, user, kind):
    made = {each: database.conversation(user, type=each).id
            for each in ("kol_order", "ad_order", "general", "support")}
    answer = api.get_conversations(user, type=kind).success()
    assert ids(answer) == [made[kind]]
    assert answer["page_info"]["total"] == 1


def test_a_type_changed_by_plain_sql_filters_at_once(api, database, user):
    conversation = database.conversation(user, type="general")
    database.update_conversation(conversation, type="support")
    assert listed(api, user, type="general") == []
    assert listed(api, user, type="support") == [conversation.id]


@pytest.mark.parametrize("status", ["active", "archived", "closed"])
def test_every_status_is_listed(api, database, user, status):
    conversation = database.conversation(user, status=status)
    [found] = api.get_conversations(user).success()["conversations"]
    assert (found["id"], found["status"]) == (conversation.id, status)


def test_softly_deleted_ones_are_neither_listed_nor_counted(api, database, user):
    kept = database.conversation(user, type="support")
    database.conversation(user, type="support", deleted_at="2024-01-01 00:00:00")
    for keys in ({}, {"type": "support"}):
        answer = api.get_conversations(user, **keys).success()
        assert ids(answer) == [kept.id]
        assert answer["page_info"] == {"page": 1, "page_size": 20, "total": 1, "total_pages": 1}


def test_pages_follow_each_other_without_gap_or_repeat(api, database, user):
    made = active_at(database, user, *range(45))
    seen = []
    for page, size in ((1, 20), (2, 20), (3, 5)):
        answer = api.get_conversations(user, page=page).success()
        assert answer["page_info"] == {"page": page, "page_size": 20, "total": 45,
                                       "total_pages": 3}
        assert len(answer["conversations"]) == size
        seen += ids(answer)
    assert seen == made[::-1]


def test_a_page_past_the_end_is_empty(api, database, user):
    database.conversation(user)
    for page in (2, 1_000_000, 2**63 - 1):
        answer = api.get_conversations(user, page=page).success()
        assert answer["conversations"] == []
        assert answer["page_info"] == {"page": page, "page_size": 20, "total": 1, "total_pages": 1}


def test_softly_deleted_ones_leave_no_gap_in_a_page(api, database, user):
    made = database.conversations(6, user, last_message_at=timestamp(AT))
    database.update_conversation(made[4], deleted_at="2024-01-01 00:00:00")
    left = [each.id for each in made if each != made[4]][::-1]
    assert listed(api, user, page_size=2) == left[:2]
    assert listed(api, user, page_size=2, page=2) == left[2:4]
    assert listed(api, user, page_size=2, page=3) == left[4:]


@pytest.mark.parametrize("page_size, total_pages", [(1, 6), (4, 2), (5, 2), (6, 1), (7, 1)])
def test_the_page_size_decides_the_number_of_pages(api, database, user, page_size, total_pages):
    database.conversations(6, user)
    answer = api.get_conversations(user, page_size=page_size).success()
    assert len(answer["conversations"]) == min(page_size, 6)
    assert answer["page_info"] == {"page": 1, "page_size": page_size, "total": 6,
                                   "total_pages": total_pages}


@pytest.mark.parametrize("asked", [100, 101, 10**9])
def test_a_page_size_above_one_hundred_counts_as_one_hundred(api, database, user, asked):
    database.conversations(103, user)
    answer = api.get_conversations(user, page_size=asked).success()
    assert len(answer["conversations"]) == 100
    assert answer["page_info"] == {"page": 1, "page_size": 100, "total": 103, "total_pages": 2}


def test_the_last_message_is_the_newest_that_is_not_deleted(api, database, user):
    conversation = database.conversation(user)
    for number in range(3):
        database.message(conversation, user, f"第 {number} 条", AT + number)

    def last():
        [found] = api.get_conversations(user).success()["conversations"]
        return found["last_message"] and found["last_message"]["content"]

    assert last() == "第 2 条"
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s"
                     " AND content = '第 2 条'", conversation.id)
    assert last() == "第 1 条"
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s",
                     conversation.id)
    assert last() is None


def test_without_a_message_the_last_message_is_null(api, database, user):
    database.conversation(user)
    [found] = api.get_conversations(user).success()["conversations"]
    assert found["last_message"] is None
    assert found["last_message_at"] is None


def test_of_last_messages_that_share_a_time_the_greater_id_counts(api, database, user):
    conversation = database.conversation(user)
    for content in ("一", "二", "三"):
        database.message(conversation, user, content, AT)
    [found] = api.get_conversations(user).success()["conversations"]
    assert found["last_message"]["content"] == "三"


def listed_content(api, user):
    [found] = api.get_conversations(user).success()["conversations"]
    return found["last_message"] and found["last_message"]["content"]


def test_the_last_message_is_the_one_that_was_sent_last(api, database, user):
    """Its time is in last_message_at, by which it is found."""
    conversation = database.conversation(user)
    for content in ("一", "二"):
        api.send_text(user, conversation, content).success()
        assert listed_content(api, user) == content


def test_where_the_message_that_was_sent_last_is_deleted_the_one_before_is_shown(api, database, user):
    conversation = database.conversation(user)
    for content in ("一", "二", "三"):
        api.send_text(user, conversation, content).success()
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s AND content = '三'",
                     conversation.id)
    assert listed_content(api, user) == "二"
    database.execute("DELETE FROM orbia_message WHERE conversation_id = %s AND content IN ('二', '三')",
                     conversation.id)
    assert listed_content(api, user) == "一"
    database.execute("DELETE FROM orbia_message WHERE conversation_id = %s", conversation.id)
    assert listed_content(api, user) is None


def test_of_last_messages_at_last_message_at_the_greatest_id_counts_and_the_conversation_is_listed_once(
        api, database, user):
    conversations = database.conversations(3, user, last_message_at=timestamp(AT))
    for conversation in conversations:
        for content in ("一", "二", "三"):
            database.message(conversation, user, content, AT)
        database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s AND content = '三'",
                         conversation.id)
    for page_size in (2, 3, 4):
        answer = api.get_conversations(user, page_size=page_size).success()
        expected = [(conversation.id, "二") for conversation in conversations[::-1]][:page_size]
        assert [(each["id"], each["last_message"]["content"]) for each in answer["conversations"]] == expected
        assert answer["page_info"]["total"] == 3


def test_each_conversation_has_its_own_members_last_message_and_unread_count(api, database, user):
    made = []
    for number in range(3):
        conversation = database.conversation(created_at=f"2024-01-01 00:00:0{number}")
        others = database.users(number + 1)
        database.join(conversation, others[0], role="creator")
        database.join(conversation, user, unread_count=number)
        for other in others[1:]:
            database.join(conversation, other)
        content = f"给 {number}"
        database.message(conversation, others[0], content)
        members = [others[0].id, user.id, *(other.id for other in others[1:])]
        made.insert(0, (conversation.id, members, content, number))
    found = api.get_conversations(user).success()["conversations"]
    assert [(each["id"], [member["user_id"] for member in each["members"]],
             each["last_message"]["content"], each["unread_count"]) for each in found] == made


@pytest.mark.parametrize("nickname", [None, ""])
def test_who_has_no_nickname_is_named_by_number(api, database, nickname):
    nameless = database.user(nickname, email=f"secret-list-{nickname}@example.com")
    database.message(database.conversation(nameless), nameless)
    answer = api.get_conversations(nameless)
    [found] = answer.success()["conversations"]
    assert found["members"][0]["nickname"] == f"用户{nameless.id}"
    assert found["last_message"]["sender_nickname"] == f"用户{nameless.id}"
    assert b"secret-" not in answer.body


def test_reading_changes_nothing(api, database, user):
    database.conversation(user)
    before = database.content_checksum()
    listed(api, user)
    assert database.content_checksum() == before


# total_unread


def test_the_total_is_over_all_pages_and_types(api, database, user):
    other = database.user()
    for unread, kind in ((3, "general"), (4, "support"), (0, "general"), (5, "kol_order")):
        database.join(database.conversation(other, type=kind), user, unread_count=unread)
    for keys in ({}, {"page_size": 1}, {"page": 9}, {"type": "support"}, {"type": "ad_order"}, {"unread": True}):
        answer = api.get_conversations(user, **keys).success()
        assert answer["total_unread"] == 12
        assert answer["unread_by_type"] == {"kol_order": 5, "ad_order": 0, "general": 3, "support": 4}


def test_the_total_is_the_callers_own_and_without_deleted_conversations(api, database, user):
    other = database.user()
    shared = database.conversation(other)
    database.join(shared, user, unread_count=2)
    gone = database.conversation(other)
    database.join(gone, user, unread_count=7)
    database.update_conversation(gone, deleted_at="2024-01-01 10:00:00")
    assert api.get_conversations(user).success()["total_unread"] == 2
    assert api.get_conversations(other).success()["total_unread"] == 0
    for keys in ({}, {"page_size": 1}, {"type": "general"}):
        assert api.get_conversations(user, **keys).success()["unread_by_type"]["general"] == 2


def test_a_type_that_the_api_does_not_know_counts_in_the_total_alone(api, database, user):
    """As where the platform's column has one more value; NULL counts as general, as it is shown."""
    database.execute("ALTER TABLE orbia_conversation MODIFY type"
                     " ENUM('kol_order','ad_order','general','support','dispute') NULL DEFAULT 'general'")
    try:
        for kind, unread in ((None, 3), ("support", 4), ("dispute", 2)):
            database.join(database.conversation(type=kind), user, unread_count=unread)
        for keys in ({}, {"page_size": 1}, {"page": 2}):
            answer = api.get_conversations(user, **keys).success()
            assert answer["total_unread"] == 9
            assert answer["unread_by_type"] == {"kol_order": 0, "ad_order": 0, "general": 3, "support": 4}
    finally:
        database.execute("DELETE FROM orbia_conversation WHERE type = 'dispute' OR type IS NULL")
        database.execute("ALTER TABLE orbia_conversation MODIFY type ENUM('kol_order','ad_order','general','support')"
                         " NOT NULL DEFAULT 'general'")


def test_the_total_follows_sends_and_marks(api, database, user):
    other = database.user()
    conversation = database.conversation(user, other)
    for _ in range(3):
        api.send_text(other, conversation).success()
    assert api.get_conversations(user).success()["total_unread"] == 3
    api.mark_read(user, conversation_id=conversation.id).success()
    assert api.get_conversations(user).success()["total_unread"] == 0


# Many conversations: their number is remembered


MANY = 2_100


@pytest.fixture
def busy(database, user):
    """The user has many conversations, a seventh of them of type support, and 10 unread messages in each hundredth."""
    first = 1 + database.value("SELECT COALESCE(MAX(id), 0) FROM orbia_conversation")
    database.execute(
        "INSERT INTO orbia_conversation (id, conversation_id, type, created_at)"
        " SELECT %s + seq, CONCAT('CONV_', UUID()), IF(seq MOD 7 = 0, 'support', 'general'),"
        " FROM_UNIXTIME(1600000000 + seq)"
        f" FROM seq_1_to_{MANY}", first)
    database.execute(
        "INSERT INTO orbia_conversation_member (conversation_id, user_id, unread_count)"
        f" SELECT %s + seq, %s, IF(seq MOD 100 = 0, 10, 0) FROM seq_1_to_{MANY}", first, user.id)
    # Longer ago than a change may need to be seen, so that the number is remembered.
    database.execute("DELETE FROM orbia_conversation_change WHERE user_id = %s", user.id)
    return first


def totals(api, user, **keys) -> tuple:
    answer = api.get_conversations(user, **keys).success()
    return answer["page_info"]["total"], answer["total_unread"]


def test_many_conversations_are_listed_page_by_page(api, user, busy):
    for _ in range(2):
        seen = [id for page in range(1, MANY // 100 + 1) for id in listed(api, user, page=page, page_size=100)]
        assert seen == list(range(busy + MANY, busy, -1))
        assert listed(api, user, page=MANY // 100 + 1, page_size=100) == []
        assert totals(api, user) == (MANY, 10 * (MANY // 100))
        assert totals(api, user, type="support") == (MANY // 7, 10 * (MANY // 100))


def test_their_number_follows_every_change_of_memberships(api, database, user, busy):
    unread = 10 * (MANY // 100)
    assert [totals(api, user) for _ in range(3)] == [(MANY, unread)] * 3
    database.join(database.conversation(), user)
    assert totals(api, user) == (MANY + 1, unread)
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     busy + 1, user.id)
    assert totals(api, user) == (MANY, unread)
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", busy + 2)
    assert totals(api, user) == (MANY - 1, unread)
    database.execute("UPDATE orbia_conversation SET deleted_at = NULL WHERE id = %s", busy + 2)
    assert totals(api, user) == (MANY, unread)
    database.execute("DELETE FROM orbia_conversation WHERE id = %s", busy + 3)
    assert totals(api, user) == (MANY - 1, unread)
    assert totals(api, user, page=2) == (MANY - 1, unread)


def test_the_number_of_a_type_follows_a_change_of_the_type(api, database, user, busy):
    for _ in range(3):
        assert totals(api, user, type="general")[0] == MANY - MANY // 7
    database.execute("UPDATE orbia_conversation SET type = 'ad_order' WHERE id = %s", busy + 1)
    assert totals(api, user, type="general")[0] == MANY - MANY // 7 - 1
    assert totals(api, user)[0] == MANY


def test_their_unread_messages_are_summed_up_each_time(api, database, user, busy):
    other = database.user()
    database.insert("orbia_conversation_member", conversation_id=busy + 1, user_id=other.id)
    unread = 10 * (MANY // 100)
    of_support = 10 * (MANY // 700)
    for keys in ({}, {}, {"type": "support"}, {"page": 2}, {"query": "无"}):
        by_type = api.get_conversations(user, **keys).success()["unread_by_type"]
        assert by_type == {"kol_order": 0, "ad_order": 0, "general": unread - of_support, "support": of_support}
    assert totals(api, user) == (MANY, unread)
    api.post(other, "send_message",
             {"conversation_id": busy + 1, "message_type": "text", "content": "你好"}).success()
    assert totals(api, user) == (MANY, unread + 1)
    api.mark_read(user, conversation_id=busy + 100).success()
    assert totals(api, user) == (MANY, unread + 1 - 10)
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", busy + 200)
    assert totals(api, user) == (MANY - 1, unread + 1 - 20)


def test_who_is_disabled_is_refused_though_the_number_is_remembered(api, database, user, busy):
    assert [totals(api, user)[0] for _ in range(2)] == [MANY] * 2
    database.execute("UPDATE orbia_user SET status = 'disabled' WHERE id = %s", user.id)
    api.get_conversations(user).error(403)
    api.get_conversations(user, page=2).error(403)
