"""Who is in which conversation of the data set of scripts/load --waiters, and how the clients are shared out."""

import pytest

from orbia.load.generator import shares
from orbia.load.waiters_dataset import FIRST_USER, choose_clients, conversations_of, members_of


@pytest.mark.parametrize("user", [FIRST_USER, 199, 200, 1234])
def test_a_user_has_twenty_conversations_with_others_of_the_community(user):
    conversations = conversations_of(user)
    assert len(set(conversations)) == 20
    for conversation in conversations:
        members = members_of(conversation)
        assert user in members and len(set(members)) == 2
        assert {member // 100 for member in members} == {user // 100}


def test_every_conversation_is_its_members():
    assert all(conversation in conversations_of(user)
               for conversation in range(1000, 3000) for user in members_of(conversation))


def test_a_client_has_one_of_its_users_conversations_open():
    clients = choose_clients(50)
    assert [client.user for client in clients] == list(range(FIRST_USER, FIRST_USER + 50))
    assert all(client.open in conversations_of(client.user) for client in clients)
    assert sum(not client.has_list for client in clients) == 5


@pytest.mark.parametrize("clients, open_files, expected", [
    (50, 20_000, [50]), (19_000, 20_000, [19_000]), (20_001, 20_000, [10_001, 10_000]),
    (50_000, 65_536, [25_000, 25_000]), (60_000, 65_536, [20_000] * 3),
])
def test_a_process_holds_no_more_than_it_may_open_files_for(clients, open_files, expected):
    assert shares(clients, open_files) == expected
