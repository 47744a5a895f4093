"""The API document's own examples: its requests, sent to the service in the document's own world, get its answers.

That world is one conversation with its two members and messages, of which all examples tell. They do not
quite agree with each other; where the world differs for an example, its test says so.
"""

import json
import re

import pytest

from database import Conversation, timestamp
from specification import REPOSITORY, answer_content, document_answer, document_request

THE_DOCUMENT = REPOSITORY.parent / "shared" / "api" / "conversation-api.zh.md"
AT = 1698765432000
ORDER = "KORD_1698765432000_12345"

# The document's endpoints, in its order, and what this service adds to their answers.
ADDITIONS = {
    "send_message": {"recallable_until"}, "get_messages": set(), "get_conversation": {"id", "last_read_at"},
    "get_conversations": {"id", "total_unread", "unread_by_type", "cursor"}, "mark_read": {"unread_count"},
}


@pytest.fixture(scope="module")
def people(database):
    return [database.user(id=1, avatar_url="https://example.com/avatar1.jpg"),
            database.user("李四 (KOL)", id=2, avatar_url="https://example.com/avatar2.jpg")]


@pytest.fixture(scope="module")
def world(database, people) -> Conversation:
    conversation_id = "CONV_1698765432000_12345"
    row = database.insert(
        "orbia_conversation", id=123, conversation_id=conversation_id, title="KOL订单: 产品推广视频",
        type="kol_order", related_order_type="kol_order", related_order_id=ORDER, last_message_at=timestamp(AT),
        created_at="2024-01-01 10:00:00")
    conversation = Conversation(row, conversation_id)
    for person, role in zip(people, ("creator", "member")):
        database.join(conversation, person, role=role, joined_at="2024-01-01 10:00:00", unread_count=5)
    return conversation


@pytest.fixture
def messages(database, world, people):
    """The document's message and one before it, and none that another test sent."""
    database.execute("DELETE FROM orbia_message WHERE conversation_id = %s", world.id)
    database.message(world, people[0], "早些时候", AT - 60_000)

    def newest(content):
        database.execute("DELETE FROM orbia_message WHERE conversation_id = %s AND created_at = %s",
                         world.id, timestamp(AT))
        database.insert("orbia_message", message_id="MSG_1698765432000_12345", conversation_id=world.id,
                        sender_id=people[0].id, content=content, created_at=timestamp(AT))

    newest("消息内容")
    return newest


@pytest.fixture
def other_picture(database, people):
    """Among messages the document's first user has another picture than among members."""
    database.execute("UPDATE orbia_user SET avatar_url = 'https://example.com/avatar.jpg' WHERE id = 1")
    yield
    database.execute("UPDATE orbia_user SET avatar_url = 'https://example.com/avatar1.jpg' WHERE id = 1")


def ask(api, name, user, **changes):
    """The answer to the document's request, or to it with some keys changed."""
    answer = api.post(user, name, {**document_request(name), **changes})
    assert answer.status == 200, answer
    return answer.json


def written(value):
    """As pairs in their order: a dictionary is equal to another one whatever the order of its keys."""
    if isinstance(value, dict):
        return [(key, written(item)) for key, item in value.items()]
    return [written(item) for item in value] if isinstance(value, list) else value


def without(value, *keys):
    """The same with some keys' values left out of account, wherever they stand; the keys stay."""
    if isinstance(value, dict):
        return {key: "…" if key in keys else without(item, *keys) for key, item in value.items()}
    return [without(item, *keys) for item in value] if isinstance(value, list) else value


def same(answer, example, *undetermined):
    assert written(without(answer, *undetermined)) == written(without(example, *undetermined))


@pytest.mark.usefixtures("messages", "other_picture")
def test_send_message(api, people):
    """The document's answer has no file, though its request names one. Without it the answer is the document's."""
    example = document_answer("send_message")
    answer = ask(api, "send_message", people[0])
    same(answer, example, "message_id", "created_at", "recallable_until", "file_name", "file_size", "file_type")
    asked = document_request("send_message")
    for key in ("file_name", "file_size", "file_type"):
        assert answer["message"][key] == asked[key]

    answer = ask(api, "send_message", people[0], file_name=None, file_size=None, file_type=None)
    same(answer, example, "message_id", "created_at", "recallable_until")
    assert re.fullmatch(f"MSG_{answer['message']['created_at']}_[0-9]+", answer["message"]["message_id"])


@pytest.mark.usefixtures("messages", "other_picture")
def test_get_messages(api, people):
    """The document's message is not before its own time; with a page of one it is what the document shows."""
    example = document_answer("get_messages")
    earlier = ask(api, "get_messages", people[0])
    assert [message["content"] for message in earlier["messages"]] == ["早些时候"]
    assert earlier["has_more"] is False
    same(earlier, {**example, "has_more": False}, "message_id", "content", "created_at")

    same(ask(api, "get_messages", people[0], before_timestamp=None, limit=1), example)


def test_get_conversation(database, api, world, people):
    """The times of day depend on the service's time zone; test_time_zone.py has them."""
    for person, read_at in zip(people, (None, timestamp(AT))):
        database.execute("UPDATE orbia_conversation_member SET unread_count = 5, last_read_at = %s"
                         " WHERE conversation_id = %s AND user_id = %s", read_at, world.id, person.id)
    database.update_conversation(world, last_message_at=timestamp(AT))
    same(ask(api, "get_conversation", people[0]), document_answer("get_conversation"), "joined_at", "created_at")


def test_get_conversations(database, api, world, people, messages):
    messages("最后一条消息内容")
    database.execute("UPDATE orbia_conversation_member SET unread_count = 5 WHERE conversation_id = %s", world.id)
    database.update_conversation(world, last_message_at=timestamp(AT))
    for _ in range(99):
        database.conversation(people[0], type="kol_order", created_at="2020-01-01 00:00:00")
    answer, example = ask(api, "get_conversations", people[0]), document_answer("get_conversations")
    assert len(answer["conversations"]) == 20
    # The message's time is determined, the conversation's and the members' are as above.
    assert answer["conversations"][0]["last_message"]["created_at"] == AT
    same({**answer, "conversations": answer["conversations"][:1]}, example, "joined_at", "created_at", "cursor")


def test_mark_read(database, api, world, people):
    database.execute("UPDATE orbia_conversation_member SET unread_count = 5 WHERE conversation_id = %s", world.id)
    same(ask(api, "mark_read", people[0]), document_answer("mark_read"))
    assert database.unread(world, people[0]) == 0


def test_the_documents_error(database, api, world):
    """Its sample says 400, its list of codes 403 for a caller who is no member. The list holds."""
    stranger = database.user()
    answer = api.post(stranger, "get_conversation", document_request("get_conversation"))
    assert answer.status == 403
    same(answer.json, answer_content("get_conversation", 403)["examples"]["member"]["value"])


# openapi.yaml and the document itself, which lies beside the checkout where the service is developed --------


def documents_examples() -> list:
    """The JSON blocks of the document, in its order, without their comments."""
    blocks = re.findall(r"^```json\n(.*?)^```", THE_DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    return [json.loads(re.sub(r"\s//.*$", "", block, flags=re.MULTILINE)) for block in blocks]


def only(example, additions):
    """An example without what this service adds."""
    if isinstance(example, dict):
        return {key: only(value, additions) for key, value in example.items() if key not in additions}
    return [only(value, additions) for value in example] if isinstance(example, list) else example


@pytest.mark.skipif(not THE_DOCUMENT.exists(), reason="the API document is not here")
def test_the_examples_are_the_documents():
    *examples, error = documents_examples()
    assert len(examples) == 2 * len(ADDITIONS)
    for position, name in enumerate(ADDITIONS):
        request, answer = examples[2 * position : 2 * position + 2]
        assert written(document_request(name)) == written(request), name
        assert written(only(document_answer(name), ADDITIONS[name])) == written(answer), name
    declared = answer_content("get_conversation", 403)["examples"]["member"]["value"]
    assert declared["base_resp"]["message"] == error["base_resp"]["message"]
