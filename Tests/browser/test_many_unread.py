"""More unread messages than are loaded: the first of them is shown, and nothing is marked that was not seen."""

import re

import pytest
from playwright.sync_api import expect

from axe import violations
from talk_fixtures import DESKTOP, PHONE, Talk

pytestmark = pytest.mark.thorough

COUNT = 700
FIRST_AT = 1_700_000_000_000


@pytest.fixture
def talk(database, api, sign_in):
    """Seven hundred unread messages behind two hundred that are read."""
    talk = Talk(database, api, sign_in, title="积压")
    database.execute(
        "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at, updated_at)"
        " SELECT CONCAT('MSG_', %s + seq * 1000, '_', %s), %s, %s, CONCAT('第 ', seq, ' 条'),"
        " FROM_UNIXTIME((%s + seq * 1000) / 1000), NOW() FROM seq_1_to_900",
        FIRST_AT, talk.conversation.id, talk.conversation.id, talk.other.id, FIRST_AT)
    database.execute("UPDATE orbia_conversation SET last_message_at = FROM_UNIXTIME(%s) WHERE id = %s",
                     FIRST_AT / 1000 + 900, talk.conversation.id)
    database.execute("UPDATE orbia_conversation_member SET unread_count = %s, last_read_at = FROM_UNIXTIME(%s)"
                     " WHERE conversation_id = %s AND user_id = %s",
                     COUNT, FIRST_AT / 1000 + 200, talk.conversation.id, talk.me.id)
    return talk


def unread(talk) -> int:
    return talk.database.unread(talk.conversation, talk.me)


def unread_bar(page):
    return page.page.locator(".unread-bar")


def test_it_opens_at_the_first_and_the_end_is_a_press_away(talk):
    page = talk.open()
    expect(page.bubble("第 201 条")).to_be_in_viewport()
    expect(page.page.get_by_text("以下是新消息")).to_be_in_viewport()
    page.wait_until(lambda: unread(talk) < COUNT, "what is in sight is marked")
    seen = page.timeline.evaluate("""(it) => {
        const end = it.getBoundingClientRect().bottom;
        const texts = [...it.querySelectorAll(".row.message")]
            .filter((row) => row.getBoundingClientRect().bottom <= end + 4)
            .map((row) => Number(row.querySelector(".text").textContent.match(/\\d+/)[0]));
        return Math.max(...texts);
    }""")
    page.wait_until(lambda: unread(talk) == 900 - seen, "all that is in sight, and nothing else")
    page.page.get_by_role("button", name="回到最新消息").click()
    expect(page.bubble("第 900 条")).to_be_in_viewport()
    left = 900 - seen
    expect(unread_bar(page)).to_contain_text(f"上方有 {left} 条未读消息")
    page.page.wait_for_timeout(1_500)  # nothing is marked, though it stays on the screen
    assert unread(talk) == left
    expect(page.badge("积压")).to_have_text(re.compile(r"99\+|" + str(left)))

    # Back to where one has read, and from there on.
    page.page.get_by_role("button", name="跳到第一条未读").click()
    expect(page.bubble(f"第 {seen + 1} 条")).to_be_in_viewport()
    expect(page.row(f"第 {seen + 1} 条")).to_be_focused()
    expect(unread_bar(page)).to_be_hidden()
    page.wait_until(lambda: unread(talk) < left, "what is in sight is marked")
    page.wait_until(lambda: unread(talk) > 0, "and not the rest")


def test_all_are_marked_as_read_where_one_says_so(talk):
    page = talk.open(locale="en-GB")
    expect(page.bubble("第 201 条")).to_be_in_viewport()
    page.page.get_by_role("button", name="To the newest message").click()
    expect(unread_bar(page)).to_contain_text("unread messages above")
    page.page.get_by_role("button", name="Mark all as read").press("Enter")
    expect(unread_bar(page)).to_be_hidden()
    expect(page.composer).to_be_focused()
    page.wait_until(lambda: unread(talk) == 0, "they are marked")
    expect(page.badge("积压")).to_have_count(0)
    # What comes in from now on is marked as ever.
    talk.say(talk.other, "新的")
    expect(page.bubble("新的")).to_be_in_viewport(timeout=15_000)
    page.wait_until(lambda: unread(talk) == 0, "it is marked")


def test_what_comes_in_meanwhile_is_neither_skipped_nor_marked(talk):
    page = talk.open()
    expect(page.bubble("第 201 条")).to_be_in_viewport()
    page.wait_until(lambda: unread(talk) < COUNT, "what is in sight is marked")
    before = unread(talk)
    talk.say(talk.other, "刚来的")
    expect(page.page.get_by_role("button", name="1 条新消息")).to_be_visible(timeout=15_000)
    page.page.get_by_role("button", name="1 条新消息").click()
    expect(page.bubble("刚来的")).to_be_in_viewport()
    expect(page.bubble("第 900 条")).to_be_in_viewport()
    page.page.wait_for_timeout(1_000)
    assert unread(talk) == before + 1


@pytest.mark.parametrize("options", [
    {"viewport": DESKTOP, "color_scheme": "dark"}, {"viewport": PHONE, "locale": "en-GB"},
], ids=["desktop-dark", "phone-en"])
def test_the_bar_keeps_the_rules(talk, options):
    page = talk.open(**options)
    expect(page.bubble("第 201 条")).to_be_in_viewport()
    page.page.locator("button.jump").last.click()
    expect(unread_bar(page)).to_be_visible()
    assert violations(page) == []
    box = unread_bar(page).bounding_box()
    assert box["x"] + box["width"] <= options["viewport"]["width"]
