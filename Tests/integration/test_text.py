"""Text comes back as it was sent: every script, sign, quote and control character, and no more."""

import json

import pytest

TEXTS = {
    "Chinese": "你好，视频什么时候可以交付？",
    "beyond the BMP": "𠮷野家 𝒳 🀄",
    "emoji": "😀👍🏽👨‍👩‍👧‍👦🏳️‍🌈🇨🇳",
    "right to left": "שלום مرحبا \u202eabc\u202c",
    "combining": "e\u0301 ñ n\u0303 \u0e01\u0e33 각 각",
    "not normalized": "\u212b \u00c5 A\u030a ﬁ Ⅳ ①",
    "noncharacters": "\ufffe\uffff\ufdd0\U0010ffff",
    "private use": "\ue000\U000f0000",
    "replacement character": "\ufffd",
    "NUL": "a\u0000b\u0000",
    "control characters": "a" + "".join(map(chr, range(1, 32))) + "\u007f\u0080\u009f",
    "line ends": "一\n二\r\n三\r四\u2028五\u2029六",
    "white space around": "  \t你好\n ",
    "line separators": "a\u2028b\u2029c",
    "quotes": "' \" ` ´ “ ” ‘ ’ « »",
    "backslashes": "\\ \\\\ \\n \\' \\\" \\u0041 \\0",
    "percent": "% %% %s %n %d %00 %27 100%",
    "underscores": "_ __ \\_ \\%",
    "SQL": "'; DROP TABLE orbia_message; -- ",
    "SQL in double quotes": "\" OR \"\"=\"",
    "SQL comment": "/* */ /*! SLEEP(9) */ # --",
    "a placeholder": "? :name @x @@version",
    "HTML": "<script>alert('x')</script> &amp; &lt;",
    "JSON": '{"base_resp":{"code":500}}',
    "a template": "${jndi:ldap://x} {{7*7}} #{7*7} `id` $(id)",
    "header lines": "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "a path": "../../../../etc/passwd\u0000.png",
    "zero width": "a\u200b\u200c\u200d\ufeffb",
    "a word": "null",
    "digits": "0123456789",
    "a single character": "。",
    "three-byte edge": "\u0800\uffff",
    "two-byte edge": "\u0080\u07ff",
    "four-byte edge": "\U00010000\U0010ffff",
}


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture
def conversation(database, user):
    return database.conversation(user)


def stored_and_read(api, database, user, conversation, message) -> list:
    """A message as it was answered, stored, and read through each endpoint that shows its content."""
    [stored] = database.stored_messages(conversation)
    [read] = api.get_messages(user, conversation_id=conversation.id).success()["messages"]
    [listed] = api.get_conversations(user).success()["conversations"]
    return [message["content"], stored["content"], read["content"],
            listed["last_message"]["content"]]


@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "as UTF-8"])
@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS.keys())
def test_content_comes_back_as_it_was_sent(api, database, user, conversation, content, ascii_only):
    body = json.dumps({"conversation_id": conversation.id, "message_type": "text",
                       "content": content}, ensure_ascii=ascii_only)
    message = api.post(user, "send_message", body.encode()).success()["message"]
    assert stored_and_read(api, database, user, conversation, message) == [content] * 4


@pytest.mark.parametrize("name", TEXTS.values(), ids=TEXTS.keys())
def test_a_file_name_and_type_come_back_as_they_were_sent(api, database, user, conversation, name):
    kind = name[:100]
    message = api.send_message(user, conversation_id=conversation.id, message_type="file",
                               content="/a", file_name=name, file_type=kind).success()["message"]
    [stored] = database.stored_messages(conversation)
    [read] = api.get_messages(user, conversation_id=conversation.id).success()["messages"]
    for each in (message, stored, read):
        assert (each["file_name"], each["file_type"]) == (name, kind)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_what_the_platform_wrote_is_shown_as_it_is(api, database, text):
    user = database.user(text[:100], avatar_url=text)
    conversation = database.conversation(user, title=text)
    found = api.get_conversation(user, conversation_id=conversation.id).success()["conversation"]
    assert found["title"] == text
    assert found["members"][0]["nickname"] == text[:100]
    assert found["members"][0]["avatar_url"] == text


@pytest.mark.parametrize("content", [
    "x" * 65_535, "你" * 21_845, "😀" * 16_383 + "xyz", "\u0000" * 65_534 + "x", '"' * 65_535,
    "\u001f" * 65_534 + "x",
], ids=["ASCII", "three bytes", "four bytes", "NUL", "quotes", "control characters"])
def test_content_of_exactly_65535_bytes_comes_back_whole(api, database, user, conversation, content):
    assert len(content.encode()) == 65_535
    message = api.send_text(user, conversation, content).success()["message"]
    assert stored_and_read(api, database, user, conversation, message) == [content] * 4


@pytest.mark.parametrize("character", ["x", "é", "你", "😀"])
def test_a_file_name_and_type_of_exactly_their_limit(api, database, user, conversation, character):
    name, kind = character * 500, character * 100
    api.send_message(user, conversation_id=conversation.id, message_type="file", content="/a",
                     file_name=name, file_type=kind).success()
    [stored] = database.stored_messages(conversation)
    assert (stored["file_name"], stored["file_type"]) == (name, kind)


@pytest.mark.parametrize("size", ["0", "1", "4294967296", "9007199254740993", "9223372036854775807",
                                  "1024.0", "1.024e3", "null"])
def test_a_file_size_comes_back_to_the_last_digit(api, user, conversation, size):
    body = '{"conversation_id":%d,"message_type":"file","content":"/a","file_size":%s}'
    answer = api.post(user, "send_message", (body % (conversation.id, size)).encode())
    expected = {"null": None, "1024.0": 1024, "1.024e3": 1024}.get(size) if not size.isdigit() \
        else int(size)
    assert answer.success()["message"]["file_size"] == expected


def test_a_hundred_messages_of_the_greatest_size_come_in_one_answer(api, database, user,
                                                                   conversation):
    """Six and a half megabytes of text; each line feed is escaped, which doubles it."""
    content = "\n" * 65_534 + "x"
    database.execute(
        "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
        " SELECT CONCAT('MSG_', seq, '_', %s), %s, %s, %s, FROM_UNIXTIME(1600000000 + seq)"
        " FROM seq_1_to_100", conversation.id, conversation.id, user.id, content)
    found = api.get_messages(user, conversation_id=conversation.id, limit=100).success()["messages"]
    assert [message["content"] for message in found] == [content] * 100


def test_texts_of_many_kinds_do_not_disturb_each_other(api, user, conversation):
    for content in TEXTS.values():
        api.send_text(user, conversation, content).success()
    found = api.get_messages(user, conversation_id=conversation.id, limit=100).success()["messages"]
    assert [message["content"] for message in found] == list(TEXTS.values())
