"""What the tests of waiting share: two people with a conversation, and a page that waits for changes in it."""

import pytest
from playwright.sync_api import expect

# Milliseconds within which a change is on the screen. Whoever polls needs three seconds or more.
AT_ONCE = 1_500


@pytest.fixture
def conversation(database, me, other):
    return database.conversation(me, other, title="等待")


@pytest.fixture
def page(conversation, me, sign_in):
    """In the list, with nothing open."""
    page = sign_in(me)
    expect(page.conversation("等待")).to_be_visible()
    page.wait_until_waiting()
    return page


@pytest.fixture
def opened(page):
    """With the conversation open."""
    page.open_conversation("等待")
    page.page.wait_for_timeout(500)
    return page


def calls_in(page, milliseconds: int) -> list:
    """The calls that end in that time."""
    before = len(page.calls)
    page.page.wait_for_timeout(milliseconds)
    return [(route, body) for route, body, _ in page.calls[before:]]
