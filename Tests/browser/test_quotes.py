"""Quotes: over the composer, over a message, and the way to what is quoted."""

import pytest
from playwright.sync_api import expect

from axe import violations
from talk_fixtures import DESKTOP, PHONE, TABLET, choose, item, menu, open_menu, talk, toast


def bar(page):
    return page.page.locator(".quote-bar")


def quote_in(page, text):
    return page.row(text).last.locator(".quote")


def test_a_quote_goes_from_the_menu_to_the_other_screen(talk):
    talk.say(talk.other, "样片什么时候好？")
    mine, theirs = talk.open(), talk.open(talk.other)
    choose(mine, "样片什么时候好", "引用")
    expect(bar(mine)).to_contain_text("李娜")
    expect(bar(mine)).to_contain_text("样片什么时候好？")
    expect(mine.composer).to_be_focused()
    mine.write("周五")
    expect(bar(mine)).to_be_hidden()
    for page in (mine, theirs):
        expect(quote_in(page, "周五")).to_contain_text("李娜")
        expect(quote_in(page, "周五")).to_contain_text("样片什么时候好？")
    # The next one has none.
    mine.write("上午")
    expect(theirs.bubble("上午")).to_be_visible()
    expect(quote_in(theirs, "上午")).to_have_count(0)


def test_it_is_on_the_screen_while_it_is_being_sent(talk):
    talk.say(talk.other, "在吗")
    page = talk.open()
    held = []
    page.page.route("**/send_message", lambda route: held.append(route))
    choose(page, "在吗", "引用")
    page.write("在的")
    pending = page.page.locator(".row.pending")
    expect(pending.locator(".quote")).to_contain_text("在吗")
    page.wait_until(lambda: held, "it is being sent")
    held[0].continue_()
    expect(page.row("在的").last.locator(".state")).to_have_text("已发送")
    expect(quote_in(page, "在的")).to_contain_text("在吗")


def test_the_bar_goes_by_its_button_and_by_escape_and_the_text_stays(talk):
    talk.say(talk.other, "引用我")
    page = talk.open()
    page.composer.fill("写好的")
    choose(page, "引用我", "引用")
    page.page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()
    expect(page.composer).to_be_focused()
    choose(page, "引用我", "引用")
    page.page.get_by_role("button", name="取消引用").click()
    expect(bar(page)).to_be_hidden()
    expect(page.composer).to_have_value("写好的")
    page.composer.press("Enter")
    expect(page.row("写好的").locator(".state")).to_have_text("已发送")
    expect(quote_in(page, "写好的")).to_have_count(0)


def test_it_is_part_of_the_draft_of_its_conversation(talk):
    talk.say(talk.other, "一会儿再说")
    talk.database.conversation(talk.me, title="另一个")
    page = talk.open()
    choose(page, "一会儿再说", "引用")
    page.open_conversation("另一个")
    expect(bar(page)).to_be_hidden()
    page.open_conversation(talk.title)
    expect(bar(page)).to_contain_text("一会儿再说")
    page.page.reload()
    expect(bar(page)).to_contain_text("一会儿再说")
    page.write("好")
    expect(quote_in(page, "好")).to_contain_text("一会儿再说")


@pytest.mark.thorough
@pytest.mark.parametrize("locale, text", [("zh-CN", "[图片] 样机.jpg"), ("en-GB", "[Image] 样机.jpg")])
def test_a_file_is_quoted_by_a_word(talk, locale, text):
    id = talk.database.message(talk.conversation, talk.other, "https://cdn.example/1.jpg", message_type="image",
                               file_name="样机.jpg")
    talk.say(talk.me, "不错", reply_to=id)
    page = talk.open(locale=locale)
    expect(quote_in(page, "不错").locator(".quote-text")).to_have_text(text)


def test_a_quote_leads_to_what_it_quotes_far_in_the_past(talk):
    talk.history(400)
    [old] = talk.database.rows("SELECT message_id FROM orbia_message WHERE conversation_id = %s AND content = %s",
                               talk.conversation.id, "第 30 条")
    talk.say(talk.me, "就是这条", reply_to=old["message_id"])
    page = talk.open()
    quote_in(page, "就是这条").click()
    row = page.row("第 30 条")
    expect(row).to_be_in_viewport()
    expect(row).to_be_focused()
    box, frame = row.bounding_box(), page.timeline.bounding_box()
    assert abs(box["y"] + box["height"] / 2 - frame["y"] - frame["height"] / 2) < 60, "it is in the middle"
    # One reads on from there, and gets back to the end.
    expect(page.bubble("第 29 条")).to_be_visible()
    expect(page.bubble("第 31 条")).to_be_visible()
    page.page.get_by_role("button", name="回到最新消息").click()
    expect(page.bubble("就是这条")).to_be_in_viewport()


@pytest.mark.thorough
def test_one_that_stands_nearby_is_led_to_without_a_request(talk):
    first = talk.say(talk.other, "问题")
    talk.say(talk.me, "答案", reply_to=first["message_id"])
    page = talk.open()
    before = len(page.calls)
    row = page.row("问题").first
    quote_in(page, "答案").focus()
    page.page.keyboard.press("Enter")
    expect(row).to_be_focused()
    expect(row).to_have_class("row message first with-meta led-to")
    expect(row).not_to_have_class("led-to")
    assert [call for call in page.calls[before:] if call[0] == "get_messages"] == []


def test_what_was_taken_back_is_quoted_without_its_content_and_leads_nowhere(talk):
    first = talk.say(talk.other, "秘密")
    talk.say(talk.me, "知道了", reply_to=first["message_id"])
    page = talk.open()
    expect(quote_in(page, "知道了")).to_contain_text("秘密")
    talk.recall(talk.other, first)
    expect(quote_in(page, "知道了").locator(".quote-text")).to_have_text("该消息已撤回", timeout=15_000)
    expect(page.row("知道了").get_by_role("button", name="秘密")).to_have_count(0)
    expect(page.row("知道了").locator("button.quote")).to_have_count(0)
    assert "秘密" not in page.page.content()


@pytest.mark.thorough
def test_one_that_was_deleted_since_is_said_to_be_gone(talk):
    talk.history(100)
    [old] = talk.database.rows("SELECT message_id FROM orbia_message WHERE conversation_id = %s AND content = %s",
                               talk.conversation.id, "第 3 条")
    talk.say(talk.me, "看这条", reply_to=old["message_id"])
    page = talk.open()
    expect(quote_in(page, "看这条")).to_contain_text("第 3 条")
    talk.database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE message_id = %s", old["message_id"])
    quote_in(page, "看这条").click()
    expect(toast(page)).to_contain_text("这条消息已经不在了。")
    expect(page.bubble("看这条")).to_be_in_viewport()


@pytest.mark.thorough
def test_the_bar_says_that_its_message_was_taken_back_and_nothing_is_sent(talk):
    first = talk.say(talk.other, "要撤回的")
    page = talk.open()
    choose(page, "要撤回的", "引用")
    page.composer.fill("回答")
    talk.recall(talk.other, first)
    expect(bar(page)).to_contain_text("该消息已撤回", timeout=15_000)
    assert "要撤回的" not in page.page.content()
    page.composer.press("Enter")
    expect(page.page.get_by_role("alert")).to_have_text("被引用的消息已撤回，取消引用后才能发送。")
    assert page.count("send_message") == 0
    expect(page.composer).to_have_value("回答")
    page.page.get_by_role("button", name="取消引用").click()
    page.composer.press("Enter")
    expect(page.row("回答").locator(".state")).to_have_text("已发送")


def test_it_is_all_done_by_the_keyboard(talk):
    first = talk.say(talk.other, "键盘")
    page = talk.open(locale="en-GB")
    page.composer.press("Shift+Tab")
    page.page.keyboard.press("Shift+Tab")
    expect(page.row("键盘")).to_be_focused()
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("ArrowDown")
    expect(item(page, "Quote")).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(page.composer).to_be_focused()
    page.page.keyboard.type("typed")
    page.page.keyboard.press("Enter")
    expect(quote_in(page, "typed")).to_contain_text("键盘")
    page.wait_until(lambda: page.count("send_message") == 1, "it is sent")
    [sent] = [body for route, body, _ in page.calls if route == "send_message"]
    assert sent["reply_to"] == first["message_id"]


@pytest.mark.looks
@pytest.mark.parametrize("options", [
    {"viewport": DESKTOP}, {"viewport": DESKTOP, "color_scheme": "dark"}, {"viewport": TABLET, "locale": "en-GB"},
    {"viewport": PHONE, "color_scheme": "dark", "locale": "en-GB"}, {"viewport": PHONE},
], ids=["desktop", "desktop-dark", "tablet-en", "phone-dark-en", "phone"])
def test_they_keep_the_rules_in_every_look(talk, options):
    long = talk.say(talk.other, "很长的一段话" * 40)
    gone = talk.say(talk.other, "撤回的")
    talk.say(talk.me, "对长的", reply_to=long["message_id"])
    talk.say(talk.other, "对撤回的", reply_to=gone["message_id"])
    talk.say(talk.me, "我也是", reply_to=gone["message_id"])
    talk.recall(talk.other, gone)
    page = talk.open(**options)
    quote = quote_in(page, "对长的").locator(".quote-text")
    assert quote.evaluate("it => it.clientHeight / parseFloat(getComputedStyle(it).lineHeight)") < 2.3, "two lines"
    open_menu(page, "对撤回的")
    menu(page).get_by_role("menuitem").nth(1).click()
    expect(bar(page)).to_be_visible()
    assert violations(page) == []
    assert page.timeline.evaluate("it => it.scrollWidth <= it.clientWidth")
    inside = page.page.locator(".bubble > .quote").evaluate_all("""all => all.map((it) =>
        it.getBoundingClientRect().right <= it.parentElement.getBoundingClientRect().right + 0.5)""")
    assert inside == [True] * 3
