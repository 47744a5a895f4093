"""A phone: what a finger hits, what the screen's edges leave, and the keyboard that opens."""

import pytest
from playwright.sync_api import expect

from axe import violations
from sizes import PHONE
from talk_fixtures import talk

BY_TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
SIDEWAYS = {**BY_TOUCH, "viewport": {"width": 844, "height": 390}}
# Fields in sight whose letters have phones by Apple zoom in.
SMALL_FIELDS = """() => [...document.querySelectorAll("input:not([type=radio], [type=checkbox]), select, textarea")]
    .filter((it) => it.checkVisibility() && parseFloat(getComputedStyle(it).fontSize) < 16).map((it) => it.outerHTML)"""
# Buttons in sight that a finger misses; links within a text are as high as its lines.
SMALL_TARGETS = """() => [...document.querySelectorAll("button, select, a.icon-button, a.button, .order-link a")]
    .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.matches(".link, .row *"))
    .map((it) => [it, it.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < 43.9 || box.height < 43.9))
    .map(([it, box]) => `${it.outerHTML.slice(0, 90)} ${box.width} ${box.height}`)"""


def small(page) -> tuple:
    return page.page.evaluate(SMALL_FIELDS), page.page.evaluate(SMALL_TARGETS)


def cut_out(page, **sides):
    """The screen has a notch there, so many pixels deep."""
    for side, pixels in sides.items():
        page.page.evaluate("([side, depth]) => document.documentElement.style.setProperty(`--safe-${side}`, depth)",
                           [side, f"{pixels}px"])


def box(locator) -> dict:
    found = locator.bounding_box()
    return {**found, "right": found["x"] + found["width"], "bottom": found["y"] + found["height"]}


def test_fields_do_not_zoom_and_buttons_are_large_enough(talk, make_page):
    page = make_page(**BY_TOUCH).open()
    expect(page.page.locator("button.user").first).to_be_visible()
    assert small(page) == ([], [])
    talk.say(talk.other, "你好")
    page = talk.open(**BY_TOUCH)
    expect(page.bubble("你好")).to_be_visible()
    assert small(page) == ([], [])
    page.page.get_by_role("button", name="在会话中搜索").tap()
    assert small(page) == ([], [])
    page.page.get_by_role("button", name="关闭搜索").tap()
    page.page.get_by_role("button", name="分享文件").tap()
    assert small(page) == ([], [])
    page.page.get_by_role("menuitem", name="文件链接").tap()
    expect(page.page.get_by_role("dialog")).to_be_visible()
    assert small(page) == ([], [])
    page.page.get_by_role("button", name="关闭", exact=True).tap()
    page.page.get_by_role("link", name="返回会话列表").tap()
    assert small(page) == ([], [])
    page.page.get_by_role("button", name="更多").tap()
    expect(page.page.get_by_role("menu")).to_be_visible()
    assert small(page) == ([], [])


@pytest.mark.thorough
def test_the_user_can_zoom_and_a_second_tap_does_not(talk):
    page = talk.open(**BY_TOUCH)
    viewport = page.page.locator("meta[name=viewport]").get_attribute("content")
    assert "user-scalable" not in viewport and "maximum-scale" not in viewport
    assert "viewport-fit=cover" in viewport and "interactive-widget=resizes-content" in viewport
    expect(page.page.get_by_role("button", name="分享文件")).to_have_css("touch-action", "manipulation")


def test_nothing_is_below_what_the_screens_edges_take(talk):
    talk.say(talk.other, "你好")
    page = talk.open(**BY_TOUCH)
    cut_out(page, top=47, bottom=34)
    assert box(page.page.get_by_role("link", name="返回会话列表"))["y"] >= 47
    assert box(page.composer)["bottom"] <= PHONE["height"] - 34
    page.page.get_by_role("button", name="成员").tap()
    dialog = page.page.get_by_role("dialog")
    assert box(dialog)["bottom"] == PHONE["height"]
    assert box(dialog.locator("li").last)["bottom"] <= PHONE["height"] - 34
    dialog.get_by_role("button", name="关闭").tap()
    page.page.get_by_role("link", name="返回会话列表").tap()
    assert box(page.page.locator(".sidebar-head"))["y"] >= 47
    page.page.get_by_role("button", name="更多").tap()
    menu = page.page.get_by_role("menu")
    page.wait_until(lambda: box(menu)["bottom"] == PHONE["height"], "the menu is at the lower edge")
    last = menu.get_by_role("menuitem").last
    menu.evaluate("it => { it.scrollTop = it.scrollHeight; }")
    assert box(last)["bottom"] <= PHONE["height"] - 34
    assert box(menu)["width"] == PHONE["width"]


@pytest.mark.thorough
def test_a_notch_at_a_side_covers_nothing(talk):
    talk.say(talk.other, "你好")
    page = talk.open(**SIDEWAYS)
    cut_out(page, left=47, right=47)
    assert box(page.conversations.first)["x"] >= 47
    assert box(page.page.get_by_role("button", name="成员"))["right"] <= 844 - 47
    assert box(page.composer)["right"] <= 844 - 47


def test_the_keyboard_keeps_composer_and_newest_message_in_sight(talk):
    talk.history(60)
    page = talk.open(**BY_TOUCH)
    expect(page.bubble("第 59 条")).to_be_in_viewport(ratio=1)
    page.composer.tap()
    # As with interactive-widget=resizes-content: the page becomes lower.
    page.page.set_viewport_size({"width": 390, "height": 460})
    expect(page.composer).to_be_in_viewport(ratio=1)
    expect(page.bubble("第 59 条")).to_be_in_viewport(ratio=1)
    page.page.set_viewport_size(PHONE)
    expect(page.bubble("第 59 条")).to_be_in_viewport(ratio=1)
    page.wait_until(lambda: box(page.page.locator(".conversation-foot"))["bottom"] == PHONE["height"], "it is below")


@pytest.mark.thorough
def test_a_keyboard_over_the_page_does_so_too(talk):
    """As phones by Apple have it: the page is as high as before, and less of it is in sight."""
    talk.history(60)
    page = talk.open(**BY_TOUCH)
    cut_out(page, bottom=34)
    expect(page.bubble("第 59 条")).to_be_in_viewport(ratio=1)

    def see(height):
        page.page.evaluate("""(height) => {
            Object.defineProperty(visualViewport, "height", { value: height, configurable: true });
            visualViewport.dispatchEvent(new Event("resize"));
        }""", height)

    see(500)
    page.wait_until(lambda: box(page.composer)["bottom"] <= 500, "the composer is over the keyboard")
    page.wait_until(lambda: box(page.bubble("第 59 条"))["bottom"] <= box(page.composer)["y"], "and so is the message")
    see(PHONE["height"])
    page.wait_until(lambda: box(page.page.locator(".conversation-foot"))["bottom"] == PHONE["height"], "it is below")
    expect(page.bubble("第 59 条")).to_be_in_viewport(ratio=1)
    # A bar of the browser's is no keyboard.
    see(PHONE["height"] - 60)
    assert page.page.evaluate("document.documentElement.classList.contains('keyboard-open')") is False


@pytest.mark.thorough
def test_who_reads_further_up_stays_there_when_the_keyboard_opens_and_closes(talk):
    talk.history(60)
    page = talk.open(**BY_TOUCH)
    page.timeline.evaluate("(it) => { it.scrollTop -= 900; }")

    def topmost():
        """The message at the upper edge, and where it is; null before that is drawn."""
        return page.page.evaluate("""() => {
            const { top } = document.querySelector(".timeline").getBoundingClientRect();
            const boxes = [...document.querySelectorAll(".row.message")].map((it) => [it, it.getBoundingClientRect()]);
            const found = boxes.find(([, box]) => box.top <= top && box.bottom > top + 1);
            return found ? [found[0].dataset.messageId, found[1].y] : null;
        }""")

    page.wait_until(topmost, "the messages further up are there")
    key, y = topmost()
    row = page.page.locator(f"[data-message-id='{key}']")
    page.page.set_viewport_size({"width": 390, "height": 460})
    page.wait_until(lambda: abs(box(row)["y"] - y) < 2, "it stays")
    page.page.set_viewport_size(PHONE)
    page.wait_until(lambda: abs(box(row)["y"] - y) < 2, "it stays")


@pytest.mark.thorough
@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("what", ["menu", "dialog"])
def test_sheets_keep_the_rules_of_accessible_pages(talk, scheme, what):
    page = talk.open(color_scheme=scheme, reduced_motion="reduce", **BY_TOUCH)
    if what == "dialog":
        page.page.get_by_role("button", name="成员").tap()
    else:
        page.page.get_by_role("link", name="返回会话列表").tap()
        page.page.get_by_role("button", name="更多").tap()
    expect(page.page.get_by_role(what)).to_be_visible()
    assert violations(page) == []
