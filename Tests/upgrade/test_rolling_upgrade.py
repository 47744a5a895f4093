"""From the last build of version 2 of the schema to this build and back, instance by instance, under load."""

import subprocess
import threading
from collections import Counter

import pytest
import requests

from fleet import Fleet
from orbia.paths import SCHEMA
from orbia.polling import eventually
from roll_out import RollOut
from service import PROGRAM, Service, run, settings_for

# This build has the metric, the earlier one has not.
METRIC_OF_THIS_BUILD = "orbia_polls_waiting"
SENDERS = 4


class Load:
    """Clients of a fleet, and the platform on its database, for as long as the block lasts.

    `failed` has every answer that is not 200, and every request without one."""

    def __init__(self, fleet: Fleet, database):
        self._fleet, self._database = fleet, database
        self._stopped = threading.Event()
        self.failed, self.rounds = [], Counter()
        self.orders = []
        self.kol, self.reader = database.kol(), database.user("读者")
        self.senders = database.users(SENDERS)
        self.conversation = database.conversation(*self.senders, self.reader)
        # The contents that were answered with 200, by sender, and what the reader has seen, both in their order.
        self.sent = {user.id: [] for user in self.senders}
        self.seen = []
        acts = [*(lambda user=user: self._chat(user) for user in self.senders), self._wait, self._confirm]
        self._threads = [threading.Thread(target=self._repeat, args=[number, act])
                         for number, act in enumerate(acts)]
        self._apis = threading.local()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._look()

    def goes_on(self, rounds: int = 10):
        """Returns when everybody has done so much more; a failure ends the wait, too."""
        before = dict(self.rounds)
        eventually(lambda: self.failed or all(self.rounds[number] >= before.get(number, 0) + rounds
                                              for number, _ in enumerate(self._threads)),
                   within=120, what="the load goes on")
        assert self.failed == []

    def _repeat(self, number: int, act):
        while not self._stopped.is_set():
            try:
                act()
            except Exception as error:
                self.failed.append(error)
            self.rounds[number] += 1

    def _ask(self, user, route: str, **body) -> dict | None:
        if not hasattr(self._apis, "own"):
            self._apis.own = self._fleet.api()
        try:
            answer = self._apis.own.post(user, route, {"conversation_id": self.conversation.id, **body})
        except requests.RequestException as error:
            self.failed.append((route, error))
            return None
        self.rounds[route] += 1
        if answer.status != 200:
            self.failed.append((route, answer.status, answer.body))
            return None
        return answer.success()

    def _chat(self, user):
        content = f"{user.id} {len(self.sent[user.id]) + 1}"
        sent = self._ask(user, "send_message", message_type="text", content=content, client_message_id=content)
        if sent:
            self.sent[user.id].append(content)
        self._ask(user, "get_messages")
        self._ask(user, "get_conversations")
        self._ask(user, "mark_read")

    def _wait(self):
        """Polls for what is newer, and waits for it at builds that know how."""
        self._look(wait=2)

    def _look(self, **wait):
        after = {"after_timestamp": self.seen[-1][0]} if self.seen else {"after_timestamp": 1}
        page = self._ask(self.reader, "get_messages", page_size=100, **after, **wait)
        self.seen += sorted((each["created_at"], each["content"]) for each in (page or {}).get("messages", []))

    def _confirm(self):
        order = self._database.order(self.senders[0], self.kol)
        self._database.set_order_status(order, "confirmed")
        self._database.set_order_status(order, "in_progress")
        self.orders.append(order)
        # The orders' locks must not be all that the machine does.
        self._stopped.wait(0.05)

    def requests(self) -> int:
        """How many were answered."""
        return sum(count for route, count in self.rounds.items() if isinstance(route, str))


def drain(load):
    """Until the reader has seen all there is."""
    before = -1
    while before != len(load.seen):
        before = len(load.seen)
        load._look()


@pytest.fixture
def fleet(server, version_2, earlier, make_directory):
    with Fleet(make_directory(), settings_for(server, version_2), earlier) as fleet:
        yield fleet


@pytest.fixture
def roll_out(fleet, earlier, tmp_path):
    with RollOut(fleet, tmp_path, earlier) as roll_out:
        yield roll_out


def test_to_this_build_and_back_no_request_fails_and_nothing_is_lost_or_doubled(fleet, roll_out, version_2):
    with Load(fleet, version_2) as load:
        assert fleet.has_metric(METRIC_OF_THIS_BUILD) == [False, False]
        version_2.load(SCHEMA)
        load.goes_on()
        assert "wrong" not in roll_out.check(PROGRAM)
        roll_out.forward(PROGRAM)
        assert fleet.has_metric(METRIC_OF_THIS_BUILD) == [True, True]
        load.goes_on()
        # Applied once more, as an operator might who is not sure.
        version_2.load(SCHEMA)
        load.goes_on()
        roll_out.back()
        assert fleet.has_metric(METRIC_OF_THIS_BUILD) == [False, False]
        load.goes_on()
    drain(load)
    assert load.failed == []

    stored = version_2.stored_messages(load.conversation)
    sent = [content for contents in load.sent.values() for content in contents]
    assert Counter(row["content"] for row in stored) == Counter(sent)
    for user in load.senders:
        assert [row["content"] for row in stored if row["sender_id"] == user.id] == load.sent[user.id]
    times = [row["created_ms"] for row in stored]
    assert times == sorted(set(times))
    assert load.seen == [(row["created_ms"], row["content"]) for row in stored]
    assert version_2.unread(load.conversation, load.reader) == len(stored)
    opened = Counter(row["related_order_id"] for row in version_2.rows(
        "SELECT related_order_id FROM orbia_conversation WHERE type = 'kol_order'"))
    assert opened == Counter(order.order_id for order in load.orders)
    print(f"{load.requests()} requests, {len(sent)} messages, {len(load.orders)} orders; none failed")


def test_a_build_that_does_not_come_up_leaves_the_others_and_there_is_a_way_back(fleet, roll_out, version_2, tmp_path):
    bad = tmp_path / "bad"
    bad.write_text("#!/bin/sh\nexit 1\n")
    version_2.load(SCHEMA)
    with Load(fleet, version_2) as load:
        with pytest.raises(AssertionError, match="instance 1 does not serve; those after it are as they were"):
            roll_out.forward(bad)
        load.goes_on()
        roll_out.back()
        load.goes_on()
    assert load.failed == []


def test_while_staff_hold_a_row_schema_sql_gives_up_and_no_request_of_the_earlier_build_fails(fleet, version_2):
    with Load(fleet, version_2) as load:
        others = version_2.conversation(load.reader)
        with version_2.transaction() as staff:
            staff.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [others.id])
            with open(SCHEMA, "rb") as script:
                done = subprocess.run(version_2.client(), stdin=script, capture_output=True, text=True)
            assert done.returncode != 0
            assert f"Open is the transaction of connection {staff.connection.thread_id()}" in done.stderr
            load.goes_on()
        version_2.load(SCHEMA)
        load.goes_on()
    assert load.failed == []


# The earlier build on this schema


@pytest.fixture
def start(server, make_directory):
    """Starts a program on a database."""
    started = []

    def start(database, program) -> Service:
        service = Service(make_directory(), settings_for(server, database), program)
        started.append(service)
        service.start()
        eventually(lambda: service.page("/readyz").status == 200, within=5, what="it is ready")
        return service

    yield start
    for service in started:
        service.stop()


def test_check_of_the_earlier_build_finds_nothing_wrong_with_this_schema(server, version_2, earlier):
    version_2.load(SCHEMA)
    done = run("check", program=earlier, **settings_for(server, version_2))
    assert done.returncode == 0, done.stdout


def test_what_this_build_has_written_the_earlier_one_serves(version_2, earlier, start):
    version_2.load(SCHEMA)
    user, kol = version_2.user(), version_2.kol()
    version_2.execute("CALL orbia_order_progress_on()")
    order = version_2.order(user, kol)
    version_2.set_order_status(order, "confirmed")
    [conversation] = version_2.conversations_of(order)
    named = {"conversation_id": conversation["id"]}

    def send(api, content, **more):
        return api.send_message(user, **named, message_type="text", content=content, **more).success()["message"]

    def contents(api):
        messages = api.get_messages(kol.user, **named).success()["messages"]
        return [each["content"] for each in sorted(messages, key=lambda each: each["created_at"])]

    new = start(version_2, PROGRAM)
    first = send(new.api(), "一", client_message_id="key")
    second = send(new.api(), "二", reply_to=first["message_id"])
    new.api().recall_message(user, **named, message_id=second["message_id"]).success()
    version_2.set_order_status(order, "in_progress")
    eventually(lambda: "订单已开始进行" in contents(new.api()), within=5, what="the progress is told")
    told = contents(new.api())
    assert new.stop() == 0

    old = start(version_2, earlier)
    assert contents(old.api()) == told
    # Its key is known across builds.
    assert send(old.api(), "一", client_message_id="key")["message_id"] == first["message_id"]
    last = send(old.api(), "三")
    version_2.set_order_status(order, "completed")
    assert old.api().get_conversations(kol.user).success()["total_unread"] == 2
    old.api().mark_read(kol.user, **named).success()
    assert old.stop() == 0

    # What nobody has told meanwhile, this build tells.
    newer = start(version_2, PROGRAM)
    eventually(lambda: "订单已完成" in contents(newer.api()), within=5, what="the rest of the progress is told")
    assert last["content"] in contents(newer.api())
