"""What tests of a conversation's messages share: two people, their conversation, and what one does with a message."""

from datetime import datetime, timezone

import pytest
from playwright.sync_api import expect

from database import now_ms

DESKTOP = {"width": 1280, "height": 800}
TABLET = {"width": 768, "height": 900}
PHONE = {"width": 390, "height": 780}


class Talk:
    """A conversation of two, whose page is opened as one of them."""

    def __init__(self, database, api, sign_in, title="谈事情", **columns):
        self.database, self.api, self._sign_in = database, api, sign_in
        self.title = title
        self.me, self.other = database.user("张伟"), database.user("李娜")
        self.conversation = database.conversation(self.me, self.other, title=title, **columns)

    def say(self, user, text, **body) -> dict:
        """Sends a message through the service, and returns it."""
        return self.api.send_message(user, conversation_id=self.conversation.id, message_type="text", content=text,
                                     **body).success()["message"]

    def recall(self, user, message):
        self.api.recall_message(user, conversation_id=self.conversation.id, message_id=message["message_id"]).success()

    def event(self, sender, content, event, at=None):
        self.database.message(self.conversation, sender, content, at or now_ms(), message_type="system", event=event)

    def history(self, count, first_at=1_700_000_000_000):
        """Messages from long ago, read ones."""
        times = self.database.messages(self.conversation, self.other, count, first_at)
        last = datetime.fromtimestamp(times[-1] / 1000, timezone.utc)
        self.database.update_conversation(self.conversation, last_message_at=last.strftime("%Y-%m-%d %H:%M:%S.%f"))
        return times

    def open(self, as_user=None, **options):
        page = self._sign_in(as_user or self.me, **{"viewport": DESKTOP, **options})
        page.open_conversation(self.title)
        return page


@pytest.fixture
def talk(database, api, sign_in) -> Talk:
    return Talk(database, api, sign_in)


def menu(page):
    return page.page.get_by_role("menu")


def item(page, name):
    return menu(page).get_by_role("menuitem", name=name, exact=True)


def open_menu(page, text):
    """By a right click on the message's bubble, beside its text."""
    page.row(text).last.locator(".bubble").click(button="right", position={"x": 16, "y": 5})
    expect(menu(page)).to_be_visible()


def choose(page, text, name):
    open_menu(page, text)
    item(page, name).click()
    expect(menu(page)).to_have_count(0)


def toast(page):
    return page.page.locator(".toast")


def clipboard(page) -> str:
    return page.page.evaluate("navigator.clipboard.readText()")


def allow_clipboard(page):
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
