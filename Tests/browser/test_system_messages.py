"""System messages with events, in the language of the page."""

import json

import pytest
from playwright.sync_api import expect

from talk_fixtures import Talk

ORDER = "KORD_1"


@pytest.fixture
def talk(database, api, sign_in):
    return Talk(database, api, sign_in)


def lines(page):
    return page.page.locator(".row.system .content")


def status_event(before, to):
    return json.dumps({"type": "order_status", "order_id": ORDER, "from": before, "to": to})


@pytest.mark.parametrize("locale, expected", [
    ("zh-CN", ["订单状态：进行中 → 已完成", "订单状态：待确认", "订单状态：on_ice → 已退款"]),
    ("en-GB", ["Order: in progress → completed", "Order: awaiting confirmation", "Order: on_ice → refunded"]),
])
def test_a_change_of_the_order_is_told_from_its_event(talk, locale, expected):
    for number, (before, to) in enumerate([("in_progress", "completed"), (None, "pending"), ("on_ice", "refunded")]):
        talk.event(talk.other, "订单已完成", status_event(before, to), 1_700_000_000_000 + number)
    expect(lines(talk.open(locale=locale))).to_have_text(expected)


@pytest.mark.parametrize("event", [
    {"type": "newer_than_this_page", "who": 1}, {"type": "order_status", "order_id": None, "from": None, "to": None},
])
def test_an_event_that_is_not_known_shows_the_messages_own_text(talk, event):
    talk.event(talk.other, "平台自己的话", json.dumps(event))
    expect(lines(talk.open(locale="en-GB"))).to_have_text(["平台自己的话"])


@pytest.mark.parametrize("locale, own, others", [
    ("zh-CN", "你撤回了一条消息", "“李娜”撤回了一条消息"),
    ("en-GB", "You took a message back", "李娜 took a message back"),
])
def test_a_recall_says_whose_it_was(talk, locale, own, others):
    talk.recall(talk.other, talk.say(talk.other, "对方的"))
    talk.recall(talk.me, talk.say(talk.me, "我的"))
    expect(lines(talk.open(locale=locale))).to_have_text([others, own])


def test_it_is_read_out_as_a_sentence(talk):
    page = talk.open()
    message = talk.say(talk.other, "稍等")
    expect(page.bubble("稍等")).to_be_visible(timeout=15_000)
    talk.recall(talk.other, message)
    expect(page.page.get_by_role("log")).to_have_text("“李娜”撤回了一条消息", timeout=15_000)
