"""gzip: a long answer is compressed for who asks for it."""

import pytest

from api import PREFIX


@pytest.fixture
def user(database):
    user = database.user()
    conversation = database.conversation(user)
    for number in range(20):
        database.message(conversation, user, f"第 {number} 条消息")
    return user


def listed(api, user, accepted) -> tuple:
    """The answer to get_messages in the user's one conversation."""
    [conversation] = api.get_conversations(user).success()["conversations"]
    headers = {"Authorization": f"Bearer {api.token(user)}", "Accept-Encoding": accepted}
    body = b'{"conversation_id":%d}' % conversation["id"]
    answer = api.transport.request("POST", PREFIX + "get_messages", headers, body)
    assert len(answer.success()["messages"]) == 20
    return answer


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br"])
def test_a_long_answer_is_compressed_for_who_accepts_it(api, user, accepted):
    """The client has unpacked it again: its length is what went over the wire."""
    answer = listed(api, user, accepted)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.body) > 4000


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br"])
def test_and_not_for_who_does_not(api, user, accepted):
    answer = listed(api, user, accepted)
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_short_answer_is_not_worth_it(api, database):
    answer = api.get_conversations(database.user())
    answer.success()
    assert "Content-Encoding" not in answer.headers
