"""Files that messages may name: those of the platform's storage alone, where ORBIA_FILE_URLS says where that is."""

import pytest

from service import run, settings_for

TYPES = ("image", "file", "video", "audio")


@pytest.fixture
def api(start_service):
    return start_service(ORBIA_FILE_URLS="https://files.example.com/chat/,http://cdn.example.com/").api()


def send(api, user, conversation, kind, url):
    return api.send_message(user, conversation_id=conversation.id, message_type=kind, content=url, file_name="a")


@pytest.mark.parametrize("kind", TYPES)
def test_a_file_elsewhere_is_refused_and_nothing_is_stored(api, database, kind):
    user = database.user()
    conversation = database.conversation(user)
    refused = send(api, user, conversation, kind, "https://files.example.com.evil.example/chat/a").error(400)
    assert refused == ("content must be a URL that begins with https://files.example.com/chat/ or"
                       f" http://cdn.example.com/ for message_type {kind}")
    assert database.stored_messages(conversation) == []
    for url in ("https://files.example.com/chat/a", "http://CDN.example.com/b"):
        assert send(api, user, conversation, kind, url).success()["message"]["content"] == url


def test_a_text_may_name_any_url(api, database):
    user = database.user()
    conversation = database.conversation(user)
    api.send_text(user, conversation, "https://elsewhere.example/a.png").success()


def test_what_was_sent_before_is_still_read(api, database):
    user = database.user()
    conversation = database.conversation(user)
    database.message(conversation, user, "https://elsewhere.example/a.png", message_type="image")
    [message] = api.get_messages(user, conversation_id=conversation.id).success()["messages"]
    assert message["content"] == "https://elsewhere.example/a.png"


@pytest.mark.parametrize("value", ["https://files.example.com", "files.example.com/", "/files/"])
def test_a_value_that_is_none_stops_the_start(server, value):
    done = run("check", **settings_for(server, server.database()), ORBIA_FILE_URLS=value)
    assert done.returncode != 0
    assert "ORBIA_FILE_URLS must be URL prefixes with a slash at the end" in done.stdout + done.stderr
