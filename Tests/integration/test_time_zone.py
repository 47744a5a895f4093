"""TZ: joined_at and created_at are in the process's time zone, messages' times in none."""

import pytest

WINTER, SUMMER = "2024-01-01 10:00:00", "2024-07-01 10:00:00"  # in UTC, as the database keeps them


@pytest.mark.parametrize("zone, winter, summer", [
    ("UTC", "2024-01-01 10:00:00", "2024-07-01 10:00:00"),
    ("Asia/Shanghai", "2024-01-01 18:00:00", "2024-07-01 18:00:00"),
    ("Europe/Berlin", "2024-01-01 11:00:00", "2024-07-01 12:00:00"),
    ("America/New_York", "2024-01-01 05:00:00", "2024-07-01 06:00:00"),
    ("Asia/Kathmandu", "2024-01-01 15:45:00", "2024-07-01 15:45:00"),
    ("Pacific/Kiritimati", "2024-01-02 00:00:00", "2024-07-02 00:00:00"),
])
def test_times_are_written_in_the_processs_zone(start_service, database, zone, winter, summer):
    api = start_service(TZ=zone).api()
    user = database.user()
    conversation = database.conversation(created_at=WINTER)
    database.join(conversation, user, joined_at=SUMMER)
    [listed] = api.get_conversations(user).success()["conversations"]
    found = api.get_conversation(user, conversation_id=conversation.id).success()["conversation"]
    for each in (listed, found):
        assert each["created_at"] == winter
        assert each["members"][0]["joined_at"] == summer


def test_messages_times_are_milliseconds_everywhere(start_service, database):
    user = database.user()
    conversation = database.conversation(user)
    sent = start_service(TZ="Asia/Shanghai").api().send_text(user, conversation).success()
    at = sent["message"]["created_at"]
    for zone in ("UTC", "America/New_York"):
        api = start_service(TZ=zone).api()
        page = api.get_messages(user, conversation_id=conversation.id, before_timestamp=at + 1)
        assert [message["created_at"] for message in page.success()["messages"]] == [at]
        [listed] = api.get_conversations(user).success()["conversations"]
        assert listed["last_message_at"] == listed["last_message"]["created_at"] == at


def test_a_time_that_is_null_in_the_database_is_null(start_service, database):
    user = database.user()
    conversation = database.conversation(created_at=None)
    database.join(conversation, user, joined_at=None)
    api = start_service().api()
    found = api.get_conversation(user, conversation_id=conversation.id).success()["conversation"]
    assert found["created_at"] is None and found["members"][0]["joined_at"] is None
