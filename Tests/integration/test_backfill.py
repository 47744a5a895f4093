"""The back-fill: conversations for orders that were confirmed without one."""

import threading
from contextlib import contextmanager

import pytest

from orbia.paths import SCHEMA
from orbia.polling import eventually
from service import Service, run, settings_for


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


@contextmanager
def lock_held(database):
    """Inside, another session has the back-fill's lock; gives the number of its connection.

    It waits for the lock, since a session that has just ended may hold it a moment longer; and gives it back itself.
    """
    with database.transaction() as cursor:
        cursor.execute("SELECT GET_LOCK(CONCAT(DATABASE(), '.orbia_backfill'), 5) AS got")
        assert cursor.fetchone()["got"] == 1
        yield cursor.connection.thread_id()
        cursor.execute("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.orbia_backfill'))")


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
    assert backfill(quiet) == {"opened": 0, "failed": 0, "last_error": None, "busy": None}
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


@pytest.mark.slow
def test_the_service_calls_it_every_minute(database):
    """The longest wait of all tests."""
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
    with lock_held(quiet) as connection:
        report = backfill(quiet)
        assert (report["opened"], report["busy"]) == (0, connection)
    report = backfill(quiet)
    assert (report["opened"], report["busy"]) == (1, None)
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


# What the service tells of it


RUNS = 'orbia_backfill_runs_total{{result="{}"}}'
REFUSAL = ("CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON orbia_conversation FOR EACH ROW"
           " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by a test'")
# How a back-fill can come to nothing, what the service logs, and what the metrics say: orders failed, kind of run.
TROUBLES = {
    "the routine is missing": (
        "DROP PROCEDURE orbia_backfill_conversations", ".orbia_backfill_conversations'; see the command check",
        (0, "failed")),
    "the definer may not read orders": (
        "REVOKE SELECT ON orbia_kol_order FROM orbia_conversation_definer@localhost", "error 1142", (0, "failed")),
    "no conversation can be inserted": (REFUSAL, "back-fill failed for 1 orders, the last: {order}: refused by a test",
                                        (1, "done")),
}


@pytest.fixture
def own(server, quiet_database, make_directory):
    """A database of the test's own, with an order that waits; and a way to start services on it."""
    database = server.create_service_database("backfilled")
    started = []

    def start() -> Service:
        started.append(Service(make_directory(), settings_for(server, database)))
        started[-1].start()
        return started[-1]

    yield database, start
    for service in started:
        service.stop()
    database.execute("DROP DATABASE backfilled")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_backfill_that_fails_is_seen(own, server, trouble):
    """At once in the log and in the metrics; gone from them with the next start after it was mended."""
    database, start = own
    damage, line, (orders_failed, kind) = TROUBLES[trouble]
    order = order_without_conversation(database)
    database.execute("UPDATE orbia_kol_order SET updated_at = NOW() - INTERVAL 3 MINUTE")
    database.execute(damage)
    service = start()
    eventually(lambda: service.metrics()[RUNS.format(kind)] == 1, within=5, what="it has run")
    metrics = service.metrics()
    assert metrics["orbia_backfill_orders_failed"] == orders_failed
    assert (metrics["orbia_backfill_last_success_timestamp_seconds"] > 0) == (kind == "done")
    eventually(lambda: line.format(order=order.order_id) in service.log(), within=5, what="it is logged")

    database.execute("DROP TRIGGER IF EXISTS refuse")
    database.load(SCHEMA)
    assert f"note  back-fill: orders without their conversation: 1, {order.order_id} among them" in run(
        "check", **settings_for(server, database)).stdout
    service = start()
    eventually(lambda: service.metrics()[RUNS.format("done")] == 1, within=5, what="it has run")
    metrics = service.metrics()
    assert (metrics["orbia_backfill_orders_failed"], metrics["orbia_backfill_opened_total"]) == (0, 1)
    assert len(database.conversations_of(order)) == 1
    assert "ok    back-fill" in run("check", **settings_for(server, database)).stdout


def test_a_backfill_that_another_session_keeps_from_running_is_seen(own):
    database, start = own
    with lock_held(database) as connection:
        service = start()
        eventually(lambda: service.metrics()[RUNS.format("busy")] == 1, within=5, what="it has run")
        eventually(lambda: f"connection {connection} of the database holds its lock" in service.log(), within=5,
                   what="it is logged")
        assert service.metrics()["orbia_backfill_last_success_timestamp_seconds"] == 0


@pytest.mark.slow
def test_what_lasts_is_said_again_each_minute_until_it_is_mended(server, quiet_database, make_directory):
    """Three services, each with a trouble of its own, for two minutes."""
    databases = [server.create_service_database(f"lasting_{number}") for number in range(3)]
    services = [Service(make_directory(), settings_for(server, database)) for database in databases]
    for database in databases:
        order_without_conversation(database)
    refusing, locked, without_routine = databases
    refused, kept, lost = services
    refusing.execute(REFUSAL)
    without_routine.execute("DROP PROCEDURE orbia_backfill_conversations")
    try:
        with lock_held(locked):
            for service in services:
                service.start()
            said = [(refused, "back-fill failed for 1 orders", 2), (kept, "back-fill did nothing, 2 in a row", 1),
                    (lost, "back-fill failed, 2 in a row", 1)]
            for service, line, count in said:
                eventually(lambda: service.log().count(line) == count, within=70, every=1, what=f"{line} is said")
        refusing.execute("DROP TRIGGER refuse")
        without_routine.load(SCHEMA)
        for service in services:
            eventually(lambda: service.metrics()["orbia_backfill_opened_total"] == 1, within=70, every=1,
                       what="it opens what is missing")
            assert service.metrics()["orbia_backfill_orders_failed"] == 0
            assert service.metrics()["orbia_backfill_last_success_timestamp_seconds"] > 0
    finally:
        for service in services:
            service.stop()
        for database in databases:
            database.execute(f"DROP DATABASE {database.name}")
