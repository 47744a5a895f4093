"""The back-fill: conversations for orders that were confirmed without one."""

import threading

import pytest

from polling import eventually


@pytest.fixture
def quiet(quiet_database):
    """A database in which every older order has its conversation already."""
    quiet_database.execute("CALL orbia_backfill_conversations(NULL)")
    return quiet_database


def order_without_conversation(database, status="confirmed", **columns):
    """As an order was that the platform confirmed before there were triggers."""
    order = database.order(status=status, **columns)
    database.execute("DELETE FROM orbia_conversation WHERE related_order_id = %s", order.order_id)
    return order


def backfill(database, seconds=None) -> dict:
    [report] = database.rows("CALL orbia_backfill_conversations(%s)", seconds)
    return report


@pytest.mark.parametrize("status", ["confirmed", "in_progress", "completed"])
def test_an_order_past_confirmation_gets_its_conversation(quiet, status):
    order = order_without_conversation(quiet, status, title="老订单")
    assert backfill(quiet)["opened"] == 1
    [conversation] = quiet.conversations_of(order)
    assert conversation["title"] == "KOL订单: 老订单"
    assert conversation["type"] == conversation["related_order_type"] == "kol_order"
    assert conversation["conversation_id"].endswith(f"_{order.id}")
    assert quiet.members_of(conversation) == {order.user.id: "creator",
                                              order.kol.user.id: "member"}


@pytest.mark.parametrize("status", ["pending_payment", "pending", "cancelled", "refunded"])
def test_an_order_in_another_status_gets_none(quiet, status):
    order = order_without_conversation(quiet, status)
    assert backfill(quiet)["opened"] == 0
    assert quiet.conversations_of(order) == []


def test_a_softly_deleted_order_gets_none(quiet):
    order = order_without_conversation(quiet, deleted_at="2024-01-01 00:00:00")
    assert backfill(quiet)["opened"] == 0
    assert quiet.conversations_of(order) == []


def test_a_softly_deleted_conversation_is_not_replaced(quiet):
    order = quiet.order(status="confirmed")
    quiet.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE related_order_id = %s",
                  order.order_id)
    assert backfill(quiet)["opened"] == 0
    assert len(quiet.conversations_of(order)) == 1


def test_run_again_it_does_nothing(quiet):
    order = order_without_conversation(quiet)
    backfill(quiet)
    before = quiet.content_checksum()
    assert backfill(quiet) == {"opened": 0, "failed": 0, "last_error": None}
    assert quiet.content_checksum() == before
    assert len(quiet.conversations_of(order)) == 1


def test_a_window_of_seconds_leaves_older_orders_out(quiet):
    user, kol = quiet.user(), quiet.kol()
    old = order_without_conversation(quiet, user=user, kol=kol)
    new = order_without_conversation(quiet, user=user, kol=kol)
    quiet.execute("UPDATE orbia_kol_order SET updated_at = NOW() - INTERVAL 1 HOUR WHERE id = %s",
                  old.id)
    assert backfill(quiet, 600)["opened"] == 1
    assert (len(quiet.conversations_of(old)), len(quiet.conversations_of(new))) == (0, 1)
    assert backfill(quiet, 7200)["opened"] == 1
    assert len(quiet.conversations_of(old)) == 1


def test_a_window_wider_than_the_calendar_is_all_orders(quiet):
    order = order_without_conversation(quiet)
    quiet.execute("UPDATE orbia_kol_order SET updated_at = '2001-01-01' WHERE id = %s", order.id)
    assert backfill(quiet, 2**32 - 1)["opened"] == 1


def test_one_order_that_fails_does_not_stop_the_others(quiet):
    user, kol = quiet.user(), quiet.kol()
    first, bad, last = (order_without_conversation(quiet, user=user, kol=kol, title=title)
                        for title in ["一", "坏", "二"])
    quiet.execute(
        "CREATE TRIGGER refuse_one BEFORE INSERT ON orbia_conversation FOR EACH ROW"
        " BEGIN IF NEW.title = 'KOL订单: 坏' THEN"
        "   SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test';"
        " END IF; END")
    try:
        report = backfill(quiet)
    finally:
        quiet.execute("DROP TRIGGER refuse_one")
    assert (report["opened"], report["failed"]) == (2, 1)
    assert bad.order_id in report["last_error"] and "refused by a test" in report["last_error"]
    assert [len(quiet.conversations_of(order)) for order in (first, bad, last)] == [1, 0, 1]
    assert backfill(quiet)["opened"] == 1


def test_several_at_once_open_one_conversation_an_order(quiet):
    user, kol = quiet.user(), quiet.kol()
    orders = [order_without_conversation(quiet, user=user, kol=kol) for _ in range(50)]
    start = threading.Barrier(4)

    def run():
        with quiet.connect().cursor() as cursor:
            start.wait()
            cursor.execute("CALL orbia_backfill_conversations(NULL)")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(quiet.conversations_of(order)) for order in orders] == [1] * 50


def test_with_nothing_to_do_it_reads_only_recent_orders(quiet):
    """Along the index: 1,000 old orders do not make the minute's call any dearer."""
    order = quiet.order(status="confirmed")
    columns = ("user_id, kol_id, plan_id, plan_title, plan_price, plan_type, title, video_type,"
               " requirement_description, video_duration, target_audience, expected_delivery_date")
    quiet.execute(
        f"INSERT INTO orbia_kol_order (order_id, status, updated_at, {columns})"
        f" SELECT CONCAT(order_id, '_', seq), 'completed', '2020-01-01', {columns}"
        " FROM orbia_kol_order JOIN seq_1_to_1000 WHERE id = %s", order.id)
    backfill(quiet)

    def rows_read():
        [status] = quiet.rows("SHOW SESSION STATUS LIKE 'Rows_read'")
        return int(status["Value"])

    quiet.execute("UPDATE orbia_kol_order SET updated_at = '2020-01-01'")
    before = rows_read()
    backfill(quiet, 3600)
    assert rows_read() - before < 100


def test_the_service_calls_it_at_start_for_orders_of_any_age(start_service, database):
    order = order_without_conversation(database)
    database.execute("UPDATE orbia_kol_order SET updated_at = '2020-01-01' WHERE id = %s", order.id)
    start_service()
    eventually(lambda: database.conversations_of(order), within=5,
               what="the back-fill opens the missing conversation")


def test_the_service_calls_it_every_minute(database):
    """The longest wait of all tests. The stack's service has been running for some time."""
    order = order_without_conversation(database)
    eventually(lambda: database.conversations_of(order), within=65, every=0.5,
               what="the back-fill opens the missing conversation")


def test_many_are_opened_some_hundreds_at_a_time(quiet):
    """So that a call ends in seconds, however many orders there are."""
    buyer, kol = quiet.user(), quiet.kol()
    before = quiet.order(user=buyer, kol=kol, status="pending")
    quiet.execute("INSERT INTO orbia_kol_order (order_id, user_id, kol_id, plan_id, plan_title, plan_price,"
                  " plan_type, title, requirement_description, video_type, video_duration, target_audience,"
                  " expected_delivery_date, status)"
                  " SELECT CONCAT(order_id, '_', seq), user_id, kol_id, plan_id, plan_title, plan_price,"
                  " plan_type, title, requirement_description, video_type, video_duration, target_audience,"
                  " expected_delivery_date, 'in_progress'"
                  " FROM orbia_kol_order, seq_1_to_600 WHERE id = %s", before.id)
    assert [backfill(quiet)["opened"] for _ in range(3)] == [500, 100, 0]


def test_two_at_once_do_not_get_into_each_others_way(quiet):
    order = order_without_conversation(quiet)
    with quiet.transaction() as cursor:
        cursor.execute("SELECT GET_LOCK(CONCAT(DATABASE(), '.orbia_backfill'), 0)")
        assert backfill(quiet)["opened"] == 0
    assert backfill(quiet)["opened"] == 1
    assert len(quiet.conversations_of(order)) == 1


def test_an_order_whose_conversations_id_is_taken_is_reported(quiet):
    """It is tried again, with a later time in the id; it never counts as done."""
    order = order_without_conversation(quiet)
    quiet.execute("CREATE TRIGGER taken BEFORE INSERT ON orbia_conversation FOR EACH ROW"
                  " SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1062, MESSAGE_TEXT = 'taken'")
    try:
        report = backfill(quiet)
    finally:
        quiet.execute("DROP TRIGGER taken")
    assert (report["opened"], report["failed"]) == (0, 1)
    assert order.order_id in report["last_error"]
    assert backfill(quiet)["opened"] == 1
