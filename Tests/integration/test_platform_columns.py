"""The platform's columns, changed in the ways in which the platform may change them: widened, NULL, with another
default, comment, collation or type. Sends, reads and orders go on, or `check` names the column that stops them."""

import itertools

import pymysql
import pytest

from columns import Column, alter, columns
import columns as change
from database import Database
from layout import layout
from orbia.paths import SCHEMA
from orbia.polling import eventually
from order_progress import opened, told, turn_on
from service import Service, run, settings_for

_names = (f"columns_{number}" for number in itertools.count(1))
ORDERS, CONVERSATIONS, MEMBERS, MESSAGES = (
    "orbia_kol_order", "orbia_conversation", "orbia_conversation_member", "orbia_message")


class World:
    """A database of the service's with rows from before, and a service on it."""

    def __init__(self, server, make_directory):
        self.server = server
        self.database: Database = server.create_database(next(_names))
        self.database.load(SCHEMA)
        server.create_account(self.database)
        turn_on(self.database)
        self.user, self.kol, self.staff = self.database.user(), self.database.kol(), self.database.user("客服")
        self.conversation = self.database.conversation(self.user, self.kol.user)
        self.message = self.database.message(self.conversation, self.user)
        self.orders = [self.database.order(self.user, self.kol) for _ in range(2)]
        self._service = None
        self._make_directory = make_directory

    @property
    def service(self) -> Service:
        """Started when it is first asked for."""
        if self._service is None:
            settings = {**settings_for(self.server, self.database), "ORBIA_WORKERS": "1"}
            self._service = Service(self._make_directory(), settings)
            self._service.start()
        return self._service

    def stop(self):
        if self._service is not None:
            self._service.stop()

    def stops(self) -> list:
        """What does not work: names of actions, and why."""
        actions = self.actions(self.service.api())
        return [f"{name}: {why}" for name, act in actions.items() if (why := failure_of(act))]

    def actions(self, api) -> dict:
        conversation = {"conversation_id": self.conversation.id}
        return {
            "send": lambda: api.send_text(self.user, self.conversation).success(),
            "send by code": lambda: api.send_message(
                self.user, conversation_id=self.conversation.conversation_id, message_type="text",
                content="🎬").success(),
            "send the longest": lambda: api.send_message(
                self.kol.user, **conversation, message_type="text", content="长" * 5000 + "a" * 50_000).success(),
            "send a file": lambda: api.send_message(
                self.user, **conversation, message_type="video", content="https://cdn.example.com/a.mp4",
                file_name="片" * 500, file_size=2**40, file_type="v" * 100).success(),
            "get_messages": lambda: api.get_messages(self.kol.user, **conversation).success(),
            "search_messages": lambda: self.search(api),
            "mark_read": lambda: api.mark_read(self.kol.user, **conversation).success(),
            "get_conversation": lambda: api.get_conversation(self.user, **conversation).success(),
            "get_conversations": lambda: api.get_conversations(self.kol.user).success(),
            "find conversations": lambda: self.find(api),
            "confirm an order": self.confirm,
            "insert a confirmed order": lambda: self.assert_opened(self.order("confirmed")),
            "get_conversation of an order": lambda: api.get_conversation(
                self.kol.user, related_order_id=self.order("confirmed").order_id).success(),
            "back-fill": self.backfill,
            "tell an order's progress": self.tell_progress,
            "staff join": lambda: self.staff_join(api),
            "staff rename": self.staff_rename,
            "staff delete": self.staff_delete,
        }

    def search(self, api):
        """In each column and each case."""
        api.send_message(self.user, conversation_id=self.conversation.id, message_type="file", content="/Searched",
                         file_name="合同 Searched.pdf").success()
        for asked in ({}, {"conversation_id": self.conversation.id}):
            for query in ("ＳＥＡＲＣＨＥＤ", "合同"):
                found = api.search_messages(self.kol.user, query=query, **asked).success()["messages"]
                assert found and found[0]["match"]["file_name"], found

    def order(self, status, **columns):
        return self.database.order(self.user, self.kol, status, **columns)

    def confirm(self):
        order = self.order("pending")
        self.database.set_order_status(order, "confirmed")
        self.assert_opened(order)

    def tell_progress(self):
        """By the service, within its second."""
        order, conversation = opened(self.database, self.user, self.kol)
        self.database.set_order_status(order, "in_progress")
        eventually(lambda: told(self.database, conversation) == [("confirmed", "in_progress")], within=5,
                   what="the change is told")

    def backfill(self):
        """Two orders that were confirmed without a trigger."""
        orders = [self.order("pending"), self.order("pending")]
        for order in orders:
            self.database.execute("UPDATE orbia_kol_order SET status = 'completed', updated_at = NOW() WHERE id = %s",
                                  order.id)
        [report] = self.database.rows("CALL orbia_backfill_conversations(600)")
        assert report["failed"] == 0, report
        for order in orders:
            self.assert_opened(order)

    def assert_opened(self, order):
        [conversation] = self.database.conversations_of(order)
        assert self.database.members_of(conversation) == {self.user.id: "creator", self.kol.user.id: "member"}

    def find(self, api):
        """By its title, and by the name of each member, as they are shown."""
        shown = api.get_conversation(self.user, conversation_id=self.conversation.id).success()["conversation"]
        for text in [shown["title"], *(member["nickname"] for member in shown["members"])]:
            answer = api.get_conversations(self.user, query=text and text[:100]).success()
            assert self.conversation.id in [each["id"] for each in answer["conversations"]]
            assert answer["total_unread"] >= sum(answer["unread_by_type"].values())
            api.get_conversations(self.user, query=text and text[:100], unread=True).success()

    def staff_join(self, api):
        conversation = self.database.conversation(self.user)
        self.database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id, role)"
                              " VALUES (%s, %s, 'admin')", conversation.id, self.staff.id)
        assert conversation.id in [each["id"] for each in api.get_conversations(self.staff).success()["conversations"]]

    def staff_rename(self):
        conversation = self.database.conversation(self.user)
        self.database.execute("DELETE FROM orbia_conversation_change")
        self.database.update_conversation(conversation, title="改名")
        assert self.changed(conversation) == [self.user.id]

    def staff_delete(self):
        conversation = self.database.conversation(self.user, self.staff)
        self.database.execute("DELETE FROM orbia_conversation_change")
        self.database.execute("DELETE FROM orbia_conversation WHERE id = %s", conversation.id)
        assert self.changed(conversation) == sorted([self.user.id, self.staff.id])

    def changed(self, conversation) -> list:
        """Whom a change of the conversation was noted for."""
        return [row["user_id"] for row in self.database.rows(
            "SELECT user_id FROM orbia_conversation_change WHERE conversation_id = %s ORDER BY user_id",
            conversation.id)]

    def named(self, needed=True) -> set:
        """What `check` says of columns: their names."""
        return {row["name"] for row in self.database.rows("CALL orbia_schema_state(3)")
                if row["found"] != row["expected"] and row["is_needed"] >= needed}


def failure_of(act) -> str:
    """Why an action does not work; empty where it does."""
    try:
        act()
    except (AssertionError, pymysql.err.MySQLError, ValueError) as error:
        return f"{type(error).__name__} {str(error)[:200]}"
    return ""


@pytest.fixture
def world(server, make_directory):
    world = World(server, make_directory)
    yield world
    world.stop()


def test_all_of_it_works_before(world):
    assert world.stops() == []
    assert world.named(needed=False) == set()


# Changes that stop nothing, each of all columns at once


def is_own(column: Column) -> bool:
    """Of this project, or brought to an exact type by it: others than schema.sql do not change it."""
    own_tables = {"orbia_conversation_change", "orbia_order_progress", "orbia_conversation_feature"}
    return column.table in own_tables or column.full_name in {
        f"{CONVERSATIONS}.last_message_at", f"{CONVERSATIONS}.has_quotes",
        f"{MEMBERS}.last_read_at", f"{MEMBERS}.last_activity_at",
        f"{MEMBERS}.conversation_type", f"{MESSAGES}.created_at", f"{MESSAGES}.client_message_id",
        f"{MESSAGES}.event", f"{MESSAGES}.reply_to", f"{MESSAGES}.recalled_at"}


def is_primary(database, column: Column) -> bool:
    return "PRIMARY" in change.keys_with(database, column)


def in_turn(column: Column):
    """Three collations, so that no two tables agree."""
    collations = {CONVERSATIONS: "utf8mb4_general_ci", MEMBERS: "utf8mb4_bin", MESSAGES: "utf8mb4_general_ci"}
    return change.collated(collations.get(column.table, "utf8mb4_nopad_bin"))(column)


HARMLESS = {
    "widened": change.widened,
    "nullable": change.nullable,
    "another default": change.with_another_default,
    "commented": change.commented,
    "collations that differ": in_turn,
    "unsigned numbers": change.unsigned,
    "ids of four bytes": lambda column: None if column.name == "file_size" else change.of_four_bytes(column),
    "finer times": change.finer,
    "datetimes": change.a_datetime,
}


def changed_columns(database, variation, choose=lambda column: True) -> list:
    changed = [variation(column) for column in columns(database) if not is_own(column) and choose(column)]
    return [column for column in changed if column and not (column.nullable and is_primary(database, column))]


@pytest.mark.parametrize("variation", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_change_of_all_columns_stops_nothing_and_schema_sql_leaves_it(world, variation):
    assert world.stops() == []  # with statements that are prepared before the change
    alter(world.database, changed_columns(world.database, variation))
    after = columns(world.database)
    assert world.stops() == []
    assert world.named() == set()
    world.database.load(SCHEMA)
    assert [column for column in columns(world.database) if not is_own(column)] == [
        column for column in after if not is_own(column)]
    assert world.stops() == []
    assert world.named() == set()


def test_what_fills_the_wider_columns_stops_nothing(world):
    """Names, titles and further values as long as they can be then, in the rows that are sent to and read."""
    alter(world.database, changed_columns(world.database, change.widened))
    kept = {"order_id", "conversation_id", "message_id", "related_order_id", "orbia_user.status", "email",
            "wallet_address"}
    for column in columns(world.database):
        if not {column.name, column.full_name} & kept and not is_own(column) and column.base in ("varchar", "enum"):
            value = "长" * column.length if column.base == "varchar" else "something_that_the_platform_has_added"
            world.database.execute(f"UPDATE {column.table} SET `{column.name}` = %s", value)
    for order in world.orders:
        world.database.set_order_status(order, "confirmed")
        world.assert_opened(order)
    assert world.stops() == []


def test_null_in_every_column_that_takes_it_is_no_error_of_the_service(world):
    """What such a row means is another question: who has no status may not call."""
    alter(world.database, changed_columns(world.database, change.nullable))
    parts = {"id", "user_id", "kol_id", "conversation_id", "sender_id", "message_id"}
    for table in [MESSAGES, MEMBERS, CONVERSATIONS, "orbia_user"]:
        names = [column.name for column in columns(world.database) if column.table == table and column.nullable
                 and column.name not in parts and column.full_name != "orbia_user.status"]
        world.database.execute(f"UPDATE {table} SET {', '.join(f'`{name}` = NULL' for name in names)}")
    assert world.stops() == []
    world.database.execute("UPDATE orbia_user SET status = NULL")
    api = world.service.api()
    for answer in [api.send_text(world.user, world.conversation), api.get_conversations(world.user),
                   api.mark_read(world.user, conversation_id=world.conversation.id)]:
        assert 400 <= answer.status < 500


def test_no_order_stops_those_after_it(world):
    """What one fails with is told, and the others have their conversations."""
    alter(world.database, changed_columns(world.database, change.widened))
    alter(world.database, changed_columns(world.database, change.nullable, lambda column: column.table == ORDERS))
    good = [world.order("pending", title=title) for title in ["题" * 700, "短"]]
    bad = [world.order("pending"), world.order("pending"), world.order("pending")]
    last = world.order("pending", title=None)
    world.database.execute("UPDATE orbia_kol_order SET order_id = NULL WHERE id = %s", bad[0].id)
    world.database.execute("UPDATE orbia_kol_order SET kol_id = NULL WHERE id = %s", bad[1].id)
    world.database.execute("UPDATE orbia_kol_order SET order_id = REPEAT('长', 200) WHERE id = %s", bad[2].id)
    alter(world.database, [
        Column(CONVERSATIONS, "related_order_id", "varchar(64)", "utf8mb4_unicode_ci", True, None, "", "")])
    world.database.execute("UPDATE orbia_kol_order SET status = 'completed' WHERE status = 'pending'")
    [report] = world.database.rows("CALL orbia_backfill_conversations(NULL)")
    assert report["failed"] == 3 and report["last_error"]
    for order in [*good, last]:
        world.assert_opened(order)
    [long] = world.database.conversations_of(good[0])
    assert long["title"] == ("KOL订单: " + "题" * 700)[:700]
    assert f"{CONVERSATIONS}.related_order_id" in world.named(needed=False) - world.named()


@pytest.mark.parametrize("length", [10, 200, 1000])
def test_a_title_is_cut_to_what_the_column_holds(world, length):
    alter(world.database, [
        Column(CONVERSATIONS, "title", f"varchar({length})", "utf8mb4_unicode_ci", True, None, "", ""),
        Column(ORDERS, "title", "varchar(1000)", "utf8mb4_unicode_ci", False, None, "", "")])
    order = world.order("confirmed", title="题" * 1000)
    [conversation] = world.database.conversations_of(order)
    assert conversation["title"] == ("KOL订单: " + "题" * 1000)[:length]


def test_an_order_id_of_other_characters_has_one_conversation(world):
    order = world.order("confirmed", order_id="订单-春季-1")
    order = type(order)(order.id, "订单-春季-1", order.user, order.kol)
    for _ in range(2):
        world.database.execute("CALL orbia_backfill_conversations(NULL)")
        world.assert_opened(order)


def test_a_default_that_makes_one_order_of_many_is_a_note(world):
    alter(world.database, [first(world.database, f"{CONVERSATIONS}.related_order_id").changed(default="''")])
    assert world.named() == set()
    assert world.named(needed=False) == {f"{CONVERSATIONS}.related_order_id"}
    world.database.load(SCHEMA)
    assert world.named(needed=False) == {f"{CONVERSATIONS}.related_order_id"}


def test_a_type_that_the_platform_adds_is_carried_once_schema_sql_is_run(world):
    alter(world.database, changed_columns(world.database, change.widened, lambda column: column.table == CONVERSATIONS))
    added = "something_that_the_platform_has_added"
    conversation = world.database.conversation(world.user, world.staff, type=added)
    world.database.update_conversation(world.conversation, type=added)
    assert world.stops() == []
    assert world.named() == set()
    assert world.named(needed=False) == {f"{MEMBERS}.conversation_type"}
    world.database.load(SCHEMA)
    for each in [conversation, world.conversation]:
        assert world.database.member(each, world.user)["conversation_type"] == added
    assert world.named(needed=False) == set()
    assert world.stops() == []


# Changes that stop something: `check` names the column


def first(database, full_name) -> Column:
    return next(column for column in columns(database) if column.full_name == full_name)


STOPPING = {
    f"{MESSAGES}.content": [
        change.narrower, change.collated("latin1_swedish_ci"), change.collated("utf8mb3_general_ci")],
    f"{MESSAGES}.file_name": [change.narrower, change.collated("latin1_swedish_ci")],
    f"{MESSAGES}.file_type": [change.narrower],
    f"{MESSAGES}.file_size": [change.of_four_bytes],
    f"{MESSAGES}.message_id": [change.narrower],
    f"{MESSAGES}.message_type": [change.narrower],
    f"{CONVERSATIONS}.conversation_id": [change.narrower],
    f"{CONVERSATIONS}.title": [change.collated("latin1_swedish_ci")],
    f"{CONVERSATIONS}.type": [lambda column: column.changed(type="enum('general')")],
    f"{MEMBERS}.role": [lambda column: column.changed(type="enum('creator')", default="'creator'")],
    f"{CONVERSATIONS}.id": [lambda column: column.changed(extra="")],
    "orbia_user.status": [lambda column: column.changed(type="int(11)", collation=None, default="0")],
}


@pytest.mark.parametrize("full_name, variation", [
    (name, variation) for name, variations in STOPPING.items() for variation in variations])
def test_a_column_that_cannot_hold_what_is_written_is_named(world, full_name, variation):
    world.database.execute("SET SESSION sql_mode = ''")
    for table in [MESSAGES, MEMBERS, CONVERSATIONS]:
        world.database.execute(f"DELETE FROM {table}")
    alter(world.database, [variation(first(world.database, full_name))])
    named = {f"{full_name}"}
    assert world.named() == named
    done = run("check", **settings_for(world.server, world.database))
    assert done.returncode != 0 and f" {full_name}: " in done.stdout
    before = layout(world.database)
    with pytest.raises(AssertionError, match="nothing was changed"):
        world.database.load(SCHEMA)
    assert layout(world.database) == before


@pytest.mark.parametrize("table", [CONVERSATIONS, MEMBERS, MESSAGES])
def test_a_column_that_the_platform_adds_without_a_default_is_named(world, table):
    world.database.execute(
        f"ALTER TABLE {table} ADD COLUMN tenant INT NOT NULL, ADD COLUMN shown INT NOT NULL DEFAULT 0")
    assert world.named() == {f"{table}.tenant"}
    assert any("1364" in why or "500" in why or "AssertionError" in why for why in world.stops())
    world.database.execute(f"ALTER TABLE {table} MODIFY tenant INT NOT NULL DEFAULT 0")
    assert world.named() == set()
    assert world.stops() == []


# Each column by itself


EACH = {**HARMLESS, "without default": change.without_default, "narrower": change.narrower,
        "of Latin 1": change.collated("latin1_swedish_ci"),
        "of UTF-8 in three bytes": change.collated("utf8mb3_general_ci")}


@pytest.mark.slow
@pytest.mark.parametrize("variation", EACH.values(), ids=EACH.keys())
def test_a_change_of_one_column_stops_nothing_that_is_not_named(world, variation):
    unnamed = {}
    for column in columns(world.database):
        changed = variation(column)
        if changed is None or changed == column:
            continue
        try:
            alter(world.database, [changed])
        except pymysql.err.MySQLError:
            continue  # with the rows or keys that are there, the server does not allow it
        stops = world.stops()
        if stops and column.full_name not in world.named(needed=False):
            unnamed[column.full_name] = stops
        alter(world.database, [column])
        assert world.stops() == [], f"after {column.full_name}"
    assert unnamed == {}
