"""Searching the messages of all conversations from the list, and addresses that name a message."""

import re

import pytest
from playwright.sync_api import expect

from axe import violations
from test_search import assert_fits_the_page, expect_at, expect_in_the_middle, in_sight, marks, row, scroll_up_by

COUNT = 400
FIRST_AT = 1_700_000_000_000
FAR = "很久以前的会话"
ENGLISH = {"locale": "en-GB"}
PHONE = {"viewport": {"width": 390, "height": 780}}


@pytest.fixture(scope="module")
def everywhere(database):
    """40 conversations with one message each that has "预算", and one with 400 messages, of which #3 has it."""
    me, other = database.user("我"), database.user("对方")
    for number in range(40):
        conversation = database.conversation(me, other, title=f"会话 {number}")
        database.message(conversation, other, f"👍🏽 第 {number} 份预算", FIRST_AT + number * 1000)
        database.update_conversation(conversation, last_message_at=f"2023-11-14 22:{13 + number // 60}:{number % 60}")
    far = database.conversation(me, other, title=FAR)
    database.execute(
        "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at, updated_at)"
        " SELECT CONCAT('MSG_FOUND_', seq + 10000), %s, IF(seq %% 2, %s, %s),"
        " CONCAT('#', seq, IF(seq = 3, ' <b>最早的</b>预算', ' 别的内容')), FROM_UNIXTIME(1600000000 + seq * 61), NOW()"
        f" FROM seq_1_to_{COUNT}", far.id, me.id, other.id)
    database.update_conversation(far, last_message_at="2020-09-20 00:00:00")
    return me, far


@pytest.fixture
def enter(sign_in, everywhere):
    def enter(**options):
        page = sign_in(everywhere[0], **options)
        expect(page.conversations.first).to_be_visible()
        return page

    return enter


def panel(page):
    return page.page.locator(".message-search")


def hits(page):
    return panel(page).locator("a.hit")


def search(page, text):
    page.page.locator(".conversation-list").get_by_role("searchbox").fill(text)


def far_hit(page):
    """The hit far back, which is behind all others."""
    expect(hits(page)).to_have_count(30)
    hits(page).last.scroll_into_view_if_needed()
    expect(hits(page)).to_have_count(41)
    return hits(page).filter(has_text=FAR)


def test_messages_of_all_conversations_are_found_below_the_conversations(enter):
    page = enter()
    search(page, "预算")
    expect(panel(page).get_by_role("heading", name="消息")).to_be_visible()
    expect(hits(page).first).to_contain_text("会话 39")
    expect(hits(page).first).to_contain_text("对方: 👍🏽 第 39 份预算")
    expect(hits(page).first.locator("mark")).to_have_text("预算")
    hit = far_hit(page)
    expect(hit).to_contain_text("<b>最早的</b>预算")
    page.page.locator(".conversation-list").get_by_role("searchbox").fill("")
    expect(panel(page)).to_be_hidden()
    bodies = [body for route, body, _ in page.calls if route == "search_messages"]
    assert len(bodies) == 2 and all("conversation_id" not in body for body in bodies)


def test_a_hit_opens_its_conversation_at_the_message_and_the_browser_leads_back(enter):
    page = enter()
    page.open_conversation("会话 39")
    search(page, "预算")
    far_hit(page).click()
    expect(page.page.locator(".conversation-head h1")).to_have_text(FAR)
    expect_in_the_middle(page, 10_003)
    expect(row(page, 10_003)).to_be_focused()
    page.wait_until(lambda: marks(page) == ["预算"], "the match is marked")
    expect(hits(page).filter(has_text=FAR)).to_have_attribute("aria-current", "true")
    page.page.go_back()
    expect(page.page.locator(".conversation-head h1")).to_have_text("会话 39")
    page.page.go_forward()
    expect_in_the_middle(page, 10_003)


def test_in_the_open_conversation_the_browser_leads_back_to_where_one_was(enter):
    page = enter()
    search(page, FAR)
    page.open_conversation(FAR)
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()
    scroll_up_by(page, 700)
    place = in_sight(page)
    search(page, "最早的")
    hits(page).click()
    expect_in_the_middle(page, 10_003)
    # Once more, from where one has scrolled to meanwhile.
    page.timeline.hover(position={"x": 5, "y": 200})
    page.page.mouse.wheel(0, 3_000)
    expect(row(page, 10_003)).not_to_be_in_viewport()
    hits(page).click()
    expect_in_the_middle(page, 10_003)
    page.page.go_back()
    expect_at(page, place)
    expect(page.page.get_by_role("button", name="回到刚才的位置")).to_be_hidden()


def test_the_address_of_a_message_is_good_after_a_reload_and_in_another_tab(enter, make_page):
    page = enter()
    search(page, "最早的")
    hits(page).click()
    expect_in_the_middle(page, 10_003)
    assert re.search(r"#/conversations/\d+\?message=MSG_FOUND_10003&at=\d+$", page.page.url)
    page.page.reload()
    expect_in_the_middle(page, 10_003)
    page.page.get_by_role("button", name="回到刚才的位置").click()
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()


def test_an_address_of_a_message_that_is_not_there_says_so_and_opens_the_conversation(enter, everywhere):
    page = enter()
    page.page.evaluate("(id) => { location.hash = `#/conversations/${id}?message=MSG_NONE&at=1600000200000`; }",
                       everywhere[1].id)
    expect(page.page.get_by_text("这条消息已经不在了。")).to_be_visible()
    expect(page.page.locator(".conversation-head h1")).to_have_text(FAR)
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()


def test_nothing_found_and_failure_are_said(enter):
    page = enter()
    search(page, "没有人说过")
    expect(panel(page).get_by_text("没有找到相关消息")).to_be_visible()
    page.page.route("**/search_messages", lambda route: route.fulfill(
        status=503, json={"base_resp": {"code": 503, "message": "service temporarily unavailable"}}))
    search(page, "最早的")
    expect(panel(page).get_by_text("搜索失败")).to_be_visible()
    page.page.unroute("**/search_messages")
    panel(page).get_by_role("button", name="重试").click()
    expect(hits(page)).to_have_count(1)


def test_on_a_phone_one_comes_back_to_what_was_found(enter):
    page = enter(**PHONE)
    search(page, "最早的")
    hits(page).click()
    expect_in_the_middle(page, 10_003)
    page.page.locator(".conversation-head").get_by_role("link", name="返回").click()
    expect(hits(page)).to_be_visible()


@pytest.mark.looks
@pytest.mark.parametrize("options", [{}, {**PHONE, **ENGLISH, "color_scheme": "dark"}],
                         ids=["desktop", "phone-en-dark"])
def test_it_fits_and_is_accessible(enter, options, pictures, request):
    page = enter(**options)
    search(page, "预算")
    expect(hits(page)).to_have_count(30)
    assert_fits_the_page(page)
    assert violations(page) == []
    page.page.screenshot(path=pictures / f"search-everywhere-{request.node.callspec.id}.png")
