"""From the last build of version 2 of the schema to this build and back, instance by instance, under load."""

import subprocess

import pytest

from fleet import Fleet
from orbia.paths import SCHEMA
from orbia.polling import eventually
from roll_out import RollOut
from roll_out_load import Load
from service import PROGRAM, Service, run, settings_for

# This build has the metric, the earlier one has not.
METRIC_OF_THIS_BUILD = "orbia_polls_waiting"


@pytest.fixture
def fleet(server, version_2, earlier, make_directory):
    with Fleet(make_directory(), settings_for(server, version_2), earlier) as fleet:
        yield fleet


@pytest.fixture
def roll_out(fleet, earlier, tmp_path):
    with RollOut(fleet, tmp_path, earlier) as roll_out:
        yield roll_out


def test_to_this_build_and_back_no_request_fails_and_nothing_is_lost_or_doubled(fleet, roll_out, version_2):
    with Load(fleet.api, version_2) as load:
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
    load.nothing_is_lost_or_doubled()


def test_a_build_that_does_not_come_up_leaves_the_others_and_there_is_a_way_back(fleet, roll_out, version_2, tmp_path):
    bad = tmp_path / "bad"
    bad.write_text("#!/bin/sh\nexit 1\n")
    version_2.load(SCHEMA)
    with Load(fleet.api, version_2) as load:
        with pytest.raises(AssertionError, match="instance 1 does not serve; those after it are as they were"):
            roll_out.forward(bad)
        load.goes_on()
        roll_out.back()
        load.goes_on()
    assert load.failed == []


def test_while_staff_hold_a_row_schema_sql_gives_up_and_no_request_of_the_earlier_build_fails(fleet, version_2):
    with Load(fleet.api, version_2) as load:
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
