"""Toasts of new messages: of conversations that the user does not see, and of no others."""

import pytest
from playwright.sync_api import expect

SIZES = {"desktop": (1280, 800), "tablet": (768, 1024), "phone": (390, 844)}


@pytest.fixture
def opened(database, me, other):
    return database.conversation(me, other, title="开着的")


@pytest.fixture
def elsewhere(database, me, other):
    return database.conversation(me, other, title="别处")


@pytest.fixture
def open_page(sign_in, me, opened, elsewhere):
    """With one of two conversations open."""
    def open_page(**options):
        page = sign_in(me, **options)
        page.open_conversation("开着的")
        page.wait_until_waiting()
        return page

    return open_page


def toasts(page):
    return page.page.locator(".toast")


@pytest.mark.parametrize("which, locale", [("desktop", "zh-CN"), ("tablet", "en"), ("phone", "en")])
def test_a_message_elsewhere_is_shown_and_leads_there(open_page, api, other, elsewhere, which, locale):
    width, height = SIZES[which]
    page = open_page(viewport={"width": width, "height": height}, locale=locale)
    api.send_text(other, elsewhere, "<b>看这里</b>").success()
    expect(toasts(page)).to_have_count(1)
    expect(toasts(page)).to_contain_text("对方")
    expect(toasts(page)).to_contain_text("<b>看这里</b>")
    toasts(page).get_by_role("button", name="看这里").click()
    expect(page.page.locator(".conversation-head h1")).to_have_text("别处")
    expect(page.bubble("看这里")).to_be_visible()
    expect(toasts(page)).to_have_count(0)


def test_several_of_one_conversation_replace_each_other(open_page, api, other, elsewhere):
    page = open_page()
    api.send_text(other, elsewhere, "第一条").success()
    expect(toasts(page)).to_contain_text("第一条")
    api.send_text(other, elsewhere, "第二条").success()
    expect(toasts(page)).to_contain_text("第二条")
    expect(toasts(page)).to_have_count(1)


def test_none_of_the_open_one_nor_of_own_messages(open_page, sign_in, api, me, other, opened, elsewhere):
    page = open_page()
    api.send_text(other, opened, "在眼前").success()
    expect(page.bubble("在眼前")).to_be_visible()
    api.send_text(me, elsewhere, "自己发的").success()
    # What comes after it shows that there was time for it.
    api.send_text(other, elsewhere, "别人发的").success()
    expect(toasts(page)).to_contain_text("别人发的")
    expect(toasts(page)).to_have_count(1)


def test_none_of_the_open_one_where_the_address_names_a_message_of_it(open_page, api, other, opened, elsewhere):
    page = open_page()
    sent = api.send_text(other, opened, "有链接的").success()["message"]
    page.page.evaluate("hash => { location.hash = hash; }",
                       f"#/conversations/{opened.id}?message={sent['message_id']}&at={sent['created_at']}")
    expect(page.row("有链接的")).to_be_focused()
    api.send_text(other, opened, "在眼前").success()
    expect(page.bubble("在眼前")).to_be_visible()
    api.send_text(other, elsewhere, "别人发的").success()
    expect(toasts(page)).to_contain_text("别人发的")
    expect(toasts(page)).to_have_count(1)
    # All of the page's are in one place, where they do not cover each other.
    expect(page.page.locator(".toasts")).to_have_count(1)


def test_the_list_in_sight_is_enough_unless_it_leaves_it_out(sign_in, api, database, me, other, elsewhere):
    support = database.conversation(me, other, title="客服会话", type="support")
    page = sign_in(me)
    expect(page.conversations).to_have_count(2)
    page.wait_until_waiting()
    api.send_text(other, elsewhere, "列表里看得到").success()
    expect(page.badge("别处")).to_have_text("1")
    expect(toasts(page)).to_have_count(0)
    page.page.locator(".filters").get_by_role("button", name="普通").click()
    expect(page.conversations).to_have_count(1)
    api.send_text(other, support, "列表里没有").success()
    expect(toasts(page)).to_contain_text("列表里没有")


def test_whoever_opens_it_otherwise_needs_the_toast_no_more(open_page, api, other, elsewhere):
    page = open_page()
    api.send_text(other, elsewhere, "看这里").success()
    expect(toasts(page)).to_have_count(1)
    page.open_conversation("别处")
    expect(toasts(page)).to_have_count(0)


def test_a_tab_behind_shows_none(open_page, api, other, elsewhere):
    page = open_page()
    page.hide()
    api.send_text(other, elsewhere, "没人看").success()
    expect(page.badge("别处")).to_have_text("1")
    expect(toasts(page)).to_have_count(0)
