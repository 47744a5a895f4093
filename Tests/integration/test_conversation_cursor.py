"""get_conversations after a cursor: the conversations that have changed for the user since, whole, and once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from orbia.polling import eventually
from polls import PROMPTLY
from service import Service, settings_of


@pytest.fixture(scope="module")
def service(stack, make_directory):
    with Service(make_directory(), settings_of(stack)).running() as service:
        yield service


@pytest.fixture
def world(service, database):
    """A user with three conversations, and the other member of all of them."""
    return World(service, database)


class World:
    def __init__(self, service, database):
        self.api, self.database = service.api(timeout=40), database
        self.user, self.other = database.users(2)
        self.conversations = [database.conversation(self.user, self.other) for _ in range(3)]
        self.cursor = self.first_page()["cursor"]

    def first_page(self, **body):
        return self.api.get_conversations(self.user, **body).success()

    def changes(self, **body) -> dict:
        """What has changed since the last answer."""
        answer = self.api.get_conversations(self.user, after_cursor=self.cursor, **body).success()
        self.cursor = answer["cursor"]
        assert len(self.cursor) <= 1_024
        assert "page_info" not in answer
        return answer

    def changed(self) -> list:
        """Their ids."""
        return [conversation["id"] for conversation in self.changes()["conversations"]]


# What a change is


def test_nothing_has_changed_behind_the_first_page(world):
    answer = world.changes()

    assert answer == {"conversations": [], "has_more": False, "cursor": world.cursor}


def test_a_message_is_a_change_and_told_once(world):
    sent = world.api.send_text(world.other, world.conversations[1], "你好").success()["message"]
    answer = world.changes()

    [conversation] = answer["conversations"]
    assert conversation["id"] == world.conversations[1].id
    assert conversation["last_message"]["message_id"] == sent["message_id"]
    assert conversation["unread_count"] == 1 and answer["total_unread"] == 1
    assert answer["unread_by_type"] == {"kol_order": 0, "ad_order": 0, "general": 1, "support": 0}
    assert answer["unread_by_type"] == {"kol_order": 0, "ad_order": 0, "general": 1, "support": 0}
    assert world.changed() == []


def test_a_changed_conversation_is_whole_as_in_the_list(world):
    world.api.send_text(world.other, world.conversations[1]).success()
    [changed] = world.changes()["conversations"]
    [listed] = [each for each in world.first_page()["conversations"] if each["id"] == changed["id"]]

    assert [member.pop("last_read_at") for member in changed["members"]] == [None, None]
    assert changed == listed


def test_ones_own_message_is_a_change(world):
    world.api.send_text(world.user, world.conversations[0]).success()

    assert world.changed() == [world.conversations[0].id]


def test_what_happened_between_two_looks_is_told_in_its_order(world):
    for place in (2, 0, 1, 0):
        world.api.send_text(world.other, world.conversations[place]).success()

    assert world.changed() == [world.conversations[place].id for place in (2, 1, 0)]


def test_a_conversation_that_is_opened_is_a_change(world, database):
    new = database.conversation(world.user, world.other)

    assert world.changed() == [new.id]


def test_a_membership_in_an_old_conversation_is_a_change(world, database):
    old = database.conversation(world.other, created_at="2020-01-01 00:00:00")
    database.execute("DELETE FROM orbia_conversation_change WHERE conversation_id = %s", old.id)
    database.execute(
        "INSERT INTO orbia_conversation_member (conversation_id, user_id, role) VALUES (%s, %s, 'admin')",
        old.id, world.user.id)

    assert world.changed() == [old.id]
    assert world.changed() == []


@pytest.mark.parametrize("change", ["status = 'archived'", "status = 'closed'", "title = '新标题'"])
def test_what_staff_change_of_a_conversation_is_told(world, database, change):
    database.execute(f"UPDATE orbia_conversation SET {change} WHERE id = %s", world.conversations[2].id)

    assert world.changed() == [world.conversations[2].id]
    assert world.changed() == []


def test_ones_own_read_on_another_device_lowers_the_count(world):
    world.api.send_text(world.other, world.conversations[0]).success()
    assert world.changes()["total_unread"] == 1
    world.api.mark_read(world.user, conversation_id=world.conversations[0].id).success()
    answer = world.changes()

    assert [conversation["unread_count"] for conversation in answer["conversations"]] == [0]
    assert answer["total_unread"] == 0


def test_the_read_of_another_is_told_with_its_time(world):
    sent = world.api.send_text(world.user, world.conversations[0]).success()["message"]
    world.changes()
    world.api.mark_read(world.other, conversation_id=world.conversations[0].id).success()
    [conversation] = world.changes()["conversations"]

    read = {member["user_id"]: member["last_read_at"] for member in conversation["members"]}
    assert read[world.other.id] >= sent["created_at"]


def test_a_read_that_passes_over_nothing_is_no_change(world):
    world.api.send_text(world.other, world.conversations[0]).success()
    world.api.mark_read(world.user, conversation_id=world.conversations[0].id).success()
    world.changes()
    for user in (world.user, world.other):
        world.api.mark_read(user, conversation_id=world.conversations[0].id).success()
    world.changes()
    for user in (world.user, world.other):
        world.api.mark_read(user, conversation_id=world.conversations[0].id).success()

    assert world.changed() == []


def test_a_deleted_conversation_is_removed(world, database):
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", world.conversations[1].id)
    answer = world.changes()

    assert answer["conversations"] == [] and answer["removed"] == [world.conversations[1].id]
    assert "total_unread" not in answer and "unread_by_type" not in answer
    assert "removed" not in world.changes()


def test_a_conversation_that_was_left_is_removed(world, database):
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     world.conversations[1].id, world.user.id)
    answer = world.changes()

    assert answer["conversations"] == [] and answer["removed"] == [world.conversations[1].id]
    assert "total_unread" not in answer and "unread_by_type" not in answer
    assert "removed" not in world.changes()


def test_a_change_for_others_is_none(world, database):
    elsewhere = database.conversation(world.other, database.user())
    world.api.send_text(world.other, elsewhere).success()

    assert world.changed() == []


# Cursors


def test_what_is_committed_late_is_told(world, database):
    """A transaction that began before the cursor was taken, and commits behind it."""
    late = database.connect()
    with late.cursor() as cursor:
        cursor.execute("START TRANSACTION")
        cursor.execute("UPDATE orbia_conversation SET title = '迟到' WHERE id = %s", [world.conversations[0].id])
        time.sleep(1)
        world.api.send_text(world.other, world.conversations[1]).success()
        assert world.changed() == [world.conversations[1].id]
        cursor.execute("COMMIT")
    late.close()

    assert world.changed() == [world.conversations[0].id]
    assert world.changed() == []


def test_a_cursor_is_good_on_another_instance_and_after_a_restart(world, start_service):
    world.api.send_text(world.other, world.conversations[1]).success()
    answer = start_service().api().get_conversations(world.user, after_cursor=world.cursor).success()

    assert [conversation["id"] for conversation in answer["conversations"]] == [world.conversations[1].id]


def test_only_the_first_page_has_a_cursor(world):
    assert "cursor" in world.first_page(page=1)
    assert "cursor" in world.first_page(type="general")
    assert "cursor" not in world.first_page(page=2)


def test_more_than_an_answer_holds_come_one_after_the_other(world, database):
    conversations = database.conversations(230, world.user, world.other)
    told, more = [], True
    while more:
        answer = world.changes()
        told += [conversation["id"] for conversation in answer["conversations"]]
        more = answer["has_more"]
        assert len(answer["conversations"]) <= 100

    assert sorted(told) == sorted(conversation.id for conversation in conversations)
    assert world.changed() == []


def test_with_many_changes_a_new_one_is_told(world, database):
    """More conversations than the cursor can name."""
    database.conversations(230, world.user, world.other)
    while world.changes()["has_more"]:
        pass
    world.api.send_text(world.other, world.conversations[0]).success()
    answer = world.changes()

    assert world.conversations[0].id in [conversation["id"] for conversation in answer["conversations"]]
    assert len(answer["conversations"]) < 30
    assert world.changed() == []


def test_a_restored_database_is_told_by_a_reset(world, database):
    world.api.send_text(world.other, world.conversations[0]).success()
    world.changes()
    # As before the message, and before the membership was noted.
    database.execute("UPDATE orbia_conversation_member SET last_activity_at = last_activity_at - INTERVAL 1 HOUR"
                     " WHERE conversation_id = %s", world.conversations[0].id)
    database.execute("DELETE FROM orbia_conversation_change WHERE conversation_id = %s", world.conversations[0].id)
    answer = world.changes()

    assert answer["reset"] is True and answer["conversations"] == []
    assert "reset" not in world.changes()


@pytest.mark.parametrize("cursor", ["", "x", "a" * 1_025, "////", None])
def test_a_malformed_cursor_is_named(world, cursor):
    if cursor is None:
        cursor = world.cursor[:-1] + ("A" if world.cursor[-1] != "A" else "B")
    world.api.get_conversations(world.user, after_cursor=cursor).error(400, "after_cursor")


@pytest.mark.parametrize("key, value", [("page", 1), ("type", "general")])
def test_a_cursor_goes_with_neither_page_nor_type(world, key, value):
    world.api.get_conversations(world.user, after_cursor=world.cursor, **{key: value}).error(400, key)


def test_a_wait_without_a_cursor_is_named(world):
    world.api.get_conversations(world.user, wait=5).error(400, "wait")
    assert "page_info" in world.first_page(wait=0)


# Waiting


def poll(world, wait=25):
    start = time.monotonic()
    answer = world.api.get_conversations(world.user, after_cursor=world.cursor, wait=wait).success()
    return answer, time.monotonic() - start


def waiting_poll(service, world, threads, wait=25):
    before = service.metrics()["orbia_polls_waiting"]
    running = threads.submit(poll, world, wait)
    eventually(lambda: service.metrics()["orbia_polls_waiting"] > before, within=10, what="the poll waits")
    return running


@pytest.mark.parametrize("change", [
    "UPDATE orbia_conversation SET status = 'closed' WHERE id = {conversation}",
    "UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = {conversation}",
    "DELETE FROM orbia_conversation_member WHERE conversation_id = {conversation} AND user_id = {user}",
])
def test_what_staff_do_wakes(service, world, database, change):
    with ThreadPoolExecutor(1) as threads:
        running = waiting_poll(service, world, threads)
        start = time.monotonic()
        database.execute(change.format(conversation=world.conversations[0].id, user=world.user.id))
        answer, _ = running.result()
        assert time.monotonic() - start < PROMPTLY
    assert answer["conversations"] or answer["removed"]


def test_a_message_and_a_membership_wake(service, world, database):
    with ThreadPoolExecutor(1) as threads:
        running = waiting_poll(service, world, threads)
        # Two transactions: what the first one shows is no change of the list yet.
        world.database.message(world.conversations[0], world.other, "只有消息")
        time.sleep(0.2)
        world.database.execute("UPDATE orbia_conversation SET last_message_at = NOW(3) WHERE id = %s",
                               world.conversations[0].id)
        answer, took = running.result()
        assert [conversation["id"] for conversation in answer["conversations"]] == [world.conversations[0].id]
        assert took < 15
        world.cursor = answer["cursor"]
        running = waiting_poll(service, world, threads)
        old = database.conversation(world.other)
        database.join(old, world.user)
        answer, _ = running.result()
    assert [conversation["id"] for conversation in answer["conversations"]] == [old.id]


def test_an_empty_end_has_the_same_cursor_and_no_count(world):
    answer, took = poll(world, wait=1)

    assert answer == {"conversations": [], "has_more": False, "cursor": world.cursor}
    assert 0.79 <= took < 1 + PROMPTLY


def test_what_page_one_has_shown_ends_no_wait(world):
    world.api.send_text(world.other, world.conversations[0]).success()
    world.cursor = world.first_page()["cursor"]
    answer, took = poll(world, wait=1)

    assert answer["conversations"] == [] and took >= 0.79


def test_two_pages_that_are_told_and_mark_do_not_wake_each_other_for_ever(service, world):
    """Each marks what it is told as read, at once, as pages do that are looked at."""
    ends = time.monotonic() + 6
    answers = {world.user.id: 0, world.other.id: 0}

    def page(user):
        api = service.api(timeout=40)
        cursor = api.get_conversations(user).success()["cursor"]
        while time.monotonic() < ends:
            answer = api.get_conversations(user, after_cursor=cursor, wait=2).success()
            cursor = answer["cursor"]
            if answer["conversations"]:
                answers[user.id] += 1
                api.mark_read(user, conversation_id=world.conversations[0].id).success()

    with ThreadPoolExecutor(2) as threads:
        pages = [threads.submit(page, user) for user in (world.user, world.other)]
        time.sleep(1)
        world.api.send_text(world.other, world.conversations[0]).success()
        for each in pages:
            each.result()
    # The message, the reader's own mark, the sender's own mark, and one more where they cross.
    assert all(1 <= count <= 5 for count in answers.values()), answers
