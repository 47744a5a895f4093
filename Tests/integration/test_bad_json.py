"""Bodies that are no JSON object, or a strange one: 400 in words, and nothing changes."""

import json

import pytest

from api import ROUTES

pytestmark = pytest.mark.usefixtures("unharmed")

WITH_REQUIRED_KEYS = [route for route in ROUTES if route != "get_conversations"]


@pytest.fixture(scope="module")
def user(database):
    return database.user()


@pytest.fixture(scope="module")
def conversation(database, user):
    return database.conversation(user)


NO_OBJECT = {
    "white space": b" \n\t",
    "an array": b"[]",
    "an array of objects": b'[{"conversation_id":1}]',
    "a number": b"1",
    "a string": b'"x"',
    "null": b"null",
    "true": b"true",
    "a word": b"conversation_id",
    "a form": b"conversation_id=1&limit=20",
    "XML": b"<conversation_id>1</conversation_id>",
    "NUL": b"\x00",
    "binary": bytes(range(256)),
}

NOT_JSON = {
    "an open brace": b"{",
    "a closing brace": b"}",
    "an open string": b'{"conversation_id":"',
    "a key alone": b'{"conversation_id"}',
    "no value": b'{"conversation_id":}',
    "no colon": b'{"conversation_id" 1}',
    "no quotes": b"{conversation_id:1}",
    "single quotes": b"{'conversation_id':1}",
    "a trailing comma": b'{"conversation_id":1,}',
    "a leading comma": b'{,"conversation_id":1}',
    "two commas": b'{"conversation_id":1,,"limit":1}',
    "no comma": b'{"conversation_id":1 "limit":1}',
    "something behind": b'{"conversation_id":1} x',
    "two objects": b'{"conversation_id":1}{"conversation_id":1}',
    "NUL behind": b'{"conversation_id":1}\x00',
    "a line comment": b'{"conversation_id":1 // x\n}',
    "a block comment": b'{/* x */"conversation_id":1}',
    "a hash comment": b'# x\n{"conversation_id":1}',
    "a BOM": b'\xef\xbb\xbf{"conversation_id":1}',
    "UTF-16": '{"conversation_id":1}'.encode("utf-16"),
    "UTF-16 without BOM": '{"conversation_id":1}'.encode("utf-16-le"),
    "UTF-32": '{"conversation_id":1}'.encode("utf-32-be"),
    "another white space": b'{\xc2\xa0"conversation_id":1}',
    "a form feed": b'{\x0c"conversation_id":1}',
    "a raw newline in a string": b'{"conversation_id":1,"x":"a\nb"}',
    "a raw tab in a string": b'{"conversation_id":1,"x":"a\tb"}',
    "a raw NUL in a string": b'{"conversation_id":1,"x":"a\x00b"}',
    "a raw escape in a string": b'{"conversation_id":1,"x":"\x1b"}',
    "an unknown escape": b'{"conversation_id":1,"x":"\\x41"}',
    "an octal escape": b'{"conversation_id":1,"x":"\\101"}',
    "a short unicode escape": b'{"conversation_id":1,"x":"\\u12"}',
    "no hexadecimal in an escape": b'{"conversation_id":1,"x":"\\u12g4"}',
    "a sign in an escape": b'{"conversation_id":1,"x":"\\u+123"}',
    "a lone high surrogate": b'{"conversation_id":1,"x":"\\ud83d"}',
    "a lone low surrogate": b'{"conversation_id":1,"x":"\\ude00"}',
    "surrogates the wrong way round": b'{"conversation_id":1,"x":"\\ude00\\ud83d"}',
    "two high surrogates": b'{"conversation_id":1,"x":"\\ud83d\\ud83d"}',
    "a high surrogate and a letter": b'{"conversation_id":1,"x":"\\ud83dA"}',
    "a lone surrogate in a key": b'{"conversation_id":1,"\\ud83d":1}',
    "a surrogate in UTF-8": b'{"conversation_id":1,"x":"\xed\xa0\xbd"}',
    "an overlong encoding": b'{"conversation_id":1,"x":"\xc0\xaf"}',
    "an overlong NUL": b'{"conversation_id":1,"x":"\xc0\x80"}',
    "a cut encoding": b'{"conversation_id":1,"x":"\xe4\xb8"}',
    "a continuation byte alone": b'{"conversation_id":1,"x":"\x80"}',
    "beyond Unicode": b'{"conversation_id":1,"x":"\xf4\x90\x80\x80"}',
    "Latin-1": '{"conversation_id":1,"x":"é"}'.encode("latin-1"),
    "GBK": '{"conversation_id":1,"x":"你好"}'.encode("gbk"),
    "invalid UTF-8 in a key": b'{"conversation_id":1,"\xff":1}',
    "True": b'{"conversation_id":1,"x":True}',
    "undefined": b'{"conversation_id":1,"x":undefined}',
    "NaN": b'{"conversation_id":1,"x":NaN}',
    "Infinity": b'{"conversation_id":1,"x":-Infinity}',
    "a leading zero": b'{"conversation_id":01}',
    "a leading plus": b'{"conversation_id":+1}',
    "a leading point": b'{"conversation_id":.5}',
    "a trailing point": b'{"conversation_id":1.}',
    "hexadecimal": b'{"conversation_id":0x1}',
    "an exponent without digits": b'{"conversation_id":1e}',
    "a minus alone": b'{"conversation_id":-}',
    "two minuses": b'{"conversation_id":--1}',
    "underscores": b'{"conversation_id":1_000}',
    "a number as a key": b"{1:1}",
    "null as a key": b"{null:1}",
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT.keys())
def test_a_body_that_is_no_object(api, user, route, body):
    api.post(user, route, body).error(400)


@pytest.mark.parametrize("route", ["send_message", "get_conversations"])
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_a_body_that_is_not_json(api, user, route, body):
    api.post(user, route, body).error(400)


@pytest.mark.parametrize("route", WITH_REQUIRED_KEYS)
def test_an_empty_body_where_a_key_is_required(api, user, route):
    api.post(user, route, b"").error(400)


@pytest.mark.parametrize("route", WITH_REQUIRED_KEYS)
def test_an_empty_object_where_a_key_is_required(api, user, route):
    api.post(user, route, b"{}").error(400, "query" if route == "search_messages" else "conversation_id")


# Nesting


def nested(depth: int, opening: str, closing: str) -> bytes:
    """An object whose depth, itself included, is this."""
    inner = opening * (depth - 1) + closing * (depth - 1)
    return f'{{"page":1,"x":{inner or 1}}}'.encode()


@pytest.mark.parametrize("depth, status", [
    (1, 200), (2, 200), (100, 200), (128, 200), (129, 400), (1_000, 400), (100_000, 400)])
def test_arrays_may_be_nested_128_deep(api, user, depth, status):
    answer = api.post(user, "get_conversations", nested(depth, "[", "]"))
    assert answer.status == answer.json["base_resp"]["code"] == status


@pytest.mark.parametrize("depth, status", [(128, 200), (129, 400), (1_000, 400), (50_000, 400)])
def test_objects_may_be_nested_128_deep(api, user, depth, status):
    body = b'{"x":' * depth + b"1" + b"}" * depth
    answer = api.post(user, "get_conversations", body)
    assert answer.status == answer.json["base_resp"]["code"] == status


@pytest.mark.parametrize("body", [
    b"[" * 500_000, b'{"a":' * 100_000, b'{"x":' + b"[" * 500_000, b"[{" * 200_000,
    b'{"x":"' + b"\\" * 500_000, b'{"x":' + b"9" * 500_000 + b"}",
])
def test_a_large_body_that_never_ends_well_does_no_harm(api, user, body):
    answer = api.post(user, "get_conversations", body)
    assert answer.status in (200, 400)
    assert answer.json["base_resp"]["code"] == answer.status


# What is unusual and yet JSON


@pytest.mark.parametrize("body", [
    b' \r\n\t{ "page" : 1 , "page_size" : 20 } \r\n',
    b'{"page":1e0,"page_size":20.0}',
    b'{"page_size":2e1}',
    b'{"page_size":200E-1}',
    b'{"page":"x","page":1}',
    b'{"page":1.5,"page":null}',
    b'{"p\\u0061ge":1}',
    b'{"page":"x","\\u0070age":1}',
    b'{"unknown":{"page":"x"},"Page":"x","page ":"x","PAGE":"x"}',
    b'{"":1,"\\u0000":2," ":3}',
    b'{"x":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"}',
    b'{"x":[1,-0,-0.0,1e400,-1e-400,123456789012345678901234567890,true,false,null,"",[],{}]}',
    '{"x":"﷐\ufffe\U0010ffff"}'.encode(),
    b'{"x":"\x7f\xc2\x80"}',
])
def test_strange_json_is_json(api, user, conversation, body):
    answer = api.post(user, "get_conversations", body).success()
    assert [each["id"] for each in answer["conversations"]] == [conversation.id]


@pytest.mark.parametrize("body", [
    '{"conversation_id":9000000000000000000,"conversation_id":%d}',
    '{"conversation_id":"x","conversation_id":%d}',
    '{"conversation_id":null,"conversation_id":%d}',
    '{"conversation_id":[],"limit":"x","limit":5,"conversation_id":%d}',
])
def test_of_doubled_keys_the_last_counts(api, user, conversation, body):
    api.post(user, "get_messages", (body % conversation.id).encode()).success()


@pytest.mark.parametrize("body", ['{"conversation_id":%d,"conversation_id":"x"}',
                                  '{"conversation_id":%d,"conversation_id":null}'])
def test_of_doubled_keys_the_last_counts_when_it_is_the_bad_one(api, user, conversation, body):
    api.post(user, "get_messages", (body % conversation.id).encode()).error(400, "conversation_id")


def test_very_many_keys_do_no_harm(api, user, conversation):
    body = {f"key {number}": number for number in range(20_000)}
    api.post(user, "get_messages", {**body, "conversation_id": conversation.id}).success()


def test_the_answer_to_a_bad_body_does_not_repeat_it(api, user):
    for body in (b"<script>alert(1)</script>", b'{"conversation_id":"<script>"}'):
        assert b"<script>" not in api.post(user, "mark_read", body).body


def test_a_good_body_is_accepted_all_the_same(api, user, conversation):
    """The counterpart of all of the above: what json.dumps writes."""
    for ascii_only in (True, False):
        body = json.dumps({"conversation_id": conversation.id, "说明": "你好 😀"},
                          ensure_ascii=ascii_only)
        api.post(user, "get_messages", body.encode()).success()
