"""search_messages: what is found, where it matches, in which order, and how a search goes on."""

import base64

import pytest

from database import now_ms

START = 1_698_765_432_000


@pytest.fixture
def reader(database):
    return database.user("张三", avatar_url="https://example.com/avatar.jpg")


@pytest.fixture
def conversation(database, reader):
    return database.conversation(reader, database.user("李四"))


def search(api, user, **body) -> dict:
    return api.search_messages(user, **body).success()


def contents(api, user, **body) -> list:
    answer = search(api, user, **body)
    assert not answer["has_more"] and "cursor" not in answer
    return [message["content"] for message in answer["messages"]]


def all_pages(api, user, between=lambda number: None, **body) -> list:
    """The messages of all pages of a search. `between` is called behind each page."""
    found, more, number = [], {}, 0
    while True:
        answer = search(api, user, **body, **more)
        found += answer["messages"]
        assert answer["has_more"] == ("cursor" in answer)
        if not answer["has_more"]:
            return found
        more = {"cursor": answer["cursor"]}
        between(number)
        number += 1
        assert number < 500


def active(database, conversation, sender, content, at):
    """A message as the service stores it: it moves the conversation in the list."""
    message_id = database.message(conversation, sender, content, at)
    database.execute("UPDATE orbia_conversation SET last_message_at = FROM_UNIXTIME(%s / 1000) WHERE id = %s",
                     at, conversation.id)
    return message_id


# The answer


def test_a_message_has_the_documented_keys(api, database, reader, conversation):
    message_id = database.message(conversation, reader, "https://example.com/a.pdf", START, message_type="file",
                                  file_name="推广合同.pdf", file_size=5, file_type="application/pdf")
    answer = api.search_messages(reader, query="合同")
    assert answer.success() == {
        "messages": [{
            "message_id": message_id,
            "conversation_id": conversation.id,
            "sender_id": reader.id,
            "sender_nickname": "张三",
            "sender_avatar_url": "https://example.com/avatar.jpg",
            "message_type": "file",
            "content": "https://example.com/a.pdf",
            "file_name": "推广合同.pdf",
            "file_size": 5,
            "file_type": "application/pdf",
            "status": "sent",
            "created_at": START,
            "conversation": {"id": conversation.id, "conversation_id": conversation.conversation_id, "title": "测试"},
            "match": {"content": [], "file_name": [[2, 2]]},
        }],
        "has_more": False,
    }
    assert list(answer.json) == ["messages", "has_more", "base_resp"]


def test_a_message_is_as_get_messages_shows_it(api, database, reader, conversation):
    api.send_message(reader, conversation_id=conversation.id, message_type="text", content="合同",
                     client_message_id="key").success()
    database.message(conversation, database.user(None), "合同")
    shown = api.get_messages(reader, conversation_id=conversation.conversation_id).success()["messages"]
    found = search(api, reader, conversation_id=conversation.conversation_id, query="合同")["messages"]
    for message in found:
        del message["conversation"], message["match"]
    assert found == shown[::-1] and len(found) == 2


def test_a_conversation_is_named_as_it_was_asked_for(api, database, reader, conversation):
    database.message(conversation, reader)
    for asked, shown in ((conversation.id, conversation.id), (str(conversation.id), conversation.id),
                         (conversation.conversation_id, conversation.conversation_id), (None, conversation.id)):
        [message] = search(api, reader, query="你好", conversation_id=asked)["messages"]
        assert message["conversation_id"] == shown
        assert message["conversation"]["id"] == conversation.id


def test_a_conversation_without_title(api, database, reader):
    conversation = database.conversation(reader, title=None)
    database.message(conversation, reader)
    [message] = search(api, reader, query="你好")["messages"]
    assert message["conversation"]["title"] is None


# What is found

ALIKE = [
    ("合同", "请看合同。"), ("abc", "xABCx"), ("ABC", "ａｂｃ"), ("ａｂｃ", "Abc"), ("１２３", "a123"), ("123", "１２３"),
    ("cafe", "Café"), ("é", "e"), ("ｶﾞ", "x ｶﾞ"), ("😀", "好😀"), ("合同Ａ", "合同a"), ("%", "100%"), ("_", "a_b"),
    ("\\", "a\\b"), ("|", "a|b"), ("'", "it's"), ('"', 'a"b'), ("％", "100%"), (" ", "a b"), ("b c", "a b c"),
    ("🎬🎬", "x🎬🎬🎬"), ("❤️", "❤️"), ("ß", "Straße"), ("İ", "i"), ("한", "한국"), ("й", "Й"),
]
UNLIKE = [
    ("%", "100"), ("_", "ab"), ("\\", "ab"), ("a%c", "abc"), ("a_c", "abc"), ("😀", "😁"),
    ("合同", "合 同"), ("合同", "同合"),
    ("a", "b"), ("ss", "ß"), ("合同 ", "合同"), (" 合同", "合同"), ("|%", "100%"), ("你", "您"),
    ("\u8C48", "\uF900"), ("\uF900", "\u8C48"),
]


@pytest.mark.parametrize("query, content", ALIKE, ids=ascii)
@pytest.mark.parametrize("column", ["content", "file_name"])
def test_what_a_message_contains_is_found(api, database, reader, conversation, query, content, column):
    database.message(conversation, reader, **{"content": "/a", "message_type": "file", column: content})
    if not query.isspace():
        [message] = search(api, reader, query=query)["messages"]
        assert message["match"][column], "where it was found is told"


@pytest.mark.parametrize("query, content", UNLIKE, ids=ascii)
def test_what_a_message_does_not_contain_is_not_found(api, database, reader, conversation, query, content):
    database.message(conversation, reader, content)
    assert contents(api, reader, query=query) == []


@pytest.mark.parametrize("query, content, places", [
    ("合同", "合同与合同", [[0, 2], [3, 2]]),
    ("a", "aAａÀ", [[0, 1], [1, 1], [2, 1], [3, 1]]),
    ("aa", "aaaaa", [[0, 2], [2, 2]]),
    ("好", "😀好😀好", [[2, 1], [5, 1]]),
    ("😀", "好😀😀", [[1, 2], [3, 2]]),
    ("aab", "aaaab", [[2, 3]]),
    ("abab", "abaabab", [[3, 4]]),
    ("a", "a" * 150, [[place, 1] for place in range(100)]),
], ids=ascii)
def test_where_a_message_matches(api, database, reader, conversation, query, content, places):
    """In UTF-16 code units, as strings of JavaScript have them."""
    database.message(conversation, reader, content)
    [message] = search(api, reader, query=query)["messages"]
    assert message["match"] == {"content": places, "file_name": []}
    units = content.encode("utf-16-le")
    for start, length in places:
        part = units[2 * start:2 * (start + length)].decode("utf-16-le")
        assert len(part) == len(query)


def test_hits_and_places_follow_one_rule(api, database, reader, conversation):
    """Every character of the plane that a collation has something to say about, each in a message of its own with
    its forms: what the database finds has places, and they are what the database calls alike."""
    characters = [chr(point) for point in (*range(0x20, 0x250), *range(0x300, 0x370, 7), *range(0x2460, 0x2474),
                                           *range(0xFF01, 0xFFEF), *range(0xF900, 0xF920), *range(0x3041, 0x3100))]
    visible = [each for each in characters if each.isprintable() and not each.isspace()]
    database.message(conversation, reader, "".join(characters))
    for character in visible[::9]:
        expected = [
            row["place"] - 1 for row in database.rows(
                "SELECT seq AS place FROM seq_1_to_2000 JOIN orbia_message m ON m.conversation_id = %s"
                " WHERE seq <= CHAR_LENGTH(m.content) AND SUBSTRING(m.content, seq, 1) COLLATE utf8mb4_unicode_520_ci"
                " LIKE CONCAT('|', %s) ESCAPE '|'", conversation.id, character)]
        [message] = search(api, reader, query=character)["messages"]
        assert [start for start, _ in message["match"]["content"]] == expected[:100], ascii(character)


def test_chinese_characters_are_only_themselves(database):
    """So bytes may be compared in their place: no character of another block is like one of them."""
    found = database.rows(
        "SELECT o.point, u.point FROM"
        " (SELECT seq AS point FROM seq_63744_to_64255 UNION ALL SELECT seq FROM seq_194560_to_195103"
        "  UNION ALL SELECT seq FROM seq_11904_to_12255 UNION ALL SELECT seq FROM seq_12800_to_13311) o"
        " JOIN (SELECT seq AS point FROM seq_19968_to_40869) u"
        " ON HEX(WEIGHT_STRING(CONVERT(CHAR(o.point USING utf32) USING utf8mb4) COLLATE utf8mb4_unicode_520_ci))"
        "  = HEX(WEIGHT_STRING(CONVERT(CHAR(u.point USING utf32) USING utf8mb4) COLLATE utf8mb4_unicode_520_ci))"
        " WHERE CONVERT(CHAR(o.point USING utf32) USING utf8mb4) COLLATE utf8mb4_unicode_520_ci"
        "  LIKE CONVERT(CHAR(u.point USING utf32) USING utf8mb4)"
        " OR CONVERT(CHAR(u.point USING utf32) USING utf8mb4) COLLATE utf8mb4_unicode_520_ci"
        "  LIKE CONVERT(CHAR(o.point USING utf32) USING utf8mb4)")
    assert found == []


@pytest.mark.parametrize("kind", ["text", "image", "file", "video", "audio", "system"])
def test_all_messages_of_a_type_are_found(api, database, reader, conversation, kind):
    for each in ("text", "image", "file", "video", "audio", "system"):
        database.message(conversation, reader, f"/{each}", message_type=each)
    [message] = search(api, reader, message_type=kind)["messages"]
    assert (message["content"], message["match"]) == (f"/{kind}", {"content": [], "file_name": []})
    assert contents(api, reader, message_type=kind, conversation_id=conversation.id) == [f"/{kind}"]


def test_a_query_and_a_type_must_both_fit(api, database, reader, conversation):
    database.message(conversation, reader, "合同")
    database.message(conversation, reader, "/1", message_type="file", file_name="合同.pdf")
    database.message(conversation, reader, "/2", message_type="file", file_name="报价.pdf")
    assert contents(api, reader, query="合同", message_type="file") == ["/1"]


def test_system_messages_are_found(api, database, reader, conversation):
    database.message(conversation, reader, "张三 撤回了一条消息", message_type="system")
    assert contents(api, reader, query="撤回") == ["张三 撤回了一条消息"]


# In which order


def test_in_a_conversation_the_newest_comes_first(api, database, reader, conversation):
    for number in range(30):
        database.message(conversation, reader, f"合同 {number}", START + 1000 * (number // 2))
    found = all_pages(api, reader, query="合同", conversation_id=conversation.id, limit=7)
    assert [message["content"] for message in found] == [f"合同 {number}" for number in reversed(range(30))]


@pytest.mark.parametrize("limit", [1, 3, 20, 100])
def test_over_all_conversations_the_latest_activity_comes_first(api, database, reader, limit):
    conversations = database.conversations(5, reader)
    expected = []
    for place, conversation in enumerate(conversations):
        texts = [f"合同 {place} {number}" for number in range(4)]
        for number, text in enumerate(texts):
            active(database, conversation, reader, text, START + 100_000 * place + 1000 * number)
        expected = texts[::-1] + expected
    found = all_pages(api, reader, query="合同", limit=limit)
    assert [message["content"] for message in found] == expected


def test_many_conversations_of_which_some_are_large(api, database, reader):
    conversations = database.conversations(130, reader)
    for place, conversation in enumerate(conversations):
        active(database, conversation, reader, f"合同 {place}", START + 1000 * place)
    for place in (3, 77, 129):
        database.fill(conversations[place], reader, 450, 20)
        database.message(conversations[place], reader, f"老合同 {place}", START - 10 ** 9 * 100)
    found = [message["content"] for message in all_pages(api, reader, query="合同", limit=50)]
    expected = []
    for place in reversed(range(130)):
        expected += [f"合同 {place}"] + [f"老合同 {place}"] * (place in (3, 77, 129))
    assert found == expected


def test_a_large_conversation_is_searched_to_its_end(api, database, reader, conversation):
    database.fill(conversation, reader, 30_000, 20)
    database.message(conversation, reader, "合同 最早", 1_500_000_000_000)
    found = all_pages(api, reader, query="合同", conversation_id=conversation.id)
    assert [message["content"] for message in found] == ["合同 最早"]


def test_limit_is_as_in_get_messages(api, database, reader, conversation):
    for number in range(105):
        database.message(conversation, reader, "合同", START + number)
    for limit, count in ((None, 20), (1, 1), (100, 100), (5000, 100)):
        answer = search(api, reader, query="合同", limit=limit)
        assert (len(answer["messages"]), answer["has_more"]) == (count, True)


# Who may see what


def test_nothing_of_others_is_found(api, database, reader, conversation):
    stranger = database.user()
    database.message(conversation, reader, "合同")
    assert contents(api, stranger, query="合同") == []
    api.search_messages(stranger, query="合同", conversation_id=conversation.id).error(403, "not a member")


def test_the_refusals_come_in_the_usual_order(api, database, reader, conversation):
    nobody, disabled = 9_000_000_000_000_000_000, database.user(status="disabled")
    for body in ({"query": "x"}, {"query": "x", "conversation_id": nobody}):
        api.search_messages(None, **body).error(401)
        api.search_messages(nobody, **body).error(401, "unknown user")
        api.search_messages(disabled, **body).error(403, "disabled")
    api.search_messages(reader, query="x", conversation_id=nobody).error(404)
    api.search_messages(reader, query="x", conversation_id="CONV_1_1").error(404)
    database.update_conversation(conversation, deleted_at="2024-01-01 00:00:00")
    api.search_messages(reader, query="x", conversation_id=conversation.id).error(404)


def test_what_ends_while_one_pages_is_not_told(api, database, reader):
    """Membership, conversation and message are looked at in each call."""
    kept, left, deleted = (database.conversation(reader) for _ in range(3))
    for place, conversation in enumerate((kept, left, deleted)):
        for number in range(3):
            active(database, conversation, reader, "合同", START + 10_000 * place + number)

    def end(number):
        if number == 0:
            database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s", left.id)
            database.update_conversation(deleted, deleted_at="2024-01-01 00:00:00")
            database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE conversation_id = %s"
                             " ORDER BY created_at LIMIT 1", kept.id)

    found = all_pages(api, reader, query="合同", limit=1, between=end)
    assert [message["conversation"]["id"] for message in found] == [deleted.id, kept.id, kept.id]


def test_deleted_messages_are_not_found(api, database, reader, conversation):
    database.message(conversation, reader, "合同", deleted_at="2024-01-01 00:00:00")
    database.message(conversation, reader, "/1", message_type="file", file_name="合同", deleted_at="2024-01-01 00:00:00")
    for body in ({"query": "合同"}, {"message_type": "file"}):
        assert contents(api, reader, **body) == []
        assert contents(api, reader, **body, conversation_id=conversation.id) == []


# Going on


def test_what_becomes_active_while_one_pages_is_not_missed(api, database, reader):
    """The last conversations of the walk move to its front, one after each page."""
    conversations = database.conversations(40, reader)
    ids = set()
    for place, conversation in enumerate(conversations):
        ids.add(active(database, conversation, reader, f"合同 {place}", START + 1000 * place))

    def move(number):
        if number < 20:
            active(database, conversations[number], reader, "别的", now_ms())

    found = all_pages(api, reader, query="合同", limit=1, between=move)
    assert {message["message_id"] for message in found} == ids


def test_what_becomes_active_at_the_last_is_not_missed(api, database, reader):
    """Also where it moves again while those that have moved are looked at."""
    conversations = database.conversations(6, reader)
    ids = {active(database, conversation, reader, "合同", START + 1000 * place)
           for place, conversation in enumerate(conversations)}

    def move(number):
        for conversation in conversations[:3] if number < 12 else []:
            active(database, conversation, reader, "别的", now_ms())

    found = all_pages(api, reader, query="合同", limit=1, between=move)
    assert {message["message_id"] for message in found} == ids


def test_a_message_that_was_committed_late_is_not_missed(api, database, reader):
    """Its transaction began before the search, and its conversation had an old activity when the walk began."""
    late, *others = database.conversations(6, reader)
    ids = {active(database, conversation, reader, "合同", START + 1000 * place)
           for place, conversation in enumerate((late, *others))}
    with database.transaction() as cursor:
        cursor.execute("UPDATE orbia_conversation SET last_message_at = NOW(3) WHERE id = %s", [late.id])
        cursor.execute("SELECT SLEEP(0.05)")
        seen = []

        def commit(number):
            seen.append(number)
            if number == 1:
                cursor.connection.commit()

        found = all_pages(api, reader, query="合同", limit=1, between=commit)
    assert {message["message_id"] for message in found} == ids


def test_where_nothing_moves_nothing_is_told_twice(api, database, reader):
    """Although the conversations were active a moment before the search."""
    ids = [active(database, conversation, reader, "合同", now_ms() - 1000 + place)
           for place, conversation in enumerate(database.conversations(10, reader))]
    found = all_pages(api, reader, query="合同", limit=3)
    assert [message["message_id"] for message in found] == ids[::-1]


def test_a_cursor_belongs_to_its_search(api, database, reader, conversation):
    for number in range(3):
        database.message(conversation, reader, "合同", START + number)
    body = {"query": "合同", "conversation_id": conversation.id}
    cursor = search(api, reader, **body, limit=1)["cursor"]
    assert len(search(api, reader, **body, cursor=cursor, limit=100)["messages"]) == 2
    for other in ({**body, "query": "合"}, {"query": "合同"}, {**body, "message_type": "text"},
                  {**body, "conversation_id": conversation.conversation_id}, {"message_type": "text"}):
        api.search_messages(reader, **other, cursor=cursor).error(400, "cursor")


def test_another_users_cursor_opens_nothing(api, database, reader, conversation):
    for number in range(3):
        database.message(conversation, reader, "合同", START + number)
    cursor = search(api, reader, query="合同", limit=1)["cursor"]
    stranger = database.user()
    assert all_pages(api, stranger, query="合同") == []
    assert search(api, stranger, query="合同", cursor=cursor)["messages"] == []


@pytest.mark.parametrize("cursor", [5, True, [], {}, "", "x", "!", "AA", "null", "你好", "A" * 1024, "A" * 1025, "AQID="],
                         ids=ascii)
def test_what_is_no_cursor(api, reader, cursor):
    api.search_messages(reader, query="x", cursor=cursor).error(400, "cursor")


def test_a_changed_cursor_is_none(api, database, reader, conversation):
    for number in range(3):
        database.message(conversation, reader, "合同", START + number)
    good = search(api, reader, query="合同", limit=1)["cursor"]
    cursor = bytearray(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))
    for place in range(len(cursor)):
        changed = bytes(cursor[:place]) + bytes([cursor[place] ^ 1]) + bytes(cursor[place + 1:])
        text = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        api.search_messages(reader, query="合同", cursor=text).error(400, "cursor")


# What is no search


@pytest.mark.parametrize("body, words", [
    ({}, ["query", "required"]),
    ({"query": None, "message_type": None}, ["query", "required"]),
    ({"query": ""}, ["query", "blank"]),
    ({"query": "   "}, ["query", "blank"]),
    ({"query": "\u200b"}, ["query", "blank"]),
    ({"query": "\u3164"}, ["query", "blank"]),
    ({"query": "a\nb"}, ["query", "control"]),
    ({"query": "a\u0000"}, ["query", "control"]),
    ({"query": "a\u0085"}, ["query", "control"]),
    ({"query": "x" * 101}, ["query", "100"]),
    ({"query": 5}, ["query", "string"]),
    ({"query": ["a"]}, ["query", "string"]),
    ({"query": "", "message_type": "file"}, ["query", "blank"]),
    ({"query": "x", "message_type": "gif"}, ["message_type"]),
    ({"message_type": ""}, ["message_type"]),
    ({"query": "x", "conversation_id": 0}, ["conversation_id"]),
    ({"query": "x", "conversation_id": "x"}, ["conversation_id"]),
    ({"query": "x", "limit": 0}, ["limit"]),
    ({"query": "x", "limit": "5"}, ["limit"]),
], ids=ascii)
def test_what_is_no_search(api, reader, unharmed, body, words):
    api.search_messages(reader, **body).error(400, *words)


@pytest.mark.parametrize("query", ["x" * 100, "好" * 100, "😀" * 100, "a\u200db", "%" * 100, "_", "||"], ids=ascii)
def test_a_query_at_its_bounds(api, database, reader, conversation, query):
    database.message(conversation, reader, f"前{query}后")
    [message] = search(api, reader, query=query)["messages"]
    assert message["match"]["content"][0][0] == 1
