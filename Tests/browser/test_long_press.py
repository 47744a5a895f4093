"""A long press on a message, by a finger: it opens the message's menu, and nothing of the browser's."""

import pytest
from playwright.sync_api import expect

from sizes import PHONE
from talk_fixtures import item, menu, talk

BY_TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


class Finger:
    def __init__(self, page):
        self.devtools = page.page.context.new_cdp_session(page.page)

    def down(self, locator):
        box = locator.bounding_box()
        self.x, self.y = box["x"] + 14, box["y"] + 12
        self._send("touchStart", [{"x": self.x, "y": self.y}])

    def move(self, by):
        self.y += by
        self._send("touchMove", [{"x": self.x, "y": self.y}])

    def up(self):
        self._send("touchEnd", [])

    def _send(self, kind, points):
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def selection(page) -> str:
    return page.page.evaluate("getSelection().toString()")


def test_it_opens_the_menu_and_selects_nothing(talk):
    talk.say(talk.other, "请看这段文字")
    page = talk.open(**BY_TOUCH)
    finger = Finger(page)
    finger.down(page.bubble("请看这段文字"))
    expect(menu(page)).to_be_visible()
    finger.up()
    expect(menu(page)).to_be_visible()
    assert selection(page) == ""
    expect(page.bubble("请看这段文字")).to_have_css("user-select", "none")
    item(page, "引用").tap()
    expect(menu(page)).to_have_count(0)
    expect(page.page.locator(".quote-bar")).to_contain_text("请看这段文字")


@pytest.mark.thorough
def test_a_finger_that_scrolls_opens_none(talk):
    talk.history(60)
    page = talk.open(**BY_TOUCH)
    page.page.clock.install()
    before = page.timeline.evaluate("it => it.scrollTop")
    finger = Finger(page)
    finger.down(page.bubble("第 57 条"))
    for _ in range(6):
        finger.move(25)
    page.wait_until(lambda: page.timeline.evaluate("it => it.scrollTop") < before - 50, "it is scrolled")
    page.page.clock.run_for(2_000)
    expect(menu(page)).to_have_count(0)
    finger.up()
    expect(menu(page)).to_have_count(0)


@pytest.mark.thorough
def test_back_closes_it(talk):
    talk.say(talk.other, "你好")
    page = talk.open(**BY_TOUCH)
    finger = Finger(page)
    finger.down(page.bubble("你好"))
    expect(menu(page)).to_be_visible()
    finger.up()
    page.page.go_back()
    expect(menu(page)).to_have_count(0)
    expect(page.bubble("你好")).to_be_visible()


@pytest.mark.thorough
@pytest.mark.parametrize("text, part", [("见 https://example.com/brief", "a"), ("你好", None)], ids=["link", "text"])
def test_the_browsers_own_menu_is_left_to_links_alone(talk, text, part):
    talk.say(talk.other, text)
    page = talk.open(**BY_TOUCH)
    place = page.bubble(text).locator(part) if part else page.bubble(text)
    is_taken = place.evaluate("""(it) => !it.dispatchEvent(new PointerEvent("contextmenu", {
        bubbles: true, cancelable: true, button: 2, clientX: 100, clientY: 300, pointerType: "mouse" }))""")
    assert is_taken is (part is None)
