"""Light, dark or as the system has it, as the user chooses."""

import re

import pytest
from playwright.sync_api import expect

from axe import violations

pytestmark = pytest.mark.thorough

WHITE, BLACK = "rgb(255, 255, 255)", "rgb(22, 21, 31)"


@pytest.fixture
def me(database):
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title="颜色", type="kol_order")
    texts = ["你好 `code` https://a.example", "```js\nlet a;\n``` a@b.example", "👍", "13812345678"]
    for index, text in enumerate(texts * 2):
        database.message(conversation, (me, other)[index // 2 % 2], text)
    database.message(conversation, me, "订单已确认", message_type="system")
    return me


# That of the sign-in, and that of the chat, which has more in it.
MENU = re.compile("^(设置|更多)$")


def background(page):
    return page.page.evaluate("getComputedStyle(document.body).backgroundColor")


def choose(page, name):
    page.page.get_by_role("button", name=MENU).click()
    page.page.get_by_role("menuitemradio", name=name).click()


def theme_color(page):
    return page.page.locator("meta[name=theme-color]").get_attribute("content")


@pytest.mark.parametrize("system, choice, shown", [
    ("light", None, WHITE), ("dark", None, BLACK), ("light", "深色", BLACK), ("dark", "浅色", WHITE),
    ("light", "浅色", WHITE), ("dark", "深色", BLACK), ("dark", "跟随系统", BLACK),
])
def test_the_theme_is_the_users_choice_or_else_the_systems(make_page, system, choice, shown):
    page = make_page(color_scheme=system).open()
    if choice:
        choose(page, choice)
    assert background(page) == shown
    assert theme_color(page) == {WHITE: "#ffffff", BLACK: "#16151f"}[shown]
    assert page.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == (
        "light" if shown == WHITE else "dark")
    page.page.reload()
    page.page.get_by_role("button", name=MENU).click()
    expect(page.page.get_by_role("menuitemradio", name=choice or "跟随系统")).to_have_attribute("aria-checked", "true")
    assert page.page.locator("[role=menuitemradio][aria-checked=true]").count() == 1
    assert background(page) == shown


def test_as_the_system_follows_it_while_the_page_is_open(make_page):
    page = make_page(color_scheme="light").open()
    choose(page, "深色")
    choose(page, "跟随系统")
    assert background(page) == WHITE
    page.page.emulate_media(color_scheme="dark")
    assert background(page) == BLACK
    page.wait_until(lambda: theme_color(page) == "#16151f", "the browser's bars are dark, too")


def test_it_is_there_before_the_page_is_painted(make_page):
    """Modules run after that: the page is as the user has chosen without any of them."""
    page = make_page(color_scheme="light").open()
    choose(page, "深色")
    page.page.route("**/app/main.js", lambda route: route.abort())
    page.page.reload()
    expect(page.page.locator(".sign-in")).to_have_count(0)
    assert background(page) == BLACK


def test_other_tabs_of_the_browser_change_with_it(make_page):
    page = make_page(color_scheme="light").open()
    beside = make_page(beside=page).open()
    choose(page, "深色")
    beside.wait_until(lambda: background(beside) == BLACK, "the other tab is dark")
    choose(page, "跟随系统")
    beside.wait_until(lambda: background(beside) == WHITE, "the other tab is light")


def test_paper_is_light(make_page):
    page = make_page(color_scheme="dark").open()
    choose(page, "深色")
    page.page.emulate_media(media="print", color_scheme="dark")
    assert background(page) == WHITE


@pytest.mark.looks
@pytest.mark.parametrize("theme, system", [("浅色", "dark"), ("深色", "light")])
def test_the_rules_of_accessible_pages_are_kept_in_both(sign_in, me, theme, system):
    page = sign_in(me, bypass_csp=True, color_scheme=system, viewport={"width": 1280, "height": 900})
    choose(page, theme)
    page.open_conversation("颜色")
    expect(page.bubbles.first).to_be_visible()
    assert violations(page) == []
    page.page.get_by_role("button", name=MENU).click()
    expect(page.page.get_by_role("menu")).to_be_visible()
    page.wait_until(lambda: page.page.evaluate("document.getAnimations().length") == 0, "the menu has come in")
    assert violations(page) == []
