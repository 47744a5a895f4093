"""Where the page cannot be told of changes, it asks: how often, and when less."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def page(database, sign_in):
    me = database.user("我")
    database.message(database.conversation(me, database.user("对方"), title="轮询"), me, "你好")
    page = sign_in(me, polls=True)
    page.open_conversation("轮询")
    return page


def polls_in(page, seconds: int) -> int:
    """How many polls of the messages there are in that time, by the page's clock, which a test turns."""
    before = page.count("get_messages")
    for _ in range(seconds * 2):
        page.page.clock.run_for(500)
        # An answer that is on its way comes in real time.
        page.page.wait_for_timeout(15)
    return page.count("get_messages") - before


@pytest.fixture
def clock(page):
    page.page.clock.install()
    page.page.reload()
    expect(page.bubble("你好")).to_be_visible()


def test_every_three_to_five_seconds(page, clock):
    assert 120 / 5.6 <= polls_in(page, 120) <= 120 / 3


@pytest.mark.thorough
def test_the_pauses_are_not_all_the_same(page):
    def starts():
        return page.page.evaluate("""() => performance.getEntriesByType("resource")
            .filter((entry) => entry.name.endsWith("/get_messages")).map((entry) => entry.startTime)""")

    before = len(starts())
    page.wait_until(lambda: len(starts()) >= before + 5, "there are five polls", within=40)
    at = starts()[before:]
    pauses = [later - earlier for earlier, later in zip(at, at[1:])]
    assert all(2_900 < pause < 6_500 for pause in pauses)
    assert max(pauses) - min(pauses) > 20


@pytest.mark.thorough
def test_less_often_while_nobody_looks_and_at_once_when_somebody_does(page, clock):
    page.hide()
    page.page.clock.run_for(5_000)
    page.page.wait_for_timeout(100)
    assert 1 <= polls_in(page, 120) <= 10
    before = page.count("get_messages")
    page.hide(False)
    page.page.clock.run_for(100)
    page.wait_until(lambda: page.count("get_messages") > before, "it asks at once")


def test_polls_ask_for_what_is_newer_alone(database, page):
    # The first call loads the conversation, and may be recorded only after its message is shown.
    page.wait_until(lambda: page.count("get_messages") > 1, "get_messages is called by a poll")
    [_, body, _] = [call for call in page.calls if call[0] == "get_messages"][-1]
    assert sorted(body) == ["after_timestamp", "conversation_id", "limit"]
    newest = database.value("SELECT CAST(MAX(UNIX_TIMESTAMP(created_at) * 1000) AS INTEGER) FROM orbia_message"
                            " WHERE conversation_id = %s", body["conversation_id"])
    assert body["after_timestamp"] == newest


def test_errors_are_told_and_make_it_slower(page, clock):
    failed = []

    def fail(route):
        failed.append(route.request.url)
        route.abort()

    page.page.route("**/api/**", fail)
    for _ in range(240):
        page.page.clock.run_for(500)
        page.page.wait_for_timeout(5)
    expect(page.page.get_by_text("连接中断，正在重试…")).to_be_visible()
    lists = sum("get_conversations" in url for url in failed)
    assert 3 <= lists <= 12, "two minutes at the usual pace would be 30"
    page.page.unroute("**/api/**")
    page.page.evaluate("dispatchEvent(new Event('online'))")
    page.page.clock.run_for(100)
    expect(page.page.get_by_text("连接中断，正在重试…")).to_be_hidden()


def test_retry_after_is_kept_even_when_somebody_is_in_a_hurry(page, clock):
    refused = []

    def refuse(route):
        refused.append(page.page.evaluate("Date.now()"))
        route.fulfill(status=429, headers={"Retry-After": "30"},
                      json={"base_resp": {"code": 429, "message": "too many requests"}})

    page.page.route("**/get_conversations", refuse)
    page.wait_until(lambda: page.page.clock.run_for(500) or refused, "it is refused")
    expect(page.page.get_by_text("操作太频繁，稍后自动重试…")).to_be_visible()
    for _ in range(40):
        page.page.clock.run_for(500)
        page.page.evaluate("dispatchEvent(new Event('online'))")
        page.page.wait_for_timeout(5)
    assert len(refused) == 1
    page.wait_until(lambda: page.page.clock.run_for(1_000) or len(refused) == 2, "it asks again")
    assert refused[1] - refused[0] >= 30_000


@pytest.mark.thorough
def test_receipts_are_asked_for_while_some_are_missing(database, page):
    """Nobody waits for news of who has read what everybody has read."""
    page.wait_for_call("get_conversation")
    database.execute("UPDATE orbia_conversation_member SET last_read_at = '2037-01-01'")
    expect(page.row("你好").locator(".state")).to_have_text("已读", timeout=15_000)
    before = page.count("get_conversation")
    page.wait_for_call("get_messages")
    page.wait_for_call("get_messages")
    assert page.count("get_conversation") == before


def test_leaving_a_conversation_ends_its_polls(page):
    page.page.evaluate("location.hash = '#/'")
    expect(page.page.get_by_text("选择一个会话")).to_be_visible()
    page.wait_for_call("get_conversations")
    before = page.count("get_messages")
    page.wait_for_call("get_conversations")
    assert page.count("get_messages") == before


@pytest.mark.thorough
def test_a_poll_that_breaks_off_keeps_what_it_has_brought(database, sign_in, api):
    """A hundred messages come with the first page; the second one fails."""
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title="两页")
    page = sign_in(me, polls=True)
    page.open_conversation("两页")
    asked = []

    def second_fails(route):
        asked.append(route)
        route.abort() if len(asked) == 2 else route.continue_()

    # While the tab is hidden there is time enough to write them.
    page.hide()
    page.wait_for_call("get_messages")
    page.page.route("**/get_messages", second_fails)
    for number in range(120):
        api.send_text(other, conversation, f"第 {number} 条").success()
    page.hide(False)
    expect(page.page.get_by_role("log")).to_contain_text("第 50 条", timeout=20_000)
    assert page.bubble("第 119 条").count() == 0
    page.wait_until(lambda: len(asked) >= 3, "it asks again")
    expect(page.bubble("第 119 条")).to_be_visible(timeout=20_000)


def test_a_phone_shows_that_the_connection_is_gone_in_a_conversation_too(database, sign_in):
    me = database.user("我")
    database.conversation(me, title="没网")
    page = sign_in(me, polls=True, viewport={"width": 360, "height": 640})
    page.open_conversation("没网")
    page.page.route("**/api/**", lambda route: route.abort())
    expect(page.page.get_by_text("连接中断，正在重试…")).to_be_in_viewport(timeout=15_000)
