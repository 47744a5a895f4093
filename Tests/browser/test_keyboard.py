"""The page's keyboard shortcuts, and the menu of the sidebar's head."""

import pytest
from playwright.sync_api import expect

from axe import violations
from sizes import LOCALES, PHONE, SIZES

pytestmark = pytest.mark.thorough


@pytest.fixture
def me(database):
    return database.user("我自己")


@pytest.fixture
def page(database, sign_in, me):
    """With 第 0 个 to 第 24 个, more than a page of the list; the first one is that with the highest number."""
    other = database.user("李娜")
    for number in range(25):
        conversation = database.conversation(me, other, title=f"第 {number} 个")
        database.update_conversation(conversation, last_message_at=f"2024-01-01 00:00:{number:02}")
    page = sign_in(me)
    expect(page.conversation("第 24 个")).to_be_visible()
    return page


def heading(page):
    return page.page.locator(".conversation-head h1")


def press(page, *keys):
    for key in keys:
        page.page.keyboard.press(key)


def test_the_next_and_the_previous_conversation(page):
    press(page, "Alt+ArrowDown")
    expect(heading(page)).to_have_text("第 24 个")
    expect(page.composer).to_be_focused()
    press(page, "Alt+ArrowDown")
    expect(heading(page)).to_have_text("第 23 个")
    expect(page.conversation("第 23 个")).to_have_attribute("aria-current", "page")
    press(page, "Alt+ArrowUp")
    expect(heading(page)).to_have_text("第 24 个")
    press(page, "Alt+ArrowUp")
    expect(heading(page)).to_have_text("第 24 个")


def test_it_goes_on_to_those_that_are_not_loaded_and_stays_in_sight(page):
    for number in range(24, -1, -1):
        press(page, "Alt+ArrowDown")
        expect(heading(page)).to_have_text(f"第 {number} 个")
        expect(page.conversation(f"第 {number} 个")).to_be_in_viewport(ratio=0.9)
    press(page, "Alt+ArrowDown")
    expect(heading(page)).to_have_text("第 0 个")


def test_keys_that_follow_each_other_closely_go_as_far(page):
    press(page, *["Alt+ArrowDown"] * 6)
    expect(heading(page)).to_have_text("第 19 个")


@pytest.mark.parametrize("key", ["Control+k", "Control+K"])
def test_the_search_gets_the_focus_and_escape_gives_it_back(page, key):
    page.open_conversation("第 24 个")
    page.composer.fill("写到一半")
    press(page, key)
    expect(page.search_field).to_be_focused()
    page.page.keyboard.type("第 7 个")
    expect(page.conversations).to_have_count(1)
    press(page, "Escape")
    expect(page.search_field).to_have_value("")
    expect(page.search_field).to_be_focused()
    press(page, "Escape")
    expect(page.composer).to_be_focused()
    expect(page.composer).to_have_value("写到一半")
    expect(heading(page)).to_have_text("第 24 个")


def test_the_arrow_keys_lead_from_the_search_to_what_it_has_found_and_back(page):
    press(page, "Control+k")
    page.page.keyboard.type("第 7 个")
    expect(page.conversations).to_have_count(1)
    press(page, "ArrowDown")
    expect(page.conversation("第 7 个")).to_be_focused()
    press(page, "ArrowUp")
    expect(page.search_field).to_be_focused()
    press(page, "ArrowDown", "Enter")
    expect(heading(page)).to_have_text("第 7 个")


def test_escape_leaves_the_conversation_for_its_row(page):
    page.open_conversation("第 20 个")
    page.composer.fill("写到一半")
    press(page, "Escape")
    expect(page.page.get_by_text("选择一个会话")).to_be_visible()
    expect(page.conversation("第 20 个")).to_be_focused()
    expect(page.conversation("第 20 个").locator(".preview")).to_have_text("草稿：写到一半")
    assert page.page.evaluate("location.hash") in ("", "#/")
    press(page, "Escape")
    expect(page.conversation("第 20 个")).to_be_focused()


def test_escape_closes_what_is_open_first(page):
    page.open_conversation("第 24 个")
    page.page.get_by_role("button", name="成员").click()
    expect(page.page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape")
    expect(page.page.get_by_role("dialog")).to_have_count(0)
    expect(heading(page)).to_have_text("第 24 个")
    page.page.get_by_role("button", name="更多").click()
    expect(page.page.get_by_role("menu")).to_be_visible()
    press(page, "Escape")
    expect(page.page.get_by_role("menu")).to_have_count(0)
    expect(heading(page)).to_have_text("第 24 个")


def test_the_list_of_shortcuts(page):
    press(page, "?")
    dialog = page.page.get_by_role("dialog", name="键盘快捷键")
    expect(dialog).to_be_visible()
    # The keys are the dialog's while it is open.
    press(page, "Control+k", "Alt+ArrowDown")
    expect(page.search_field).not_to_be_focused()
    press(page, "Escape")
    expect(dialog).to_have_count(0)
    expect(heading(page)).to_have_count(0)
    page.open_conversation("第 24 个")
    page.composer.press("?")
    expect(page.composer).to_have_value("?")
    expect(dialog).to_have_count(0)


def test_no_shortcut_takes_the_keys_of_an_input_method(page):
    page.open_conversation("第 24 个")
    for key in ["Escape", "ArrowDown"]:
        page.composer.evaluate("""(it, key) => it.dispatchEvent(new KeyboardEvent("keydown", {
            key, altKey: key !== "Escape", isComposing: true, bubbles: true, cancelable: true }))""", key)
    expect(page.composer).to_be_focused()
    press(page, "Alt+ArrowDown")
    expect(heading(page)).to_have_text("第 23 个")


def test_the_search_of_a_phone_leaves_the_conversation(page):
    page.page.set_viewport_size(PHONE)
    page.open_conversation("第 24 个")
    expect(page.page.locator(".sidebar")).to_be_hidden()
    press(page, "Control+k")
    expect(page.search_field).to_be_focused()
    assert page.page.evaluate("location.hash") in ("", "#/")


# The menu


@pytest.mark.parametrize("locale, items", [
    ("zh-CN", ["中文", "English", "键盘快捷键", "退出登录"]),
    ("en-GB", ["中文", "English", "Keyboard shortcuts", "Sign out"]),
])
def test_the_head_has_the_own_name_and_one_menu(database, sign_in, me, locale, items):
    database.conversation(me)
    page = sign_in(me, locale=locale)
    expect(page.page.locator(".own-name")).to_have_text("我自己")
    button = page.page.locator(".sidebar-head").get_by_role("button")
    expect(button).to_have_count(1)
    button.click()
    menu = page.page.get_by_role("menu")
    for item in items:
        expect(menu.get_by_text(item, exact=True)).to_be_visible()
    chosen = {"zh-CN": "中文", "en-GB": "English"}[locale]
    expect(menu.get_by_role("menuitemradio", name=chosen)).to_have_attribute("aria-checked", "true")


def test_the_sound_is_turned_off_and_stays_so(database, sign_in, me):
    page = sign_in(me)
    page.choose("新消息提示音", role="menuitemcheckbox")
    page.page.reload()
    page.page.get_by_role("button", name="更多").click()
    expect(page.page.get_by_role("menuitemcheckbox", name="新消息提示音")).to_have_attribute("aria-checked", "false")


def test_the_theme_is_chosen_in_it(database, sign_in, me):
    page = sign_in(me, color_scheme="light")
    light = page.page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.choose("深色", role="menuitemradio")
    expect(page.page.locator("body")).not_to_have_css("background-color", light)


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_rules_of_accessible_pages_are_kept(database, sign_in, me, locale, size, scheme):
    database.conversation(me)
    page = sign_in(me, locale=locale, viewport=SIZES[size], color_scheme=scheme)
    expect(page.conversations).to_have_count(1)
    page.page.locator("button.more").click()
    expect(page.page.get_by_role("menu")).to_be_visible()
    assert violations(page) == []
    box = page.page.get_by_role("menu").bounding_box()
    assert 0 <= box["x"] and box["x"] + box["width"] <= SIZES[size]["width"]
    press(page, "Escape", "?")
    expect(page.page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
