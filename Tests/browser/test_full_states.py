"""States that fill the pane: not a member, not found, removed while it was open, loading, without a network."""

import pytest
from playwright.sync_api import expect

from axe import violations

pytestmark = pytest.mark.thorough

SIZES = {"desktop": (1280, 800), "tablet": (768, 1024), "phone": (390, 844)}
NO_ACCESS = {"zh-CN": "你不是该会话的成员。", "en": "You are not a member of this conversation."}
NOT_FOUND = {"zh-CN": "会话不存在，或已被删除。", "en": "There is no such conversation, or it was deleted."}
MEMBERS = {"zh-CN": "成员", "en": "Members"}
BACK = {"zh-CN": "返回会话列表", "en": "Back to the conversations"}


def state(page):
    return page.page.locator(".conversation-state")


def size(name) -> dict:
    width, height = SIZES[name]
    return {"viewport": {"width": width, "height": height}}


def address_of(id) -> str:
    return f"/#/conversations/{id}"


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("which", SIZES)
def test_a_conversation_of_others(database, sign_in, me, other, which, locale):
    conversation = database.conversation(other, title="秘密标题")
    page = sign_in(me, locale=locale, **size(which))
    page.page.goto(page.base + address_of(conversation.id))
    expect(state(page).get_by_role("heading")).to_have_text(NO_ACCESS[locale])
    # Who one is explains it, where the link was for somebody else.
    expect(state(page)).to_contain_text({"zh-CN": f"用户{me.id}", "en": f"User {me.id}"}[locale])
    expect(page.page.get_by_role("button", name=MEMBERS[locale])).to_have_count(0)
    expect(page.composer).to_have_count(0)
    assert "秘密标题" not in page.page.locator("body").inner_text()
    state(page).get_by_role("link", name=BACK[locale]).click()
    expect(page.page.locator(".conversation-list")).to_be_visible()
    expect(state(page)).to_have_count(0)


@pytest.mark.parametrize("id", [999_999_999, 0, 123_456_789_012_345])
def test_what_does_not_exist(sign_in, me, id):
    page = sign_in(me)
    page.page.goto(page.base + address_of(id))
    expect(state(page).get_by_role("heading")).to_have_text(NOT_FOUND["zh-CN"])
    expect(page.page.get_by_role("button", name="成员")).to_have_count(0)


@pytest.mark.parametrize("locale, which", [("zh-CN", "desktop"), ("en", "phone")])
def test_removed_while_it_was_open(database, sign_in, me, other, locale, which):
    """What was seen is gone; what was written is not, and can be copied."""
    conversation = database.conversation(me, other, title="离开")
    database.message(conversation, other, "看过的消息")
    page = sign_in(me, locale=locale, permissions=["clipboard-read", "clipboard-write"], **size(which))
    page.open_conversation("离开")
    expect(page.bubble("看过的消息")).to_be_visible()
    page.composer.fill("写了很久的话")
    page.composer.focus()
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     conversation.id, me.id)
    expect(state(page).get_by_role("heading", level=2)).to_have_text(NO_ACCESS[locale], timeout=15_000)
    expect(state(page).get_by_role("heading", level=2)).to_be_focused()
    expect(page.bubbles).to_have_count(0)
    assert "看过的消息" not in page.page.locator("body").inner_text()
    expect(page.page.get_by_role("button", name=MEMBERS[locale])).to_have_count(0)
    expect(state(page).get_by_text("写了很久的话")).to_be_visible()
    state(page).get_by_role("button").click()
    told = {"zh-CN": "已复制", "en": "Copied."}[locale]
    expect(page.page.locator(".kept-text").get_by_role("status")).to_have_text(told)
    assert page.page.evaluate("navigator.clipboard.readText()") == "写了很久的话"
    # Whoever is taken in again finds everything as it was.
    database.execute("INSERT INTO orbia_conversation_member (conversation_id, user_id) VALUES (%s, %s)",
                     conversation.id, me.id)
    expect(page.bubble("看过的消息")).to_be_visible(timeout=20_000)
    expect(page.composer).to_have_value("写了很久的话")


def test_deleted_while_it_was_open(database, sign_in, me, other):
    conversation = database.conversation(me, other, title="删除")
    database.message(conversation, other, "看过的消息")
    page = sign_in(me)
    page.open_conversation("删除")
    database.execute("UPDATE orbia_conversation SET deleted_at = NOW() WHERE id = %s", conversation.id)
    expect(state(page).get_by_role("heading", level=2)).to_have_text(NOT_FOUND["zh-CN"], timeout=15_000)
    expect(page.bubbles).to_have_count(0)
    # Nothing was written: there is nothing to copy.
    expect(state(page).get_by_role("button")).to_have_count(0)


def test_while_it_loads_it_shows_what_the_list_knows(database, sign_in, me, other):
    conversation = database.conversation(me, other, title="还在加载")
    database.message(conversation, other, "终于")
    page = sign_in(me)
    expect(page.conversation("还在加载")).to_be_visible()
    held, may_pass = [], []
    page.page.route("**/get_conversation", lambda route: route.continue_() if may_pass else held.append(route))
    page.conversation("还在加载").click()
    page.wait_until(lambda: held, "the conversation is asked for")
    expect(page.page.locator(".conversation-head h1")).to_have_text("还在加载")
    expect(page.page.locator(".conversation-head")).to_contain_text("对方")
    expect(page.page.locator(".conversation-skeleton")).to_be_visible()
    expect(state(page).get_by_role("status")).to_have_text("加载中…")
    expect(page.page.locator("section.conversation")).to_have_attribute("aria-busy", "true")
    may_pass.append(True)
    for route in held:
        route.continue_()
    expect(page.bubble("终于")).to_be_visible()
    expect(page.page.locator(".conversation-skeleton")).to_have_count(0)


@pytest.mark.parametrize("locale, text", [("zh-CN", "没有网络，恢复后会自动加载这个会话。"),
                                          ("en", "No connection. The conversation is loaded as soon as there is one.")])
def test_without_a_network_it_says_so_and_comes_by_itself(database, sign_in, me, other, locale, text):
    conversation = database.conversation(me, other, title="没有网络")
    database.message(conversation, other, "后来")
    page = sign_in(me, locale=locale)
    expect(page.conversation("没有网络")).to_be_visible()
    page.page.context.set_offline(True)
    page.conversation("没有网络").click()
    expect(state(page).get_by_role("status")).to_have_text(text)
    expect(page.page.locator(".conversation-head h1")).to_have_text("没有网络")
    page.page.context.set_offline(False)
    expect(page.bubble("后来")).to_be_visible(timeout=15_000)


def test_one_can_try_at_once_where_the_service_does_not_answer(database, sign_in, me, other):
    conversation = database.conversation(me, other, title="稍等")
    database.message(conversation, other, "后来")
    page = sign_in(me)
    expect(page.conversation("稍等")).to_be_visible()
    page.wait_until_waiting()
    page.page.route("**/get_conversation", lambda route: route.fulfill(
        status=503, json={"base_resp": {"code": 503, "message": "busy"}}))
    page.conversation("稍等").click()
    # The pauses get longer: whoever cannot wait presses the button.
    page.wait_until(lambda: page.count("get_conversation", 503) >= 3, "it fails again and again", within=40)
    expect(state(page).get_by_role("status")).to_have_text("暂时连接不上服务，恢复后会自动加载这个会话。")
    page.page.unroute("**/get_conversation")
    state(page).get_by_role("button", name="立即重试").click()
    expect(page.bubble("后来")).to_be_visible(timeout=5_000)


def test_the_skeleton_stands_still_for_whoever_wants_that(database, sign_in, me, other):
    database.conversation(me, other, title="慢")
    page = sign_in(me, reduced_motion="reduce")
    expect(page.conversation("慢")).to_be_visible()
    page.page.route("**/get_conversation", lambda route: None)
    page.conversation("慢").click()
    bar = page.page.locator(".conversation-skeleton > div").first
    assert bar.evaluate("it => getComputedStyle(it).animationName") == "none"
    page.page.unroute_all(behavior="ignoreErrors")


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", SIZES)
def test_they_are_accessible_and_fit(database, sign_in, me, other, which, scheme):
    conversation = database.conversation(me, other, title="规则")
    database.message(conversation, other, "你好")
    page = sign_in(me, color_scheme=scheme, **size(which))
    expect(page.conversation("规则")).to_be_visible()

    def expect_well_made(text):
        expect(state(page)).to_contain_text(text)
        assert violations(page) == []
        assert page.page.evaluate("document.documentElement.scrollWidth") <= SIZES[which][0]
        assert page.page.locator(".state-content").evaluate("it => it.scrollWidth <= it.clientWidth")

    held = []
    page.page.route("**/get_conversation", lambda route: held.append(route))
    page.conversation("规则").click()
    page.wait_until(lambda: held, "the conversation is asked for")
    expect_well_made("加载中")
    page.page.context.set_offline(True)
    expect_well_made("没有网络")
    page.page.unroute("**/get_conversation")
    page.page.context.set_offline(False)
    expect(page.bubble("你好")).to_be_visible(timeout=15_000)
    page.composer.fill("一句话" * 200)
    database.execute("DELETE FROM orbia_conversation_member WHERE conversation_id = %s AND user_id = %s",
                     conversation.id, me.id)
    expect(state(page).locator(".kept-text")).to_be_visible(timeout=15_000)
    expect_well_made(NO_ACCESS["zh-CN"])
