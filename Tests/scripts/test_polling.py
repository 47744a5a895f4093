"""Waiting for something."""

import itertools

import pytest

from orbia.polling import NotInTime, eventually


def test_the_first_true_answer_is_given():
    answers = itertools.chain([0, ""], itertools.repeat("yes"))
    assert eventually(lambda: next(answers), within=5, what="an answer", every=0) == "yes"


def test_what_was_waited_for_is_named_with_the_last_failure():
    def refuse():
        raise ConnectionRefusedError

    with pytest.raises(NotInTime, match="not within 0.05 s: it is there") as failure:
        eventually(refuse, within=0.05, what="it is there")
    assert isinstance(failure.value.__cause__, ConnectionRefusedError)


def test_an_error_of_another_kind_ends_the_wait():
    with pytest.raises(KeyError):
        eventually(lambda: {}["no"], within=5, what="a key")
