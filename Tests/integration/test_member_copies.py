"""The two columns that a member's row copies from its conversation, whoever writes either."""

import pymysql
import pytest

from database import timestamp


@pytest.fixture
def database(quiet_database):
    return quiet_database


AT = 1_698_765_432_123
LATER = AT + 60_000


def copies(database, conversation, user):
    member = database.member(conversation, user)
    return member["last_activity_ms"], member["conversation_type"]


def test_a_plain_insert_by_staff_copies_the_last_message(database):
    conversation = database.conversation(type="support", last_message_at=timestamp(AT))
    staff = database.user()
    database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id, role)"
                     " VALUES (%s, %s, 'admin')", conversation.id, staff.id)
    assert copies(database, conversation, staff) == (AT, "support")


def test_a_transaction_that_began_before_a_member_read_carries_into_its_row(database):
    """With snapshot isolation, the default of MariaDB 11.8, a row that has changed since cannot be changed."""
    users = database.users(2)
    conversation = database.conversation(*users, last_message_at=timestamp(AT))
    with database.transaction() as staff:
        staff.execute("SELECT COUNT(*) FROM orbia_conversation")
        database.row("CALL orbia_mark_read(%s, %s, NULL, NULL)", users[0].id, conversation.id)
        staff.execute("UPDATE orbia_conversation SET last_message_at = %s, title = 'neu' WHERE id = %s",
                      [timestamp(LATER), conversation.id])
        staff.connection.commit()
    assert [copies(database, conversation, user)[0] for user in users] == [LATER, LATER]


def test_without_a_message_it_copies_the_creation(database):
    conversation = database.conversation(type="ad_order", created_at="2023-10-31 15:17:12")
    user = database.user()
    database.join(conversation, user)
    assert copies(database, conversation, user) == (AT // 1000 * 1000, "ad_order")


def test_an_insert_of_many_members_copies_for_each(database):
    conversation = database.conversation(type="support", last_message_at=timestamp(AT))
    users = database.users(5)
    places = ", ".join("(%s, %s)" for _ in users)
    database.execute(
        f"INSERT INTO orbia_conversation_member (conversation_id, user_id) VALUES {places}",
        *(value for user in users for value in (conversation.id, user.id)))
    assert {copies(database, conversation, user) for user in users} == {(AT, "support")}


def test_a_change_of_the_last_message_reaches_every_member(database):
    users = database.users(3)
    conversation = database.conversation(*users, last_message_at=timestamp(AT))
    database.update_conversation(conversation, last_message_at=timestamp(LATER))
    assert {copies(database, conversation, user) for user in users} == {(LATER, "general")}


def test_a_last_message_taken_away_leaves_the_creation(database):
    user = database.user()
    conversation = database.conversation(user, last_message_at=timestamp(LATER),
                                         created_at="2023-10-31 15:17:12")
    database.update_conversation(conversation, last_message_at=None)
    assert copies(database, conversation, user) == (AT // 1000 * 1000, "general")


def test_a_change_of_the_type_reaches_every_member(database):
    users = database.users(3)
    conversation = database.conversation(*users, last_message_at=timestamp(AT))
    database.update_conversation(conversation, type="support")
    assert {copies(database, conversation, user) for user in users} == {(AT, "support")}


def test_a_change_leaves_the_other_conversations_alone(database):
    user = database.user()
    kept = database.conversation(user, last_message_at=timestamp(AT))
    changed = database.conversation(user, last_message_at=timestamp(AT))
    database.update_conversation(changed, last_message_at=timestamp(LATER), type="support")
    assert copies(database, kept, user) == (AT, "general")


def test_one_statement_may_change_many_conversations(database):
    user = database.user()
    conversations = database.conversations(5, user)
    database.execute(
        "UPDATE orbia_conversation SET type = 'support', last_message_at = %s WHERE id IN %s",
        timestamp(AT), [conversation.id for conversation in conversations])
    assert {copies(database, each, user) for each in conversations} == {(AT, "support")}


@pytest.mark.parametrize("change", ["status = 'closed'", "deleted_at = NOW()", "title = '改名'"])
def test_staff_may_name_the_member_table_in_a_statement_that_changes_neither(database, change):
    user = database.user()
    conversation = database.conversation(user)
    database.execute(
        f"UPDATE orbia_conversation SET {change} WHERE id IN"
        " (SELECT conversation_id FROM orbia_conversation_member WHERE user_id = %s)", user.id)
    stored = database.stored_conversation(conversation)
    assert stored["status"] == "closed" or stored["deleted_at"] or stored["title"] == "改名"


def test_a_member_of_no_conversation_is_refused_by_the_key(database):
    with pytest.raises(pymysql.err.IntegrityError) as refusal:
        database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id)"
                         " VALUES (9000000000000000000, %s)", database.user().id)
    assert refusal.value.args[0] == 1452


def test_a_user_is_a_member_once(database):
    user = database.user()
    conversation = database.conversation(user)
    with pytest.raises(pymysql.err.IntegrityError) as refusal:
        database.join(conversation, user)
    assert refusal.value.args[0] == 1062
