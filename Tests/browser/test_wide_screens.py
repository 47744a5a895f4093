"""Screens that are wider than a text should be."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.thorough

PAGE, COLUMN = 1560, 880


@pytest.fixture
def me(database):
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title="宽屏")
    for index in range(6):
        database.message(conversation, (me, other)[index % 2], "一段很长的话，要占好几行。" * 30)
    return me


@pytest.mark.looks
@pytest.mark.parametrize("width, height", [(1280, 760), (1680, 900), (1920, 1000), (2560, 1300), (3840, 2000)])
def test_the_page_and_its_column_of_messages_are_bounded(sign_in, me, width, height):
    page = sign_in(me, viewport={"width": width, "height": height})
    page.open_conversation("宽屏")
    expect(page.bubbles.last).to_be_visible()

    def box(selector):
        found = page.page.locator(selector).last.bounding_box()
        return found["x"], found["x"] + found["width"]

    left, right = box(".chat")
    assert right - left == min(width, PAGE)
    assert abs(left - (width - right)) <= 1, "it is in the middle"
    own, other = box(".row.own .bubble"), box(".row.message:not(.own) .bubble")
    composer, avatar = box(".composer"), box(".row.message:not(.own) > .avatar")
    assert own[1] - avatar[0] <= COLUMN and other[1] - other[0] <= 620
    # Messages and the composer are one column; a scroll bar takes some room from the messages.
    assert abs(composer[0] - avatar[0]) <= 16 and abs(composer[1] - own[1]) <= 16
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.page.locator(".chat").bounding_box()["height"] <= height
    assert page.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
