"""get_conversations with `query` and `unread`: the caller's conversations with a text, or with unread messages."""

import time

import pytest

from database import timestamp

AT = 1_698_765_432_000


@pytest.fixture
def user(database):
    return database.user("客服小王")


def ids(answer: dict) -> list:
    return [conversation["id"] for conversation in answer["conversations"]]


def found(api, user, query=None, **keys) -> list:
    if query is not None:
        keys["query"] = query
    answer = api.get_conversations(user, **keys).success()
    assert answer["page_info"]["total"] == len(answer["conversations"])
    return ids(answer)


def titled(database, user, *titles) -> list:
    """Conversations with these titles, the last one the most lately active; returns their ids."""
    return [database.conversation(user, title=title, last_message_at=timestamp(AT + 1000 * number)).id
            for number, title in enumerate(titles)]


# A text in a title or a name


def test_a_part_of_the_title_finds_a_conversation(api, database, user):
    spring, other, nameless = titled(database, user, "KOL订单: 春季新品", "KOL订单: 产品推广视频", None)
    assert found(api, user, "春季") == [spring]
    assert found(api, user, "KOL订单: 春季新品") == [spring]
    assert found(api, user, "KOL") == [other, spring]
    assert found(api, user, "秋季") == []


def test_a_part_of_any_members_name_finds_a_conversation(api, database, user):
    li, zhao = database.user("李四 (KOL)"), database.user("赵六")
    first, second = database.conversation(user, li), database.conversation(user, zhao)
    both = database.conversation(li, zhao, user)
    assert found(api, user, "李四") == [both.id, first.id]
    assert found(api, user, "赵") == [both.id, second.id]
    assert found(api, user, "四 (K") == [both.id, first.id]


def test_the_callers_own_name_is_a_members_name(api, database, user):
    conversation = database.conversation(user, database.user("李四"))
    assert found(api, user, "小王") == [conversation.id]


@pytest.mark.parametrize("nickname", [None, ""])
def test_who_has_no_nickname_is_found_by_the_name_that_is_shown(api, database, user, nickname):
    nameless = database.user(nickname, email=f"hidden-find-{nickname}@example.com")
    conversation = database.conversation(user, nameless)
    assert found(api, user, f"用户{nameless.id}") == [conversation.id]
    assert found(api, user, "hidden") == []


@pytest.mark.parametrize("title, query", [
    ("Spring Sale", "spring sale"), ("spring sale", "SPRING"), ("ＡＢＣ１２３", "abc123"), ("abc123", "ＡＢＣ"),
    ("カタカナ", "ｶﾀｶﾅ"), ("🎬 开机", "🎬"), ("a%b", "%"), ("a_b", "_"), (r"a\b", "\\"), ("a|b", "|"),
    ("50% 折扣", "0% 折"),
    ("it's \"quoted\"", "'s \""), ("两 行\n文字", "行\n文"), ("👨‍👩‍👧 家", "👨‍👩‍👧"),
])
def test_a_text_is_found(api, database, user, title, query):
    wanted, _ = titled(database, user, title, "另外")
    assert found(api, user, query) == [wanted]


@pytest.mark.parametrize("title, query", [
    ("100", "1%0"), ("100", "1_0"), ("abc", "a%"), ("abc", "___"), ("a", "\\a"), ("ab", "a|b"), ("🎬", "🎥"),
    ("春季", "春 季"), ("abc", "abcd"), ("春", "x OR 1=1"),
])
def test_a_text_that_is_not_there_is_not_found(api, database, user, title, query):
    titled(database, user, title)
    assert found(api, user, query) == []


def test_the_longest_text(api, database, user):
    wanted, _ = titled(database, user, "长" * 199 + "a", "长" * 50)
    assert found(api, user, "长" * 100) == [wanted]


def test_only_the_callers_conversations_that_are_not_deleted(api, database, user):
    stranger = database.user("陌生人")
    database.conversation(stranger, title="春季新品")
    gone, kept = titled(database, user, "春季新品 1", "春季新品 2")
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", gone)
    left = database.conversation(user, title="春季新品 3")
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s", left.id)
    assert found(api, user, "春季新品") == [kept]
    assert found(api, user, "陌生") == []


def test_a_conversation_is_as_in_the_list(api, database, user):
    other = database.user("李四")
    conversation = database.conversation(user, other, title="春季新品")
    database.conversation(user, title="别的")
    api.send_text(other, conversation, "最后一条").success()
    listed = {each["id"]: each for each in api.get_conversations(user).success()["conversations"]}
    for keys in ({"query": "春季"}, {"unread": True}, {"query": "春季", "unread": True}):
        [shown] = api.get_conversations(user, **keys).success()["conversations"]
        shown["members"] = [{key: value for key, value in member.items() if key != "last_read_at"}
                            for member in shown["members"]]
        assert shown == listed[conversation.id]
        assert list(shown) == list(listed[conversation.id])


# Unread ones


def test_unread_conversations(api, database, user):
    other = database.user()
    made = [database.conversation(other, user) for _ in range(4)]
    for conversation in (made[2], made[0]):
        api.send_text(other, conversation).success()
    assert found(api, user, unread=True) == [made[0].id, made[2].id]
    api.mark_read(user, conversation_id=made[0].id).success()
    assert found(api, user, unread=True) == [made[2].id]
    assert found(api, other, unread=True) == []


def test_unread_conversations_that_are_deleted_are_not_there(api, database, user):
    conversation = database.conversation()
    database.join(conversation, user, unread_count=3)
    assert found(api, user, unread=True) == [conversation.id]
    database.update_conversation(conversation, deleted_at="2024-01-01 00:00:00")
    assert found(api, user, unread=True) == []


@pytest.mark.parametrize("value", [False, None])
def test_unread_false_is_as_absent(api, database, user, value):
    conversation = database.conversation(user)
    assert found(api, user, unread=value) == [conversation.id]


# Together


def test_all_conditions_hold_together(api, database, user):
    made = {}
    for kind in ("support", "general"):
        for title in ("春季", "秋季"):
            for unread in (0, 2):
                conversation = database.conversation(type=kind, title=title)
                database.join(conversation, user, unread_count=unread)
                made[kind, title, unread] = conversation.id
    newest = list(made.items())[::-1]
    for kind in (None, "support"):
        for title in (None, "春季"):
            for unread in (False, True):
                expected = [id for (its_kind, its_title, its_unread), id in newest
                            if kind in (None, its_kind) and title in (None, its_title) and (its_unread or not unread)]
                assert found(api, user, title, type=kind, unread=unread) == expected


@pytest.mark.parametrize("keys", [{"query": "春季"}, {"unread": True}, {"query": "春", "unread": True, "type": "general"}])
def test_pages_follow_each_other(api, database, user, keys):
    made = []
    for number in range(7):
        conversation = database.conversation(title=f"春季 {number}", last_message_at=timestamp(AT + 1000 * number))
        database.join(conversation, user, unread_count=1)
        made.insert(0, conversation.id)
        database.conversation(user, title="别的")
    for page in (1, 2, 3, 4, 5, 2**63 - 1):
        answer = api.get_conversations(user, **keys, page=page, page_size=2).success()
        assert ids(answer) == made[2 * page - 2:2 * page]
        assert answer["page_info"] == {"page": page, "page_size": 2, "total": 7, "total_pages": 4}
        assert answer["total_unread"] == 7
        assert ("cursor" in answer) == (page == 1)


def test_conversations_of_one_time_are_in_the_order_of_the_list(api, database, user):
    made = database.conversations(5, user, title="春季", last_message_at=timestamp(AT))
    assert found(api, user, "春季") == [each.id for each in made[::-1]]


def test_unread_messages_of_all_conversations_are_counted(api, database, user):
    for kind, title, unread in (("support", "春季", 2), ("general", "秋季", 3)):
        database.join(database.conversation(type=kind, title=title), user, unread_count=unread)
    for query in ("春季", "冬季"):
        answer = api.get_conversations(user, query=query).success()
        assert answer["total_unread"] == 5
        assert answer["unread_by_type"] == {"kol_order": 0, "ad_order": 0, "general": 3, "support": 2}


@pytest.mark.parametrize("keys", [{"query": "春季"}, {"query": "没有"}, {"unread": True}])
def test_the_cursor_tells_of_all_conversations(api, database, user, keys):
    other = database.user()
    database.conversation(user, other, title="春季")
    elsewhere = database.conversation(user, other, title="别的")
    cursor = api.get_conversations(user, **keys).success()["cursor"]
    api.send_text(other, elsewhere).success()
    answer = api.get_conversations(user, after_cursor=cursor).success()
    assert elsewhere.id in ids(answer)
    assert answer["unread_by_type"]["general"] == answer["total_unread"] == 1


# What is refused


@pytest.mark.parametrize("keys, message", [
    ({"query": ""}, "query must not be blank"),
    ({"query": " \u3000\u200b"}, "query must not be blank"),
    ({"query": "长" * 101}, "query must be at most 100 characters"),
    ({"query": 5}, "query must be a string"),
    ({"query": ["a"]}, "query must be a string"),
    ({"unread": 1}, "unread must be true or false"),
    ({"unread": "true"}, "unread must be true or false"),
    ({"unread": {}}, "unread must be true or false"),
])
def test_what_is_no_condition_is_refused(api, user, keys, message):
    assert api.get_conversations(user, **keys).error(400) == message


@pytest.mark.parametrize("key, value", [("query", "春季"), ("unread", True)])
def test_changes_are_told_of_all_conversations(api, user, key, value):
    cursor = api.get_conversations(user).success()["cursor"]
    message = api.get_conversations(user, after_cursor=cursor, **{key: value}).error(400)
    assert message == f"{key} cannot be given together with after_cursor"
    api.get_conversations(user, after_cursor=cursor, unread=False, query=None).success()


def test_a_wait_needs_a_cursor(api, user):
    assert api.get_conversations(user, query="春季", wait=5).error(400) == "wait needs after_cursor"


@pytest.mark.parametrize("keys", [{"query": "春季"}, {"unread": True}])
def test_who_is_disabled_is_refused(api, database, keys):
    api.get_conversations(database.user(status="disabled"), **keys).error(403)
    api.get_conversations(9_000_000_000_000_000_000, **keys).error(401)


def test_reading_changes_nothing(api, database, user):
    titled(database, user, "春季")
    before = database.content_checksum()
    found(api, user, "春季", unread=False)
    found(api, user, unread=True)
    assert database.content_checksum() == before


# Many conversations


MANY = 12_000


@pytest.fixture(scope="module")
def busy(database):
    """A user with many conversations, several of one time; each thousandth has a title of its own, each hundredth is
    unread. Returns the user and the id before the first conversation."""
    user = database.user("客服")
    first = 1 + database.value("SELECT COALESCE(MAX(id), 0) FROM orbia_conversation")
    database.execute(
        "INSERT INTO orbia_conversation (id, conversation_id, title, type, created_at)"
        " SELECT %s + seq, CONCAT('CONV_', UUID()), IF(seq MOD 1000 = 0, CONCAT('特别 ', seq), '平常'),"
        " IF(seq MOD 3 = 0, 'support', 'general'), FROM_UNIXTIME(1600000000 + seq DIV 7)"
        f" FROM seq_1_to_{MANY}", first)
    database.execute(
        "INSERT INTO orbia_conversation_member (conversation_id, user_id, unread_count)"
        f" SELECT %s + seq, %s, seq MOD 100 = 0 FROM seq_1_to_{MANY}", first, user.id)
    return user, first


def test_each_of_many_conversations_is_looked_at(api, busy):
    user, first = busy
    expected = [first + number for number in range(MANY, 0, -1000)]
    assert found(api, user, "特别", page_size=100) == expected
    assert found(api, user, "特别", page_size=100, unread=True) == expected
    assert found(api, user, "特别", page_size=100, type="support") == [
        first + number for number in range(MANY, 0, -1000) if number % 3 == 0]
    answer = api.get_conversations(user, query="平", page=100, page_size=100).success()
    assert answer["page_info"]["total"] == MANY - MANY // 1000
    assert "incomplete" not in answer["page_info"]
    assert len(answer["conversations"]) == 100


def test_the_unread_ones_of_many_conversations(api, busy):
    user, first = busy
    seen = [id for page in (1, 2, 3) for id in ids(
        api.get_conversations(user, unread=True, page=page, page_size=100).success())]
    assert seen == [first + number for number in range(MANY, 0, -100)]


def test_a_search_ends_in_time_and_says_so(api, database, busy):
    """A title that is long, and like the query everywhere but at its end, makes each look slow."""
    user, first = busy
    database.execute("UPDATE orbia_conversation SET title = REPEAT('长', 200) WHERE id BETWEEN %s AND %s",
                     first, first + MANY)
    begin = time.monotonic()
    answer = api.get_conversations(user, query="长" * 59 + "短").success()
    assert time.monotonic() - begin < 2
    assert answer["page_info"]["incomplete"] is True
    assert answer["conversations"] == []
    answer = api.get_conversations(user, query="长" * 59).success()
    assert answer["page_info"]["total"] > 0 and len(answer["conversations"]) == 20
