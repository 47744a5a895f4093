"""config.js: what a site sets there, the page does. The file is replaced on its way to the browser."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.thorough

API = "/api/v1/conversation/"


@pytest.fixture
def conversation(database, me):
    return database.conversation(me, title="设置")


def configure(page, **settings):
    """The settings that are not named are as the file has them."""
    text = "".join(f"{name}: {value!r}, " for name, value in settings.items())

    def answer(route):
        file = route.fetch().text()
        route.fulfill(content_type="text/javascript", body=f"{file}\nObject.assign(config, {{ {text} }});")

    page.page.route("**/config.js", answer)


def test_the_address_of_the_api(make_page, api, me, conversation):
    page = make_page()
    configure(page, baseUrl="/elsewhere/v1/")
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.continue_(url=route.request.url.replace("/elsewhere/v1/", API))

    page.page.route("**/elsewhere/**", answer)
    page.open().sign_in(api.token(me))
    expect(page.conversation("设置")).to_be_visible()
    assert asked
    assert len(asked) >= page.count("get_conversations")


def test_a_platform_with_a_sign_in_of_its_own(make_page, conversation):
    """It has nobody who is signed in: the page leads there, and tells where to come back to."""
    page = make_page()
    configure(page, signInUrl="https://shop.example/sign-in?next={return}", tokenUrl="/platform/token")
    page.page.route("**/platform/token", lambda route: route.fulfill(status=401))
    page.open(f"/#/conversations/{conversation.id}")
    link = page.page.get_by_role("link", name="登录")
    encoded = page.base.replace(":", "%3A").replace("/", "%2F") + f"%2F%23%2Fconversations%2F{conversation.id}"
    expect(link).to_have_attribute("href", f"https://shop.example/sign-in?next={encoded}")
    expect(page.page.get_by_role("textbox")).to_have_count(0)
    expect(page.page.locator("button.user")).to_have_count(0)


def test_who_is_signed_in_there_is_so_here(make_page, api, me, conversation):
    page = make_page()
    configure(page, signInUrl="https://shop.example/sign-in", tokenUrl="/platform/token")
    page.page.route("**/platform/token", lambda route: route.fulfill(json={"token": api.token(me)}))
    page.open(f"/#/conversations/{conversation.id}")
    expect(page.page.locator(".conversation-head h1")).to_have_text("设置")
    assert api.token(me)[:20] not in page.page.url


def test_a_token_that_has_expired_is_renewed_without_a_word(make_page, api, me, conversation):
    page = make_page()
    configure(page, tokenUrl="/platform/token")
    given = [api.token(me, iat=1_700_000_000), api.token(me, iat=1_700_000_001)]
    asked = []

    def give(route):
        asked.append(route)
        route.fulfill(json={"token": given[min(len(asked), len(given)) - 1]})

    page.page.route("**/platform/token", give)
    page.open(f"/#/conversations/{conversation.id}")
    expect(page.composer).to_be_visible()

    def refuse_the_first(route):
        if given[0] in route.request.headers["authorization"]:
            route.fulfill(status=401, json={"base_resp": {"code": 401, "message": "token has expired"}})
        else:
            route.continue_()

    page.page.route("**/api/**", refuse_the_first)
    page.write("es geht weiter")
    expect(page.row("es geht weiter").locator(".state")).to_have_text("已发送")
    assert len(asked) == 2
    # Another user's token is of no use here.
    given[:] = [api.token(999_999)]
    page.page.route("**/api/**", lambda route: route.fulfill(
        status=401, json={"base_resp": {"code": 401, "message": "token has expired"}}))
    page.write("und nicht mehr")
    expect(page.page.get_by_role("alert")).to_have_text("登录已失效，请重新登录。")


def test_where_the_platform_does_not_answer_it_says_so(make_page):
    page = make_page()
    configure(page, signInUrl="https://shop.example/sign-in", tokenUrl="/platform/token")
    page.page.route("**/platform/token", lambda route: route.fulfill(status=502))
    page.open()
    expect(page.page.get_by_role("alert")).to_have_text("暂时无法登录，请稍后再试。")
    expect(page.page.get_by_role("link", name="登录")).to_be_visible()


def test_signing_out_ends_the_platforms_session_too(make_page, api, me, conversation):
    page = make_page()
    configure(page, signOutUrl="/platform/sign-out")
    page.page.route("**/platform/sign-out", lambda route: route.fulfill(content_type="text/html", body="bye"))
    page.open().sign_in(api.token(me))
    expect(page.conversation("设置")).to_be_visible()
    page.sign_out()
    page.page.wait_for_url("**/platform/sign-out")
    assert page.page.evaluate("sessionStorage.length") == 0
