"""Several tabs of a browser: one of them waits for all."""

import pytest
from playwright.sync_api import expect

from waiting_fixtures import AT_ONCE, conversation


@pytest.fixture
def open_tab(api, make_page, conversation):
    """Opens a further tab of a page's browser, with a user signed in."""
    def open_tab(user, beside):
        page = make_page(beside=beside).open()
        page.sign_in(api.token(user))
        expect(page.conversation("等待")).to_be_visible()
        return page

    return open_tab


@pytest.fixture
def tabs(sign_in, open_tab, conversation, me):
    """Two tabs: the leader, then the one that follows."""
    leader = sign_in(me)
    leader.wait_until_waiting()
    return leader, open_tab(me, leader)


def test_one_waits_and_both_are_told(tabs, api, conversation, other):
    leader, follower = tabs
    for number in (1, 2, 3):
        api.send_text(other, conversation, str(number)).success()
        for page in tabs:
            expect(page.badge("等待")).to_have_text(str(number), timeout=AT_ONCE)
        leader.wait_until_waiting()
        assert [len(page.waiting) for page in tabs] == [1, 0]
    assert follower.reads_of_the_list() == 1


def test_eight_tabs_leave_room_for_a_send(tabs, open_tab, me):
    """A browser makes six requests at a time to one host over HTTP/1.1."""
    leader, _ = tabs
    pages = [*tabs, *(open_tab(me, leader) for _ in range(6))]
    pages[-1].open_conversation("等待")
    pages[-1].write("还有位置")
    expect(pages[-1].row("还有位置").locator(".state")).to_have_text("已发送", timeout=3_000)
    leader.wait_until_waiting()
    assert sum(len(page.waiting) for page in pages) == 1


def test_the_open_conversation_follows_in_either_tab(tabs, api, conversation, other):
    for page in tabs:
        page.open_conversation("等待")
    api.send_text(other, conversation, "两边").success()
    for page in tabs:
        expect(page.bubble("两边")).to_be_visible(timeout=AT_ONCE)
    tabs[1].write("回答")
    expect(tabs[0].bubble("回答")).to_be_visible(timeout=AT_ONCE)
    api.post(other, "mark_read", {"conversation_id": conversation.id}).success()
    for page in tabs:
        expect(page.row("回答").locator(".state")).to_have_text("已读", timeout=AT_ONCE)


def test_what_changes_while_a_tab_reads_the_list_is_not_missed(sign_in, make_page, api, conversation, me, other):
    """The leader is told of it, and the page of the list that is on its way does not have it yet."""
    leader = sign_in(me)
    leader.wait_until_waiting()
    page = make_page(beside=leader).open()
    answered = []

    def slow(route):
        answer = route.fetch()
        api.send_text(other, conversation, "其间").success()
        expect(leader.badge("等待")).to_have_text("1")
        route.fulfill(response=answer)
        answered.append(route)

    page.page.route("**/get_conversations", slow, times=1)
    page.sign_in(api.token(me))
    page.wait_until(lambda: answered, "the list is read")
    page.page.wait_for_timeout(300)
    expect(page.badge("等待")).to_have_text("1", timeout=5_000)
    expect(page.page).to_have_title("(1) Orbia 会话")


def test_when_the_leader_is_closed_another_one_leads(tabs, api, conversation, other):
    leader, follower = tabs
    leader.page.close()
    follower.wait_until_waiting()
    api.send_text(other, conversation, "一").success()
    expect(follower.badge("等待")).to_have_text("1", timeout=AT_ONCE)


def test_when_the_leader_signs_out_another_one_leads(tabs, api, conversation, other):
    leader, follower = tabs
    leader.sign_out()
    follower.wait_until_waiting()
    leader.wait_until(lambda: not leader.waiting, "it waits no more")
    api.send_text(other, conversation, "一").success()
    expect(follower.badge("等待")).to_have_text("1", timeout=AT_ONCE)


def test_when_the_leader_is_frozen_another_one_leads(tabs, api, conversation, other):
    leader, follower = tabs
    leader.freeze()
    follower.wait_until_waiting()
    leader.wait_until(lambda: not leader.waiting, "it waits no more")
    api.send_text(other, conversation, "一").success()
    expect(follower.badge("等待")).to_have_text("1", timeout=AT_ONCE)
    # It has missed that, and looks for itself.
    leader.freeze(False)
    expect(leader.badge("等待")).to_have_text("1", timeout=AT_ONCE)
    follower.wait_until_waiting()
    assert [len(page.waiting) for page in tabs] == [0, 1]


def test_a_leader_that_does_not_answer_is_replaced(tabs, api, conversation, other):
    """As where a phone's browser suspends a tab without notice: the one in front takes the lock."""
    leader, follower = tabs
    leader.page.evaluate("""() => {
        setTimeout(() => { for (const end = Date.now() + 6_000; Date.now() < end;); }, 100);
    }""")
    follower.page.wait_for_timeout(300)
    follower.hide()
    follower.hide(False)
    follower.wait_until(lambda: follower.waiting, "the other tab leads", within=5)
    api.send_text(other, conversation, "一").success()
    expect(follower.badge("等待")).to_have_text("1", timeout=AT_ONCE)
    expect(leader.badge("等待")).to_have_text("1", timeout=10_000)
    follower.wait_until_waiting()
    assert [len(page.waiting) for page in tabs] == [0, 1]


def test_a_leader_behind_serves_the_tab_in_front(tabs, api, conversation, other):
    leader, follower = tabs
    leader.hide()
    api.send_text(other, conversation, "一").success()
    expect(follower.badge("等待")).to_have_text("1", timeout=AT_ONCE)


def test_tabs_of_two_users_wait_for_themselves(tabs, open_tab, api, conversation, me, other):
    leader, _ = tabs
    others = open_tab(other, leader)
    others.wait_until_waiting()
    assert len(leader.waiting) == 1
    api.send_text(me, conversation, "给你").success()
    expect(others.badge("等待")).to_have_text("1", timeout=AT_ONCE)
    expect(leader.badge("等待")).to_have_count(0)


def test_errors_are_told_in_all_tabs(tabs):
    leader, follower = tabs
    leader.page.route("**/get_conversations", lambda route: route.abort())
    leader.page.evaluate("dispatchEvent(new Event('online'))")
    for page in tabs:
        expect(page.page.get_by_text("连接中断，正在重试…")).to_be_visible(timeout=AT_ONCE)
    leader.page.unroute("**/get_conversations")
    for page in tabs:
        expect(page.page.get_by_text("连接中断，正在重试…")).to_be_hidden(timeout=10_000)


def test_without_locks_each_tab_polls(conversation, me, api, make_page, other):
    pages = []
    for _ in range(2):
        page = make_page(beside=pages[0] if pages else None, polls=True).open()
        page.sign_in(api.token(me))
        expect(page.conversation("等待")).to_be_visible()
        pages.append(page)
    assert pages[0].page.evaluate("navigator.locks") is None
    api.send_text(other, conversation, "一").success()
    for page in pages:
        expect(page.badge("等待")).to_have_text("1", timeout=10_000)
        assert all("after_cursor" not in (body or {}) for _, body, _ in page.calls)
