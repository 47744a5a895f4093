"""Every key of every endpoint missing, null, of each wrong type, and at and over its limits."""

import json

import pytest

from api import ROUTES

pytestmark = pytest.mark.usefixtures("unharmed")

WITH_CONVERSATION = [route for route in ROUTES if route != "get_conversations"]
ABSENT = object()


@pytest.fixture(scope="module")
def user(database):
    return database.user()


@pytest.fixture(scope="module")
def conversation(database, user):
    return database.conversation(user)


def body_with(conversation, route, key, value) -> bytes:
    """A body that is good for the route but for one key; a str is JSON to be taken as it is."""
    body = {"conversation_id": conversation.id}
    if route == "send_message":
        body |= {"message_type": "file", "content": "/a.pdf"}
    if route == "get_conversations":
        body = {}
    if route == "search_messages":
        body |= {"query": "x"}
    if route == "recall_message":
        body |= {"message_id": "MSG_1_1"}
    body.pop(key, None)
    written = json.dumps(body)[1:-1]
    pair = "" if value is ABSENT else f"{json.dumps(key)}:{value}"
    return ("{" + ",".join(part for part in (written, pair) if part) + "}").encode()


def text(value: str) -> str:
    return json.dumps(value)


# Types

TRUTH, FRACTION, STRING, ARRAY, OBJECT = "true", "1.5", '"x"', "[]", "{}"
NUMBER_IN_STRING, NUMBER_IN_ARRAY = '"1"', "[1]"

# Without it, search_messages searches all conversations.
REQUIRED = [(route, "conversation_id") for route in WITH_CONVERSATION if route != "search_messages"] + [
    ("send_message", "message_type"), ("send_message", "content"), ("recall_message", "message_id")]
INTEGERS = [
    ("send_message", "file_size"), ("get_messages", "before_timestamp"), ("get_messages", "limit"),
    ("get_conversations", "page"), ("get_conversations", "page_size"), ("search_messages", "limit")]
STRINGS = [
    ("send_message", "message_type"), ("send_message", "content"), ("send_message", "file_name"),
    ("send_message", "file_type"), ("send_message", "reply_to"), ("recall_message", "message_id"),
    ("get_conversations", "type"), ("search_messages", "query"),
    ("search_messages", "message_type"), ("search_messages", "cursor")]


def refused(api, user, conversation, route, key, value):
    api.post(user, route, body_with(conversation, route, key, value)).error(400, key)


@pytest.mark.parametrize("value", [ABSENT, "null"], ids=["missing", "null"])
@pytest.mark.parametrize("route, key", REQUIRED)
def test_a_required_key_that_is_missing_or_null(api, user, conversation, route, key, value):
    refused(api, user, conversation, route, key, value)


@pytest.mark.parametrize("value", [
    TRUTH, "false", FRACTION, "-0.5", "1e-1", STRING, '""', NUMBER_IN_STRING, ARRAY, OBJECT,
    NUMBER_IN_ARRAY, "1e400", "-1e400"])
@pytest.mark.parametrize("route, key", INTEGERS)
def test_an_integer_that_is_none(api, user, conversation, route, key, value):
    refused(api, user, conversation, route, key, value)


@pytest.mark.parametrize("value", [TRUTH, "false", "0", "1", FRACTION, ARRAY, OBJECT, '["x"]'])
@pytest.mark.parametrize("route, key", STRINGS)
def test_a_string_that_is_none(api, user, conversation, route, key, value):
    refused(api, user, conversation, route, key, value)


# conversation_id

NO_CONVERSATION_ID = [
    TRUTH, "false", FRACTION, ARRAY, OBJECT, NUMBER_IN_ARRAY, "0", "-0", "-1", "0.0", "1e-3", "1e400",
    "9223372036854775808", "18446744073709551617", "1e19", "-9223372036854775809",
    *map(text, [
        "", " ", "0", "00", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "1,000", "x", "null", "true",
        "\u0661", "\uff11", "\u00b2", "1\u0000", "1\n", "CONV", "CONV_", "CONV__", "CONV_1", "CONV_1_",
        "CONV__1", "CONV_1_5_7", "CONV_1_5 ", " CONV_1_5", "CONV_1_5\n", "CONV_1_5\u0000", "conv_1_5",
        "Conv_1_5", "CONV_x_5", "CONV_1_x", "CONV_-1_5", "CONV_1_-5", "CONV_+1_5", "CONV_1.0_5",
        "CONV-1-5", "CONV_1_\u0665", "CONV_1_\uff15", "\uff23ONV_1_5", "CONV_1_5' OR '1'='1",
        "CONV_1_%", "%", "_", "MSG_1_5", "KORD_1_5", "1' OR '1'='1", "1;DROP TABLE orbia_user",
        "99999999999999999999999999x",
    ]),
]


@pytest.mark.parametrize("value", NO_CONVERSATION_ID)
@pytest.mark.parametrize("route", WITH_CONVERSATION)
def test_a_conversation_id_of_no_known_form(api, user, conversation, route, value):
    refused(api, user, conversation, route, "conversation_id", value)


@pytest.mark.parametrize("value", [
    "9000000000000000000", "9223372036854775807", "1e18", "9e18", "9.0e18", '"9000000000000000000"',
    '"CONV_1_9000000000000000000"', '"CONV_0_0"', '"CONV_00_00"', '"CONV_9223372036854775807_1"',
])
@pytest.mark.parametrize("route", WITH_CONVERSATION)
def test_a_conversation_id_that_belongs_to_nobody(api, user, conversation, route, value):
    body = body_with(conversation, route, "conversation_id", value)
    assert api.post(user, route, body).error(404) == "conversation not found"


@pytest.mark.parametrize("digits", [19, 20, 40, 64, 65, 1_000, 100_000])
@pytest.mark.parametrize("form", ["{}", "CONV_{}_1", "CONV_1_{}"])
def test_a_conversation_id_of_very_many_digits(api, user, conversation, form, digits):
    body = body_with(conversation, "mark_read", "conversation_id", text(form.format("9" * digits)))
    answer = api.post(user, "mark_read", body)
    assert answer.status in (400, 404)
    assert answer.json["base_resp"]["code"] == answer.status


@pytest.mark.parametrize("number", ["1e3", "1000", "1000.0", "10E2", "0.1e4"])
def test_a_number_with_an_exponent_is_an_integer(api, user, conversation, number):
    """Conversation 1000 is not there, or is not this user's: no 400 in either case."""
    answer = api.post(user, "mark_read",
                      body_with(conversation, "mark_read", "conversation_id", number))
    assert answer.status in (403, 404)


# send_message


@pytest.mark.parametrize("value", map(text, [
    "", " ", "TEXT", "Text", "text ", " text", "text\u0000", "texts", "system", "sticker", "0", "1",
    "text,image", "text' OR '1'='1", "\uff54ext", "x" * 100_000,
]))
def test_a_message_type_that_is_none(api, user, conversation, value):
    refused(api, user, conversation, "send_message", "message_type", value)


BLANK = {
    "empty": "", "space": " ", "spaces": " " * 1_000, "tab and newline": "\t\r\n\v\f",
    "no-break space": "\u00a0", "ogham space": "\u1680", "em space": "\u2003",
    "thin space": "\u2009", "line separator": "\u2028", "paragraph separator": "\u2029",
    "narrow no-break space": "\u202f", "mathematical space": "\u205f",
    "ideographic space": "\u3000", "next line": "\u0085", "NUL": "\u0000", "escape": "\u001b",
    "delete": "\u007f", "soft hyphen": "\u00ad", "zero width space": "\u200b",
    "zero width joiner": "\u200d", "right-to-left mark": "\u200f", "BOM": "\ufeff",
    "right-to-left override": "\u202e", "word joiner": "\u2060", "language tag": "\U000e0041",
    "Hangul filler": "\u3164", "halfwidth Hangul filler": "\uffa0", "Hangul choseong filler": "\u115f",
    "Braille blank": "\u2800", "variation selector": "\ufe0f", "grapheme joiner": "\u034f", "Khmer vowel": "\u17b4",
    "all together": " \u3164\u2800\u3000\u200b\u0000\ufeff\u00ad\n",
}


@pytest.mark.parametrize("message_type", ["text", "image", "file", "video", "audio"])
@pytest.mark.parametrize("content", BLANK.values(), ids=BLANK.keys())
def test_content_that_is_blank(api, user, conversation, message_type, content):
    api.send_message(user, conversation_id=conversation.id, message_type=message_type,
                     content=content).error(400, "content")


@pytest.mark.parametrize("message_type", ["text", "image"])
@pytest.mark.parametrize("content", [
    "x" * 65_536, "é" * 32_768, "你" * 21_846, "😀" * 16_385, "x" * 65_535 + "\u0000", "x" * 500_000,
], ids=["ASCII", "two bytes", "three bytes", "four bytes", "NUL", "very long"])
def test_content_of_more_than_65535_bytes(api, user, conversation, message_type, content):
    api.send_message(user, conversation_id=conversation.id, message_type=message_type,
                     content=content).error(400, "content")


BAD_URLS = [
    "javascript:alert(1)", "JavaScript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,<script>",
    "data:image/png;base64,AAAA", "vbscript:x", "file:///etc/passwd", "ftp://example.com/a",
    "blob:https://example.com/1", "about:blank", "mailto:a@example.com", "tel:123", "x:y", "x:",
    "httpsx://example.com/a", "https+x://example.com", "http-s://example.com", "chrome://settings",
    "intent://x#Intent;end", "ws://example.com", "view-source:https://example.com",
    " javascript:alert(1)", "\tjavascript:alert(1)", "java\tscript:alert(1)",
    "java\nscript:alert(1)", "java\rscript:alert(1)", "javascript\u0000:alert(1)",
    "\u0000javascript:alert(1)", "\u0001javascript:alert(1)", "\u001fjavascript:alert(1)",
    "https://example.com/a b", "https://example.com/a\tb", "https://example.com/a\nb",
    "https://example.com/a\u0000b", " https://example.com", "https://example.com ",
    "https://example.com/a\u3000b", "https://example.com/a\u00a0b", "https://example.com/a\u0085b",
    "https://example.com/\u007f", "https://example.com/a\u2028b", "a b.png",
]


@pytest.mark.parametrize("message_type", ["image", "file", "video", "audio"])
@pytest.mark.parametrize("url", BAD_URLS)
def test_a_files_url_with_another_scheme_or_white_space(api, user, conversation, message_type, url):
    api.send_message(user, conversation_id=conversation.id, message_type=message_type,
                     content=url).error(400, "content")


@pytest.mark.parametrize("key, limit", [("file_name", 500), ("file_type", 100)])
@pytest.mark.parametrize("character", ["x", "é", "你", "😀"])
def test_a_file_name_or_type_over_its_limit(api, user, conversation, key, limit, character):
    refused(api, user, conversation, "send_message", key, text(character * (limit + 1)))
    refused(api, user, conversation, "send_message", key, text(character * 40_000))


@pytest.mark.parametrize("value", [
    "-1", "-1.0", "9223372036854775808", "1e19", "1e300", "-9223372036854775809", "18446744073709551616"])
def test_a_file_size_that_is_negative_or_too_large(api, user, conversation, value):
    refused(api, user, conversation, "send_message", "file_size", value)


# get_messages and get_conversations


@pytest.mark.parametrize("route, key", [
    ("get_messages", "limit"), ("get_conversations", "page"), ("get_conversations", "page_size")])
@pytest.mark.parametrize("value", ["0", "-0", "0.0", "-1", "-20", "-9223372036854775808", "-1e18"])
def test_a_page_number_or_size_below_one(api, user, conversation, route, key, value):
    refused(api, user, conversation, route, key, value)


@pytest.mark.parametrize("route, key", [
    ("get_messages", "limit"), ("get_conversations", "page_size"), ("get_conversations", "page"),
    ("get_messages", "before_timestamp")])
@pytest.mark.parametrize("value", ["1000000", "1e3", "9223372036854775807", "1e18"])
def test_an_enormous_number_where_any_is_allowed(api, user, conversation, route, key, value):
    api.post(user, route, body_with(conversation, route, key, value)).success()


@pytest.mark.parametrize("route, key", INTEGERS)
@pytest.mark.parametrize("value", ["9223372036854775808", "-9223372036854775809", "1e19", "1e300",
                                   "1" + "0" * 1_000])
def test_an_integer_beyond_64_bits_is_none(api, user, conversation, route, key, value):
    api.post(user, route, body_with(conversation, route, key, value)).error(400, key)


@pytest.mark.parametrize("value", map(text, [
    "", " ", "KOL_ORDER", "kol_order ", "kol-order", "kol", "all", "*", "%", "kol_order\u0000",
    "kol_order,general", "0", "1", "' OR '1'='1", "x" * 100_000]))
def test_a_conversation_type_that_is_none(api, user, conversation, value):
    refused(api, user, conversation, "get_conversations", "type", value)


@pytest.mark.usefixtures("conversation")
def test_page_one_million_is_empty(api, user):
    answer = api.get_conversations(user, page=1_000_000).success()
    assert answer["conversations"] == []
    assert answer["page_info"]["total"] == 1
