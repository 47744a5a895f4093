"""Whatever one jumps by, a button leads back to exactly where one was."""

import pytest
from playwright.sync_api import expect

from test_search import expect_at, in_sight, scroll_up_by

pytestmark = pytest.mark.thorough

FIRST_AT = 1_700_000_000_000


def back(page):
    return page.page.get_by_role("button", name="回到刚才的位置")


def quote(page, text):
    """The button of the quote in the message with that text."""
    return page.row(text).locator(".quote")


def test_quotes_lead_on_and_back_step_by_step(database, sign_in, api):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="引用")
    oldest = database.message(conversation, other, "最早的问题", FIRST_AT - 1000)
    database.messages(conversation, other, 120, FIRST_AT)
    answer = api.send_message(other, conversation_id=conversation.id, message_type="text", content="中间的回答",
                              reply_to=oldest).success()["message"]["message_id"]
    database.execute("UPDATE orbia_message SET created_at = FROM_UNIXTIME(%s) WHERE message_id = %s",
                     (FIRST_AT + 59_500) / 1000, answer)
    api.send_message(me, conversation_id=conversation.id, message_type="text", content="最后的追问",
                     reply_to=answer).success()
    page = sign_in(me)
    page.open_conversation("引用")
    page.scroll_to("end")
    places = [in_sight(page)]
    quote(page, "最后的追问").click()
    expect(page.row("中间的回答")).to_be_focused()
    page.page.mouse.move(0, 0)
    places.append(in_sight(page))
    quote(page, "中间的回答").click()
    expect(page.row("最早的问题")).to_be_focused()
    for place in reversed(places):
        back(page).click()
        expect_at(page, place)
    expect(back(page)).to_be_hidden()


def test_the_first_unread_message_leads_back(database, sign_in):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="六百条未读")
    database.fill(conversation, other, 600, 20)
    database.update_conversation(conversation, last_message_at="2020-09-13 12:36:40")
    database.execute("UPDATE orbia_conversation_member SET unread_count = 600, last_read_at = FROM_UNIXTIME(1600000000)"
                     " WHERE conversation_id = %s AND user_id = %s", conversation.id, me.id)
    page = sign_in(me)
    page.open_conversation("六百条未读")
    page.page.locator("button.jump").click()
    expect(page.page.locator("button.jump")).to_be_hidden()
    scroll_up_by(page, 500)
    place = in_sight(page)
    page.page.get_by_role("button", name="第一条未读").click()
    expect(page.page.locator(".unread-line")).to_be_in_viewport()
    back(page).click()
    expect_at(page, place)


def test_what_is_gone_is_no_place_and_its_neighbour_is(database, sign_in, api):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="撤回的位置")
    oldest = database.message(conversation, other, "最早的问题", FIRST_AT - 1000)
    database.messages(conversation, other, 120, FIRST_AT)
    api.send_message(me, conversation_id=conversation.id, message_type="text", content="追问", reply_to=oldest).success()
    page = sign_in(me)
    page.open_conversation("撤回的位置")
    page.scroll_to("end")
    scroll_up_by(page, 310)
    place = in_sight(page)
    anchor = next(iter(place))
    # It is in the document, below what is in sight.
    quote(page, "追问").evaluate("it => it.click()")
    expect(page.row("最早的问题")).to_be_focused()
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE message_id = %s", anchor)
    back(page).click()
    others = list(place)[1:]
    page.wait_until(lambda: set(others) & set(in_sight(page)), "what was beside it is in sight")
    expect(back(page)).to_be_hidden()
