"""The client module outside of the chat page: its example for plain pages, and a page on another origin."""

import re

import pytest
from playwright.sync_api import expect

from orbia.paths import REPOSITORY

CLIENT = REPOSITORY / "nginx" / "www" / "client"
# One that nginx/orbia-conversation-origins.conf lists.
OTHER_ORIGIN = "https://www.orbia.example"
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>Elsewhere</title><p id="state"></p><script type="module">
import { createChat } from "/conversation-client/index.js";
const { token, baseUrl } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const chat = createChat({ baseUrl, getToken: (refused) => refused === null ? token : null });
chat.list.subscribe(() => {
  const { conversations } = chat.list.getSnapshot();
  document.getElementById("state").textContent = conversations.map((it) => `${it.title} ${it.unread_count}`).join();
});
chat.start();
</script>"""


@pytest.fixture
def pair(database):
    me, other = database.user("我"), database.user("对方")
    return me, other, database.conversation(me, other, title="Order 7")


def test_the_example_lists_conversations_and_sends(make_page, api, pair):
    me, other, conversation = pair
    api.send_text(other, conversation, "hello").success()
    page = make_page()
    page.open(f"/client/examples/plain.html#token={api.token(me)}")
    expect(page.page).to_have_url(re.compile(r"/plain\.html$"))

    listed = page.page.get_by_role("navigation", name="Conversations").get_by_role("button")
    expect(listed).to_have_text("Order 7 (1)")
    listed.click()
    messages = page.page.get_by_role("list", name="Messages").get_by_role("listitem")
    expect(messages).to_have_text(["对方: hello"])
    expect(listed).to_have_text("Order 7")

    text = page.page.get_by_role("textbox", name="Message")
    text.fill("an <b>answer</b>")
    text.press("Enter")
    expect(messages).to_have_text(["对方: hello", "我: an <b>answer</b>"])
    expect(text).to_have_value("")
    api.send_text(other, conversation, "thanks").success()
    expect(messages.last).to_have_text("对方: thanks")
    sent = api.get_messages(other, conversation_id=conversation.id).success()["messages"]
    assert [message["content"] for message in sent] == ["hello", "an <b>answer</b>", "thanks"]


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_the_example_says_that_nobody_is_signed_in(make_page, token):
    page = make_page()
    page.open(f"/client/examples/plain.html#token={token}")
    expect(page.page.get_by_role("status")).to_have_text("You are signed out.")


def test_a_page_on_another_origin_needs_no_more_than_the_address(chromium, stack, api, pair):
    me, other, conversation = pair
    context = chromium.new_context(ignore_https_errors=True)
    # The browser asks the user before a page from elsewhere reaches this machine, where the stack is.
    context.grant_permissions(["local-network-access"], origin=OTHER_ORIGIN)
    problems = []

    def answer(route):
        path = route.request.url.removeprefix(OTHER_ORIGIN)
        if path.startswith("/conversation-client/"):
            route.fulfill(path=CLIENT / path.removeprefix("/conversation-client/"), content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    context.route(f"{OTHER_ORIGIN}/**", answer)
    page = context.new_page()
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    base_url = f"https://localhost:{stack.ports.https}/api/v1/conversation/"
    page.goto(f"{OTHER_ORIGIN}/chat#token={api.token(me)}&baseUrl={base_url}")
    expect(page.locator("#state")).to_have_text("Order 7 0")
    api.send_text(other, conversation).success()
    expect(page.locator("#state")).to_have_text("Order 7 1", timeout=10_000)
    context.close()
    # The icon, which no page of this origin has.
    assert [problem for problem in problems if "favicon" not in problem] == []
