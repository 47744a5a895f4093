"""Which conversations are listed: by a search, by type, the unread ones alone; and what there is without any."""

import pytest
from playwright.sync_api import expect

from axe import violations
from sizes import LOCALES, SIZES

TYPES = ["kol_order", "ad_order", "general", "support"]


@pytest.fixture
def me(database):
    return database.user("我自己")


@pytest.fixture
def other(database):
    return database.user("李娜")


@pytest.fixture
def page(database, sign_in, me, other):
    """With 春季推广 of 李娜, 夏季推广 of 王芳, and 客服."""
    for title, member, kind in [("春季推广", other, "kol_order"), ("夏季推广", database.user("王芳"), "ad_order"),
                                ("客服", other, "support")]:
        database.conversation(me, member, title=title, type=kind)
    page = sign_in(me)
    expect(page.conversations).to_have_count(3)
    return page


def queries(page) -> list:
    return [body["query"] for route, body, _ in page.calls if route == "get_conversations" and "query" in body]


def set_unread(database, conversation, user, count: int):
    database.execute("UPDATE orbia_conversation_member SET unread_count = %s"
                     " WHERE conversation_id = %s AND user_id = %s", count, conversation.id, user.id)


# The search


@pytest.mark.parametrize("query, titles", [("推广", ["春季推广", "夏季推广"]), ("李娜", ["春季推广", "客服"]), ("夏季", ["夏季推广"])])
def test_titles_and_names_are_found(page, query, titles):
    page.search_field.fill(query)
    expect(page.conversations).to_have_count(len(titles))
    assert sorted(page.titles()) == sorted(titles)
    page.wait_until(lambda: queries(page) == [query], "it is asked for once")


def test_nothing_is_asked_for_until_one_stops_typing(page):
    page.search_field.press_sequentially("春季推广", delay=20)
    expect(page.conversations).to_have_count(1)
    page.wait_until(lambda: queries(page)[-1:] == ["春季推广"], "it is asked for")
    assert len(queries(page)) <= 2
    page.search_field.fill("春季推广 ")
    page.search_field.press("Enter")
    page.search_field.fill("x" * 120)
    expect(page.search_field).to_have_value("x" * 100)


def test_what_an_input_method_composes_is_no_query(page):
    page.search_field.focus()
    keyboard = page.page.context.new_cdp_session(page.page)
    keyboard.send("Input.imeSetComposition", {"text": "chunji", "selectionStart": 6, "selectionEnd": 6})
    expect(page.search_field).to_have_value("chunji")
    page.search_field.evaluate("""it => it.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Escape", isComposing: true, bubbles: true, cancelable: true }))""")
    page.page.wait_for_timeout(600)
    assert queries(page) == []
    expect(page.search_field).to_have_value("chunji")
    keyboard.send("Input.insertText", {"text": "春季"})
    expect(page.conversations).to_have_count(1)
    page.wait_until(lambda: queries(page) == ["春季"], "it is asked for once")


def test_the_button_clears_and_so_does_escape_which_then_leaves(page):
    for clear in [lambda: page.page.get_by_role("button", name="清除搜索内容").click(),
                  lambda: page.page.keyboard.press("Escape")]:
        page.search_field.fill("春季")
        expect(page.conversations).to_have_count(1)
        clear()
        expect(page.search_field).to_have_value("")
        expect(page.search_field).to_be_focused()
        expect(page.conversations).to_have_count(3)
    expect(page.page.get_by_role("button", name="清除搜索内容")).to_be_hidden()
    page.page.keyboard.press("Escape")
    expect(page.page.locator("a.conversation-link:focus")).to_have_count(1)


@pytest.mark.thorough
def test_characters_that_the_api_refuses_are_no_trouble(page):
    before = page.count("get_conversations")
    page.search_field.fill("\u200b\u3164")
    page.search_field.press("Enter")
    page.wait_until(lambda: page.count("get_conversations") > before, "the list is read anew")
    expect(page.conversations).to_have_count(3)
    page.search_field.evaluate("it => { it.value = '春\\t季'; it.dispatchEvent(new Event('input')); }")
    page.wait_until(lambda: queries(page), "it is asked for")
    assert queries(page) == ["春 季"]
    expect(page.page.locator(".poll-error")).to_have_text("")


@pytest.mark.thorough
def test_what_was_listed_stays_until_the_answer_is_there_or_for_a_moment(page):
    held = []
    page.page.route("**/get_conversations",
                    lambda route: held.append(route) if "夏季" in (route.request.post_data or "") else route.continue_())
    page.page.evaluate("""() => {
        window.counts = [];
        const rows = document.querySelector(".conversation-rows");
        new MutationObserver(() => window.counts.push(rows.querySelectorAll("a").length))
            .observe(rows, { childList: true, subtree: true });
    }""")
    page.search_field.fill("夏季")
    page.wait_until(lambda: held, "it is asked for")
    expect(page.page.locator(".conversation-rows")).to_have_attribute("aria-busy", "true")
    expect(page.conversations).to_have_count(3)
    held.pop().continue_()
    expect(page.conversations).to_have_count(1)
    assert 0 not in page.page.evaluate("window.counts")
    # One that takes long says so.
    page.search_field.fill("夏季推")
    expect(page.page.locator(".skeleton")).to_be_visible()
    expect(page.conversations).to_have_count(0)
    held.pop().continue_()
    expect(page.conversations).to_have_count(1)
    expect(page.page.locator(".skeleton")).to_be_hidden()


@pytest.mark.parametrize("locale, text, button", [
    ("zh-CN", "没有找到与“冬季”相关的会话。", "显示全部会话"), ("en-GB", "No conversation found for “冬季”.", "Show all conversations"),
])
def test_nothing_is_found_and_all_comes_back(database, sign_in, me, other, locale, text, button):
    database.conversation(me, other, title="春季推广", type="kol_order")
    page = sign_in(me, locale=locale)
    page.page.locator(".filter").nth(1).click()
    page.search_field.fill("冬季")
    expect(page.page.locator(".conversation-list [role=status]", has_text=text)).to_be_visible()
    page.page.get_by_role("button", name=button).click()
    expect(page.conversations).to_have_count(1)
    expect(page.search_field).to_have_value("")
    expect(page.search_field).to_be_focused()
    expect(page.page.locator(".filter").first).to_have_attribute("aria-pressed", "true")


def test_a_search_that_could_not_look_at_all_says_so(page):
    def incomplete(route):
        if "after_cursor" in route.request.post_data:
            route.continue_()
            return
        answer = route.fetch()
        body = answer.json()
        body["page_info"]["incomplete"] = True
        route.fulfill(response=answer, json=body)

    page.page.route("**/get_conversations", incomplete)
    note = page.page.locator(".list-note")
    expect(note).to_be_hidden()
    page.search_field.fill("推广")
    expect(note).to_have_text("会话较多，可能还有没列出的。请输入更多文字，或选择一个类型。")
    page.page.unroute("**/get_conversations")
    page.search_field.fill("")
    expect(note).to_be_hidden()


@pytest.mark.thorough
def test_a_search_outlives_a_change_of_the_language(page):
    page.search_field.fill("春季")
    expect(page.conversations).to_have_count(1)
    page.choose_language("English")
    expect(page.search_field).to_have_value("春季")
    expect(page.conversations).to_have_count(1)


# The unread ones


def test_unread_alone_and_one_that_is_read_stays_until_the_filter_changes(database, api, page, me, other):
    conversation = database.conversation(me, other, title="没读过")
    api.send_text(other, conversation, "一").success()
    expect(page.conversations).to_have_count(4)
    toggle = page.page.get_by_role("button", name="未读", exact=True)
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(page.conversations).to_have_count(1)
    page.open_conversation("没读过")
    expect(page.badge("没读过")).to_have_count(0)
    page.wait_until(lambda: database.unread(conversation, me) == 0, "it is read")
    expect(page.conversations).to_have_count(1)
    page.page.get_by_role("button", name="客服").click()
    expect(page.page.get_by_text("没有未读会话。")).to_be_visible()
    toggle.click()
    expect(page.conversations).to_have_count(1)
    expect(page.conversation("客服")).to_be_visible()


@pytest.mark.thorough
def test_reading_some_of_many_hides_none_of_the_others(database, sign_in, me, other):
    for number in range(45):
        conversation = database.conversation(me, other, title=f"第 {number} 个")
        database.message(conversation, other, "你好", at=1_700_000_000_000 + number)
        set_unread(database, conversation, me, 1)
        database.update_conversation(conversation, last_message_at=f"2024-01-01 00:00:{number:02}")
    page = sign_in(me)
    page.page.get_by_role("button", name="未读", exact=True).click()
    expect(page.conversation("第 44 个")).to_be_visible()
    for number in (44, 43, 42, 41):
        page.open_conversation(f"第 {number} 个")
        expect(page.badge(f"第 {number} 个")).to_have_count(0)
    seen = set()
    page.page.locator(".conversation-rows").hover()

    def look():
        page.page.mouse.wheel(0, 300)
        seen.update(page.titles())
        return len(seen) == 45

    page.wait_until(look, "all have been on the screen")


# The types


@pytest.mark.thorough
@pytest.mark.parametrize("locale, spoken", [("zh-CN", "普通 120 条未读"), ("en-GB", "General 120 unread")])
def test_each_type_says_how_much_is_unread(database, api, sign_in, me, other, locale, spoken):
    conversations = {kind: database.conversation(me, other, title=kind, type=kind) for kind in TYPES}
    set_unread(database, conversations["general"], me, 120)
    set_unread(database, conversations["support"], me, 99)
    page = sign_in(me, locale=locale)
    chips = page.page.locator(".filter")
    badges = [chip.locator(".badge > span >> nth=0") for chip in chips.all()]
    expect(badges[3]).to_have_text("99+")
    expect(badges[4]).to_have_text("99")
    for index in (0, 1, 2, 5):
        expect(badges[index]).to_have_count(0)
    expect(page.page.get_by_role("button", name=spoken, exact=True)).to_have_count(1)
    api.send_text(other, conversations["kol_order"], "你好").success()
    expect(badges[1]).to_have_text("1", timeout=15_000)
    page.open_conversation("kol_order")
    expect(badges[1]).to_have_count(0)


@pytest.mark.looks
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("width", [320, 360, 390, 720, 768, 1024, 1280, 1920])
def test_the_filters_stay_within_their_box_and_in_sight(database, sign_in, me, other, locale, width):
    for kind in TYPES:
        set_unread(database, database.conversation(me, other, type=kind), me, 1000)
    page = sign_in(me, locale=locale, viewport={"width": width, "height": 800})
    expect(page.page.locator(".filter .badge")).to_have_count(4)
    assert page.page.locator(".filter").evaluate_all("""all => {
        const frame = all[0].parentElement.getBoundingClientRect();
        const boxes = all.map((it) => it.getBoundingClientRect());
        const isOut = (box) => box.left < frame.left || box.right > frame.right || box.top < frame.top
            || box.bottom > frame.bottom || box.right > innerWidth;
        const meet = (a, b) => a !== b && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        return boxes.filter((box) => isOut(box) || boxes.some((other) => meet(box, other))).length
            + all.filter((it) => it.scrollWidth > it.clientWidth).length;
    }""") == 0
    # Each of them can be pressed.
    for chip in page.page.locator(".filter").all():
        chip.click(trial=True)


# No rows


@pytest.mark.thorough
@pytest.mark.parametrize("locale, own_name, texts", [
    ("zh-CN", "用户{}", ["还没有会话", "订单确认后会自动创建。", "当前登录用户：用户{}"]),
    ("en-GB", "User {}", ["No conversations yet", "One opens by itself when an order is confirmed.",
                          "You are signed in as User {}."]),
])
def test_nobody_without_conversations_is_left_alone(database, sign_in, locale, own_name, texts):
    me = database.user("")
    page = sign_in(me, locale=locale)
    for text in texts:
        expect(page.page.get_by_text(text.format(me.id), exact=True)).to_be_visible()
    expect(page.page.locator(".own-name")).to_have_text(own_name.format(me.id))
    expect(page.page.locator(".list-placeholder button")).to_be_hidden()


@pytest.mark.thorough
def test_a_list_that_is_not_there_yet_says_so(database, make_page, api, me, other):
    database.conversation(me, other, title="来了")
    page = make_page().open()
    held = []
    page.page.route("**/get_conversations", lambda route: route.continue_() if held else held.append(route))
    page.sign_in(api.token(me))
    expect(page.page.locator(".skeleton")).to_be_visible()
    expect(page.page.locator(".conversation-list [role=status]", has_text="加载中…")).to_have_count(1)
    held[0].continue_()
    expect(page.conversation("来了")).to_be_visible()
    expect(page.page.locator(".skeleton")).to_be_hidden()


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_rules_of_accessible_pages_are_kept(database, sign_in, me, other, locale, size, scheme):
    page = sign_in(me, locale=locale, viewport=SIZES[size], color_scheme=scheme)
    expect(page.page.locator(".headline")).to_be_visible()
    assert violations(page) == []
    set_unread(database, database.conversation(me, other, title="标题", type="kol_order"), me, 120)
    page.page.reload()
    expect(page.page.locator(".filter .badge")).to_have_count(1)
    page.page.locator(".filter").nth(1).click()
    page.page.locator(".filter").last.click()
    expect(page.conversations).to_have_count(1)
    assert violations(page) == []
    page.search_field.fill("没有这样的")
    expect(page.page.locator(".list-placeholder button")).to_be_visible()
    assert violations(page) == []
