"""Conversations that are not simply open: archived, closed, deleted, left, empty, without a title."""

from playwright.sync_api import expect


def test_a_closed_conversation_is_read_and_not_written_to(database, sign_in, me):
    conversation = database.conversation(me, title="已结束", status="closed")
    database.message(conversation, me, "最后一句")
    page = sign_in(me)
    expect(page.conversation("已结束").locator(".tag", has_text="已关闭")).to_be_visible()
    page.open_conversation("已结束")
    expect(page.bubble("最后一句")).to_be_visible()
    expect(page.page.locator(".conversation-head .tag")).to_have_text("已关闭")
    expect(page.composer).to_have_count(0)
    expect(page.page.get_by_text("会话已关闭，不能再发送消息。")).to_be_visible()


def test_a_conversation_that_is_closed_while_it_is_open(database, sign_in, me):
    conversation = database.conversation(me, title="正在聊")
    page = sign_in(me)
    page.open_conversation("正在聊")
    expect(page.composer).to_be_visible()
    database.update_conversation(conversation, status="closed")
    expect(page.composer).to_have_count(0, timeout=15_000)
    database.update_conversation(conversation, status="active")
    expect(page.composer).to_be_visible(timeout=15_000)


def test_an_archived_conversation_says_so_and_takes_messages(database, sign_in, me):
    database.conversation(me, title="旧会话", status="archived")
    page = sign_in(me)
    page.open_conversation("旧会话")
    expect(page.page.get_by_text("会话已归档：仍可查看和发送，但不建议继续。")).to_be_visible()
    page.write("还有一件事")
    expect(page.row("还有一件事").locator(".state")).to_have_text("已发送")


def test_a_member_who_is_removed_is_told(database, sign_in, me):
    conversation = database.conversation(me, title="离开")
    page = sign_in(me)
    page.open_conversation("离开")
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s", conversation.id)
    expect(page.page.locator(".conversation-state h2")).to_have_text("你不是该会话的成员。", timeout=15_000)
    expect(page.composer).to_have_count(0)
    expect(page.conversations).to_have_count(0, timeout=20_000)


def test_a_conversation_that_is_deleted_leaves_the_list(database, sign_in, me):
    conversation = database.conversation(me, title="删除")
    page = sign_in(me)
    page.open_conversation("删除")
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", conversation.id)
    expect(page.page.locator(".conversation-state h2")).to_have_text("会话不存在，或已被删除。", timeout=15_000)
    expect(page.conversations).to_have_count(0, timeout=20_000)


def test_an_address_of_a_conversation_of_others(database, sign_in, me):
    conversation = database.conversation(database.user(), title="别人的")
    page = sign_in(me)
    page.page.goto(f"{page.base}/#/conversations/{conversation.id}")
    expect(page.page.locator(".conversation-state h2")).to_have_text("你不是该会话的成员。")


def test_one_without_title_and_messages(database, sign_in, me):
    database.conversation(me, title=None)
    page = sign_in(me)
    expect(page.conversation("未命名会话").locator(".preview")).to_have_text("还没有消息")
    page.open_conversation("未命名会话")
    page.write("第一条")
    expect(page.row("第一条").locator(".state")).to_have_text("已发送")
    expect(page.conversation("未命名会话").locator(".preview")).to_have_text("我：第一条", timeout=15_000)


def test_a_long_list_is_loaded_as_one_scrolls(database, sign_in, me):
    for number in range(130):
        conversation = database.conversation(me, title=f"第 {number} 个")
        database.update_conversation(conversation, last_message_at=f"2024-01-01 {number // 60:02}:{number % 60:02}:00")
    page = sign_in(me)
    expect(page.conversation("第 129 个")).to_be_visible()
    seen = []
    page.page.locator(".conversation-rows").hover()
    for _ in range(300):
        for title in page.page.locator(".conversation-link .title").all_inner_texts():
            if title not in seen:
                seen.append(title)
        if len(seen) == 130:
            break
        page.page.mouse.wheel(0, 500)
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert seen == [f"第 {number} 个" for number in range(129, -1, -1)]
    assert page.conversations.count() < 60
    # One far down that is written to comes to the top.
    database.message(conversation := database.conversation(me, title="最新"), me, "新")
    database.update_conversation(conversation, last_message_at="2030-01-01 00:00:00")
    page.page.locator(".conversation-rows").evaluate("it => { it.scrollTop = 0; }")
    expect(page.conversations.first.locator(".title")).to_have_text("最新", timeout=15_000)
