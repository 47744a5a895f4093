"""The system's "back", a gesture or a button on phones: it leads from what is open to what is below it."""

import pytest
from playwright.sync_api import expect

from sizes import PHONE

BY_TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


@pytest.fixture
def conversations(database, me, other):
    """第 0 个 to 第 3 个."""
    made = [database.conversation(me, other, title=f"第 {number} 个") for number in range(4)]
    for conversation in made:
        database.message(conversation, other, f"在 {conversation.id} 里")
    return made


@pytest.fixture
def phone(conversations, sign_in, me):
    page = sign_in(me, **BY_TOUCH)
    expect(page.conversations).to_have_count(4)
    return page


def length(page) -> int:
    return page.page.evaluate("history.length")


def heading(page):
    return page.page.locator(".conversation-head h1")


def back_button(page):
    return page.page.get_by_role("link", name="返回会话列表")


def expect_list(page):
    expect(page.page.locator(".sidebar")).to_be_visible()
    expect(heading(page)).to_have_count(0)


def settled(page):
    """Returns once an entry of something that was closed is gone."""
    page.wait_until(lambda: page.page.evaluate("!history.state.place.base"), "what is closed has no entry")


def test_back_leaves_a_conversation_for_the_list_and_forward_returns(phone):
    phone.open_conversation("第 1 个")
    phone.page.go_back()
    expect_list(phone)
    phone.page.go_forward()
    expect(heading(phone)).to_have_text("第 1 个")


@pytest.mark.thorough
def test_the_pages_own_way_back_takes_the_entry_off(phone):
    before = length(phone)
    for title in ["第 1 个", "第 2 个", "第 3 个"]:
        phone.open_conversation(title)
        back_button(phone).tap()
        expect_list(phone)
    assert length(phone) == before + 1


def test_back_from_the_list_leaves(make_page, api, me, conversations):
    page = make_page(**BY_TOUCH)
    page.page.goto("about:blank")
    page.open().sign_in(api.token(me))
    page.open_conversation("第 1 个")
    page.page.go_back()
    expect_list(page)
    page.page.go_back()
    assert page.page.url == "about:blank"


def test_a_conversation_that_was_opened_by_its_address_has_the_list_below(make_page, api, me, conversations):
    page = make_page(**BY_TOUCH)
    page.page.goto("about:blank")
    page.open(f"/#/conversations/{conversations[2].id}").sign_in(api.token(me))
    expect(heading(page)).to_have_text("第 2 个")
    page.page.reload()
    expect(heading(page)).to_have_text("第 2 个")
    page.page.go_back()
    expect_list(page)
    page.page.go_back()
    assert page.page.url == "about:blank"


def test_on_a_desktop_switching_leaves_no_entries(make_page, api, me, conversations):
    page = make_page()
    page.page.goto("about:blank")
    page.open().sign_in(api.token(me))
    for number in (1, 2, 3, 0, 2):
        page.open_conversation(f"第 {number} 个")
    page.page.keyboard.press("Alt+ArrowDown")
    expect(heading(page)).not_to_have_text("第 2 个")
    page.page.go_back()
    expect(page.page.get_by_text("选择一个会话")).to_be_visible()
    page.page.go_back()
    assert page.page.url == "about:blank"


@pytest.mark.thorough
def test_a_desktop_that_was_led_to_a_conversation_goes_back_to_where_it_came_from(make_page, api, me, conversations):
    page = make_page()
    page.page.goto("about:blank")
    page.open(f"/#/conversations/{conversations[2].id}").sign_in(api.token(me))
    page.open_conversation("第 1 个")
    page.page.go_back()
    assert page.page.url == "about:blank"


@pytest.mark.thorough
def test_back_closes_a_menu_and_then_leaves(phone):
    phone.page.get_by_role("button", name="更多").tap()
    expect(phone.page.get_by_role("menu")).to_be_visible()
    phone.page.go_back()
    expect(phone.page.get_by_role("menu")).to_have_count(0)
    expect_list(phone)
    phone.page.go_forward()
    settled(phone)
    expect(phone.page.get_by_role("menu")).to_have_count(0)


def test_back_closes_a_dialog_in_a_conversation(phone):
    phone.open_conversation("第 1 个")
    phone.page.get_by_role("button", name="成员").tap()
    expect(phone.page.get_by_role("dialog")).to_be_visible()
    phone.page.go_back()
    expect(phone.page.get_by_role("dialog")).to_have_count(0)
    expect(heading(phone)).to_have_text("第 1 个")
    phone.page.go_back()
    expect_list(phone)


@pytest.mark.thorough
def test_what_is_closed_otherwise_has_no_entry_any_more(phone):
    phone.open_conversation("第 1 个")
    phone.page.get_by_role("button", name="成员").tap()
    phone.page.get_by_role("button", name="关闭").tap()
    expect(phone.page.get_by_role("dialog")).to_have_count(0)
    settled(phone)
    phone.page.go_back()
    expect_list(phone)


@pytest.mark.thorough
def test_a_dialog_that_a_menu_opens_takes_the_menus_entry(phone):
    phone.page.get_by_role("button", name="更多").tap()
    phone.page.get_by_role("menuitem", name="键盘快捷键").tap()
    expect(phone.page.get_by_role("dialog")).to_be_visible()
    assert phone.page.evaluate("history.state.place.base") == 1
    phone.page.go_back()
    expect(phone.page.get_by_role("dialog")).to_have_count(0)
    expect_list(phone)


def test_back_closes_the_search_in_a_conversation(phone):
    phone.open_conversation("第 1 个")
    phone.page.get_by_role("button", name="在会话中搜索").tap()
    expect(phone.page.get_by_role("search", name="在会话中搜索")).to_be_visible()
    phone.page.go_back()
    expect(phone.page.get_by_role("search", name="在会话中搜索")).to_be_hidden()
    expect(heading(phone)).to_have_text("第 1 个")
    phone.page.go_back()
    expect_list(phone)


@pytest.mark.thorough
def test_the_lists_search_is_below_what_it_has_found_and_back_ends_it(phone):
    phone.search_field.fill("第 3 个")
    expect(phone.conversations).to_have_count(1)
    phone.open_conversation("第 3 个")
    back_button(phone).tap()
    expect_list(phone)
    expect(phone.search_field).to_have_value("第 3 个")
    phone.page.go_back()
    expect(phone.search_field).to_have_value("")
    expect(phone.conversations).to_have_count(4)


@pytest.mark.thorough
def test_leaving_a_conversation_with_its_search_open_leads_to_the_list(phone):
    phone.open_conversation("第 1 个")
    phone.page.get_by_role("button", name="在会话中搜索").tap()
    expect(phone.page.get_by_role("search", name="在会话中搜索")).to_be_visible()
    back_button(phone).tap()
    expect_list(phone)
    assert phone.page.evaluate("history.state.place.toList") == 0


@pytest.mark.thorough
def test_a_reload_with_something_open_leaves_no_entry_of_it(phone):
    phone.open_conversation("第 1 个")
    phone.page.get_by_role("button", name="成员").tap()
    expect(phone.page.get_by_role("dialog")).to_be_visible()
    phone.page.reload()
    expect(heading(phone)).to_have_text("第 1 个")
    settled(phone)
    phone.page.go_back()
    expect_list(phone)
