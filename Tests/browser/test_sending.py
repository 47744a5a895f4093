"""Sending: at once on the screen, once in the database, whatever happens on the way."""

import os
import signal

import pytest
from playwright.sync_api import expect

from orbia.polling import eventually
from orbia.processes import freeze


@pytest.fixture
def conversation(database):
    return database.conversation(database.user("我"), database.user("对方"), title="发送")


@pytest.fixture(autouse=True)
def service_is_back(api):
    """Where a test has killed it, the next one begins once it answers again."""
    yield
    eventually(lambda: api.post(None, "mark_read", {}).status == 401, within=15, what="the service answers")


@pytest.fixture
def members(database, conversation):
    """The ids of the one who writes and of the other one."""
    return [row["user_id"] for row in database.rows(
        "SELECT user_id FROM orbia_conversation_member WHERE conversation_id = %s ORDER BY id", conversation.id)]


@pytest.fixture
def page(members, sign_in):
    page = sign_in(members[0])
    page.open_conversation("发送")
    return page


@pytest.fixture
def reads_on(api, members, conversation, page):
    """Has the page read all messages that there are: one of the other member's comes behind them."""
    def reads_on():
        api.send_text(members[1], conversation, "后来的").success()
        expect(page.bubble("后来的")).to_be_visible(timeout=15_000)

    return reads_on


def contents(database, conversation) -> list:
    return [row["content"] for row in database.stored_messages(conversation)]


def state(page, text):
    return page.row(text).locator(".state")


# Writing


def test_enter_sends_and_shift_enter_breaks_the_line(database, conversation, page):
    page.composer.press_sequentially("第一行")
    page.composer.press("Shift+Enter")
    page.composer.press_sequentially("第二行")
    assert page.count("send_message") == 0
    page.composer.press("Enter")
    expect(page.composer).to_have_value("")
    expect(state(page, "第一行")).to_have_text("已发送")
    assert contents(database, conversation) == ["第一行\n第二行"]


def test_an_input_method_that_composes_never_sends(page):
    """As Chromium tells of it: a real composition, which Enter ends."""
    page.composer.focus()
    devtools = page.page.context.new_cdp_session(page.page)
    devtools.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    for key in ({"key": "Enter", "isComposing": True}, {"key": "Enter", "keyCode": 229}):
        page.composer.evaluate(
            "(it, key) => it.dispatchEvent("
            "new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...key }))", key)
    devtools.send("Input.insertText", {"text": "你好"})
    expect(page.composer).to_have_value("你好")
    assert page.count("send_message") == 0
    page.composer.press("Enter")
    expect(state(page, "你好")).to_have_text("已发送")


def test_nothing_is_sent_where_there_is_nothing(database, conversation, page):
    page.write("   ")
    page.page.get_by_role("button", name="发送").click()
    page.write("有")
    expect(state(page, "有")).to_have_text("已发送")
    assert page.count("send_message") == 1
    assert contents(database, conversation) == ["有"]


def test_a_message_that_is_too_long_stays_in_the_composer(page):
    text = "长" * 21_846  # 65,538 bytes
    page.composer.fill(text)
    page.composer.press("Enter")
    expect(page.page.get_by_text("消息太长，请分成几条发送。")).to_be_visible()
    expect(page.composer).to_have_value(text)
    page.composer.fill(text[:-1])
    page.composer.press("Enter")
    expect(page.bubble("长长")).to_have_count(1)
    page.wait_until(lambda: page.count("send_message") == 1, "one that just fits is sent")


def test_a_draft_is_kept_for_each_conversation(database, conversation, page, sign_in):
    me = database.value("SELECT MIN(user_id) FROM orbia_conversation_member WHERE conversation_id = %s",
                        conversation.id)
    other = database.conversation(title="另一个")
    database.insert("orbia_conversation_member", conversation_id=other.id, user_id=me)
    page.composer.fill("写给发送")
    expect(page.conversation("另一个")).to_be_visible(timeout=15_000)
    page.open_conversation("另一个")
    expect(page.composer).to_have_value("")
    page.composer.fill("写给另一个")
    page.open_conversation("发送")
    expect(page.composer).to_have_value("写给发送")
    page.page.reload()
    expect(page.composer).to_have_value("写给发送")
    page.open_conversation("另一个")
    expect(page.composer).to_have_value("写给另一个")


# What can happen on the way


def test_it_is_on_the_screen_at_once_and_says_how_far_it_is(page):
    held = []
    page.page.route("**/send_message", lambda route: held.append(route))
    page.write("在路上")
    expect(state(page, "在路上")).to_have_text("发送中")
    held[0].continue_()
    expect(state(page, "在路上")).to_have_text("已发送")
    expect(page.bubble("在路上")).to_have_count(1)


def test_several_are_sent_in_the_order_in_which_they_were_written(database, conversation, page, reads_on):
    written = [f"第 {number} 句" for number in range(8)]
    for text in written:
        page.write(text)
    page.wait_until(lambda: page.count("send_message") == 8, "all are sent")
    assert contents(database, conversation) == written == page.texts()
    reads_on()
    # The beginning, the day, and each message once, though it came by its answer and was read besides.
    expect(page.page.locator(".timeline [role=listitem]").last).to_have_attribute("aria-setsize", "11")


def test_the_service_dies_with_the_request_in_hand(database, conversation, page, stack):
    pid = stack.pid_of("service-1")
    freeze(pid)
    page.write("中途重启")
    expect(state(page, "中途重启")).to_have_text("发送中")
    page.page.wait_for_timeout(500)
    os.kill(pid, signal.SIGKILL)
    expect(state(page, "中途重启")).to_have_text("已发送", timeout=30_000)
    assert contents(database, conversation) == ["中途重启"]
    expect(page.bubble("中途重启")).to_have_count(1)


def test_the_service_is_restarted_while_somebody_writes(database, conversation, page, stack):
    said = len(stack.output)
    stack.send_signal(signal.SIGHUP)
    written = [f"句子 {number}" for number in range(12)]
    for text in written:
        page.write(text)
        page.page.wait_for_timeout(250)
    page.wait_until(lambda: len(contents(database, conversation)) == 12, "all have come", within=30)
    assert contents(database, conversation) == written
    expect(page.page.locator(".pending")).to_have_count(0, timeout=15_000)
    assert page.texts() == written
    page.wait_until(lambda: "restarted all" in stack.output[said:], "the restart is over", within=90)


def test_an_answer_that_is_lost_behind_the_commit(database, conversation, page):
    answered = []

    def lose(route):
        answered.append(route.fetch().json())
        route.abort() if len(answered) == 1 else route.continue_()

    page.page.route("**/send_message", lose)
    page.write("只发一次")
    expect(state(page, "只发一次")).to_have_text("已发送", timeout=15_000)
    assert contents(database, conversation) == ["只发一次"]
    expect(page.bubble("只发一次")).to_have_count(1)


def test_a_poll_that_brings_the_message_before_its_own_answer_settles_it(page, reads_on):
    held = []

    def hold(route):
        route.fetch()
        held.append(route)

    page.page.route("**/send_message", hold)
    page.write("先到一步")
    expect(state(page, "先到一步")).to_have_text("已发送", timeout=15_000)
    expect(page.bubble("先到一步")).to_have_count(1)
    held[0].abort()
    reads_on()
    expect(page.bubble("先到一步")).to_have_count(1)


def test_a_reload_in_mid_send_sends_on(database, conversation, page):
    page.page.route("**/send_message", lambda route: route.abort())
    page.write("重新加载也不丢")
    expect(state(page, "重新加载也不丢")).to_have_text("发送中")
    page.page.reload()
    expect(state(page, "重新加载也不丢")).to_have_text("发送中")
    page.page.unroute("**/send_message")
    expect(state(page, "重新加载也不丢")).to_have_text("已发送", timeout=15_000)
    assert contents(database, conversation) == ["重新加载也不丢"]


def test_what_cannot_be_sent_is_sent_again_under_the_same_key(database, conversation, page):
    page.page.clock.install()
    tried = []

    def fail(route):
        tried.append(route.request.post_data_json["client_message_id"])
        route.abort()

    page.page.route("**/send_message", fail)
    page.write("没有网络")
    for _ in range(60):
        page.page.clock.run_for(1_000)
        if page.page.locator(".pending.failed").count():
            break
    expect(state(page, "没有网络")).to_have_text("尚未发送，网络恢复后会自动发送")
    assert len(tried) > 1 and len(set(tried)) == 1
    page.page.clock.resume()
    page.page.unroute("**/send_message")
    page.page.get_by_role("button", name="重新发送").click()
    expect(state(page, "没有网络")).to_have_text("已发送")
    [stored] = database.stored_messages(conversation)
    assert stored["client_message_id"] == tried[0]


def test_what_has_failed_can_be_discarded(database, conversation, page):
    def close_before(route):
        database.update_conversation(conversation, status="closed")
        route.continue_()

    page.page.route("**/send_message", close_before)
    page.write("太晚了")
    expect(state(page, "太晚了")).to_have_text("发送失败: 会话已关闭")
    page.page.get_by_role("button", name="删除").click()
    expect(page.bubble("太晚了")).to_have_count(0)
    assert contents(database, conversation) == []


def test_a_refusal_for_a_while_is_waited_for(page):
    """503 with Retry-After: not again before that."""
    at = []

    def refuse_once(route):
        at.append(page.page.evaluate("performance.now()"))
        if len(at) == 1:
            route.fulfill(status=503, headers={"Retry-After": "2"},
                          json={"base_resp": {"code": 503, "message": "service temporarily unavailable"}})
        else:
            route.continue_()

    page.page.route("**/send_message", refuse_once)
    page.write("稍后再试")
    expect(state(page, "稍后再试")).to_have_text("已发送", timeout=15_000)
    assert at[1] - at[0] >= 2_000


def test_a_sign_in_page_of_a_hotels_network_is_no_answer(database, conversation, page):
    """200 with something else than the service's answer: as if there was no network."""
    page.page.route("**/api/**", lambda route: route.fulfill(
        status=200, content_type="text/html", body="<html>login</html>"))
    page.write("在酒店")
    expect(page.page.get_by_text("连接中断，正在重试…")).to_be_visible(timeout=15_000)
    expect(state(page, "在酒店")).to_have_text("发送中")
    page.page.unroute("**/api/**")
    expect(state(page, "在酒店")).to_have_text("已发送", timeout=30_000)
    assert contents(database, conversation) == ["在酒店"]


def test_a_failure_is_read_out_and_the_focus_stays_in_the_conversation(database, conversation, page):
    database.update_conversation(conversation, status="archived")
    page.page.route("**/send_message", lambda route: route.fulfill(
        status=400, json={"base_resp": {"code": 400, "message": "content is refused"}}))
    page.write("不行")
    expect(page.page.get_by_role("log")).to_have_text("发送失败: 内容不被接受")
    page.page.unroute("**/send_message")
    page.page.get_by_role("button", name="重新发送").focus()
    page.page.keyboard.press("Enter")
    expect(page.composer).to_be_focused()
    expect(state(page, "不行")).to_have_text("已发送")
