"""The conversation that the database opens when an order becomes confirmed."""

import re
from contextlib import contextmanager

import pymysql
import pytest


@pytest.fixture
def database(quiet_database):
    """Without a service, whose back-fill would mend within a minute what a test breaks."""
    return quiet_database


def test_an_order_confirmed_by_update_gets_a_conversation(database):
    order = database.order(status="pending", title="产品推广视频")
    assert database.conversations_of(order) == []
    database.set_order_status(order, "confirmed")
    [conversation] = database.conversations_of(order)
    assert conversation["title"] == "KOL订单: 产品推广视频"
    assert conversation["type"] == conversation["related_order_type"] == "kol_order"
    assert conversation["status"] == "active"
    assert conversation["last_message_at"] is None
    assert conversation["deleted_at"] is None
    assert conversation["created_at"] is not None
    assert database.members_of(conversation) == {order.user.id: "creator",
                                                 order.kol.user.id: "member"}


def test_an_order_confirmed_at_insert_gets_a_conversation(database):
    order = database.order(status="confirmed")
    [conversation] = database.conversations_of(order)
    assert database.members_of(conversation) == {order.user.id: "creator",
                                                 order.kol.user.id: "member"}


def test_its_id_holds_the_time_in_milliseconds_and_the_orders_number(database):
    order = database.order()
    before = database.value("SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS INTEGER)")
    database.set_order_status(order, "confirmed")
    after = database.value("SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS INTEGER)")
    [conversation] = database.conversations_of(order)
    form = re.fullmatch(r"CONV_(\d+)_(\d+)", conversation["conversation_id"])
    assert before <= int(form[1]) <= after
    assert int(form[2]) == order.id


def test_the_members_start_with_nothing_unread(database):
    order = database.order(status="confirmed")
    [conversation] = database.conversations_of(order)
    rows = database.rows("SELECT * FROM orbia_conversation_member WHERE conversation_id = %s"
                         " ORDER BY id", conversation["id"])
    assert [row["user_id"] for row in rows] == [order.user.id, order.kol.user.id]
    assert [row["unread_count"] for row in rows] == [0, 0]
    assert [row["last_read_at"] for row in rows] == [None, None]
    assert all(row["joined_at"] is not None for row in rows)


@pytest.mark.parametrize("status", [
    "pending_payment", "pending", "in_progress", "completed", "cancelled", "refunded",
])
def test_another_status_opens_nothing(database, status):
    inserted = database.order(status=status)
    updated = database.order(status="pending_payment")
    database.set_order_status(updated, status)
    assert database.conversations_of(inserted) == database.conversations_of(updated) == []


def test_an_order_confirmed_twice_has_one_conversation(database):
    order = database.order(status="confirmed")
    [first] = database.conversations_of(order)
    database.set_order_status(order, "confirmed")
    database.set_order_status(order, "pending")
    database.set_order_status(order, "confirmed")
    assert database.conversations_of(order) == [first]


def test_a_change_to_a_confirmed_order_changes_no_conversation(database):
    order = database.order(status="confirmed", title="旧标题")
    [before] = database.conversations_of(order)
    database.execute("UPDATE orbia_kol_order SET title = '新标题' WHERE id = %s", order.id)
    database.set_order_status(order, "in_progress")
    assert database.conversations_of(order) == [before]


def test_a_softly_deleted_conversation_stays_deleted(database):
    order = database.order(status="confirmed")
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE related_order_id = %s",
                     order.order_id)
    database.set_order_status(order, "pending")
    database.set_order_status(order, "confirmed")
    [conversation] = database.conversations_of(order)
    assert conversation["deleted_at"] is not None


def test_who_orders_from_himself_is_the_one_member(database):
    user = database.user()
    order = database.order(user=user, kol=database.kol(user), status="confirmed")
    [conversation] = database.conversations_of(order)
    assert database.members_of(conversation) == {user.id: "creator"}


@pytest.mark.parametrize("title", ["产" * 200, "x" * 192, "x" * 193, "😀" * 200])
def test_a_long_title_is_cut_to_the_column(database, title):
    order = database.order(status="confirmed", title=title)
    [conversation] = database.conversations_of(order)
    assert conversation["title"] == ("KOL订单: " + title)[:200]


@pytest.mark.parametrize("title", ["", "100% '\"\\; DROP TABLE x; --", "שלום 😀\n第二行"])
def test_a_title_is_taken_as_it_is(database, title):
    order = database.order(status="confirmed", title=title)
    [conversation] = database.conversations_of(order)
    assert conversation["title"] == "KOL订单: " + title


def test_many_orders_confirmed_by_one_statement_get_one_each(database):
    user, kol = database.user(), database.kol()
    orders = [database.order(user, kol) for _ in range(20)]
    database.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE user_id = %s", user.id)
    conversations = [database.conversations_of(order) for order in orders]
    assert [len(found) for found in conversations] == [1] * 20


def test_it_is_there_before_the_order_is_committed_and_gone_when_it_is_rolled_back(database):
    order = database.order()
    with database.transaction() as cursor:
        cursor.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s", [order.id])
        cursor.execute("SELECT COUNT(*) AS n FROM orbia_conversation WHERE related_order_id = %s",
                       [order.order_id])
        assert cursor.fetchone()["n"] == 1
    assert database.conversations_of(order) == []


def test_the_platforms_own_insert_fails_and_its_transaction_goes_on(database):
    order = database.order()
    with database.transaction() as cursor:
        cursor.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s", [order.id])
        with pytest.raises(pymysql.err.IntegrityError) as refusal:
            cursor.execute(
                "INSERT INTO orbia_conversation (conversation_id, type, related_order_id)"
                " VALUES (%s, 'kol_order', %s)", [f"CONV_1_{order.id}", order.order_id])
        assert refusal.value.args[0] == 1062
        cursor.execute("UPDATE orbia_kol_order SET confirmed_at = NOW() WHERE id = %s", [order.id])
        cursor.connection.commit()
    assert database.value("SELECT confirmed_at FROM orbia_kol_order WHERE id = %s", order.id)
    assert len(database.conversations_of(order)) == 1


def test_a_conversation_that_the_platform_made_first_is_kept(database):
    order = database.order()
    made = database.conversation(order.user, order.kol.user, type="kol_order",
                                 related_order_type="kol_order", related_order_id=order.order_id)
    database.set_order_status(order, "confirmed")
    [conversation] = database.conversations_of(order)
    assert conversation["id"] == made.id


def test_another_type_of_conversation_about_the_order_does_not_count(database):
    order = database.order()
    database.conversation(order.user, type="support", related_order_id=order.order_id)
    database.set_order_status(order, "confirmed")
    assert {row["type"] for row in database.conversations_of(order)} == {"support", "kol_order"}


def test_the_platform_sees_its_own_row_count_and_insert_id(database):
    user, kol = database.user(), database.kol()
    template = database.order(user, kol)
    with database.transaction() as cursor:
        changed = cursor.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s",
                                 [template.id])
        assert changed == 1
        cursor.execute(
            "INSERT INTO orbia_kol_order (order_id, user_id, kol_id, plan_id, plan_title,"
            " plan_price, plan_type, title, requirement_description, video_type, video_duration,"
            " target_audience, expected_delivery_date, status)"
            " SELECT CONCAT(order_id, '_copy'), user_id, kol_id, plan_id, plan_title, plan_price,"
            " plan_type, title, requirement_description, video_type, video_duration,"
            " target_audience, expected_delivery_date, status FROM orbia_kol_order WHERE id = %s",
            [template.id])
        inserted = cursor.lastrowid
        cursor.execute("SELECT LAST_INSERT_ID() AS id")
        assert cursor.fetchone()["id"] == inserted
        cursor.execute("SELECT order_id FROM orbia_kol_order WHERE id = %s", [inserted])
        assert cursor.fetchone()["order_id"] == f"{template.order_id}_copy"


def test_the_platforms_account_needs_no_right_on_the_conversation_tables(database):
    order = database.order()
    database.execute("CREATE USER IF NOT EXISTS platform@localhost")
    database.execute(f"GRANT SELECT, UPDATE ON {database.name}.orbia_kol_order TO platform@localhost")
    with database.connect(user="platform").cursor() as platform:
        platform.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s",
                         [order.id])
    assert len(database.conversations_of(order)) == 1


# Ways in which making the conversation can fail, each for the time of a with block


@contextmanager
def without_table(database, table):
    database.execute(f"RENAME TABLE {table} TO {table}_away")
    try:
        yield
    finally:
        database.execute(f"RENAME TABLE {table}_away TO {table}")


@contextmanager
def refusing_inserts(database, table):
    database.execute(
        f"CREATE TRIGGER refuse_everything BEFORE INSERT ON {table} FOR EACH ROW"
        " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test'")
    try:
        yield
    finally:
        database.execute("DROP TRIGGER refuse_everything")


@contextmanager
def refusing_the_second_member(database):
    database.execute(
        "CREATE TRIGGER refuse_second BEFORE INSERT ON orbia_conversation_member FOR EACH ROW"
        " BEGIN IF NEW.role = 'member' THEN"
        "   SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test';"
        " END IF; END")
    try:
        yield
    finally:
        database.execute("DROP TRIGGER refuse_second")


@contextmanager
def revoked(database, privilege, table):
    account = "'orbia_conversation_definer'@'localhost'"
    database.execute(f"REVOKE {privilege} ON {table} FROM {account}")
    try:
        yield
    finally:
        database.execute(f"GRANT {privilege} ON {table} TO {account}")


@contextmanager
def without_routine(database, name):
    source = database.row(f"SHOW CREATE PROCEDURE {name}")["Create Procedure"]
    privileges = "'orbia_conversation_definer'@'localhost'"
    database.execute(f"DROP PROCEDURE {name}")
    try:
        yield
    finally:
        database.execute(source)
        database.execute(f"GRANT EXECUTE ON PROCEDURE {name} TO {privileges}")


FAILURES = {
    "the conversation table is away": lambda db: without_table(db, "orbia_conversation"),
    "the member table is away": lambda db: without_table(db, "orbia_conversation_member"),
    "the KOL table is away": lambda db: without_table(db, "orbia_kol"),
    "conversations cannot be inserted": lambda db: refusing_inserts(db, "orbia_conversation"),
    "members cannot be inserted": lambda db: refusing_inserts(db, "orbia_conversation_member"),
    "the second member cannot be inserted": refusing_the_second_member,
    "no right to insert conversations": lambda db: revoked(db, "INSERT", "orbia_conversation"),
    "no right to insert members": lambda db: revoked(db, "INSERT", "orbia_conversation_member"),
    "no right to read KOLs": lambda db: revoked(db, "SELECT", "orbia_kol"),
    "the routine is away": lambda db: without_routine(db, "orbia_open_order_conversation"),
}


@pytest.fixture(params=FAILURES.values(), ids=FAILURES.keys())
def failure(request, database):
    return request.param(database)


def test_a_failure_leaves_the_orders_update_working_and_the_backfill_mends_it(database, failure):
    order = database.order()
    with failure:
        database.set_order_status(order, "confirmed")
    assert_confirmed_and_mended(database, order)


def test_a_failure_leaves_the_orders_insert_working_and_the_backfill_mends_it(database, failure):
    user, kol = database.user(), database.kol()
    with failure:
        order = database.order(user, kol, status="confirmed")
    assert_confirmed_and_mended(database, order)


def test_a_failure_leaves_the_rest_of_the_orders_transaction_working(database, failure):
    order = database.order()
    with failure, database.transaction() as cursor:
        cursor.execute("UPDATE orbia_kol_order SET reject_reason = '无' WHERE id = %s", [order.id])
        cursor.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s", [order.id])
        cursor.execute("UPDATE orbia_kol_order SET confirmed_at = NOW() WHERE id = %s", [order.id])
        cursor.connection.commit()
    stored = database.row("SELECT * FROM orbia_kol_order WHERE id = %s", order.id)
    assert stored["reject_reason"] == "无" and stored["confirmed_at"]
    assert_confirmed_and_mended(database, order)


def assert_confirmed_and_mended(database, order):
    assert database.value("SELECT status FROM orbia_kol_order WHERE id = %s",
                          order.id) == "confirmed"
    assert database.conversations_of(order) == [], "half a conversation was left"
    database.execute("CALL orbia_backfill_conversations(60)")
    [conversation] = database.conversations_of(order)
    assert database.members_of(conversation) == {order.user.id: "creator",
                                                 order.kol.user.id: "member"}


@pytest.mark.parametrize("blocking", ["the key of the conversation", "the row of a member's user"])
def test_a_lock_time_out_cannot_be_caught_and_leaves_neither_half(database, blocking):
    """MariaDB runs no handler for it inside a trigger: the platform sees 1205, and tries again."""
    order = database.order()
    with database.transaction() as other, database.transaction() as platform:
        if blocking == "the key of the conversation":
            other.execute("INSERT INTO orbia_conversation (conversation_id, type, related_order_id)"
                          " VALUES (%s, 'kol_order', %s)", [f"CONV_1_{order.id}", order.order_id])
        else:
            other.execute("SELECT * FROM orbia_user WHERE id = %s FOR UPDATE", [order.kol.user.id])
        platform.execute("SET innodb_lock_wait_timeout = 1")
        confirm = "UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s"
        with pytest.raises(pymysql.err.OperationalError) as refusal:
            platform.execute(confirm, [order.id])
        assert refusal.value.args[0] == 1205
        assert database.conversations_of(order) == []
        other.connection.rollback()
        platform.execute(confirm, [order.id])
        platform.connection.commit()
    [conversation] = database.conversations_of(order)
    assert len(database.members_of(conversation)) == 2


def test_without_the_triggers_an_order_is_confirmed_as_before(database):
    """What the commands in docs/operations.md for removing the triggers rely on."""
    order = database.order()
    triggers = ["orbia_conversation_on_order_update", "orbia_conversation_on_order_insert"]
    sources = [database.row(f"SHOW CREATE TRIGGER {name}")["SQL Original Statement"]
               for name in triggers]
    for name in triggers:
        database.execute(f"DROP TRIGGER {name}")
    try:
        database.set_order_status(order, "confirmed")
        assert database.conversations_of(order) == []
    finally:
        for source in sources:
            database.execute(source)
