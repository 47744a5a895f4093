"""Reading while others write: no message is missed or seen twice, no unread count is lost."""

import threading

from api import http_api
from concurrency import Sending, all_at_once, counted_unread


def newest_first_pages(api, user, conversation, limit):
    """Pages as a client scrolls up: each before the earliest message of the last one."""
    before = {}
    while True:
        answer = api.get_messages(user, conversation_id=conversation.id, limit=limit, **before)
        page = answer.success()
        yield page["messages"]
        if not page["has_more"]:
            return
        before = {"before_timestamp": page["messages"][0]["created_at"]}


def test_paging_backwards_while_others_write_shows_every_older_message_once(stack, database):
    users = database.users(4)
    conversation = database.conversation(*users)
    all_at_once(*Sending(stack, conversation, users, 25).senders)

    def page_through():
        api = http_api(stack)
        for limit in (1, 3, 7, 20, 33):
            pages = list(newest_first_pages(api, users[0], conversation, limit))
            seen = [message["created_at"] for page in reversed(pages) for message in page]
            expected = [row["created_ms"] for row in database.stored_messages(conversation)
                        if row["created_ms"] <= seen[-1]]
            assert seen == expected

    all_at_once(page_through, *Sending(stack, conversation, users[1:], 40).senders)


def test_the_documents_own_poller_sees_every_message_once(stack, database):
    """Newest 20, keep what is newer than the last one seen.

    "Often enough" is made exact: a writer may send only while fewer than 12 messages are unseen.
    """
    users = database.users(4)
    conversation = database.conversation(*users)
    database.message(conversation, users[0], at=1_600_000_000_000)
    total = 3 * 50
    allowed = threading.Semaphore(12)

    def write(user):
        api = http_api(stack)
        for number in range(50):
            assert allowed.acquire(timeout=30), "the poller saw nothing for 30 s"
            api.send_text(user, conversation, f"{user.id} {number}").success()

    def poll() -> list:
        api, seen, newest = http_api(stack), [], 1_600_000_000_000
        while len(seen) < total:
            answer = api.get_messages(users[0], conversation_id=conversation.id, limit=20).success()
            new = [each for each in answer["messages"] if each["created_at"] > newest]
            if new:
                newest = new[-1]["created_at"]
                seen += new
                allowed.release(len(new))
        return seen

    *_, seen = all_at_once(*(lambda user=user: write(user) for user in users[1:]), poll)
    stored = database.stored_messages(conversation)[1:]
    assert [each["message_id"] for each in seen] == [row["message_id"] for row in stored]


def test_marks_beside_sends_never_lose_a_count(stack, database):
    """Each reader marks again and again; what is left at the end is what came after the last mark."""
    writers, readers = database.users(4), database.users(4)
    conversation = database.conversation(*writers, *readers)
    done = threading.Event()

    def mark(user) -> int:
        api, marks = http_api(stack), 0
        while not done.is_set():
            api.mark_read(user, conversation_id=conversation.id).success()
            assert database.unread(conversation, user) >= 0
            marks += 1
        return marks

    def write_all():
        try:
            all_at_once(*Sending(stack, conversation, writers, 100).senders)
        finally:
            done.set()

    *marks, _ = all_at_once(*(lambda user=user: mark(user) for user in readers), write_all)
    assert min(marks) > 1
    for user in readers:
        member = database.member(conversation, user)
        since = member["last_read_ms"]
        # A message of the very millisecond of the mark may have come before it or after.
        possible = {counted_unread(database, conversation, user, since),
                    counted_unread(database, conversation, user, since - 1)}
        assert member["unread_count"] in possible
    for user in writers:
        assert database.unread(conversation, user) == 3 * 100


def test_a_mark_after_the_last_message_leaves_nothing_unread(stack, database):
    writers, reader = database.users(3), database.user()
    conversation = database.conversation(*writers, reader)
    for _ in range(5):
        all_at_once(*Sending(stack, conversation, writers, 5).senders)
        http_api(stack).mark_read(reader, conversation_id=conversation.id).success()
        assert database.unread(conversation, reader) == 0


def test_the_list_is_consistent_while_conversations_move(stack, database):
    """Pages move under the reader, but an answer by itself is ordered, and whole."""
    user, writers = database.user(), database.users(3)
    conversations = [database.conversation(user, *writers) for _ in range(12)]

    def write(writer):
        api = http_api(stack)
        for number in range(60):
            api.send_text(writer, conversations[number * 7 % 12]).success()

    def read():
        api = http_api(stack)
        for _ in range(40):
            answer = api.get_conversations(user).success()
            listed = answer["conversations"]
            assert sorted(each["id"] for each in listed) == [each.id for each in conversations]
            assert answer["page_info"]["total"] == 12
            assert all(len(each["members"]) == 4 for each in listed)

    all_at_once(read, *(lambda writer=writer: write(writer) for writer in writers))
    listed = http_api(stack).get_conversations(user).success()["conversations"]
    activity = [each["last_message_at"] for each in listed]
    assert activity == sorted(activity, reverse=True)
    assert [each["last_message"]["created_at"] for each in listed] == activity
