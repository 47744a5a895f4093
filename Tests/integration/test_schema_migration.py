"""schema.sql in a database that is not empty: the platform's, and one of version 1."""

import itertools
import re
import subprocess
from types import SimpleNamespace

import pymysql
import pytest

from database import timestamp
from layout import layout, rows, tablespaces
from orbia.paths import PLATFORM, SCHEMA, VERSION_2
from orbia.polling import eventually
from service import run, settings_for

AT = 1_698_765_432_123
SECOND = "2023-10-31 15:17:12"

_names = (f"migration_{number}" for number in itertools.count(1))


# Databases as they are before


@pytest.fixture
def platform(server):
    """The platform's tables, with rows of every kind that its description names."""
    database = server.create_database(next(_names))
    database.load(PLATFORM)
    with_old_rows(database)
    return database


@pytest.fixture
def version_1(server):
    """What version 1 of schema.sql made, with the same rows."""
    database = server.create_database(next(_names))
    database.load(VERSION_2)
    database.execute("ALTER TABLE orbia_message DROP KEY client_message, DROP COLUMN client_message_id")
    [wide] = database.rows("SHOW KEYS FROM orbia_conversation_member WHERE Column_name = 'unread_count'")
    database.execute("ALTER TABLE orbia_conversation_member"
                     f" DROP KEY {wide['Key_name']}, ADD KEY (user_id, last_activity_at)")
    database.execute("CREATE OR REPLACE PROCEDURE orbia_mark_read(p_user BIGINT, p_conversation BIGINT,"
                     " p_code VARCHAR(64)) COMMENT 'orbia-conversation 1' SELECT 'read' AS outcome")
    with_old_rows(database, created_at_may_be_null=False)
    return database


@pytest.fixture
def version_2(server):
    """What version 2 of schema.sql made, with the same rows."""
    database = server.create_database(next(_names))
    database.load(VERSION_2)
    with_old_rows(database, created_at_may_be_null=False)
    return database


@pytest.fixture(params=["platform", "version_1", "version_2"])
def old(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def fresh(server):
    database = server.create_database(next(_names))
    database.load(SCHEMA)
    return database


def with_old_rows(database, created_at_may_be_null=True):
    """Puts the rows in, and what a test asks for into database.old."""
    old = database.old = SimpleNamespace()
    old.user, old.staff, old.kol = database.user("小明 🎬"), database.user(), database.kol()
    database.user("离开了", status="deleted", email="gone@example.com")

    def order(status="completed", **columns):
        return database.order(old.user, old.kol, status, created_at=SECOND, updated_at=SECOND, **columns)

    def conversation_of(order, **columns):
        return database.conversation(old.user, old.kol.user, **{
            "type": "kol_order", "related_order_type": "kol_order", "related_order_id": order.order_id,
            "last_message_at": SECOND, "created_at": SECOND, "updated_at": SECOND, **columns})

    old.order, old.unopened = order(), order("pending")
    # One that was confirmed before there were triggers: no conversation.
    old.forgotten = order("pending")
    old.conversation = conversation_of(old.order)
    old.deleted = conversation_of(order(), deleted_at=SECOND)
    # Not two of a type.
    old.advert = conversation_of(old.order, type="ad_order", related_order_type="ad_order")
    old.general = database.conversations(3, old.user, old.staff, created_at=SECOND)
    old.timeless = database.conversation(old.user, created_at=None, status="closed", type="support")
    database.execute("UPDATE orbia_conversation_member SET unread_count = 3, last_read_at = %s, joined_at = NULL"
                     " WHERE conversation_id = %s AND user_id = %s", SECOND, old.conversation.id, old.user.id)

    say = database.message
    for content in ["一", "二", "三"]:  # in one millisecond
        say(old.conversation, old.user, content, AT, updated_at=SECOND)
    say(old.conversation, old.kol.user, "四" * 21845, AT + 1, status="read", updated_at=None)
    say(old.conversation, old.kol.user, "不要了", AT - 1, deleted_at=SECOND, updated_at=SECOND)
    say(old.deleted, old.user, "https://cdn.example.com/a.png", AT + 7, message_type="image",
        file_name="图 🖼.png", file_size=2**40, file_type="image/png")
    if created_at_may_be_null:
        def say_without_time(conversation, updated_at=None):
            return say(conversation, old.user, "何时?", updated_at=updated_at, created_at=None)

        first, second, third = old.general
        old.expected_times = {
            say_without_time(old.conversation, "2023-10-31 15:20:00"): "2023-10-31 15:20:00.000"}
        # Between two others; the first of its conversation; two in a row; alone.
        say(first, old.user, "前", AT)
        old.expected_times[say_without_time(first)] = timestamp(AT)
        say(first, old.user, "后", AT + 5000)
        old.expected_times[say_without_time(second)] = timestamp(AT + 9)
        old.expected_times[say_without_time(second)] = timestamp(AT + 9)
        say(second, old.user, "后", AT + 9)
        old.expected_times[say_without_time(third)] = None


# What must be the same after as before


def assert_kept(before: dict, after: dict):
    """Every row with the value of every column that it had; a time that was NULL may have come."""
    for table, rows_before in before.items():
        assert len(after[table]) == len(rows_before), table
        for row, now in zip(rows_before, after[table]):
            had = {name: value for name, value in row.items()
                   if not (table == "orbia_message" and name == "created_at" and value is None)
                   and name not in ("last_activity_at", "conversation_type")}
            assert {name: now[name] for name in had} == had, table


def test_every_row_is_kept_with_its_values(old):
    before = rows(old)
    old.load(SCHEMA)
    assert_kept(before, rows(old))


def test_the_layout_becomes_that_of_a_fresh_database(old, fresh):
    assert layout(old) != layout(fresh)
    old.load(SCHEMA)
    assert layout(old) == layout(fresh)


def test_the_service_finds_the_layout_that_it_needs(server, old):
    old.load(SCHEMA)
    server.create_account(old)
    done = run("check", **settings_for(server, old))
    assert done.returncode == 0, done.stdout


def test_run_again_it_changes_nothing(old):
    old.load(SCHEMA)
    before = rows(old), layout(old), tablespaces(old), alters(old)
    old.load(SCHEMA)
    assert (rows(old), layout(old), tablespaces(old), alters(old)) == before


def alters(database) -> int:
    """How often any session has altered a table."""
    return int(database.row("SHOW GLOBAL STATUS LIKE 'Com_alter_table'")["Value"])


def test_the_first_run_copies_each_table_once(platform):
    """The conversations' unique key comes by itself, and so do new columns of three tables, which takes no copy."""
    before = alters(platform)
    platform.load(SCHEMA)
    assert alters(platform) - before == 8


def test_version_1_is_brought_here_without_a_rebuild(version_1):
    def rebuilt():
        return {name: number.split()[0] for name, number in tablespaces(version_1).items() if "PRIMARY" in name}

    before = rebuilt()
    version_1.load(SCHEMA)
    after = rebuilt()
    assert {name: after[name] for name in before} == before and before


@pytest.mark.parametrize("options", [["--default-character-set=latin1"],
                                     ["--init-command=SET sql_mode = '', time_zone = '+08:00'"],
                                     ["--init-command=SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'"]])
def test_the_loading_clients_settings_do_not_matter(platform, fresh, options):
    before = rows(platform)
    platform.load(SCHEMA, *options)
    assert_kept(before, rows(platform))
    assert layout(platform) == layout(fresh)


def faults(database) -> list:
    """What the report finds otherwise than it should be: names, and what is there."""
    return [(row["name"], row["found"]) for row in database.rows("CALL orbia_schema_state(3)")
            if row["found"] != row["expected"]]


# What is filled in


def test_a_message_without_a_time_gets_that_of_its_change_or_its_neighbour(platform):
    platform.load(SCHEMA)
    times = {row["message_id"]: row["at"] for row in platform.rows(
        "SELECT message_id, DATE_FORMAT(created_at, '%Y-%m-%d %H:%i:%s.%f') AS at FROM orbia_message")}
    for message_id, expected in platform.old.expected_times.items():
        if expected is not None:
            assert times[message_id] == expected + "000"
    [alone] = [each for each, at in platform.old.expected_times.items() if at is None]
    assert platform.value("SELECT ABS(TIMESTAMPDIFF(SECOND, created_at, NOW(3))) < 60 FROM orbia_message"
                          " WHERE message_id = %s", alone)


def test_the_members_get_their_copies(platform):
    platform.load(SCHEMA)
    old = platform.old

    def copies(conversation, user):
        member = platform.member(conversation, user)
        return member["last_activity_ms"] // 1000, member["conversation_type"]

    assert copies(old.conversation, old.user) == (AT // 1000, "kol_order")
    assert copies(old.conversation, old.kol.user) == (AT // 1000, "kol_order")
    assert copies(old.advert, old.user) == (AT // 1000, "ad_order")
    assert copies(old.general[0], old.staff) == (AT // 1000, "general")
    at, kind = copies(old.timeless, old.user)
    assert kind == "support" and at > AT // 1000


def test_a_member_who_was_added_meanwhile_gets_them_too(platform):
    """As between the table's change and the trigger's coming."""
    platform.load(SCHEMA)
    old = platform.old
    platform.execute("UPDATE orbia_conversation_member"
                     " SET last_activity_at = NOW(3), conversation_type = 'general', unread_count = 7")
    platform.load(SCHEMA)
    member = platform.member(old.conversation, old.user)
    assert (member["last_activity_ms"] // 1000, member["conversation_type"]) == (AT // 1000, "kol_order")
    assert member["unread_count"] == 7


# What works then


def send(database, user, conversation, content="你好"):
    [answer] = database.rows("CALL orbia_send_message(%s, %s, NULL, 'text', %s, NULL, NULL, NULL, NULL)",
                             user.id, conversation.id, content)
    return answer


def test_a_message_can_be_sent_and_read(old):
    old.load(SCHEMA)
    user, conversation = old.old.user, old.old.conversation
    answer = send(old, old.old.kol.user, conversation)
    assert answer["outcome"] == "sent"
    assert old.stored_messages(conversation)[-1]["message_id"] == answer["message_id"]
    assert old.unread(conversation, user) == 4
    assert old.member(conversation, user)["last_activity_ms"] == answer["created_at"]
    [read] = old.rows("CALL orbia_mark_read(%s, %s, NULL, NULL)", user.id, conversation.id)
    assert (read["outcome"], old.unread(conversation, user)) == ("read", 0)


def test_an_order_that_is_confirmed_gets_its_conversation(old):
    old.load(SCHEMA)
    old.set_order_status(old.old.unopened, "confirmed")
    [opened] = old.conversations_of(old.old.unopened)
    assert old.members_of(opened) == {old.old.user.id: "creator", old.old.kol.user.id: "member"}


def test_an_order_that_was_confirmed_before_gets_one_from_the_back_fill(platform):
    platform.set_order_status(platform.old.forgotten, "confirmed")
    assert platform.conversations_of(platform.old.forgotten) == []
    platform.load(SCHEMA)
    [report] = platform.rows("CALL orbia_backfill_conversations(NULL)")
    assert (report["opened"], report["failed"]) == (1, 0)
    assert len(platform.conversations_of(platform.old.forgotten)) == 1
    assert len(platform.conversations_of(platform.old.order)) == 2  # of two types, as before


# Keys under whatever names

def test_keys_go_whatever_their_names_and_those_of_somebodys_own_stay(platform, fresh):
    platform.execute("ALTER TABLE orbia_message ADD KEY `x ``y` (file_type), ADD KEY `select` (content(20)),"
                     " ADD FULLTEXT KEY words (content), ADD KEY report (sender_id, message_type)")
    platform.load(SCHEMA)
    own = {key for key in layout(platform)["keys"] - layout(fresh)["keys"]}
    assert {key[3] for key in own} == {"content", "sender_id,message_type"}
    assert layout(fresh)["keys"] <= layout(platform)["keys"]


WRONG_ORDER = {
    "version 1's wider one first":
        "DROP KEY idx_user_id, ADD KEY a (user_id, last_activity_at), ADD KEY b (user_id)",
    "the wider one first":
        "DROP KEY idx_user_id, ADD KEY a (user_id, last_activity_at, conversation_id, unread_count),"
        " ADD KEY b (user_id)",
    "no plain one":
        "DROP KEY idx_user_id, ADD KEY a (user_id, last_activity_at, conversation_id, unread_count)",
}


@pytest.mark.parametrize("change", WRONG_ORDER.values(), ids=WRONG_ORDER.keys())
def test_the_foreign_key_to_the_users_is_bound_to_the_plain_key(platform, change):
    platform.execute("ALTER TABLE orbia_conversation_member"
                     " ADD COLUMN last_activity_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)")
    platform.execute(f"ALTER TABLE orbia_conversation_member {change}")
    platform.load(SCHEMA)
    assert faults(platform) == []
    assert not a_send_waits_for_a_members_user_row(platform)


def a_send_waits_for_a_members_user_row(database) -> bool:
    """As it does where the foreign key is bound to a key that a send changes."""
    old = database.old
    with database.transaction() as cursor:
        cursor.execute("SELECT * FROM orbia_user WHERE id = %s FOR UPDATE", [old.user.id])
        with database.connect().cursor() as service:
            service.execute("SET innodb_lock_wait_timeout = 1")
            try:
                service.execute("CALL orbia_send_message(%s, %s, NULL, 'text', '你好', NULL, NULL, NULL, NULL)",
                                [old.kol.user.id, old.conversation.id])
            except pymysql.err.OperationalError as error:
                assert error.args[0] == 1205  # ER_LOCK_WAIT_TIMEOUT
                return True
            assert service.fetchone()["outcome"] == "sent"
            return False


def test_the_report_tells_a_wider_key_before_the_plain_one_and_schema_sql_mends_it(platform):
    platform.load(SCHEMA)
    # In place, as an operator might: the plain one comes last, and the foreign key goes to the first.
    platform.execute("ALTER TABLE orbia_conversation_member DROP KEY idx_user_id")
    platform.execute("ALTER TABLE orbia_conversation_member ADD KEY (user_id)")
    assert faults(platform) == [
        ("orbia_conversation_member (user_id)", "behind (user_id,last_activity_at,conversation_id,unread_count)")]
    assert a_send_waits_for_a_members_user_row(platform)
    platform.load(SCHEMA)
    assert faults(platform) == []
    assert not a_send_waits_for_a_members_user_row(platform)


# Two conversations for one order


@pytest.fixture
def doubled(platform):
    """One order with two conversations, and one with three, of which two are softly deleted."""
    old = platform.old

    def double(order, **columns):
        return platform.conversation(old.user, old.staff, type="kol_order", related_order_type="kol_order",
                                     related_order_id=order.order_id, **columns)

    old.double = double(old.order)
    platform.message(old.double, old.staff, "在另一个", AT + 3)
    platform.execute("UPDATE orbia_conversation_member SET unread_count = 2 WHERE conversation_id = %s", old.double.id)
    old.third = [double(old.forgotten, deleted_at=SECOND), double(old.forgotten, deleted_at=SECOND),
                 double(old.forgotten)]
    return platform


def apply(database, text=None) -> subprocess.CompletedProcess:
    return subprocess.run(database.client(), input=text or SCHEMA.read_text(), capture_output=True, text=True)


def test_what_it_cannot_decide_it_says_and_does_everything_else(doubled, fresh):
    before = rows(doubled)
    done = apply(doubled)
    assert done.returncode != 0
    assert "ERROR 1644" in done.stderr and "several conversations" in done.stderr
    old = doubled.old
    for conversation in [old.conversation, old.double, *old.third]:
        assert f"\t{conversation.id}\t{conversation.conversation_id}\t" in done.stdout
    assert old.advert.conversation_id not in done.stdout
    assert_kept(before, rows(doubled))

    assert faults(doubled) == [("orbia_conversation (related_order_id,type)", None)]
    found, expected = layout(doubled), layout(fresh)
    assert found["columns"] == expected["columns"]
    assert found["routines"] == expected["routines"]
    assert expected["triggers"] < found["triggers"]
    assert send(doubled, old.user, old.double)["outcome"] == "sent"


def test_undecided_it_says_the_same_again_and_alters_nothing(doubled):
    first = apply(doubled)
    before = rows(doubled), layout(doubled), tablespaces(doubled)
    again = apply(doubled)
    assert again.returncode == first.returncode != 0
    assert again.stderr == first.stderr and again.stdout in first.stdout
    assert (rows(doubled), layout(doubled), tablespaces(doubled)) == before


def test_undecided_an_order_gets_no_further_conversation(doubled):
    """The platform inserts one when the order is confirmed, and so does the trigger."""
    apply(doubled)
    old = doubled.old
    platforms_own = ("INSERT INTO orbia_conversation (conversation_id, type, related_order_type, related_order_id)"
                     " VALUES (%s, 'kol_order', 'kol_order', %s)")
    doubled.set_order_status(old.unopened, "confirmed")
    for order in [old.unopened, old.order, old.forgotten]:
        with pytest.raises(pymysql.err.IntegrityError) as refusal:
            doubled.execute(platforms_own, f"CONV_1_{order.id}", order.order_id)
        assert refusal.value.args[0] == 1062
    assert len(doubled.conversations_of(old.unopened)) == 1
    for order in [old.order, old.forgotten]:
        doubled.set_order_status(order, "in_progress")
        doubled.set_order_status(order, "confirmed")
    doubled.execute("CALL orbia_backfill_conversations(NULL)")
    assert len(doubled.conversations_of(old.order)) == 3  # with the advertisement's
    assert len(doubled.conversations_of(old.forgotten)) == 3


def steps(output: str) -> list:
    """The statements that it prints for the operator, but for the line that names the two conversations."""
    lines = output[output.index("what_to_do\n"):].splitlines()[1:]
    return [line for line in lines if not line.startswith(("SET @keep", "--"))]


@pytest.mark.parametrize("moving", [True, False], ids=["moving", "as it is"])
def test_decided_as_it_says_it_succeeds(doubled, fresh, moving):
    old, before = doubled.old, rows(doubled)
    statements = steps(apply(doubled).stdout)
    needed = [line for line in statements if "related_order_id = NULL" in line]
    for keep, other in [(old.conversation, old.double), (old.third[2], old.third[0]), (old.third[2], old.third[1])]:
        text = "\n".join([f"SET @keep = {keep.id}, @other = {other.id};", *(statements if moving else needed)])
        decided = apply(doubled, text)
        assert decided.returncode == 0, decided.stderr
    doubled.load(SCHEMA)
    assert layout(doubled) == layout(fresh)

    assert [row["message_id"] for row in rows(doubled)["orbia_message"]] == [
        row["message_id"] for row in before["orbia_message"]]
    if moving:
        [moved] = [row for row in doubled.stored_messages(old.conversation) if row["content"] == "在另一个"]
        assert moved["created_ms"] == AT + 3
        assert doubled.stored_messages(old.double) == []
        assert doubled.unread(old.conversation, old.user) == 5
        assert doubled.unread(old.conversation, old.staff) == 2
        assert doubled.stored_conversation(old.double)["deleted_at"]
        newest = doubled.stored_messages(old.conversation)[-1]["created_ms"]
        assert doubled.member(old.conversation, old.staff)["last_activity_ms"] == newest
    else:
        assert len(doubled.stored_messages(old.double)) == 1
        assert send(doubled, old.staff, old.double)["outcome"] == "sent"


# Interruptions


def statements_of(text: str) -> list:
    """A file for the client, cut into its statements, each with the delimiter line it needs."""
    statements, lines, delimiter = [], [], ";"
    for line in text.splitlines():
        if line.startswith("DELIMITER "):
            delimiter = line.split()[1]
        elif lines or (line.strip() and not line.startswith("--")):
            lines.append(line)
            if line.rstrip().endswith(delimiter):
                statements.append("\n".join([f"DELIMITER {delimiter}", *lines, "DELIMITER ;\n"]))
                lines = []
    assert not lines
    return statements


STATEMENTS = statements_of(SCHEMA.read_text())
FIRST_OF_MIGRATION = next(number for number, each in enumerate(STATEMENTS) if "time_zone = '+00:00'" in each)
CUTS = sorted({*range(FIRST_OF_MIGRATION, FIRST_OF_MIGRATION + 8),
               *range(FIRST_OF_MIGRATION + 8, len(STATEMENTS), 5)})


def test_the_file_is_cut_as_the_client_cuts_it(server, fresh):
    database = server.create_database(next(_names))
    done = apply(database, "".join(STATEMENTS))
    assert done.returncode == 0, done.stderr
    assert layout(database) == layout(fresh)


@pytest.mark.parametrize("cut", CUTS)
def test_stopped_after_any_statement_it_goes_on_when_it_is_run_again(platform, fresh, cut):
    before = rows(platform)
    done = apply(platform, "".join(STATEMENTS[:cut]))
    assert done.returncode == 0, done.stderr
    # The platform goes on working in between.
    order = platform.old.unopened
    platform.set_order_status(order, "confirmed")
    assert platform.value("SELECT status FROM orbia_kol_order WHERE id = %s", order.id) == "confirmed"
    platform.set_order_status(order, "pending")
    platform.execute("UPDATE orbia_kol_order SET updated_at = %s WHERE id = %s", SECOND, order.id)
    platform.execute("DELETE FROM orbia_conversation WHERE related_order_id = %s", order.order_id)
    platform.load(SCHEMA)
    assert_kept(before, rows(platform))
    assert layout(platform) == layout(fresh)


@pytest.mark.parametrize("table", ["orbia_conversation", "orbia_conversation_member", "orbia_kol_order",
                                   "orbia_message"])
def test_killed_at_a_tables_alter_it_goes_on_when_it_is_run_again(platform, fresh, table):
    before = rows(platform)
    with platform.transaction() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 1")  # whose end is waited for before the ALTER
        client = subprocess.Popen(platform.client(), stdin=SCHEMA.open(), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        [waiting] = eventually(lambda: platform.rows(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep' AND DB = DATABASE()"), within=10,
            what="it waits")
        platform.execute(f"KILL {waiting['ID']}")
        assert client.wait() != 0, client.communicate()
    platform.load(SCHEMA)
    assert_kept(before, rows(platform))
    assert layout(platform) == layout(fresh)


# What check says before


@pytest.mark.parametrize("version", [1, 2])
def test_check_tells_an_older_version(request, server, version):
    database = request.getfixturevalue(f"version_{version}")
    if version == 1:
        database.execute("ALTER PROCEDURE orbia_send_message COMMENT 'orbia-conversation 1'")
    for account in server.create_user(database):
        database.execute(f"GRANT orbia_conversation_app TO {account}")
        database.execute(f"SET DEFAULT ROLE orbia_conversation_app FOR {account}")
    done = run("check", **settings_for(server, database))
    assert done.returncode != 0
    assert f"version schema.sql: {version}, expected 3; the database is older than this program" in done.stdout
    assert "< schema.sql" in done.stdout


def test_check_tells_the_layout_of_version_1(server, version_1):
    """With the routines of this version there, as where somebody has restored the tables alone."""
    with_routines_alone(server, version_1)
    done = run("check", **settings_for(server, version_1))
    assert done.returncode != 0
    for part in ["orbia_message.client_message_id",
                 "orbia_message (conversation_id,sender_id,client_message_id)",
                 "orbia_conversation_member (user_id,last_activity_at,conversation_id,unread_count)"]:
        assert re.search(rf"wrong schema: \w+ {re.escape(part)}: .*, expected", done.stdout), done.stdout
    assert "schema.sql" in done.stdout


def with_routines_alone(server, database):
    """Runs schema.sql without what changes tables; makes the service's account."""
    text = SCHEMA.read_text()
    made = apply(database, text[:text.index("-- schema/06-migration.sql")]
                 + text[text.index("-- schema/07-definer.sql"):text.index("-- schema/09-writing.sql")])
    assert made.returncode == 0, made.stderr
    for account in server.create_user(database):
        database.execute(f"GRANT SELECT ON {database.name}.* TO {account}")
        database.execute(f"GRANT EXECUTE ON PROCEDURE orbia_schema_state TO {account}")


def test_check_tells_the_platforms_layout(server, platform):
    """With the routines there, as after an interruption; without them there is nothing to ask."""
    with_routines_alone(server, platform)
    done = run("check", **settings_for(server, platform))
    assert done.returncode != 0
    for part in ["orbia_conversation.last_message_at: timestamp,", "orbia_conversation_member.last_read_at: timestamp,",
                 "orbia_message.created_at: timestamp(3),", "orbia_message (conversation_id,created_at,id): missing",
                 "orbia_conversation (related_order_id,type): missing", "orbia_conversation_carry: missing"]:
        assert part in done.stdout


def test_check_says_so_where_schema_sql_was_never_applied(server, platform):
    for account in server.create_user(platform):
        platform.execute(f"GRANT SELECT ON {platform.name}.* TO {account}")
    done = run("check", **settings_for(server, platform))
    assert done.returncode != 0
    assert "schema.sql" in done.stdout
