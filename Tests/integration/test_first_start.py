"""The first start on the platform's database: what docs/deployment.md says of it before, and what comes of it."""

import pymysql
import pytest

from orbia.document import DEPLOYMENT, Administrator, block, blocks
from orbia.paths import PLATFORM, SCHEMA
from orbia.polling import eventually
from service import PROGRAM, Service, settings_for

CHAPTER = "Before the first start"
ASK = block(CHAPTER, "check", document=DEPLOYMENT)
LEAVE_OUT = block(CHAPTER, "INSERT INTO", document=DEPLOYMENT)
[REFUSAL] = [each.strip() for each in blocks(CHAPTER, DEPLOYMENT) if "Duplicate entry" in each]


@pytest.fixture
def platform(server):
    """The platform's database, with orders and a conversation from before, and schema.sql."""
    database = server.create_database("first_start")
    database.load(PLATFORM)
    buyer, kol = database.user(), database.kol()
    orders = {status: [database.order(buyer, kol, status=status) for _ in range(2)]
              for status in ("pending", "confirmed", "in_progress", "completed", "cancelled")}
    known = orders["confirmed"][0]
    database.conversation(buyer, kol.user, type="kol_order", related_order_type="kol_order",
                          related_order_id=known.order_id, created_at="2024-01-01 00:00:00")
    database.execute("UPDATE orbia_kol_order SET updated_at = NOW() - INTERVAL 2 YEAR")
    database.load(SCHEMA)
    server.create_account(database)
    yield database, buyer, orders
    database.execute("DROP DATABASE first_start")


@pytest.fixture
def ask(server, platform, make_directory):
    """Runs the document's command with the service's environment."""
    database, _, _ = platform
    administrator = Administrator(make_directory(), server)
    settings = administrator.directory / "all.env"
    settings.write_text("".join(f"{name}='{value}'\n" for name, value in settings_for(server, database).items()))
    program = f"orbia-conversation() {{ {PROGRAM} \"$@\"; }}\n"
    ask = ASK.replace("/etc/orbia-conversation/all.env", str(settings))
    return lambda: administrator.run(program, ask).splitlines()


@pytest.fixture
def start(server, platform, make_directory):
    database, _, _ = platform
    started = []

    def start() -> Service:
        service = Service(make_directory(), settings_for(server, database))
        started.append(service)
        service.start()
        eventually(lambda: service.metrics()['orbia_backfill_runs_total{result="done"}'], within=10, what="it has run")
        return service

    yield start
    for service in started:
        service.stop()


def test_how_many_conversations_will_be_opened_is_said_before(platform, ask, start):
    database, buyer, orders = platform
    [told] = ask()
    missing = [orders["confirmed"][1], *orders["in_progress"], *orders["completed"]]
    assert told == (f"note  back-fill: orders without their conversation: {len(missing)},"
                    f" {max(order.order_id for order in missing)} among them")

    service = start()
    assert service.metrics()["orbia_backfill_opened_total"] == len(missing)
    # The line is written after it is counted.
    eventually(lambda: f"back-fill opened {len(missing)} conversations" in service.log(), within=5, what="it says so")
    assert ask() == ["ok    back-fill"]
    opened = {database.conversations_of(order)[0]["id"] for order in missing}
    listed = service.api().get_conversations(buyer).success()["conversations"]
    assert {each["id"] for each in listed[:len(missing)]} == opened
    assert [each.get("last_message") for each in listed] == [None] * (len(missing) + 1)


def test_orders_can_be_left_out(platform, ask, start):
    database, buyer, orders = platform
    for _ in range(2):
        database.execute(LEAVE_OUT.rstrip().rstrip(";"))
    [told] = ask()
    assert told.startswith("note  back-fill: orders without their conversation: 3,")
    service = start()
    assert service.metrics()["orbia_backfill_opened_total"] == 3
    listed = service.api().get_conversations(buyer).success()["conversations"]
    assert len(listed) == 4
    assert [len(database.conversations_of(order)) for order in orders["completed"]] == [1, 1]


def test_what_the_platform_then_has_in_its_log(platform):
    """Its insert is refused with the document's text; its transaction goes on."""
    database, _, orders = platform
    order = orders["pending"][0]
    with database.transaction() as cursor:
        cursor.execute("UPDATE orbia_kol_order SET status = 'confirmed' WHERE id = %s", [order.id])
        with pytest.raises(pymysql.err.IntegrityError) as refusal:
            cursor.execute(
                "INSERT INTO orbia_conversation (conversation_id, type, related_order_type, related_order_id)"
                " VALUES ('CONV_1_1', 'kol_order', 'kol_order', %s)", [order.order_id])
        number, text = refusal.value.args
        assert number == 1062
        assert text.startswith(REFUSAL.replace("KORD_1698765432000_12345", order.order_id))
        cursor.execute("UPDATE orbia_kol_order SET confirmed_at = NOW() WHERE id = %s", [order.id])
        cursor.connection.commit()
    assert database.value("SELECT confirmed_at FROM orbia_kol_order WHERE id = %s", order.id)
    assert len(database.conversations_of(order)) == 1
