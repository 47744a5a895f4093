"""When a process that has ended is started again, and what a restart in turn takes next."""

import pytest

from orbia.supervision.restarts import RestartInTurn, Revivals, next_pause

START = 1000.0


@pytest.fixture
def revivals():
    revivals = Revivals()
    revivals.keep("service-1")
    return revivals


def test_one_that_dies_at_its_start_waits_longer_each_time():
    pauses = [0]
    for _ in range(7):
        pauses.append(next_pause(pauses[-1], lived=0.1))
    assert pauses == [0, 1, 2, 4, 8, 10, 10, 10]


@pytest.mark.parametrize("previous", [0, 4, 10])
def test_one_that_had_lived_for_a_while_is_started_at_once(previous):
    assert next_pause(previous, lived=5) == 0
    assert next_pause(previous, lived=4.9) > 0


def test_one_that_has_ended_is_due_after_its_pause_and_once(revivals):
    assert revivals.ended("service-1", lived=60, now=START) == 0
    assert revivals.take("service-1", START)
    assert not revivals.take("service-1", START + 60)
    assert revivals.ended("service-1", lived=0, now=START + 1) == 1
    assert revivals.is_waiting("service-1")
    assert not revivals.take("service-1", START + 1.9)
    assert revivals.take("service-1", START + 2)
    assert not revivals.is_waiting("service-1")


def test_one_that_somebody_else_starts_is_not_due(revivals):
    revivals.ended("service-1", lived=0, now=START)
    revivals.forget("service-1")
    assert not revivals.take("service-1", START + 60)


def test_the_first_one_due_tells_how_long_to_wait(revivals):
    revivals.keep("service-2")
    assert revivals.seconds_to_next(START) is None
    revivals.ended("service-1", lived=0, now=START)
    revivals.ended("service-1", lived=0, now=START)
    revivals.ended("service-2", lived=0, now=START + 0.5)
    assert revivals.seconds_to_next(START + 0.5) == 1
    assert revivals.seconds_to_next(START + 5) == 0


def test_only_those_that_are_kept_are_started_again(revivals):
    assert revivals.keeps("service-1")
    assert not revivals.keeps("nginx")


def test_nothing_restarts_unasked():
    assert not RestartInTurn().begin(["service-1"])


def test_each_has_its_turn_when_the_one_before_is_back():
    restart = RestartInTurn()
    restart.ask()
    assert restart.begin(["service-1", "service-2"])
    taken = []
    while restart.current:
        taken.append(restart.current)
        restart.is_back()
    assert taken == ["service-1", "service-2"]
    assert restart.finished == 2
    assert not restart.begin(["service-1", "service-2"])


def test_one_that_does_not_come_up_ends_it():
    restart = RestartInTurn()
    restart.ask()
    restart.begin(["service-1", "service-2"])
    restart.give_up()
    assert restart.current is None
    assert not restart.begin(["service-1", "service-2"])


def test_wishes_during_a_restart_ask_for_one_more():
    restart = RestartInTurn()
    restart.ask()
    restart.begin(["service-1"])
    for _ in range(3):
        restart.ask()
    restart.is_back()
    assert restart.begin(["service-1"])
    assert (restart.current, restart.finished) == ("service-1", 0)
    restart.is_back()
    assert not restart.begin(["service-1"])
