"""What a visit loads, what is on the screen until it is here, and what of it a browser keeps.

How long it takes over a slow line is measured by scripts/measure-page --slow-line.
"""

import re
import shutil
from collections import Counter
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from axe import violations
from chat_page import ChatPage
from orbia.page.modules import stages
from orbia.page.publication import publish
from orbia.paths import PAGE
from orbia.stack import Stack
from shared_fixtures import started
from sizes import DESKTOP, LOCALES, PHONE, SIZES

FIRST, SECOND, LAST = ([f"/{path}" for path in stage] for stage in stages(PAGE))
MODULES = [*FIRST, *SECOND, *LAST]
WIDE = {"width": 1920, "height": 1000}


@pytest.fixture
def conversation(database, me, other):
    conversation = database.conversation(me, other, title="第一眼")
    database.message(conversation, other, "你好")
    return conversation


@pytest.fixture
def returning(sign_in, me, conversation):
    """A window in which somebody is signed in, who comes back."""
    def make(path="/", **options):
        page = sign_in(me, **options)
        expect(page.conversation("第一眼")).to_be_visible()
        page.page.goto("about:blank")
        page.path = path
        return page

    return make


class Held:
    """Requests for a file that are not answered before one says so."""

    def __init__(self, page: ChatPage, pattern: str | re.Pattern):
        self._page, self._pattern, self._routes, self._is_open = page, pattern, [], False
        page.page.route(pattern, self._take)

    def _take(self, route):
        if self._is_open:
            route.continue_()
        else:
            self._routes.append(route)

    def release(self):
        self._page.wait_until(lambda: self._routes, f"{self._pattern} is asked for")
        self._is_open = True
        while self._routes:
            self._routes.pop().continue_()


def begin(page: ChatPage, path="/"):
    """Opens the page without waiting for its modules."""
    page.page.goto(page.base + path, wait_until="commit")


def frame(page: ChatPage):
    return page.page.locator(".first-frame")


# What is loaded


def test_all_modules_are_asked_for_before_one_of_them_is_here(returning):
    page = returning()
    asked = []
    page.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    modules = Held(page, re.compile(r"/(app/(?!first-paint)|client/|config)[^?]*\.js$"))
    begin(page)
    page.wait_until(lambda: {*FIRST, *SECOND} <= set(asked), "all that show the list are asked for")
    assert not set(LAST) & set(asked)
    modules.release()
    expect(page.conversation("第一眼")).to_be_visible()
    page.wait_until(lambda: set(MODULES) <= set(asked), "the rest is asked for")
    scripts = Counter(path for path in asked if path.endswith(".js"))
    assert scripts == Counter([*MODULES, "/app/first-paint.js"]), "each once, and no others"


def test_the_list_is_asked_for_while_the_views_are_on_their_way(returning):
    page = returning()
    views = Held(page, "**/app/views.js")
    page.calls.clear()
    begin(page)
    page.wait_until(lambda: page.count("get_conversations") == 1, "the list is asked for")
    expect(frame(page)).to_be_visible()
    views.release()
    expect(page.conversation("第一眼")).to_be_visible()
    assert page.reads_of_the_list() == 1


def test_all_modules_are_asked_for_where_the_address_names_a_conversation(returning, conversation):
    page = returning()
    asked = []
    page.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    views = Held(page, "**/app/views.js")
    begin(page, f"/#/conversations/{conversation.id}")
    page.wait_until(lambda: set(MODULES) - {"/app/conversation-view.js"} <= set(asked), "all modules are asked for")
    views.release()
    expect(page.bubble("你好")).to_be_visible()


def test_the_list_does_not_wait_for_the_view_of_conversations(returning, conversation):
    page = returning()
    rest = Held(page, "**/app/view/timeline/timeline-view.js")
    begin(page)
    page.conversation("第一眼").click()
    expect(page.page.locator(".pane")).to_have_text("加载中…")
    page.wait_until(lambda: page.count("get_messages") == 1, "its messages are asked for meanwhile")
    rest.release()
    expect(page.bubble("你好")).to_be_visible()


def test_where_the_view_of_conversations_does_not_come_it_says_so(returning, conversation):
    page = returning()
    broken = [True]
    page.page.route("**/timeline-view.js", lambda route: route.abort() if broken else route.continue_())
    begin(page)
    expect(page.page.locator(".toast")).to_contain_text("页面的一部分没有加载完成")
    page.problems.clear()
    broken.clear()
    page.page.locator(".toast").get_by_role("button", name="重试").click()
    page.conversation("第一眼").click()
    expect(page.bubble("你好")).to_be_visible()


@pytest.mark.thorough
def test_a_session_that_ends_before_the_views_are_here(returning):
    page = returning()
    views = Held(page, "**/app/views.js")
    page.page.route("**/api/v1/**", lambda route: route.fulfill(
        status=401, json={"base_resp": {"code": 401, "message": "token has expired"}}))
    page.calls.clear()
    begin(page)
    page.wait_until(lambda: page.count("get_conversations", 401) == 1, "the list is asked for")
    views.release()
    expect(page.page.locator("form.token")).to_be_visible()
    expect(page.page.locator(".sign-in > .problem")).not_to_be_empty()


def test_it_comes_over_http_2_but_for_a_header_that_is_too_long(make_page):
    """nginx closes such a connection without an answer, and over HTTP/1.1 it answers."""
    for is_plain in (False, True):
        page = make_page(polls=is_plain).open()
        protocol = page.page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")
        status = page.page.evaluate("""() => fetch("/api/v1/conversation/get_conversations", {
            method: "POST", body: "{}", headers: { "X-Long": "x".repeat(20000) },
        }).then(({ status }) => status, () => null)""")
        assert (protocol, status) == (("http/1.1", 400) if is_plain else ("h2", None))


# What is on the screen until then


@pytest.mark.looks
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("size", [*SIZES.values(), WIDE], ids=[*SIZES, "wide"])
def test_the_frame_has_the_places_of_what_takes_its_place(returning, size, locale):
    page = returning(locale=locale, viewport=size)
    main = Held(page, "**/app/main.js")
    begin(page)
    expect(frame(page)).to_be_visible()
    expect(page.page.locator("#app")).to_have_attribute("aria-busy", "true")

    def places(*selectors):
        boxes = [page.page.locator(selector).first.bounding_box() for selector in selectors]
        return [(round(box["x"]), round(box["y"]), round(box["width"])) for box in boxes]

    before = places(".frame-sidebar", ".frame-head", ".frame-search", ".frame-filters", ".first-frame .skeleton-row")
    main.release()
    expect(page.conversation("第一眼")).to_be_visible()
    assert places(".sidebar", ".sidebar-head", ".search-field input", ".filters", ".conversation-rows > *") == before
    expect(page.page.locator("#app")).not_to_have_attribute("aria-busy", "true")
    expect(frame(page)).to_have_count(0)


@pytest.mark.thorough
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_frame_of_a_conversation(returning, conversation, size):
    page = returning(viewport=size)
    main = Held(page, "**/app/main.js")
    begin(page, f"/#/conversations/{conversation.id}")
    expect(page.page.locator(".frame-conversation")).to_be_visible()
    assert page.page.locator(".frame-sidebar").is_visible() == (size is DESKTOP), "a phone shows one of them"
    before = page.page.locator(".frame-conversation").bounding_box()
    main.release()
    expect(page.bubble("你好")).to_be_visible()
    after = page.page.locator(".conversation-head").bounding_box()
    assert [round(before[key]) for key in ("x", "y", "width")] == [round(after[key]) for key in ("x", "y", "width")]


def test_the_frame_of_somebody_who_is_not_signed_in(make_page):
    page = make_page()
    main = Held(page, "**/app/main.js")
    begin(page)
    expect(page.page.locator(".frame-sign-in")).to_be_visible()
    expect(page.page.locator(".frame-sidebar")).to_be_hidden()
    left, width = (page.page.locator(".frame-sign-in").bounding_box()[key] for key in ("x", "width"))
    main.release()
    expect(page.page.locator("form.token")).to_be_visible()
    after = page.page.locator(".sign-in").bounding_box()
    assert (left, width) == (after["x"], after["width"])


@pytest.mark.thorough
@pytest.mark.parametrize("motion, animations", [("no-preference", 1), ("reduce", 0)])
def test_the_frame_stands_still_for_whoever_wants_that(returning, motion, animations):
    page = returning(reduced_motion=motion)
    Held(page, "**/app/main.js")
    begin(page)
    expect(page.page.locator(".first-frame .skeleton-row").first).to_be_visible()
    assert page.page.evaluate("document.getAnimations().length") == animations


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("file, answer", [
    ("app/main.js", lambda route: route.abort()), ("client/model/chat.js", lambda route: route.abort()),
    ("app/view/toasts.js", lambda route: route.fulfill(status=503)),
    ("config.js", lambda route: route.fulfill(content_type="text/javascript", body="no script")),
], ids=["entry", "client", "view", "syntax"])
def test_where_a_module_does_not_come_it_says_so_and_one_can_try_again(returning, file, answer, scheme):
    page = returning(bypass_csp=True, color_scheme=scheme)
    broken = [file]
    page.page.route(f"**/{file}", lambda route: answer(route) if broken else route.continue_())
    begin(page)
    expect(page.page.get_by_role("alert")).to_contain_text("页面没有加载完成")
    expect(frame(page)).to_be_hidden()
    page.page.wait_for_load_state()
    assert violations(page) == []
    # Those are the browser's own words of it.
    page.problems.clear()
    broken.clear()
    page.page.get_by_role("button", name=re.compile("重试.*Try again")).click()
    expect(page.conversation("第一眼")).to_be_visible()
    expect(page.page.get_by_role("button", name=re.compile("Try again"))).to_have_count(0)


@pytest.mark.thorough
def test_without_scripts_there_is_no_frame_that_nothing_follows(make_page):
    page = make_page(java_script_enabled=False).open()
    assert page.page.title() == "Orbia"
    expect(frame(page)).to_be_hidden()
    expect(page.page.locator("#not-loaded")).to_be_hidden()


# What the browser keeps


@pytest.fixture(scope="module")
def site(make_directory, tmp_path_factory):
    """A stack that serves a published page: its base, its directory, and a copy of the page to change."""
    copy, target = (tmp_path_factory.mktemp("page") / "www", tmp_path_factory.mktemp("site"))
    shutil.copytree(PAGE, copy)
    publish(copy, target)
    with started(Stack(make_directory(), "--page", str(target))) as stack:
        # Over plain HTTP: of a server whose certificate nobody vouches for the browser keeps nothing.
        yield f"http://127.0.0.1:{stack.ports.http}", target, copy


def transferred(page):
    return page.evaluate("""performance.getEntriesByType("resource").filter(({ transferSize }) => transferSize > 0)
        .map(({ name }) => new URL(name).pathname).filter((path) => /\\.(js|css|svg)$/.test(path))""")


@pytest.mark.thorough
def test_of_a_published_page_a_browser_keeps_all_files_until_there_is_another_version(site, chromium):
    base, target, copy = site
    context = chromium.new_context(locale="en")
    page = context.new_page()
    page.goto(base)
    expect(page.locator("form.token")).to_be_visible()
    assert len(transferred(page)) > len(MODULES)
    again = context.new_page()
    again.goto(base)
    expect(again.locator("form.token")).to_be_visible()
    assert transferred(again) == []

    texts = copy / "app" / "language" / "en.js"
    texts.write_text(re.sub(r'(orPasteToken: )"[^"]*"', r'\1"A new version"', texts.read_text()))
    version = publish(copy, target)
    again.reload()
    expect(again.get_by_role("heading", name="A new version")).to_be_visible()
    assert all(path.startswith(f"/v/{version}/") for path in transferred(again))
    # The page that is open goes on with its own version.
    expect(page.get_by_role("heading", name="A new version")).to_have_count(0)
    old = page.locator("script[type=module]").evaluate("it => it.src")
    assert page.request.get(old).ok
    context.close()


@pytest.mark.thorough
def test_how_long_files_are_kept_and_what_protects_the_page(site, chromium):
    base, target, _ = site
    context = chromium.new_context()
    version = sorted(path.name for path in (target / "v").iterdir())[0]
    kept = "public, max-age=31536000, immutable"
    for path, caching, has_policy in [
        ("/", "no-cache", True), ("/index.html", "no-cache", True),
        (f"/v/{version}/app/main.js", kept, False), (f"/v/{version}/styles/base.css", kept, False),
        (f"/v/{version}/favicon.svg", kept, True), (f"/v/{version}/app/missing.js", None, False),
    ]:
        headers = context.request.get(base + path).headers
        assert headers.get("cache-control") == caching, path
        assert ("content-security-policy" in headers) == has_policy, path
        assert headers["x-content-type-options"] == "nosniff", path
    context.close()
