"""How many statements a request costs: a fixed number, whatever the number of rows.

Counted by MariaDB's general log. What a routine does inside is one CALL there. A statement is prepared when a
connection runs it for the first time, and then no more: that is counted by itself.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from api import ROUTES, http_api


# The forms of the list, each of which has statements of its own.
LISTS = [
    {}, {"page_size": 100}, {"page": 2}, {"type": "general"}, {"type": "kol_order"}, {"query": "KOL"},
    {"query": "KOL", "page_size": 100}, {"unread": True}, {"unread": True, "query": "KOL"},
    {"type": "kol_order", "query": "KOL"}, {"type": "general", "query": "KOL"},
]


@pytest.fixture(scope="module")
def warm_api(stack, database):
    """Every worker has its connection and its prepared statements before anything is counted.

    A statement whose table was altered since, by a test before, is prepared anew, and then is in the log twice.
    """
    api = http_api(stack)
    order = database.order(status="confirmed")
    user, other = order.user, order.kol.user
    [row] = database.conversations_of(order)

    def use_everything(number):
        # Each of its names has statements of its own, too.
        name = {"conversation_id": row["conversation_id" if number % 2 else "id"]}
        for content in ("你好", "测试"):
            message = api.send_message(other, **name, message_type="text", content=content).success()["message"]
        for keys in ({}, {"after_timestamp": 0}):
            api.get_messages(user, **name, **keys).success()
        api.get_conversation(user, **name).success()
        api.get_conversation(user, related_order_id=order.order_id).success()
        for keys in LISTS:
            api.get_conversations(user, **keys).success()
        for keys in ({"query": "试"}, {"message_type": "text"}):
            api.search_messages(user, **keys).success()
            api.search_messages(user, **name, **keys).success()
        api.recall_message(other, **name, message_id=message["message_id"]).success()
        api.mark_read(user, **name).success()
        api.search_messages(user, query="1").success()

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(use_everything, range(256)))
    return api


@pytest.fixture
def statements(database):
    """Calls something, and returns the statements that the service sent meanwhile."""
    database.execute("SET GLOBAL log_output = 'TABLE'")

    def during(call, kinds=("Execute", "Query")) -> list:
        database.execute("TRUNCATE mysql.general_log")
        database.execute("SET GLOBAL general_log = ON")
        try:
            call()
        finally:
            database.execute("SET GLOBAL general_log = OFF")
        return [
            f"{row['command_type']}: {row['argument']}" for row in database.rows(
                "SELECT command_type, CONVERT(argument USING utf8mb4) AS argument"
                " FROM mysql.general_log"
                " WHERE command_type IN %s"
                " AND user_host LIKE 'orbia_conversation%%'"
                " AND argument NOT LIKE '%%orbia_backfill_%%' AND argument NOT LIKE '%%orbia_tell_order_progress%%'"
                # What the probe of readiness looks at, once a minute.
                " AND argument NOT LIKE '%%orbia_schema_state%%' AND argument NOT LIKE '%%orbia_definer_report%%'"
                # What looks after the host, once a second.
                " AND argument NOT LIKE '%%orbia_mark_read(0, 0, NULL, NULL)' AND argument NOT LIKE '%%WHERE id = 0'"
                " AND argument NOT LIKE 'SHOW SESSION VARIABLES%%'", kinds)
        ]

    yield during
    database.execute("SET GLOBAL log_output = 'FILE'")


# A user's world with few rows and with many


def few(database):
    user = database.user()
    conversation = database.conversation(user)
    database.message(conversation, user)
    return user, conversation


def many(database):
    """100 conversations, one of them with 100 members and 200 messages."""
    user = database.user()
    conversations = database.conversations(100, user, database.user())
    big = conversations[0]
    for other in database.users(98):
        database.join(big, other)
    database.execute(
        "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at)"
        " SELECT CONCAT('MSG_', seq, '_', %s), %s, %s, seq, FROM_UNIXTIME(1600000000 + seq)"
        " FROM seq_1_to_200", big.id, big.id, user.id)
    return user, big


@pytest.fixture(params=[few, many], ids=["few rows", "many rows"])
def world(request, database):
    return request.param(database)


ABOUT_A_CONVERSATION = [
    ("send_message", {"message_type": "text", "content": "你好"}, 1),
    ("send_message", {"message_type": "text", "content": "你好", "client_message_id": "x"}, 1),
    ("mark_read", {}, 1),
    ("mark_read", {"read_up_to": 1_600_000_050_000}, 1),
    ("get_messages", {}, 2),
    ("get_messages", {"limit": 100}, 2),
    ("get_messages", {"limit": 100, "before_timestamp": 1_700_000_000_000}, 2),
    ("get_messages", {"after_timestamp": 0}, 2),
    ("get_messages", {"after_timestamp": 4_000_000_000_000}, 1),
    ("get_conversation", {}, 2),
    ("search_messages", {"query": "没有这个"}, 2),
    ("search_messages", {"query": "Nothing of that"}, 2),
    ("search_messages", {"message_type": "text"}, 3),
    ("search_messages", {"message_type": "text", "query": "没有这个", "limit": 100}, 2),
]


def test_the_statements_of_every_route_are_counted():
    assert {route for route, _, _ in ABOUT_A_CONVERSATION} | {"get_conversations", "recall_message"} == set(ROUTES)


@pytest.mark.parametrize("by", ["id", "conversation_id"])
@pytest.mark.parametrize("route, keys, expected", ABOUT_A_CONVERSATION)
def test_a_request_about_a_conversation(warm_api, statements, world, route, keys, expected, by):
    user, conversation = world
    body = {"conversation_id": getattr(conversation, by), **keys}
    if by == "conversation_id":
        # Which number the string names the process asks once.
        warm_api.mark_read(user, conversation_id=conversation.conversation_id).success()
    seen = statements(lambda: warm_api.post(user, route, body).success())
    assert len(seen) == expected, seen


def test_a_quote_costs_no_statement_more(warm_api, statements, world):
    user, conversation = world
    quoted = warm_api.send_text(user, conversation).success()["message"]["message_id"]
    body = {"conversation_id": conversation.id, "message_type": "text", "content": "好", "reply_to": quoted}
    assert len(statements(lambda: warm_api.send_message(user, **body).success())) == 1
    assert len(statements(lambda: warm_api.get_messages(user, conversation_id=conversation.id).success())) == 2


def test_a_recall(warm_api, statements, world):
    user, conversation = world
    message = warm_api.send_text(user, conversation).success()["message"]["message_id"]
    body = {"conversation_id": conversation.id, "message_id": message}
    for _ in range(2):
        assert len(statements(lambda: warm_api.recall_message(user, **body).success())) == 1


@pytest.mark.parametrize("route, keys", [
    ("send_message", {"message_type": "text", "content": "你好"}), ("mark_read", {})])
def test_a_write_by_a_string_that_is_new_to_the_process_costs_one_more(warm_api, statements, database, route, keys):
    user = database.user()
    body = {"conversation_id": database.conversation(user).conversation_id, **keys}
    assert [len(statements(lambda: warm_api.post(user, route, body).success())) for _ in range(2)] == [2, 1]


@pytest.mark.parametrize("keys", [
    {}, {"page_size": 100}, {"page": 2}, {"page": 1_000_000}, {"type": "general"},
    {"type": "general", "page": 2, "page_size": 1}, {"type": "support"},
])
def test_a_request_for_the_list(warm_api, statements, world, keys):
    user, _ = world
    seen = statements(lambda: warm_api.get_conversations(user, **keys).success())
    assert 1 <= len(seen) <= 4, seen


@pytest.mark.parametrize("keys, expected", [
    ({"query": "测"}, 3), ({"query": "测", "page_size": 100}, 3), ({"query": "没有"}, 2), ({"query": "测", "page": 9}, 2),
    ({"unread": True}, 2), ({"unread": True, "query": "测"}, 2), ({"type": "general", "query": "测"}, 3),
])
def test_a_request_for_the_list_with_a_condition(warm_api, statements, world, keys, expected):
    """The user has no unread conversations. A list of more than 600 costs one for each further step."""
    user, _ = world
    seen = statements(lambda: warm_api.get_conversations(user, **keys).success())
    assert len(seen) == expected, seen


def test_a_request_for_the_unread_conversations(warm_api, statements, world, database):
    user, _ = world
    database.execute("UPDATE orbia_conversation_member SET unread_count = 1 WHERE user_id = %s", user.id)
    seen = statements(lambda: warm_api.get_conversations(user, unread=True).success())
    assert len(seen) == 3, seen


def test_the_unread_messages_by_type_cost_no_statement_of_their_own(warm_api, statements, database):
    user = database.user()
    database.conversation(user)
    assert len(statements(lambda: warm_api.get_conversations(user).success())) == 2
    assert len(statements(lambda: warm_api.get_conversations(user, type="general").success())) == 3


def test_a_request_by_the_order(warm_api, statements, database):
    order = database.order()
    database.set_order_status(order, "confirmed")

    def ask(user):
        return warm_api.get_conversation(user, related_order_id=order.order_id)

    seen = statements(lambda: ask(order.user).success())
    assert len(seen) == 2, seen
    seen = statements(lambda: ask(database.user()).error(404))
    assert len(seen) == 1, seen


@pytest.mark.parametrize("keys, expected", [({"query": "没有这个"}, 2), ({"message_type": "text"}, 3)])
def test_a_search_in_all_of_few_conversations(warm_api, statements, database, keys, expected):
    user, _ = few(database)
    seen = statements(lambda: warm_api.search_messages(user, **keys).success())
    assert len(seen) == expected, seen


def test_a_search_in_many_conversations(warm_api, statements, database):
    """A list of 100 conversations and a look into all of them are a statement each."""
    user = database.user()
    database.conversations(350, user, created_at="2024-01-01 00:00:00")
    seen = statements(lambda: warm_api.search_messages(user, query="没有这个").success())
    assert len(seen) == 4 * 2 + 1, seen


def test_a_character_that_is_new_to_the_process_costs_one_more(warm_api, statements, database):
    """Which characters are alike the database says, once. There may be several processes."""
    user = database.user()
    database.message(database.conversation(user), user, "\u2603")
    counts = [len(statements(lambda: warm_api.search_messages(user, query="\u2603").success())) for _ in range(12)]
    assert max(counts) <= 4 and counts[-1] == 3, counts


@pytest.mark.parametrize("route", ROUTES)
def test_a_request_that_is_refused_unseen_costs_none(warm_api, statements, database, route):
    user = database.user()

    def refused():
        warm_api.post(None, route, {}).error(401)
        warm_api.post_with_token("a.b.c", route).error(401)
        warm_api.post(user, route, b"[]").error(400)
        warm_api.post(user, "nothing", {}).error(404)

    assert statements(refused) == []


@pytest.mark.parametrize("route", ["send_message", "mark_read", "recall_message", "get_messages", "get_conversation",
                                   "search_messages"])
def test_a_request_that_the_database_refuses_costs_one(warm_api, statements, database, route):
    stranger, disabled = database.user(), database.user(status="disabled")
    conversation = database.conversation(database.user())
    body = {"conversation_id": conversation.id, "message_type": "text", "content": "你好", "message_id": "MSG_1_1"}
    nowhere = {**body, "conversation_id": 9_000_000_000_000_000_000}
    for user, asked, status in ((stranger, body, 403), (disabled, body, 403),
                                (stranger, nowhere, 404), (9_000_000_000_000_000_000, body, 401)):
        seen = statements(lambda: warm_api.post(user, route, asked).error(status))
        assert len(seen) == 1, seen


@pytest.mark.parametrize("route", ["send_message", "mark_read", "get_messages", "get_conversation",
                                   "get_conversations", "search_messages"])
def test_a_statement_is_prepared_once_on_a_connection(warm_api, statements, database, route):
    """A route runs three statements at the most, and there are eight workers."""
    user = database.user()
    body = {"conversation_id": database.conversation(user).id, "message_type": "text", "content": "你好"}

    def many_times():
        for _ in range(60):
            warm_api.post(user, route, body).success()

    prepared = statements(many_times, kinds=("Prepare",))
    assert len(prepared) <= 3 * 8, prepared
