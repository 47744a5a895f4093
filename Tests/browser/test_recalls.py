"""Taking messages back: at once on both screens, without a trace of the content, and editing it again."""

import re

import pytest
from playwright.sync_api import expect

from talk_fixtures import choose, item, menu, open_menu, talk, toast


def system_lines(page):
    return page.page.locator(".row.system .content")


def test_a_recalled_message_is_gone_at_once_on_both_screens(talk):
    talk.say(talk.me, "发错了")
    talk.say(talk.me, "留着的")
    mine, theirs = talk.open(), talk.open(talk.other, locale="en-GB")
    expect(theirs.bubble("发错了")).to_be_visible()
    choose(mine, "发错了", "撤回")
    for page in (mine, theirs):
        expect(page.bubble("发错了")).to_have_count(0)
        expect(page.bubble("留着的")).to_be_visible()
    expect(system_lines(mine)).to_have_text(["你撤回了一条消息"])
    expect(system_lines(theirs)).to_have_text(["张伟 took a message back"])
    assert "发错了" not in theirs.page.content()


def test_only_own_messages_can_be_taken_back_and_only_for_a_while(talk):
    talk.say(talk.other, "对方的")
    talk.database.message(talk.conversation, talk.me, "很久以前的", 1_700_000_000_000)
    talk.say(talk.me, "刚发的")
    page = talk.open()
    for text, can in [("对方的", False), ("很久以前的", False), ("刚发的", True)]:
        open_menu(page, text)
        expect(item(page, "撤回")).to_have_count(1 if can else 0)
        page.page.keyboard.press("Escape")


def test_the_entry_goes_when_the_time_is_over_also_while_the_menu_is_open(talk):
    talk.say(talk.me, "来不及了")
    page = talk.open()
    open_menu(page, "来不及了")
    page.page.evaluate("() => { const now = Date.now(); Date.now = () => now + 3600_000 * 24; }")
    item(page, "撤回").click()
    expect(toast(page)).to_contain_text("已超过可撤回的时间，消息不能再撤回。")
    assert page.count("recall_message") == 0
    open_menu(page, "来不及了")
    expect(item(page, "复制")).to_be_visible()
    expect(item(page, "撤回")).to_have_count(0)


@pytest.mark.parametrize("status, message, text", [
    (409, "the message can no longer be recalled", "The message can no longer be recalled."),
    (503, "service temporarily unavailable",
     "The message was not taken back: the service is not available for the moment"),
    (None, None, "The message was not taken back: no network, or no answer"),
])
def test_a_recall_that_is_refused_says_so_and_the_message_stays(talk, status, message, text):
    talk.say(talk.me, "还在")
    page = talk.open(locale="en-GB")
    page.page.route("**/recall_message", lambda route: route.abort() if status is None else route.fulfill(
        status=status, json={"base_resp": {"code": status, "message": message}}))
    choose(page, "还在", "Take back")
    expect(toast(page)).to_contain_text(text)
    expect(page.bubble("还在")).to_be_visible()
    expect(page.page.get_by_role("button", name="Edit again")).to_have_count(0)


def test_an_own_text_can_be_edited_again_until_the_page_is_left(talk):
    talk.say(talk.me, "第一行\n第二行")
    page = talk.open()
    choose(page, "第一行", "撤回")
    again = page.page.get_by_role("button", name="重新编辑")
    again.click()
    expect(page.composer).to_have_value("第一行\n第二行")
    expect(page.composer).to_be_focused()
    # Never over what is there: it comes on a line of its own.
    page.composer.fill("写了一半")
    again.click()
    expect(page.composer).to_have_value("写了一半\n第一行\n第二行")
    page.page.reload()
    expect(system_lines(page)).to_have_text(["你撤回了一条消息"])
    expect(again).to_have_count(0)
    expect(page.composer).to_have_value("写了一半\n第一行\n第二行")


def test_others_and_other_tabs_are_not_offered_it(talk, make_page):
    talk.say(talk.me, "不给别人看")
    page = talk.open()
    theirs = talk.open(talk.other)
    choose(page, "不给别人看", "撤回")
    expect(page.page.get_by_role("button", name="重新编辑")).to_be_visible()
    expect(system_lines(theirs)).to_have_text(["“张伟”撤回了一条消息"])
    expect(theirs.page.get_by_role("button", name="重新编辑")).to_have_count(0)


def test_an_open_menu_of_it_closes(talk):
    message = talk.say(talk.other, "会消失")
    page = talk.open()
    open_menu(page, "会消失")
    talk.recall(talk.other, message)
    expect(menu(page)).to_have_count(0, timeout=15_000)
    expect(page.bubble("会消失")).to_have_count(0)


def test_the_view_stays_where_it_is(talk):
    talk.history(60)
    message = talk.say(talk.other, "末尾")
    page = talk.open()
    expect(page.bubble("末尾")).to_be_in_viewport()
    page.timeline.evaluate("it => { it.scrollTop = it.scrollHeight - it.clientHeight - 400; }")
    expect(page.page.locator("button.jump").last).to_be_visible()
    row = page.row("第 50 条")
    before = row.bounding_box()["y"]
    talk.recall(talk.other, message)
    expect(page.page.get_by_role("button", name=re.compile("1 条新消息"))).to_be_visible(timeout=15_000)
    assert abs(row.bounding_box()["y"] - before) < 1.5
