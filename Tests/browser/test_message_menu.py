"""The menu of a message: right click, long press, keyboard, and the button beside it."""

import pytest
from playwright.sync_api import expect

from axe import violations
from talk_fixtures import DESKTOP, PHONE, TABLET, allow_clipboard, choose, clipboard, item, menu, open_menu, talk, toast

FILE = "https://cdn.example.com/brief%20v2.pdf"


def items(page) -> list:
    return menu(page).get_by_role("menuitem").all_inner_texts()


# Ways to it


def test_a_right_click_opens_it_with_the_time_at_its_top(talk):
    talk.say(talk.other, "你好")
    page = talk.open()
    open_menu(page, "你好")
    assert items(page) == ["复制", "引用"]
    expect(menu(page).locator(".menu-heading")).to_have_text(page.row("你好").locator("time").get_attribute("title"))
    page.page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    expect(page.row("你好")).to_be_focused()


def test_the_button_beside_a_message_shows_on_hover_and_opens_it(talk):
    talk.say(talk.other, "你好")
    page = talk.open()
    tools = page.row("你好").locator(".tools")
    expect(tools).to_have_css("opacity", "0")
    page.bubble("你好").hover()
    expect(tools).to_have_css("opacity", "1")
    tools.get_by_role("button", name="消息操作").click()
    assert items(page) == ["复制", "引用"]
    tools.get_by_role("button", name="消息操作").click()
    expect(menu(page)).to_have_count(0)


@pytest.mark.parametrize("key", ["Enter", "Shift+F10", "ContextMenu"])
def test_the_keyboard_opens_it(talk, key):
    talk.say(talk.other, "你好")
    page = talk.open()
    page.composer.press("Shift+Tab")
    page.page.keyboard.press("Shift+Tab")
    expect(page.row("你好")).to_be_focused()
    page.page.keyboard.press(key)
    expect(item(page, "复制")).to_be_focused()
    box, bubble = menu(page).bounding_box(), page.bubble("你好").bounding_box()
    assert abs(box["x"] - bubble["x"]) < 30, "it stands at the message"
    page.page.keyboard.press("Escape")
    expect(page.row("你好")).to_be_focused()


def test_a_long_press_opens_it_on_a_phone(talk):
    talk.say(talk.other, "你好")
    page = talk.open(viewport=PHONE, has_touch=True, is_mobile=True)
    box = page.bubble("你好").bounding_box()
    devtools = page.page.context.new_cdp_session(page.page)
    point = {"x": box["x"] + 10, "y": box["y"] + 10}
    devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(menu(page)).to_be_visible()
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(menu(page).locator(".menu-heading")).to_be_visible()
    assert items(page) == ["复制", "引用"]


def test_the_arrow_keys_go_from_message_to_message_and_load_older_ones(talk):
    talk.history(80)
    page = talk.open()
    expect(page.bubble("第 79 条")).to_be_in_viewport()
    page.composer.press("Shift+Tab")
    page.page.keyboard.press("Shift+Tab")
    expect(page.row("第 79 条")).to_be_focused()
    for number in range(78, 20, -1):
        page.page.keyboard.press("ArrowUp")
        expect(page.row(f"第 {number} 条")).to_be_focused()
    expect(page.row("第 21 条")).to_be_in_viewport(ratio=1)
    page.page.keyboard.press("ArrowDown")
    expect(page.row("第 22 条")).to_be_focused()
    # One message can be reached by Tab, and the composer from there by Escape or a letter.
    assert page.page.locator(".timeline [role=listitem][tabindex='0']").count() == 1
    page.page.keyboard.press("x")
    expect(page.composer).to_be_focused()
    expect(page.composer).to_have_value("x")


@pytest.mark.thorough
def test_the_focus_goes_on_to_the_next_message_where_one_disappears(talk):
    first, _ = talk.say(talk.other, "会撤回"), talk.say(talk.other, "留下")
    page = talk.open()
    page.row("会撤回").focus()
    talk.recall(talk.other, first)
    expect(page.bubble("会撤回")).to_have_count(0, timeout=15_000)
    expect(page.row("留下")).to_be_focused()


# What it does


def test_the_text_is_copied(talk):
    talk.say(talk.other, "`价格` 是 199\n第二行")
    page = talk.open()
    allow_clipboard(page)
    choose(page, "价格", "复制")
    expect(toast(page)).to_contain_text("已复制")
    assert clipboard(page) == "`价格` 是 199\n第二行"


@pytest.mark.thorough
def test_what_is_selected_in_it_is_copied(talk):
    talk.say(talk.other, "价格是 199 元")
    page = talk.open()
    allow_clipboard(page)
    row = page.row("价格是")
    row.focus()
    row.locator(".text").evaluate("""(it) => {
        const text = it.firstChild.nodeType === 3 ? it.firstChild : it.firstChild.firstChild;
        document.getSelection().setBaseAndExtent(text, 4, text, 7);
    }""")
    page.page.keyboard.press("Enter")
    item(page, "复制所选文字").click()
    expect(toast(page)).to_contain_text("已复制")
    assert clipboard(page) == "199"


@pytest.mark.thorough
def test_of_a_file_its_address_is_copied(talk):
    talk.database.message(talk.conversation, talk.other, FILE, message_type="file", file_name="需求.pdf")
    page = talk.open()
    allow_clipboard(page)
    choose(page, "需求.pdf", "复制链接")
    expect(toast(page)).to_contain_text("已复制")
    assert clipboard(page) == FILE


@pytest.mark.thorough
def test_a_system_message_can_be_copied_and_nothing_else(talk):
    talk.recall(talk.other, talk.say(talk.other, "不要了"))
    page = talk.open()
    allow_clipboard(page)
    page.page.locator(".row.system .content").click(button="right")
    assert items(page) == ["复制"]
    item(page, "复制").click()
    expect(toast(page)).to_contain_text("已复制")
    assert clipboard(page) == "“李娜”撤回了一条消息"


@pytest.mark.thorough
def test_where_nobody_can_write_nothing_is_quoted_or_taken_back(talk):
    talk.say(talk.me, "我的")
    talk.database.update_conversation(talk.conversation, status="closed")
    page = talk.open()
    open_menu(page, "我的")
    assert items(page) == ["复制"]


def test_one_that_was_not_sent_is_sent_again_or_discarded(talk):
    page = talk.open()
    page.page.route("**/send_message", lambda route: route.fulfill(
        status=400, json={"base_resp": {"code": 400, "message": "content is refused"}}))
    for text in ["第一条", "第二条"]:
        page.write(text)
        expect(page.row(text).locator(".state")).to_contain_text("发送失败")
    open_menu(page, "第一条")
    assert items(page) == ["复制", "重新发送", "删除"]
    item(page, "删除").click()
    expect(page.bubble("第一条")).to_have_count(0)
    expect(page.composer).to_be_focused()
    page.page.unroute("**/send_message")
    choose(page, "第二条", "重新发送")
    expect(page.row("第二条").locator(".state")).to_have_text("已发送")


# How it looks


@pytest.mark.looks
@pytest.mark.parametrize("options", [
    {"viewport": DESKTOP}, {"viewport": TABLET, "color_scheme": "dark", "locale": "en-GB"},
    {"viewport": PHONE, "color_scheme": "dark"}, {"viewport": PHONE, "locale": "en-GB"},
], ids=["desktop", "tablet-dark-en", "phone-dark", "phone-en"])
def test_it_keeps_the_rules_and_stays_on_the_screen(talk, options):
    quoted = talk.say(talk.other, "这是一段相当长的文字，" * 12)
    talk.say(talk.me, "回复", reply_to=quoted["message_id"])
    page = talk.open(**options)
    width = options["viewport"]["width"]
    for text in ["这是一段", "回复"]:
        row = page.page.locator(".row.message").filter(has_text=text).last
        row.focus()
        page.page.keyboard.press("Enter")
        expect(menu(page)).to_be_visible()
        assert violations(page) == []
        box = menu(page).bounding_box()
        assert 0 <= box["x"] and box["x"] + box["width"] <= width
        page.page.keyboard.press("Escape")
        row.hover()
        more = row.locator(".more").bounding_box()
        assert more["x"] >= 0 and more["x"] + more["width"] <= width
        bubble = row.locator(".bubble").bounding_box()
        assert more["x"] >= bubble["x"] + bubble["width"] - 1 or more["x"] + more["width"] <= bubble["x"] + 1
    assert page.timeline.evaluate("it => it.scrollWidth <= it.clientWidth")


@pytest.mark.thorough
@pytest.mark.parametrize("locale, time", [("zh-CN", "10:00"), ("en-US", "10:00 AM")])
def test_the_time_of_each_message_shows_on_hover_and_focus(talk, locale, time):
    at = 1_700_013_600_000  # ten o'clock in Shanghai
    for number, text in enumerate(["早", "上", "好"]):
        talk.database.message(talk.conversation, talk.other, text, at + number * 1000)
    page = talk.open(locale=locale)
    row = page.row("早")
    shown = row.locator(".hover-time")
    expect(row.locator(".meta")).to_have_css("position", "absolute")
    expect(row.locator(".tools")).to_have_css("opacity", "0")
    page.bubble("早").hover()
    expect(row.locator(".tools")).to_have_css("opacity", "1")
    expect(shown).to_be_visible()
    assert shown.inner_text().replace("\u202f", " ") == time
    assert "2023" in shown.get_attribute("title")
    page.page.mouse.move(0, 0)
    expect(row.locator(".tools")).to_have_css("opacity", "0")
    row.focus()
    expect(row.locator(".tools")).to_have_css("opacity", "1")
