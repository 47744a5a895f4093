"""A line of JSON for each request, and a warning for each slow one."""

import json
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from orbia.database_server import ACCOUNT
from orbia.fastcgi.peer import exchange
from orbia.polling import eventually
from transactions import wait_for_lock_wait

KEYS = ["time", "request", "user", "conversation", "endpoint", "status", "reason", "total_us", "queue_us", "wait_us",
        "database_us", "statements"]


@pytest.fixture
def log(tmp_path):
    return tmp_path / "access.log"


@pytest.fixture
def service(start_service, log):
    return start_service(ORBIA_ACCESS_LOG=str(log), ORBIA_WORKERS="1")


def line_of(api, log) -> dict:
    """The line about the last request of a client."""
    def found():
        return [line for line in map(json.loads, log.read_text().splitlines())
                if line["request"] == api.transport.request_id]

    [line] = eventually(found, within=5, what="the line is written")
    return line


def test_a_request_is_a_line(service, database, log):
    user = database.user()
    conversation = database.conversation(user)
    api = service.api()
    api.get_messages(user, conversation_id=conversation.id).success()
    line = line_of(api, log)
    assert list(line) == KEYS
    assert (line["user"], line["endpoint"], line["status"]) == (user.id, "get_messages", 200)
    assert (line["conversation"], line["reason"]) == (conversation.id, None)
    assert line["statements"] == 2
    assert 0 < line["database_us"] <= line["total_us"]
    assert 0 <= line["queue_us"] <= line["total_us"]
    assert line["wait_us"] == 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    written = datetime.fromisoformat(line["time"].replace("Z", "+00:00"))
    assert abs(datetime.now(timezone.utc) - written) < timedelta(seconds=60)


@pytest.mark.parametrize("route, body, status, endpoint, reason", [
    ("mark_read", {}, 400, "mark_read", "conversation_id is required"),
    ("nothing", {}, 404, "other", "no such route"),
    ("get_conversation", {"conversation_id": 9_000_000_000}, 404, "get_conversation", "conversation not found"),
])
def test_a_refused_request_is_a_line_too(service, database, log, route, body, status, endpoint, reason):
    api = service.api()
    api.post(database.user(), route, body).error(status)
    line = line_of(api, log)
    assert (line["endpoint"], line["status"], line["reason"]) == (endpoint, status, reason)
    assert line["conversation"] == body.get("conversation_id")


@pytest.mark.parametrize("route", ["send_message", "get_messages", "get_conversation", "mark_read", "recall_message",
                                   "search_messages"])
def test_the_conversation_is_known_by_its_id_however_it_is_named(service, database, log, route):
    user = database.user()
    conversation = database.conversation(user)
    body = {**database.body_for_all_routes(conversation, user), "query": "你好"}
    api = service.api()
    for name in (conversation.id, conversation.conversation_id):
        api.get_conversation(user, conversation_id=name).success()
        api.post(user, route, {**body, "conversation_id": name})
        assert line_of(api, log)["conversation"] == conversation.id


@pytest.mark.parametrize("route", ["get_messages", "get_conversation", "mark_read"])
def test_the_first_request_that_names_it_by_its_code_finds_the_id(service, database, log, route):
    user = database.user()
    conversation = database.conversation(user)
    api = service.api()
    api.post(user, route, {"conversation_id": conversation.conversation_id}).success()
    assert line_of(api, log)["conversation"] == conversation.id


def test_the_line_joins_with_nginxs_by_the_requests_id(stack, database, api):
    """The address is in one of them, user and conversation in the other."""
    user = database.user()
    conversation = database.conversation(user)
    answer = api.get_messages(user, conversation_id=conversation.id)
    number = answer.headers["X-Request-Id"]

    def line(name):
        found = [each for each in (stack.directory / "log" / name).read_text().splitlines() if number in each]
        return found and found[0]

    by_nginx = eventually(lambda: line("nginx-access.log"), within=10, what="nginx has written it")
    by_service = eventually(lambda: line("access-1.log"), within=10, what="the service has written it")
    assert re.search(rf' 127\.0\.\d+\.\d+ "POST \S+ HTTP/1.1" 200 .* limit=PASSED id={number}$', by_nginx)
    assert f'"user":{user.id},"conversation":{conversation.id},' in by_service


def test_what_keeps_a_request_from_a_worker_is_the_reason(start_service, database, log):
    """In place of the answer's words, which are the same for all."""
    service = start_service(ORBIA_ACCESS_LOG=str(log), ORBIA_WORKERS="1", ORBIA_QUEUE_AGE="50ms")
    user = database.user()
    conversation = database.conversation(user)
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        held, queued = service.api(), service.api()
        first = threads.submit(held.send_text, user, conversation)
        wait_for_lock_wait(database, ACCOUNT)
        queued.get_conversations(user).error(503)
        # The lock wait is over after a second: the send is a failure of the database.
        first.result().error(503)
    assert line_of(queued, log)["reason"] == "queue_age"
    line = line_of(held, log)
    assert (line["reason"], line["conversation"]) == ("database error 1205 (HY000)", conversation.id)


def test_a_request_without_a_good_token_has_no_user(service, log):
    api = service.api()
    for token in ("x.y.z", api.token(1)[:-2]):
        api.post_with_token(token).error(401)
        assert line_of(api, log)["user"] is None


def test_the_time_in_the_queue_is_told_apart(service, database, log):
    user = database.user()
    conversation = database.conversation(user)
    with database.transaction() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [conversation.id])
        held, queued = service.api(), service.api()
        first = threads.submit(held.send_text, user, conversation)
        wait_for_lock_wait(database, ACCOUNT)
        second = threads.submit(queued.get_conversations, user)
        eventually(lambda: service.metrics()["orbia_queue_length"] == 1, within=5, what="one waits")
        time.sleep(0.2)
        cursor.connection.rollback()
        first.result().success()
        second.result().success()
    assert line_of(held, log)["database_us"] > line_of(held, log)["queue_us"]
    assert line_of(queued, log)["queue_us"] > line_of(queued, log)["database_us"]


def test_neither_token_nor_content_is_in_it(service, database, log):
    user = database.user()
    conversation = database.conversation(user)
    api = service.api()
    api.send_text(user, conversation, "xyzzy 只有我们").success()
    api.transport.request("POST", "/xyzzy?xyzzy", {"Authorization": f"Bearer {api.token(user)}"}, b"xyzzy")
    line_of(api, log)
    for secret in ("xyzzy", "只有我们", api.token(user).split(".")[1], "Bearer"):
        assert secret not in log.read_text()


def test_a_request_id_cannot_break_the_line(service, log):
    api = service.api()
    api.post(None, "mark_read", {}).error(401)
    line_of(api, log)
    lines = len(log.read_text().splitlines())
    parameters = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "/", "REQUEST_ID": 'a"b\\c\nd\udcff'}
    exchange(service.socket, parameters, b"", 5)
    eventually(lambda: len(log.read_text().splitlines()) == lines + 1, within=5, what="one more line")
    assert json.loads(log.read_text().splitlines()[-1])["request"] == 'a"b\\c\nd\N{REPLACEMENT CHARACTER}'


def test_by_default_it_goes_to_standard_output(start_service, database):
    service = start_service(ORBIA_ACCESS_LOG="")
    api = service.api()
    api.get_conversations(database.user()).success()
    eventually(lambda: f'"request":"{api.transport.request_id}"' in service.log(), within=5, what="it is written")


def test_it_can_be_off(start_service, database):
    service = start_service(ORBIA_ACCESS_LOG="off")
    api = service.api()
    api.get_conversations(database.user()).success()
    assert service.stop() == 0
    assert api.transport.request_id not in service.log()


def test_what_is_not_written_yet_is_written_at_the_end(service, database, log):
    api = service.api()
    for _ in range(20):
        api.get_conversations(database.user()).success()
    assert service.stop() == 0
    assert api.transport.request_id in log.read_text()


def test_a_renamed_file_is_left_and_a_new_one_begun(service, database, log):
    """As logrotate does it."""
    api, user = service.api(), database.user()
    api.get_conversations(user).success()
    line_of(api, log)
    old = log.rename(log.with_suffix(".1"))
    service.signal(signal.SIGUSR1)
    eventually(log.exists, within=5, what="there is a new file")
    api.get_conversations(user).success()
    line_of(api, log)
    assert api.transport.request_id not in old.read_text()


def test_a_file_that_cannot_be_written_stops_the_start(start_service, tmp_path):
    with pytest.raises(RuntimeError, match="nowhere"):
        start_service(ORBIA_ACCESS_LOG=str(tmp_path / "nowhere" / "access.log"))


def test_a_slow_request_is_a_warning_with_its_times(start_service, database):
    """The first of its endpoint: of those that follow it is told how many they are."""
    service = start_service(ORBIA_SLOW="0s", ORBIA_ACCESS_LOG="off")
    api, user = service.api(), database.user()
    api.get_messages(user, conversation_id=database.conversation(user).id).success()
    line = eventually(lambda: [each for each in service.log().splitlines() if api.transport.request_id in each],
                      within=5, what="it is logged")[0]
    assert " warning " in line and "slow request" in line
    for part in ("endpoint=get_messages", "status=200", "statements=2", "total_us=", "queue_us=", "database_us="):
        assert part in line


def test_a_request_that_is_not_slow_is_no_warning(start_service, database):
    service = start_service(ORBIA_SLOW="600s")
    service.api().get_conversations(database.user()).success()
    assert service.stop() == 0
    assert "slow request" not in service.log()


def test_the_level_decides_what_is_logged(start_service, database):
    service = start_service(ORBIA_SLOW="0s", ORBIA_LOG_LEVEL="error", ORBIA_ACCESS_LOG="off")
    service.api().get_conversations(database.user()).success()
    assert service.stop() == 0
    assert service.log() == ""
