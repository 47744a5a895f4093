"""What everybody does every day, in WebKit: signing in, reading, writing, and being told."""

import pytest
from selenium.webdriver import Keys

from window import COMPOSER, PHONE

TITLE = "谈事情"


@pytest.mark.thorough
def test_a_demo_user_signs_in_and_opens_a_conversation(make_window):
    window = make_window()
    window.open()
    window.click("button.user", "张伟")
    window.open_conversation("KOL订单: 产品推广视频")
    window.find(".row.message .bubble")


def test_a_message_is_sent_with_enter_and_read_by_the_other_one(sign_in, database, api, me, other, conversation):
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.type(COMPOSER, "第一行")
    window.press_in(COMPOSER, Keys.SHIFT + Keys.ENTER)
    window.expect_value(COMPOSER, "第一行\n")
    window.type(COMPOSER, "第二行")
    window.expect_value(COMPOSER, "第一行\n第二行")
    window.press_in(COMPOSER, Keys.ENTER)
    window.expect_value(COMPOSER, "")
    window.expect_state("第二行", "Sent")
    assert database.stored_messages(conversation)[-1]["content"] == "第一行\n第二行"
    api.mark_read(other, conversation_id=conversation.id).success()
    window.expect_state("第二行", "Read")


def test_a_message_arrives_while_the_conversation_is_open_and_counts_as_read(
        sign_in, database, api, me, other, conversation):
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.bubble("以前说过的")
    api.send_text(other, conversation, "现在说的").success()
    window.bubble("现在说的")
    window.wait(lambda: database.unread(conversation, me) == 0, "it is read")


def test_the_badge_and_the_title_count_what_is_unread_and_a_toast_tells_of_it(sign_in, database, api, me, other,
                                                                             conversation):
    elsewhere = database.conversation(me, other, title="别处")
    window = sign_in(me)
    window.open_conversation("别处")
    for count in "12":
        api.send_text(other, conversation, f"第 {count} 条新的").success()
        window.wait(lambda: window.badge(TITLE) == count, f"the badge has {count}")
    window.wait(lambda: window.driver.title.startswith("(2)"), "the title counts them")
    window.find(".toast", "第 2 条新的")
    window.click(".toast .toast-text", "第 2 条新的")
    window.wait(lambda: window.text(".conversation-head h1") == TITLE, "the toast leads there")
    window.wait(lambda: window.badge(TITLE) == "", "the badge goes")
    assert database.unread(elsewhere, me) == 0


def test_a_phone_shows_the_list_or_the_conversation_and_back_leads_from_one_to_the_other(sign_in, me, conversation):
    window = sign_in(me, size=PHONE)
    window.find(".conversation-list")
    window.open_conversation(TITLE)
    window.find_none(".conversation-list")
    window.driver.back()
    window.find("a.conversation-link", TITLE)
    window.find_none("section.conversation")
    window.driver.forward()
    window.bubble("以前说过的")
    assert window.script("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.thorough
def test_a_draft_and_the_conversation_are_there_after_a_reload(sign_in, me, conversation):
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.type(COMPOSER, "还没写完")
    window.driver.refresh()
    window.expect_value(COMPOSER, "还没写完")
    window.bubble("以前说过的")


@pytest.mark.thorough
def test_the_theme_and_the_language_change_at_once_and_stay(sign_in, me, conversation):
    window = sign_in(me)
    background = "return getComputedStyle(document.body).backgroundColor"
    window.click("button", "More")
    window.click("[role=menuitemradio]", "Dark")
    window.wait(lambda: window.script(background) == "rgb(22, 21, 31)", "it is dark")
    window.click("button", "More")
    window.click("[role=menuitemradio]", "中文")
    window.find("button", "更多")
    window.driver.refresh()
    window.find("button", "更多")
    assert window.script(background) == "rgb(22, 21, 31)"
    assert window.script("return document.documentElement.lang") == "zh-CN"


@pytest.mark.thorough
def test_signing_out_leads_to_the_sign_in(sign_in, me, conversation):
    window = sign_in(me)
    window.click("button", "More")
    window.click("[role=menuitem]", "Sign out")
    window.find("form.token")
    window.driver.refresh()
    window.find("form.token")
