"""Who one is: a demo user, or whoever a token names, until the tab is closed: test_sessions.py has the rest."""

import json

import requests
import pytest
from playwright.sync_api import expect


def test_a_demo_user_is_picked(make_page):
    page = make_page().open()
    names = page.page.locator("button.user .name")
    expect(names).to_have_text(["张伟", "李娜", "王芳", "用户4", "客服小陈"])
    page.page.get_by_role("button", name="李娜").click()
    expect(page.conversation("KOL订单: 产品推广视频")).to_be_visible()


def test_a_token_is_pasted(database, make_page, api):
    user = database.user()
    database.conversation(user, title="我的会话")
    page = make_page().open()
    page.sign_in(f"  Bearer {api.token(user)}\n")
    expect(page.conversation("我的会话")).to_be_visible()


def test_what_is_no_token_is_refused_at_once(make_page, api):
    page = make_page().open()
    for text in ["nonsense", "a.b.c", "eyJhbGciOiJIUzI1NiJ9.e30.x", api.token(1) + "签名"]:
        page.sign_in(text)
        assert page.page.locator("form.token input").evaluate("it => it.validationMessage") == "访问码不正确，请完整复制后再试。"
    assert page.calls == []


def test_a_token_that_is_not_good_leads_back(database, make_page, api):
    page = make_page().open()
    page.sign_in(api.token(database.user(), exp=1_700_000_000))
    expect(page.page.get_by_role("alert")).to_have_text("访问码无效或已过期。")
    stored = json.loads(page.page.evaluate("sessionStorage.getItem('orbia.session')"))
    assert stored["token"] is None


def test_a_disabled_user_is_told(database, make_page, api):
    page = make_page().open()
    page.sign_in(api.token(database.user(status="disabled")))
    expect(page.page.get_by_role("alert")).to_have_text("该账号已停用或已删除。")


def test_the_token_is_in_session_storage_alone(database, sign_in, api):
    user = database.user()
    page = sign_in(user)
    token = api.token(user).split(".")[0]
    stored = json.loads(page.page.evaluate("sessionStorage.getItem('orbia.session')"))
    assert stored["token"].startswith(token)
    assert token not in page.page.evaluate("JSON.stringify(localStorage)")
    assert page.page.evaluate("document.cookie") == ""
    assert token not in page.page.url


def test_a_reload_keeps_the_session_and_the_conversation(database, sign_in):
    user = database.user()
    database.conversation(user, title="重新加载")
    page = sign_in(user)
    page.open_conversation("重新加载")
    page.page.reload()
    expect(page.page.locator(".conversation-head h1")).to_have_text("重新加载")


def test_signing_out_takes_everything_along(database, sign_in):
    user = database.user()
    database.conversation(user, title="再见")
    page = sign_in(user)
    page.open_conversation("再见")
    page.composer.fill("没有写完的话")
    page.sign_out()
    expect(page.page.get_by_role("heading", name="或者用访问码登录")).to_be_visible()
    assert page.page.evaluate("sessionStorage.length") == 0
    page.page.reload()
    expect(page.page.get_by_role("heading", name="或者用访问码登录")).to_be_visible()


def refuse(route):
    route.fulfill(status=401, json={"base_resp": {"code": 401, "message": "token has expired"}})


@pytest.mark.thorough
def test_whoever_signs_in_again_goes_on_where_they_were(database, sign_in, api):
    """A token expires: the draft and what was on its way are still there for the same user, and for nobody else."""
    user = database.user()
    conversation = database.conversation(user, title="继续")
    page = sign_in(user)
    page.open_conversation("继续")
    page.page.route("**/api/**", refuse)
    page.write("已经写好的")
    expect(page.page.get_by_role("alert")).to_have_text("登录已失效，请重新登录。", timeout=15_000)
    page.page.unroute("**/api/**")
    page.sign_in(api.token(user))
    expect(page.page.locator(".conversation-head h1")).to_have_text("继续")
    expect(page.row("已经写好的").locator(".state")).to_have_text("已发送")
    assert [row["content"] for row in database.stored_messages(conversation)] == ["已经写好的"]

    page.composer.fill("草稿")
    page.page.route("**/api/**", refuse)
    # The request that waits was let in before, and has up to 25 s.
    expect(page.page.get_by_role("alert")).to_be_visible(timeout=35_000)
    page.page.unroute("**/api/**")
    page.sign_in(api.token(database.user("别人")))
    expect(page.page.get_by_role("heading", name="你不是该会话的成员。")).to_be_visible()
    assert page.page.evaluate("JSON.stringify(sessionStorage)").find("草稿") == -1


def test_an_answer_to_the_user_before_means_nothing_to_the_next_one(database, sign_in, api):
    first, second = database.user("甲"), database.user("乙")
    database.conversation(second, title="乙的会话")
    page = sign_in(first)
    held = []
    page.page.route("**/get_conversations", lambda route: route.continue_() if held else held.append(route))
    # It ends the wait that began before, and the page asks again.
    database.conversation(first)
    page.wait_until(lambda: held, "a poll is on its way")
    page.sign_out()
    page.sign_in(api.token(second))
    expect(page.conversation("乙的会话")).to_be_visible()
    refuse(held[0])
    page.page.wait_for_timeout(300)
    expect(page.conversation("乙的会话")).to_be_visible()


def test_another_site_that_leads_here_gets_no_tokens(stack):
    address = f"http://127.0.0.1:{stack.ports.http}/demo-users.json"
    assert requests.get(address, timeout=10).status_code == 200
    assert requests.get(address, headers={"Host": "attacker.example"}, timeout=10).status_code == 404
