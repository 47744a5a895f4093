"""The database goes away and comes back: 503 within 3 seconds, and work again within 2."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from api import ROUTES
from concurrency import all_at_once
from orbia.polling import eventually
from service import Service, settings_for

ANSWER_WITHIN = 3.0
RECOVER_WITHIN = 2.0


@pytest.fixture(scope="module")
def service(mortal, make_directory):
    """One process for the whole file: it is never restarted, whatever happens to the database."""
    with Service(make_directory(), settings_for(mortal, mortal.database())).running() as service:
        yield service
        assert service.runs


@pytest.fixture
def database(mortal):
    return mortal.database()


@pytest.fixture
def user(database):
    return database.user()


@pytest.fixture
def conversation(database, user):
    return database.conversation(user)


@pytest.fixture(params=["killed", "frozen"])
def outage(request, mortal):
    """Two ways to be away: connections break at once, or nobody ever answers on them."""
    begin, end = {"killed": (mortal.kill, mortal.start),
                  "frozen": (mortal.freeze, mortal.resume)}[request.param]
    yield SimpleNamespace(begin=begin, end=end)
    mortal.resume()
    if not mortal.runs:
        mortal.start()


@pytest.fixture
def body(database, user, conversation):
    return database.body_for_all_routes(conversation, user)


def use(service, user, body, route) -> int:
    """The status of a request, which must be answered in time; 503 in full form."""
    answer = service.api(timeout=ANSWER_WITHIN).post(user, route, body)
    if answer.status != 200:
        answer.error(503)
        assert int(answer.headers["Retry-After"]) >= 1
    return answer.status


def recovers(service, user, body):
    for route in ROUTES:
        eventually(lambda: use(service, user, body, route) == 200, within=RECOVER_WITHIN,
                   what=f"{route} works again")


def test_every_endpoint_answers_503_and_works_again(service, outage, user, body):
    assert {use(service, user, body, route) for route in ROUTES} == {200}
    outage.begin()
    assert {use(service, user, body, route) for route in ROUTES} == {503}
    outage.end()
    recovers(service, user, body)


def test_many_callers_at_once_are_all_answered_in_time(service, outage, user, body):
    """More than there are workers: a caller may not have to wait for others' time-outs."""
    outage.begin()
    callers = [lambda: use(service, user, body, "get_messages")] * 24
    assert set(all_at_once(*callers)) == {503}
    outage.end()
    recovers(service, user, body)


def test_what_needs_no_database_is_answered_as_ever(service, outage, user):
    api = service.api(timeout=ANSWER_WITHIN)
    outage.begin()
    api.post(None, "get_messages", {}).error(401)
    api.post_with_token("a.b.c").error(401)
    api.post(user, "get_messages", b"[]").error(400)
    api.post(user, "nothing", {}).error(404)
    api.transport.request("GET", "/api/v1/conversation/mark_read", {}, b"").error(405)
    outage.end()


@pytest.fixture
def fresh_service(mortal, make_directory):
    """One whose log has not told of an outage yet: of the errors that follow it tells how many there are."""
    with Service(make_directory(), settings_for(mortal, mortal.database())).running() as service:
        yield service


def test_the_answer_says_nothing_of_the_inside_and_the_log_does(fresh_service, mortal, outage, user):
    api = fresh_service.api(timeout=ANSWER_WITHIN)
    outage.begin()
    message = api.get_conversations(user).error(503)
    assert "mariadb" not in message.lower() and "mysql" not in message.lower()
    assert str(mortal.socket) not in message
    # It is logged behind the answer.
    eventually(lambda: api.transport.request_id in fresh_service.log(), within=5, what="it is logged")
    outage.end()


def test_it_survives_several_outages_in_a_row(service, mortal, user, body):
    for _ in range(3):
        mortal.kill()
        assert use(service, user, body, "get_messages") == 503
        mortal.start()
        recovers(service, user, body)


def test_what_was_answered_is_stored_once_though_the_server_dies_at_any_moment(
        service, mortal, database, user):
    """A send without an answer may be stored or not; one with an answer is there."""
    other = database.user()
    conversation = database.conversation(user, other)
    stop = threading.Event()

    def send_until_told(name) -> tuple:
        sent, tried, api = [], 0, service.api()
        while not stop.is_set():
            answer = api.send_text(user, conversation, f"{name} {tried}")
            tried += 1
            if answer.status == 200:
                sent.append(f"{name} {tried - 1}")
            else:
                answer.error(503)
        return sent, tried

    with ThreadPoolExecutor() as threads:
        senders = [threads.submit(send_until_told, name) for name in range(4)]
        try:
            for _ in range(2):
                known = stored_count(mortal, conversation)
                eventually(lambda: stored_count(mortal, conversation) > known + 20, within=20,
                           what="some messages are sent")
                mortal.kill()
                mortal.start()
        finally:
            stop.set()
        results = [each.result() for each in senders]
    stored = [row["content"] for row in mortal.database().stored_messages(conversation)]
    assert len(stored) == len(set(stored))
    answered = {content for sent, _ in results for content in sent}
    assert answered and answered <= set(stored)
    assert mortal.database().unread(conversation, other) == len(stored)


def stored_count(mortal, conversation) -> int:
    return len(mortal.database().stored_messages(conversation))


def test_a_service_that_starts_without_its_database_waits_for_it(mortal, database, make_directory):
    user = database.user()
    body = database.body_for_all_routes(database.conversation(user), user)
    settings = settings_for(mortal, database)
    mortal.kill()
    service = Service(make_directory(), settings)
    try:
        service.start()
        assert use(service, user, body, "get_messages") == 503
        mortal.start()
        recovers(service, user, body)
    finally:
        service.stop()
        if not mortal.runs:
            mortal.start()


@pytest.mark.usefixtures("service")
def test_an_order_confirmed_while_the_service_is_cut_off_has_its_conversation(mortal):
    """It is the database that opens it, not the service."""
    mortal.kill()
    mortal.start()
    database = mortal.database()
    order = database.order(status="confirmed")
    assert len(database.conversations_of(order)) == 1


def test_a_deadline_of_its_own_bounds_the_wait(mortal, make_directory, user, body):
    """A second instead of three, for each of up to three statements."""
    hasty = Service(make_directory(), {**settings_for(mortal, mortal.database()), "ORBIA_DEADLINE": "1s"})
    hasty.start()
    try:
        for route in ROUTES:
            assert use(hasty, user, body, route) == 200
        mortal.freeze()
        for route in ROUTES:
            hasty.api(timeout=2.0).post(user, route, body).error(503)
    finally:
        mortal.resume()
        assert hasty.stop() == 0
