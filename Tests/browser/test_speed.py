"""Messages and receipts come at once. scripts/measure-page has the figures; here they are only not to be slow."""

import pytest
from playwright.sync_api import expect

# Milliseconds. It takes a tenth of a second and half a second on a machine that has nothing else to do.
AT_ONCE = 3_000


@pytest.fixture
def talking(database, sign_in):
    """Two people's windows, both with the conversation open."""
    me, other = database.user("我"), database.user("对方")
    database.conversation(me, other, title="快")
    pages = [sign_in(me), sign_in(other)]
    for page in pages:
        page.open_conversation("快")
        page.wait_until_waiting()
    return pages


def test_a_message_is_on_the_other_screen_and_read_at_once(talking):
    mine, theirs = talking
    # The first one finds code that has not run yet.
    for text in ("热身", "第一条", "第二条"):
        mine.write(text)
        expect(theirs.bubble(text)).to_be_visible(timeout=AT_ONCE)
        expect(mine.row(text).locator(".state")).to_have_text("已读", timeout=AT_ONCE)


def test_one_waiting_request_serves_all_tabs(talking, make_page, api):
    mine, theirs = talking
    further = make_page(beside=mine).open(mine.page.url.replace(mine.base, ""))
    expect(further.composer).to_be_visible()
    theirs.write("给所有标签页")
    for page in (mine, further):
        expect(page.bubble("给所有标签页")).to_be_visible(timeout=AT_ONCE)
    mine.wait_until(lambda: len(mine.waiting) + len(further.waiting) == 1, "one request waits")
