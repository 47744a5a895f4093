"""Where chance seldom gets to: at every bound, and with odd texts, openapi.yaml and the service agree what is valid."""

import unicodedata

import pytest

from specification import DOCUMENT, OPERATIONS, example_request, request_content, validator

MAXIMUM = 2**63 - 1


def schema_of(name: str) -> dict:
    return DOCUMENT["components"]["schemas"][request_content(name)["schema"]["$ref"].rsplit("/", 1)[1]]


def followed(schema: dict) -> dict:
    """A schema with what it refers to."""
    if "$ref" not in schema:
        return schema
    return {**DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], **schema}


def bounds():
    """Each key with its values at and beyond each of its bounds."""
    for name in OPERATIONS:
        for key, schema in schema_of(name)["properties"].items():
            schema = followed(schema)
            # The bound of content is in bytes, and no text but the service's own is a cursor or a message to be quoted.
            if "maxLength" in schema and key not in ("content", "after_cursor", "cursor", "reply_to"):
                longest = schema["maxLength"]
                for size in (0, 1, longest, longest + 1):
                    for character in "x你😀":
                        yield pytest.param(name, key, character * size, id=f"{name} {key} {size} {ascii(character)}")
            if "minimum" in schema:
                for value in (schema["minimum"] - 1, schema["minimum"], schema["maximum"], schema["maximum"] + 1, None,
                              101, 0, -1, 1.0, 1.5, "1", True, [], {}):
                    yield pytest.param(name, key, value, id=f"{name} {key} {value}")


def agree(caller, name: str, body: dict):
    """Sends a body: the service says 400 where, and only where, the file calls it invalid."""
    answer = caller.api.post(caller.user, name, body)
    is_valid = validator(request_content(name)["schema"]).is_valid(body)
    assert answer.status in ((200, 403, 404) if is_valid else (400,)), (answer, body)


def body(caller, name, **changes) -> dict:
    """The first example, of the caller's own conversation, with some keys changed."""
    request = example_request(name)
    if "conversation_id" in request:
        request = {**request, "conversation_id": caller.conversation.id}
    return {**request, **changes}


@pytest.mark.parametrize("name, key, value", list(bounds()))
def test_a_bound(caller, name, key, value):
    agree(caller, name, body(caller, name, **{key: value}))


CONVERSATION_IDS = [
    None, True, 0, -1, 1, 1.0, 1.5, MAXIMUM, MAXIMUM + 1, -(2**63), [], [1], {}, "", " ", "0", "00", "1", "01", "-1",
    "+1", "1 ", " 1", "1\n", "1.0", "1e3", "9" * 18, "0" * 100 + "1", "\u0661", "\uff11", "CONV_1_5", "CONV_0_0",
    "CONV__", "CONV_1_", "CONV_1_5_7", "CONV_1_5\n", " CONV_1_5", "conv_1_5", "CONV_x_5", "CONV_-1_5",
    "CONV_1_\u0665", "MSG_1_5", "CONV_1_" + "9" * 57, "CONV_1_" + "9" * 58,
]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "conversation_id" in example_request(name)])
@pytest.mark.parametrize("value", CONVERSATION_IDS, ids=ascii)
def test_a_conversation_id(caller, name, value):
    agree(caller, name, body(caller, name, conversation_id=value))


@pytest.mark.parametrize("value", ["9" * 19, str(MAXIMUM), "1" + "0" * 18])
def test_digits_that_the_file_calls_too_long(caller, value):
    """A pattern cannot tell which numbers of 19 digits still fit into 64 bits. No conversation has such a one."""
    request = body(caller, "get_conversation", conversation_id=value)
    assert not validator(request_content("get_conversation")["schema"]).is_valid(request)
    assert caller.api.post(caller.user, "get_conversation", request).status in (400, 404)


@pytest.mark.parametrize("before", [None, 0, 1698765432000])
@pytest.mark.parametrize("after", [None, 0, 1698765432000])
def test_both_times(caller, before, after):
    agree(caller, "get_messages", body(caller, "get_messages", before_timestamp=before, after_timestamp=after))


@pytest.mark.parametrize("wait", [None, 0, -1, 1, 26, MAXIMUM, MAXIMUM + 1, 0.0, 0.5, "1", True, []], ids=repr)
@pytest.mark.parametrize("after", [{}, {"before_timestamp": 5}, {"after_timestamp": None}, {"after_timestamp": 0}],
                         ids=["newest", "before", "null", "after"])
def test_a_wait_for_messages(caller, after, wait):
    """After the beginning of time there is a message, and nothing to wait for."""
    caller.api.send_text(caller.user, caller.conversation, "在").success()
    agree(caller, "get_messages", {"conversation_id": caller.conversation.id, **after, "wait": wait})


@pytest.mark.parametrize("wait", [None, 0, -1, 1, 26, MAXIMUM, MAXIMUM + 1, 0.0, 0.5, "1", True, []], ids=repr)
@pytest.mark.parametrize("other", [{}, {"page": None}, {"page": 1}, {"type": None}, {"type": "general"},
                                   {"page_size": 5}], ids=str)
@pytest.mark.parametrize("is_given", [True, False], ids=["cursor", "no cursor"])
def test_a_wait_for_changes(caller, is_given, other, wait):
    """A message that is sent after the cursor was given ends the wait before it begins."""
    cursor = caller.api.get_conversations(caller.user).success()["cursor"]
    caller.api.send_text(caller.user, caller.conversation, "在").success()
    after = {"after_cursor": cursor} if is_given else {}
    agree(caller, "get_conversations", {**after, **other, "wait": wait})


@pytest.mark.parametrize("cursor", ["", " ", "x", "!", "AA", "null", "0", "你好", "A" * 1_024, "A" * 1_025, "\u0000"],
                         ids=ascii)
def test_what_is_no_cursor(caller, cursor):
    """The file cannot say which texts are cursors."""
    caller.api.post(caller.user, "get_conversations", {"after_cursor": cursor}).error(400, "after_cursor")


@pytest.mark.parametrize("message", ["", " ", "x", "x" * 64, "x" * 65, "你", "😀", "\u0000", 1, True, [], {}], ids=ascii)
def test_what_cannot_be_quoted(caller, message):
    """The file cannot say which texts name a message."""
    request = body(caller, "send_message", reply_to=message)
    caller.api.post(caller.user, "send_message", request).error(400, "reply_to")


@pytest.mark.parametrize("cursor", [None, 1, True, [], {}], ids=repr)
def test_a_cursor_of_another_type(caller, cursor):
    agree(caller, "get_conversations", {"after_cursor": cursor})


@pytest.mark.parametrize("type_", ["kol_order", "support", "other", "", None, 1], ids=repr)
@pytest.mark.parametrize("order", ["KORD_1_1", "!", "~" * 255, "x" * 256, "", " ", "a b", "订单", "\x7f", "x\n", None,
                                   1, []], ids=ascii)
@pytest.mark.parametrize("is_named", [True, False], ids=["named", "not named"])
def test_an_order(caller, is_named, order, type_):
    named = {"conversation_id": caller.conversation.id} if is_named else {}
    agree(caller, "get_conversation", {**named, "related_order_id": order, "type": type_})


@pytest.mark.parametrize("query", [None, 1, True, [], "", " ", "\u200b", "\u3164", "春", "%", "\\", "\x00a", "x" * 100,
                                   "x" * 101, "😀" * 100], ids=ascii)
@pytest.mark.parametrize("unread", [{}, {"unread": True}, {"unread": False}, {"unread": None}, {"unread": 1},
                                    {"unread": "true"}], ids=str)
@pytest.mark.parametrize("is_given", [True, False], ids=["cursor", "no cursor"])
def test_a_condition(caller, is_given, unread, query):
    after = {"after_cursor": caller.cursor} if is_given else {}
    agree(caller, "get_conversations", {**after, **unread, "query": query})


@pytest.mark.parametrize("value", [
    "server:", "server:1", "Server:1", " server:1", "server", "x server:1", "\n", "\u0000"], ids=ascii)
def test_a_client_message_id(caller, value):
    # A content of its own, so that none was used for another message.
    agree(caller, "send_message", body(caller, "send_message", client_message_id=value, content=f"{value!r}"))


@pytest.mark.parametrize("value", [
    "text", "image", "file", "video", "audio", "system", "TEXT", "text ", "", None, 1], ids=repr)
def test_a_message_type(caller, value):
    agree(caller, "send_message", body(caller, "send_message", message_type=value, content="/a.pdf"))


@pytest.mark.parametrize("value", [
    "kol_order", "ad_order", "general", "support", "KOL_ORDER", "all", "", None, 1], ids=repr)
def test_a_conversation_type(caller, value):
    agree(caller, "get_conversations", body(caller, "get_conversations", type=value))


URLS = [
    "https://example.com/a.pdf", "http://example.com", "HTTPS://example.com", "hTTp://x", "//example.com/a", "/a.pdf",
    "a.pdf", "a", "?x", "#x", "a/b:c", "/a:b", "?a:b", "#a:b", "\\a:b", "https:/example.com", "https:example.com",
    "https:///a", "https://", "https:", "https://?a", "https://#a", "https://\\a", "http:\\\\example.com",
    "javascript:alert(1)", "data:text/html,x", "ftp://example.com", "file:///etc/passwd", "mailto:a@example.com",
    "x:y", ":", "a:", ":a", "1:2", "httpsx://example.com", "xhttps://example.com", "https+x://a",
    " https://example.com", "https://example.com ", "https://example.com\n", "\nhttps://example.com",
    "https://exa mple.com", "java\nscript:alert(1)", "https://例子.com/文件", "http\u017f://example.com",
    "https://user:secret@example.com:8443/a?b=c:d#e", "", "a\u200bb", "a\u00adb", "a\U000e0041b",
]


@pytest.mark.parametrize("url", URLS, ids=ascii)
def test_a_files_url(caller, url):
    agree(caller, "send_message", body(caller, "send_message", message_type="file", content=url))


# Default_Ignorable_Code_Point, as Unicode's DerivedCoreProperties.txt has it.
IGNORABLE = [
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
]
BLANK_PATTERN = 0x2800


def test_every_character_that_cannot_be_seen(caller):
    """And those beside each of them, which can: alone, and within a URL. Of the longest run, its ends."""
    hidden = {code for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zs", "Zl", "Zp")}
    hidden |= {code for first, last in IGNORABLE for code in {*range(first, min(last, first + 300) + 1), last}}
    hidden.add(BLANK_PATTERN)
    neighbours = {near for code in hidden for near in (code - 1, code + 1) if 0 <= near < 0x110000}
    for code in sorted(hidden | neighbours):
        agree(caller, "send_message", body(caller, "send_message", content=chr(code)))
        agree(caller, "send_message", body(caller, "send_message", message_type="file", content=f"/{chr(code)}"))


@pytest.mark.parametrize("content", [
    "\u2764\ufe0f", "\U0001f468\u200d\U0001f469", "\u3164 \u2800\n\ufe0f", "\u3164.", "\u0301", "\u2801", "\ue000",
], ids=ascii)
def test_a_text_of_characters_that_show_little(caller, content):
    agree(caller, "send_message", body(caller, "send_message", content=content))


@pytest.mark.parametrize("content", [
    "\u3164", "\uffa0", "\u115f", "\u1160", "\u2800", "\ufe0f", "\u034f", "\u17b4"], ids=ascii)
def test_a_text_that_shows_nothing_is_blank(caller, content):
    request = body(caller, "send_message", content=content)
    assert not validator(request_content("send_message")["schema"]).is_valid(request)
    caller.api.post(caller.user, "send_message", request).error(400)
