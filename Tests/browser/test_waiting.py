"""The page is told of changes at once, by one request that waits, and asks for nothing else."""

from playwright.sync_api import expect

from waiting_fixtures import AT_ONCE, calls_in, conversation, opened, page


def test_a_message_of_somebody_else_is_in_the_list_at_once(page, api, conversation, other):
    api.send_text(other, conversation, "一").success()
    expect(page.badge("等待")).to_have_text("1", timeout=AT_ONCE)
    expect(page.conversation("等待").locator(".preview")).to_have_text("一")
    expect(page.page).to_have_title("(1) Orbia 会话")
    page.wait_until_waiting()
    api.send_text(other, conversation, "二").success()
    expect(page.badge("等待")).to_have_text("2", timeout=AT_ONCE)


def test_a_message_is_in_the_open_conversation_at_once(opened, api, conversation, other):
    for text in ("一", "二"):
        api.send_text(other, conversation, text).success()
        expect(opened.bubble(text)).to_be_visible(timeout=AT_ONCE)
    expect(opened.badge("等待")).to_have_count(0)


def test_receipts_come_with_the_change(opened, api, conversation, other):
    opened.write("读了吗")
    expect(opened.row("读了吗").locator(".state")).to_have_text("已发送")
    opened.page.wait_for_timeout(500)
    before = opened.count("get_conversation"), opened.count("get_messages")
    api.post(other, "mark_read", {"conversation_id": conversation.id}).success()
    expect(opened.row("读了吗").locator(".state")).to_have_text("已读", timeout=AT_ONCE)
    assert (opened.count("get_conversation"), opened.count("get_messages")) == before


def test_what_is_read_on_another_device_is_read_here(page, api, conversation, me, other):
    api.send_text(other, conversation, "一").success()
    expect(page.badge("等待")).to_have_text("1", timeout=AT_ONCE)
    page.wait_until_waiting()
    api.post(me, "mark_read", {"conversation_id": conversation.id}).success()
    expect(page.badge("等待")).to_have_count(0, timeout=AT_ONCE)
    expect(page.page).to_have_title("Orbia 会话")


def test_the_list_follows_in_order(database, page, api, me, other):
    second = database.conversation(me, other, title="第二个")
    expect(page.conversation("第二个")).to_be_visible(timeout=AT_ONCE)
    page.wait_until_waiting()
    api.send_text(other, second, "往上").success()
    expect(page.conversations.first.locator(".title")).to_have_text("第二个", timeout=AT_ONCE)
    page.wait_until_waiting()
    database.update_conversation(second, title="改名", status="archived")
    expect(page.conversation("改名").locator(".tag", has_text="已归档")).to_be_visible(timeout=AT_ONCE)
    page.wait_until_waiting()
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", second.id)
    expect(page.conversations).to_have_count(1, timeout=AT_ONCE)


def test_a_filter_keeps_to_its_type(database, page, api, me, other):
    support = database.conversation(me, other, title="客服会话", type="support")
    page.page.get_by_role("button", name="普通").click()
    expect(page.conversations).to_have_count(1)
    api.send_text(other, support, "一").success()
    expect(page.page).to_have_title("(1) Orbia 会话", timeout=AT_ONCE)
    expect(page.conversations).to_have_count(1)
    page.page.get_by_role("button", name="全部").click()
    expect(page.badge("客服会话")).to_have_text("1")


def test_nothing_is_asked_for_while_nothing_happens(opened):
    opened.wait_until_waiting()
    assert calls_in(opened, 8_000) == []
    assert len(opened.waiting) == 1


def test_the_own_message_is_asked_for_once(opened):
    opened.wait_until_waiting()
    before = len(opened.calls)
    opened.write("一")
    expect(opened.row("一").locator(".state")).to_have_text("已发送")
    opened.page.wait_for_timeout(2_000)
    routes = sorted(route for route, _, _ in opened.calls[before:])
    assert routes == ["get_conversations", "get_messages", "send_message"]


def test_a_tab_behind_goes_on_waiting(page, api, conversation, other):
    page.hide()
    api.send_text(other, conversation, "一").success()
    expect(page.page).to_have_title("(1) 新消息 · Orbia 会话", timeout=AT_ONCE)
    page.wait_until_waiting()
    assert len(page.waiting) == 1


def test_a_long_list_keeps_what_was_scrolled_to(database, api, sign_in, me, other):
    """One from behind the loaded pages that is written to comes to the top; one that goes makes room for another."""
    conversations = [database.conversation(me, other, title=f"第 {number} 个") for number in range(70)]
    for number, conversation in enumerate(conversations):
        database.update_conversation(conversation, last_message_at=f"2024-01-01 {number // 60:02}:{number % 60:02}:00")
    page = sign_in(me)
    expect(page.conversation("第 69 个")).to_be_visible()
    page.wait_until_waiting()
    api.send_text(other, conversations[3], "从下面").success()
    expect(page.conversations.first.locator(".title")).to_have_text("第 3 个", timeout=AT_ONCE)
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", conversations[60].id)
    expect(page.conversation("第 60 个")).to_have_count(0, timeout=AT_ONCE)
    seen = []
    page.page.locator(".conversation-rows").hover()
    for _ in range(200):
        shown = page.page.locator(".conversation-link .title").all_inner_texts()
        seen += [title for title in shown if title not in seen]
        if len(seen) == 69:
            break
        page.page.mouse.wheel(0, 400)
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert seen == [f"第 {number} 个" for number in (3, *range(69, 60, -1), *range(59, 3, -1), 2, 1, 0)]


def test_the_list_is_read_anew_every_ten_minutes(page):
    page.page.clock.install()
    page.page.reload()
    expect(page.conversation("等待")).to_be_visible()
    page.wait_until_waiting()
    before = page.reads_of_the_list()
    page.page.clock.run_for(9 * 60_000)
    page.page.wait_for_timeout(300)
    assert page.reads_of_the_list() == before
    page.page.clock.run_for(61_000)
    page.wait_until(lambda: page.reads_of_the_list() == before + 1, "the list is read anew")


def test_the_list_is_read_anew_after_a_long_sleep(page, database, conversation):
    """A clock that jumps is how a page notices that the machine has slept."""
    page.page.clock.install()
    page.page.reload()
    expect(page.conversation("等待")).to_be_visible()
    page.wait_until_waiting()
    before = page.reads_of_the_list()
    page.page.clock.fast_forward(3 * 3_600_000)
    page.hide(False)
    page.page.clock.run_for(100)
    page.wait_until(lambda: page.reads_of_the_list() > before, "the list is read anew")
