"""The chat page as one uses it: what is on the screen, and what one does there."""

import json
import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from orbia.polling import eventually


def is_call(request) -> bool:
    return urlsplit(request.url).path.startswith("/api/")


class ChatPage:
    """One tab. Elements are found as a person or a screen reader would, by role and name, where they have one."""

    def __init__(self, page: Page, base: str):
        self.page, self.base = page, base
        # What must not happen: errors in the page's code, and whatever its policy forbids.
        self.problems = []
        # Calls of the API, in order: (route, body, status); status None where there was no answer.
        self.calls = []
        # Of those that wait for changes, the ones that have not ended.
        self.waiting = []
        page.on("request", self._begin)
        page.on("pageerror", lambda error: self.problems.append(f"{error}\n{error.stack}"))
        page.on("console", self._on_console)
        page.on("requestfinished", lambda request: self._record(request, has_answer=True))
        page.on("requestfailed", lambda request: self._record(request, has_answer=False))

    def _on_console(self, message):
        # A failed request shows up here, too; tests that make requests fail know of it. And so does a header that means
        # nothing over plain HTTP.
        expected = "Failed to load resource", "The Cross-Origin-Opener-Policy header has been ignored"
        if message.type == "error" and not message.text.startswith(expected):
            self.problems.append(message.text)

    # The page has more than a hundred files, and asking for the facts of a request takes a while: the address is first.

    def _begin(self, request):
        if is_call(request) and (json.loads(request.post_data or "null") or {}).get("wait"):
            self.waiting.append(request)

    def _record(self, request, has_answer):
        if not is_call(request):
            return
        if request in self.waiting:
            self.waiting.remove(request)
        route = urlsplit(request.url).path.rsplit("/", 1)[1]
        status = request.response().status if has_answer else None
        self.calls.append((route, json.loads(request.post_data or "null"), status))

    def count(self, route, status=200) -> int:
        return sum(call[0] == route and call[2] == status for call in self.calls)

    def reads_of_the_list(self) -> int:
        """How often a page of the list was asked for, and not what has changed in it."""
        return sum(route == "get_conversations" and "after_cursor" not in body for route, body, _ in self.calls)

    # Going places

    def open(self, path="/"):
        self.page.goto(self.base + path)
        return self

    def sign_in(self, token: str):
        self.page.get_by_role("textbox").fill(token)
        self.page.locator("form.token button").click()

    @property
    def conversations(self):
        """The links of the list, in order."""
        return self.page.locator("a.conversation-link")

    def conversation(self, title: str):
        return self.conversations.filter(has=self.page.locator(".title", has_text=re.compile(f"^{re.escape(title)}$")))

    def open_conversation(self, title: str):
        self.conversation(title).click()
        expect(self.page.locator(".conversation-head h1")).to_have_text(title)
        expect(self.page.locator("section.conversation")).to_have_attribute("aria-busy", "false")

    def badge(self, title: str):
        return self.conversation(title).locator(".badge > span >> nth=0")

    # The sidebar

    def choose(self, item: str, role="menuitem"):
        """An item of the menu in the sidebar's head."""
        self.page.get_by_role("button", name=re.compile("^(更多|More)$")).click()
        self.page.get_by_role(role, name=item, exact=True).click()

    def choose_language(self, name: str):
        self.choose(name, role="menuitemradio")

    def sign_out(self):
        self.choose("退出登录")

    @property
    def search_field(self):
        return self.page.locator(".conversation-list").get_by_role("searchbox")

    def titles(self) -> list:
        """Of the conversations that are listed, from top to bottom."""
        return self.page.locator(".conversation-link .title").all_inner_texts()

    # A conversation

    @property
    def timeline(self):
        return self.page.locator(".timeline")

    @property
    def composer(self):
        return self.page.locator(".composer textarea")

    @property
    def bubbles(self):
        """The messages that are in the document, own ones on their way among them."""
        return self.page.locator(".row.message .bubble")

    def bubble(self, text: str):
        return self.bubbles.filter(has_text=text)

    def row(self, text: str):
        return self.page.locator(".row.message", has=self.page.locator(".bubble", has_text=text))

    def write(self, text: str):
        self.composer.fill(text)
        self.composer.press("Enter")

    def texts(self) -> list:
        """Of the messages in the document, from top to bottom."""
        return self.page.locator(".row.message .bubble .text").all_inner_texts()

    def scroll_to(self, position: str):
        """ "start" or "end" """
        self.timeline.evaluate("(it, at) => { it.scrollTop = at === 'start' ? 0 : it.scrollHeight; }", position)

    # What a test pretends

    def hide(self, is_hidden=True):
        """As when another tab is in front."""
        self.page.evaluate("""(isHidden) => {
            Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
            const state = isHidden ? "hidden" : "visible";
            Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""", is_hidden)

    def freeze(self, is_frozen=True):
        """As when the browser takes the processor from a tab that is behind, and tells it before."""
        self.page.evaluate("name => document.dispatchEvent(new Event(name))", "freeze" if is_frozen else "resume")

    def wait_until_waiting(self):
        """Returns once a request waits for changes."""
        self.wait_until(lambda: self.waiting, "a request waits for changes")

    def wait_for_call(self, route, status=200):
        """Returns once such a call has ended that began later than now."""
        before = self.count(route, status)
        self.wait_until(lambda: self.count(route, status) > before, f"{route} is called")

    def wait_until(self, condition, what: str, within=15):
        def look():
            # The browser's events come in while it is talked to.
            self.page.evaluate("0")
            return condition()

        eventually(look, within=within, what=what)
