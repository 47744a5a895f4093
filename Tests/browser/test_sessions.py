"""The session: kept in the browser or in the tab, shared by tabs, ended in all of them, never mixed up with another."""

import re

import pytest
from playwright.sync_api import expect

from axe import violations

pytestmark = pytest.mark.thorough

STAYS = re.compile("保持登录|Stay signed in")
GO_ON = re.compile("已在其他标签页登录|Signed in in another tab")


@pytest.fixture
def other(database):
    return database.user("另一位")


@pytest.fixture
def conversation(database, me, other):
    return database.conversation(me, other, title="同一个")


@pytest.fixture
def stay(make_page, api):
    """A window in which a user is signed in, and stays so."""
    def stay(user, **options):
        page = make_page(**options).open()
        sign_in_to_stay(page, api.token(user))
        return page

    return stay


def sign_in_to_stay(page, token):
    page.page.get_by_label(STAYS).check()
    page.sign_in(token)
    page.page.locator(".chat").wait_for()


def address_of(conversation) -> str:
    return f"/#/conversations/{conversation.id}"


def expect_sign_in(page):
    expect(page.page.locator("form.token")).to_be_visible()


def sign_out(page):
    page.sign_out()
    expect_sign_in(page)


def stored(page) -> str:
    return page.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")


def refuse(route):
    route.fulfill(status=401, json={"base_resp": {"code": 401, "message": "token has expired"}})


# Stay signed in


@pytest.mark.parametrize("locale, width", [("zh-CN", 1280), ("en", 768), ("zh-CN", 390)])
def test_whoever_stays_signed_in_is_so_in_new_tabs_and_later(stay, make_page, me, conversation, locale, width):
    page = stay(me, locale=locale, viewport={"width": width, "height": 760})
    page.page.close()
    later = make_page(beside=page).open(address_of(conversation))
    expect(later.page.locator(".conversation-head h1")).to_have_text("同一个")
    expect(later.composer).to_be_visible()
    assert later.page.evaluate("sessionStorage.length") == 0


def test_whoever_does_not_stay_is_gone_with_the_last_tab(sign_in, make_page, api, me, conversation):
    page = sign_in(me)
    assert api.token(me).split(".")[0] not in page.page.evaluate("JSON.stringify({...localStorage})")
    page.page.close()
    later = make_page(beside=page).open(address_of(conversation))
    expect_sign_in(later)
    expect(later.page.get_by_role("heading", name=GO_ON)).to_have_count(0)


def test_a_demo_user_can_stay_too_and_has_a_name(make_page):
    page = make_page().open()
    page.page.get_by_label(STAYS).check()
    page.page.get_by_role("button", name="张伟").click()
    page.page.locator(".chat").wait_for()
    again = make_page(beside=page).open()
    expect(again.page.get_by_text("张伟").first).to_be_visible()


# A new tab


def test_a_link_in_a_new_tab_finds_the_session_of_an_open_one(sign_in, make_page, me, conversation):
    page = sign_in(me)
    further = make_page(beside=page).open(address_of(conversation))
    expect(further.page.locator(".conversation-head h1")).to_have_text("同一个")
    # And so does the next one when the first has gone.
    page.page.close()
    third = make_page(beside=page).open(address_of(conversation))
    expect(third.composer).to_be_visible()


def test_a_new_tab_without_an_address_asks_who_one_is(sign_in, make_page, me, other):
    page = sign_in(me)
    further = make_page(beside=page).open()
    expect_sign_in(further)
    expect(further.page.get_by_role("heading", name=GO_ON)).to_be_visible()
    further.page.locator(".session-offers button").click()
    expect(further.page.locator(".chat")).to_be_visible()


def test_with_two_users_in_the_browser_a_new_tab_does_not_guess(sign_in, make_page, api, me, other, conversation):
    first = sign_in(me)
    second = make_page(beside=first).open()
    second.sign_in(api.token(other))
    second.page.locator(".chat").wait_for()
    third = make_page(beside=first).open("/")
    expect(third.page.locator(".session-offers button")).to_have_count(2)
    # Nor where a link leads to a conversation of theirs.
    fourth = make_page(beside=first).open(address_of(conversation))
    expect(fourth.page.locator(".session-offers button")).to_have_count(2)
    expect_sign_in(fourth)


# Signing out


@pytest.mark.parametrize("stays", [True, False])
def test_signing_out_ends_all_tabs_of_the_session(sign_in, stay, make_page, api, me, conversation, stays):
    page = stay(me) if stays else sign_in(me)
    second = make_page(beside=page).open(address_of(conversation))
    second.composer.fill("没有发出的秘密")
    sign_out(page)
    expect_sign_in(second)
    expect(second.page.get_by_role("alert")).to_have_text("你已在其他标签页退出登录。")
    for tab in (page, second):
        assert "秘密" not in stored(tab) and api.token(me).split(".")[0] not in stored(tab)
        assert "#" not in tab.page.url
    second.page.reload()
    expect_sign_in(second)
    expect(second.page.locator(".session-offers button")).to_have_count(0)


def test_signing_out_leaves_others_alone(sign_in, make_page, api, me, other, conversation):
    page = sign_in(me)
    others = make_page(beside=page).open()
    others.sign_in(api.token(other))
    others.open_conversation("同一个")
    others.composer.fill("另一位的草稿")
    sign_out(page)
    others.page.reload()
    expect(others.composer).to_have_value("另一位的草稿")


def test_a_tab_that_slept_while_one_signed_out_finds_out(sign_in, make_page, me, conversation):
    """It was told nothing: the events of the storage do not reach it."""
    page = sign_in(me)
    second = make_page(beside=page).open(address_of(conversation))
    expect(second.composer).to_be_visible()
    second.page.evaluate("addEventListener('storage', (event) => event.stopImmediatePropagation(), true)")
    copy = second.page.evaluate("sessionStorage.getItem('orbia.session')")
    sign_out(page)
    second.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect_sign_in(second)
    # A closed tab that is opened again has what it had.
    page.page.evaluate("copy => sessionStorage.setItem('orbia.session', copy)", copy)
    page.page.reload()
    expect_sign_in(page)
    assert page.page.evaluate("sessionStorage.length") == 0


# An expired token


def test_a_newer_token_of_another_tab_is_used_first(stay, make_page, api, me, other, conversation):
    """The browser has a new token by another tab: nobody notices that the old one has expired."""
    page = stay(me)
    second = make_page(beside=page).open(address_of(conversation))
    expect(second.composer).to_be_visible()
    old = second.page.evaluate("JSON.parse(localStorage.getItem('orbia.session')).token")
    new = api.token(me, iat=1_700_000_000, nbf=1_700_000_000)
    assert new != old
    page.page.close()
    second.page.evaluate("""new_ => localStorage.setItem("orbia.session",
        JSON.stringify({ ...JSON.parse(localStorage.getItem("orbia.session")), token: new_ }))""", new)

    def refuse_old(route):
        if old in route.request.headers["authorization"]:
            refuse(route)
        else:
            route.continue_()

    second.page.route("**/api/**", refuse_old)
    second.write("用新的令牌")
    expect(second.row("用新的令牌").locator(".state")).to_have_text("已发送")
    assert second.count("send_message", 401) == 1


@pytest.mark.parametrize("stays", [True, False])
def test_signing_in_again_in_one_tab_brings_back_the_others(sign_in, stay, make_page, api, me, conversation, stays):
    page = stay(me) if stays else sign_in(me)
    page.open_conversation("同一个")
    page.page.route("**/api/**", refuse)
    page.write("其间写的")
    expect(page.page.get_by_role("alert")).to_have_text("登录已失效，请重新登录。", timeout=15_000)
    page.page.unroute("**/api/**")
    second = make_page(beside=page).open()
    new = api.token(me, iat=1_700_000_000, nbf=1_700_000_000)
    if stays:
        sign_in_to_stay(second, new)
    else:
        second.sign_in(new)
    expect(page.row("其间写的").locator(".state")).to_have_text("已发送")


# Two users, one browser


def test_another_user_who_stays_leaves_the_first_one_in_their_tab(make_page, api, me, other, conversation):
    second = make_page().open()
    page = make_page(beside=second).open()
    sign_in_to_stay(page, api.token(me))
    page.open_conversation("同一个")
    page.composer.fill("我的草稿")
    sign_in_to_stay(second, api.token(other))
    page.wait_until(lambda: "我的草稿" in page.page.evaluate("JSON.stringify({...sessionStorage})"), "the draft moves")
    assert "我的草稿" not in stored(second)
    page.page.reload()
    expect(page.composer).to_have_value("我的草稿")
    third = make_page(beside=page).open(address_of(conversation))
    expect(third.composer).to_have_value("")
    third.write("我是谁")
    expect(page.row("我是谁").locator(".sender")).to_have_text("另一位")


@pytest.mark.parametrize("stays", [True, False])
def test_another_user_never_sees_drafts(database, sign_in, stay, api, me, other, conversation, stays):
    database.conversation(me, other, title="第二个")
    page = stay(me) if stays else sign_in(me)
    page.open_conversation("同一个")
    page.composer.fill("只给自己看")
    page.page.route("**/api/**", refuse)
    page.conversation("第二个").click()
    expect(page.page.get_by_role("alert")).to_have_text("登录已失效，请重新登录。")
    assert "只给自己看" in stored(page)
    page.page.unroute("**/api/**")
    if stays:
        page.page.get_by_label(STAYS).check()
    page.sign_in(api.token(other))
    page.open_conversation("同一个")
    expect(page.composer).to_have_value("")
    assert "只给自己看" not in stored(page)


def test_a_name_is_taken_from_the_token(make_page, api, database):
    page = make_page().open()
    page.sign_in(api.token(database.user("库里的名字"), nickname="令牌里的名字"))
    expect(page.page.get_by_text("令牌里的名字").first).to_be_visible()


def test_without_any_name_it_is_the_number(make_page, api, database):
    user = database.user("x")
    page = make_page(locale="en").open()
    page.sign_in(api.token(user))
    expect(page.page.get_by_text(re.compile(rf"User {user.id}\b")).first).to_be_visible()


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale, width", [("zh-CN", 1280), ("en", 768), ("en", 390)])
def test_the_sign_in_is_accessible_and_can_be_done_by_keyboard(make_page, sign_in, api, me, conversation,
                                                               locale, width, scheme):
    options = {"locale": locale, "viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = make_page(beside=sign_in(me, **options)).open()
    expect(page.page.get_by_role("heading", name=GO_ON)).to_be_visible()
    expect(page.page.locator("button.user")).to_have_count(6)
    assert violations(page) == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    # The choice comes before what it is for.
    page.page.locator(".session-offers button").focus()
    page.page.keyboard.press("Tab")
    expect(page.page.get_by_label(STAYS)).to_be_focused()
    page.page.keyboard.press("Space")
    page.page.get_by_role("textbox").fill(api.token(me))
    page.page.keyboard.press("Enter")
    expect(page.page.locator(".chat")).to_be_visible()
    assert page.page.evaluate("localStorage.getItem('orbia.session')") is not None
