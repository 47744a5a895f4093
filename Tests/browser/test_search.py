"""Searching in a conversation: what is found, the jumps into the history, and the way back to exactly where one was."""

import re

import pytest
from playwright.sync_api import expect

from axe import violations

pytestmark = pytest.mark.thorough

COUNT = 3_000
FIRST_AT = 1_700_000_000_000
TITLE = "找得到的会话"
LED_TO = re.compile(r"\bled-to\b")
ENGLISH = {"locale": "en-GB"}
PHONE = {"viewport": {"width": 390, "height": 780}}
WIDE = {"viewport": {"width": 1920, "height": 1000}}
TABLET = {"viewport": {"width": 768, "height": 1024}}


@pytest.fixture(scope="module")
def history(database):
    """3,000 messages: "合同" in each 40th, "Invoice" in #7, "最初的约定" in #2, "sumTotal" in #9, and four files."""
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title=TITLE)
    database.execute(
        "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at, updated_at)"
        " SELECT CONCAT('MSG_FOUND_', seq), %s, IF(seq %% 7 < 4, %s, %s),"
        " CONCAT('#', seq, ' ', CASE WHEN seq = 2 THEN '👍🏽👨‍👩‍👧‍👦 最初的约定' WHEN seq = 7 THEN 'the Invoice of May'"
        " WHEN seq = 9 THEN '改 `sumTotal` 即可，sumTotal 在 https://example.com/sumTotal'"
        " WHEN seq %% 40 = 0 THEN '请看合同，谢谢' ELSE REPEAT('内容', 1 + (seq * 37) %% 60) END),"
        " FROM_UNIXTIME((%s + seq * 61000) / 1000), NOW()"
        f" FROM seq_1_to_{COUNT}", conversation.id, me.id, other.id, FIRST_AT)
    for number, (type, name) in enumerate([("image", "封面.png"), ("video", "成片.mp4"), ("audio", "旁白.mp3"),
                                           ("file", "🎬 合同-终稿.pdf")]):
        database.message(conversation, other, f"https://files.example/{number}", FIRST_AT + 10_000 + number,
                         message_id=f"MSG_FOUND_FILE_{type}", message_type=type, file_name=name)
    database.execute("UPDATE orbia_conversation SET last_message_at = (SELECT MAX(created_at) FROM orbia_message"
                     " WHERE conversation_id = %s) WHERE id = %s", conversation.id, conversation.id)
    return me


@pytest.fixture
def open_history(sign_in, history):
    def open_history(**options):
        page = sign_in(history, **options)
        # The files are on a host that there is not.
        page.page.route("https://files.example/**", lambda route: route.fulfill(status=404))
        page.open_conversation(TITLE)
        expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()
        return page

    return open_history


def bar(page):
    return page.page.locator(".conversation-search")


def field(page):
    return bar(page).get_by_role("searchbox")


def count(page):
    return bar(page).locator(".hit-count")


def hits(page):
    return page.page.locator(".conversation-search .hit")


def search(page, text):
    """Opens the bar by the keyboard, and types."""
    page.page.keyboard.press("Control+f")
    expect(field(page)).to_be_focused()
    field(page).fill(text)


def searches(page) -> list:
    return [body for route, body, _ in page.calls if route == "search_messages"]


def row(page, number):
    return page.page.locator(f'[data-message-id="MSG_FOUND_{number}"]')


def expect_in_the_middle(page, number):
    expect(row(page, number)).to_be_in_viewport()
    page.wait_until(lambda: abs(page.page.evaluate("""(id) => {
        const box = document.querySelector(`[data-message-id="${id}"]`).getBoundingClientRect();
        const frame = document.querySelector(".timeline").getBoundingClientRect();
        return (box.top + box.bottom - frame.top - frame.bottom) / 2;
    }""", f"MSG_FOUND_{number}")) < 60, f"#{number} is in the middle")


def in_sight(page) -> dict:
    """The messages in sight, and how far below the upper edge of the timeline each begins."""
    return page.page.evaluate("""() => {
        const edge = document.querySelector(".timeline").getBoundingClientRect();
        const rows = [...document.querySelectorAll(".row.message")].map((it) =>
            [it.dataset.messageId, it.querySelector(".bubble").getBoundingClientRect()]);
        return Object.fromEntries(rows.filter(([, box]) => box.bottom > edge.top && box.top < edge.bottom)
            .map(([id, box]) => [id, box.top - edge.top]));
    }""")


def expect_at(page, place: dict):
    """Exactly there, to a pixel and a half."""
    def is_there():
        now = in_sight(page)
        return now.keys() == place.keys() and all(abs(now[id] - top) < 1.5 for id, top in place.items())

    page.wait_until(is_there, "one is where one was")


def marks(page, name="found-current") -> list:
    """The texts that are painted as found, and are within what is in sight."""
    return page.page.evaluate("""(name) => {
        const frame = document.querySelector(".timeline").getBoundingClientRect();
        return [...(CSS.highlights.get(name) ?? [])].filter((range) => {
            const box = range.getBoundingClientRect();
            return box.width > 0 && box.top >= frame.top && box.bottom <= frame.bottom;
        }).map(String);
    }""", name)


def scroll_up_by(page, distance):
    page.timeline.hover(position={"x": 5, "y": 200})
    page.page.mouse.wheel(0, -distance)
    page.wait_until(lambda: page.timeline.evaluate("it => it.scrollHeight - it.scrollTop - it.clientHeight") > 300,
                    "it has scrolled")


# What is found

def test_a_chinese_word_is_found_far_back_and_the_message_is_shown(open_history):
    page = open_history()
    search(page, "最初的约定")
    expect(count(page)).to_have_text("找到 1 条")
    expect(hits(page).locator("mark")).to_have_text("最初的约定")
    hits(page).click()
    expect_in_the_middle(page, 2)
    expect(row(page, 2)).to_be_focused()
    expect(row(page, 2)).to_have_class(LED_TO)
    assert marks(page) == ["最初的约定"], "behind emoji of several code units, too"
    expect(count(page)).to_have_text("第 1 条，共 1 条")
    expect(row(page, 2)).not_to_have_class(LED_TO)


def test_case_does_not_matter_in_english(open_history):
    page = open_history(**ENGLISH)
    search(page, "invoice")
    expect(count(page)).to_have_text("1 found")
    expect(hits(page).locator("mark")).to_have_text("Invoice")
    page.page.keyboard.press("Enter")
    expect_in_the_middle(page, 7)
    assert marks(page) == ["Invoice"]
    expect(count(page)).to_have_text("1 of 1")
    expect(field(page)).to_be_focused()
    # A screen reader has the message although the focus is elsewhere.
    expect(bar(page).get_by_role("status").filter(has_text="the Invoice of May")).to_be_attached()


def test_one_search_is_made_when_one_has_stopped_typing(open_history):
    page = open_history()
    search(page, "")
    field(page).press_sequentially("合同，谢", delay=40)
    expect(count(page)).to_have_text("找到 30+ 条")
    assert [body["query"] for body in searches(page)] == ["合同，谢"]
    assert len({body["conversation_id"] for body in searches(page)}) == 1


def test_what_an_input_method_has_not_finished_is_not_searched(open_history):
    page = open_history()
    search(page, "")
    client = page.page.context.new_cdp_session(page.page)
    client.send("Input.imeSetComposition", {"text": "he'tong", "selectionStart": 7, "selectionEnd": 7})
    expect(field(page)).to_have_value("he'tong")
    page.page.wait_for_timeout(900)  # longer than it waits for the next key
    assert searches(page) == []
    client.send("Input.insertText", {"text": "合同"})
    expect(count(page)).to_have_text("找到 30+ 条")
    assert [body["query"] for body in searches(page)] == ["合同"]


def test_an_outdated_search_is_closed(open_history):
    page = open_history()
    held = []
    page.page.route("**/search_messages", lambda route: held.append(route) if "内容" in route.request.post_data
                    else route.continue_())
    search(page, "内容")
    page.wait_until(lambda: held, "the first is on its way")
    field(page).fill("invoice")
    expect(count(page)).to_have_text("找到 1 条")
    page.wait_until(lambda: ("search_messages", None) in [(route, status) for route, _, status in page.calls],
                    "the first was ended")
    expect(hits(page)).to_have_count(1)
    page.page.unroute("**/search_messages")


def test_older_and_newer_hits_across_pages(open_history):
    """75 messages have the word, 30 of which come at a time."""
    page = open_history()
    search(page, "请看合同")
    expect(count(page)).to_have_text("找到 30+ 条")
    bar(page).get_by_role("button", name="下一条").click()
    expect(row(page, 3000)).to_be_in_viewport()
    expect(count(page)).to_have_text("第 1 条，共 30+ 条")
    assert bar(page).get_by_role("button", name="上一条").get_attribute("aria-disabled") == "true"
    field(page).focus()
    for number in range(2, 32):
        page.page.keyboard.press("Enter")
        expect(count(page)).to_contain_text(f"第 {number} 条")
    expect(count(page)).to_have_text("第 31 条，共 60+ 条")
    expect_in_the_middle(page, 3000 - 30 * 40)
    page.page.keyboard.press("Shift+Enter")
    expect_in_the_middle(page, 3000 - 29 * 40)
    expect(count(page)).to_have_text("第 30 条，共 60+ 条")
    assert marks(page) == ["请看合同"]
    assert len(searches(page)) == 2


def test_jumps_follow_each_other_and_only_the_last_one_that_waits_is_made(open_history):
    page = open_history()
    search(page, "请看合同")
    expect(count(page)).to_have_text("找到 30+ 条")
    held = []
    page.page.route("**/get_messages", lambda route: held.append(route) if '"limit":30' in route.request.post_data
                    else route.continue_())
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Enter")
    page.wait_until(lambda: len(held) == 2, "what is around the second hit is asked for")
    for _ in range(8):
        page.page.keyboard.press("Enter")
    expect(count(page)).to_have_text("第 10 条，共 30+ 条")
    page.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert len(held) == 2
    page.page.unroute("**/get_messages")
    for route in held:
        route.continue_()
    expect_in_the_middle(page, 3000 - 9 * 40)
    # With the first page, that of the second hit and that of the tenth one.
    page.wait_until(lambda: len([body for route, body, _ in page.calls
                                 if route == "get_messages" and body.get("limit") == 30]) == 5, "there were no more")


def test_the_list_loads_on_as_it_is_scrolled(open_history):
    page = open_history()
    search(page, "请看合同")
    expect(hits(page)).to_have_count(30)
    for total in (60, 75):
        page.page.locator(".conversation-search .hits").evaluate("it => { it.scrollTop = it.scrollHeight; }")
        expect(hits(page)).to_have_count(total)
    expect(page.page.get_by_role("button", name="查看更多")).to_be_hidden()
    hits(page).last.click()
    expect_in_the_middle(page, 40)
    expect(count(page)).to_have_text("第 75 条，共 75 条")


def test_files_are_found_by_their_kind_without_a_text(open_history):
    page = open_history()
    search(page, "")
    kinds = {"图片": "封面.png", "视频": "成片.mp4", "音频": "旁白.mp3", "文件": "🎬 合同-终稿.pdf"}
    for label, name in kinds.items():
        bar(page).get_by_role("button", name=label, exact=True).click()
        expect(hits(page)).to_have_count(1)
        expect(hits(page)).to_contain_text(name)
    page.wait_until(lambda: [it.get("query") for it in searches(page)] == [None] * 4, "each was asked for once")
    hits(page).click()
    expect(page.page.locator('[data-message-id="MSG_FOUND_FILE_file"]')).to_be_focused()


def test_the_match_is_marked_in_the_name_of_a_file(open_history):
    page = open_history()
    search(page, "合同")
    bar(page).get_by_role("button", name="文件", exact=True).click()
    expect(hits(page)).to_have_count(1)
    expect(hits(page).locator("mark")).to_have_text("合同")
    hits(page).click()
    expect(page.page.locator('[data-message-id="MSG_FOUND_FILE_file"]')).to_be_focused()
    page.wait_until(lambda: marks(page) == ["合同"], "it is marked behind the emoji in the message, too")


def test_matches_are_marked_in_code_and_links_too(open_history):
    page = open_history()
    search(page, "SUMTOTAL")
    hits(page).click()
    expect_in_the_middle(page, 9)
    assert marks(page) == ["sumTotal"] * 3
    boxes = page.page.evaluate("""() => [...CSS.highlights.get("found-current")]
        .map((range) => range.startContainer.parentElement.closest("code, a")?.localName ?? null)""")
    assert boxes == ["code", None, "a"]


# The way back

@pytest.mark.parametrize("begin", ["end", "middle"])
def test_escape_leads_back_to_exactly_where_one_was(open_history, begin):
    page = open_history()
    if begin == "middle":
        scroll_up_by(page, 900)
    place = in_sight(page)
    assert len(place) > 2
    search(page, "最初的约定")
    hits(page).click()
    expect_in_the_middle(page, 2)
    field(page).fill("请看合同")
    expect(count(page)).to_have_text("找到 30+ 条")
    hits(page).nth(20).click()
    expect_in_the_middle(page, 3000 - 20 * 40)
    page.page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()
    expect_at(page, place)
    expect(page.page.get_by_role("button", name="回到刚才的位置")).to_be_hidden()
    assert marks(page) == [] and marks(page, "found") == []


def test_a_button_leads_back_where_the_bar_was_closed_at_the_hit(open_history):
    page = open_history()
    scroll_up_by(page, 700)
    place = in_sight(page)
    search(page, "最初的约定")
    hits(page).click()
    expect_in_the_middle(page, 2)
    bar(page).get_by_role("button", name="关闭搜索").click()
    expect(bar(page)).to_be_hidden()
    expect(row(page, 2)).to_be_in_viewport()
    page.page.get_by_role("button", name="回到刚才的位置").click()
    expect_at(page, place)
    expect(page.page.get_by_role("button", name="回到刚才的位置")).to_be_hidden()


def test_the_way_back_is_over_when_one_has_gone_there_oneself(open_history):
    page = open_history()
    search(page, "请看合同")
    hits(page).nth(2).click()
    expect_in_the_middle(page, 3000 - 2 * 40)
    back = page.page.get_by_role("button", name="回到刚才的位置")
    expect(back).to_be_visible()
    page.timeline.hover(position={"x": 5, "y": 300})
    for _ in range(40):
        page.page.mouse.wheel(0, 1_000)
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
        if back.is_hidden():
            break
    expect(back).to_be_hidden()
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()


def test_to_the_newest_is_at_the_end_and_nothing_leads_back_there(open_history):
    page = open_history()
    search(page, "最初的约定")
    hits(page).click()
    expect_in_the_middle(page, 2)
    page.page.get_by_role("button", name="回到最新消息").click()
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()
    expect(page.page.get_by_role("button", name="回到刚才的位置")).to_be_hidden()


def test_from_a_place_in_the_history_one_scrolls_on(open_history):
    page = open_history()
    search(page, "最初的约定")
    hits(page).click()
    expect_in_the_middle(page, 2)
    expect(row(page, 33)).to_have_count(0)
    page.timeline.hover(position={"x": 5, "y": 300})
    seen = set()
    for _ in range(400):
        page.page.mouse.wheel(0, 600)
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
        seen.update(int(text.split()[0][1:]) for text in page.texts() if text.startswith("#"))
        if 150 in seen:
            break
    assert set(range(1, 151)) <= seen


def test_sending_from_a_place_in_the_history_goes_to_the_end(sign_in, database):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="写在过去")
    database.message(conversation, other, "很久以前的目标", FIRST_AT - 1000)
    database.fill(conversation, other, 200, 40)
    database.message(conversation, other, "最后一条", FIRST_AT + 1000)
    database.execute("UPDATE orbia_message SET created_at = '2020-01-01' WHERE content = '很久以前的目标'")
    database.update_conversation(conversation, last_message_at="2023-11-14 22:13:21")
    page = sign_in(me)
    page.open_conversation("写在过去")
    search(page, "很久以前的目标")
    hits(page).click()
    expect(page.bubble("很久以前的目标")).to_be_in_viewport()
    expect(page.bubble("最后一条")).to_have_count(0)
    page.write("现在的回答")
    expect(page.bubble("现在的回答")).to_be_in_viewport()
    expect(page.bubble("最后一条")).to_be_in_viewport()


def test_a_message_that_is_gone_is_said_to_be_and_nothing_moves(sign_in, database):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="有的没了")
    for number, text in enumerate(["会消失的一条", "会留下的一条"]):
        database.message(conversation, other, text, FIRST_AT + number)
    database.messages(conversation, other, 120, FIRST_AT + 10_000)
    database.update_conversation(conversation, last_message_at="2023-11-15 00:00:00")
    page = sign_in(me)
    page.open_conversation("有的没了")
    expect(page.bubble("第 119 条")).to_be_in_viewport()
    search(page, "一条")
    expect(hits(page)).to_have_count(2)
    place = in_sight(page)
    database.execute("UPDATE orbia_message SET deleted_at = NOW() WHERE content = '会消失的一条'")
    hits(page).filter(has_text="会消失").click()
    expect(page.page.get_by_text("这条消息已经不在了。")).to_be_visible()
    expect_at(page, place)
    expect(page.page.get_by_role("button", name="回到刚才的位置")).to_be_hidden()
    expect(field(page)).to_be_focused()


def test_a_recalled_message_leaves_the_list(sign_in, database, api):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="撤回")
    sent = [api.send_text(other, conversation, f"说错的话 {number}").success()["message"] for number in range(2)]
    page = sign_in(me)
    page.open_conversation("撤回")
    search(page, "说错的话")
    expect(hits(page)).to_have_count(2)
    api.recall_message(other, conversation_id=conversation.id, message_id=sent[0]["message_id"]).success()
    expect(hits(page)).to_have_count(1)
    expect(hits(page)).to_contain_text("说错的话 1")


# States

def test_a_search_that_fails_can_be_made_again(open_history):
    page = open_history()
    page.page.route("**/search_messages", lambda route: route.fulfill(
        status=503, json={"base_resp": {"code": 503, "message": "service temporarily unavailable"}}))
    search(page, "invoice")
    expect(bar(page).get_by_text("搜索失败")).to_be_visible()
    page.page.unroute("**/search_messages")
    bar(page).get_by_role("button", name="重试").click()
    expect(hits(page)).to_have_count(1)
    expect(bar(page).get_by_text("搜索失败")).to_be_hidden()


def test_nothing_found_is_said(open_history):
    page = open_history()
    search(page, "没有人说过的话")
    expect(bar(page).get_by_text("没有找到相关消息")).to_be_visible()
    page.page.keyboard.press("Enter")
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()


def test_nothing_in_a_snippet_becomes_markup(sign_in, database):
    me, other = database.user(), database.user('<img src=x onerror="alert(1)">')
    conversation = database.conversation(me, other, title="恶意")
    text = "<img src=x onerror=alert(1)><mark>目标</mark>\u202e<script>alert(2)</script>"
    database.message(conversation, other, text)
    database.message(conversation, other, "https://files.example/x", message_type="file",
                     file_name="目标\u202egpj.exe")
    page = sign_in(me)
    page.open_conversation("恶意")
    search(page, "目标")
    expect(hits(page)).to_have_count(2)
    assert hits(page).locator("img, script").count() == 0
    assert hits(page).locator("mark").all_inner_texts() == ["目标", "目标"]
    expect(hits(page).nth(1)).to_contain_text("<mark>目标</mark>")
    expect(hits(page).nth(0)).to_contain_text("目标gpj.exe")


# By keyboard, at each width, accessible

def test_everything_by_the_keyboard(open_history):
    page = open_history()
    keyboard = page.page.keyboard
    page.timeline.focus()
    keyboard.press("/")
    expect(field(page)).to_be_focused()
    keyboard.type("请看合同")
    expect(count(page)).to_have_text("找到 30+ 条")
    keyboard.press("ArrowDown")
    expect(hits(page).first).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(hits(page).nth(2)).to_be_focused()
    keyboard.press("Enter")
    expect(row(page, 3000 - 80)).to_be_focused()
    # Who reads on there and presses Escape is back as well.
    keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()
    expect(page.timeline).to_be_focused()
    # What was looked for is still there.
    keyboard.press("/")
    keyboard.press("Enter")
    expect(count(page)).to_have_text("第 1 条，共 30+ 条")
    keyboard.press("Enter")
    expect_in_the_middle(page, 3000 - 40)
    expect(field(page)).to_be_focused()
    keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()
    expect(page.timeline).to_be_focused()
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()


def test_a_slash_in_a_text_is_a_slash_and_the_second_find_is_the_browsers(open_history):
    page = open_history()
    page.composer.focus()
    page.page.keyboard.press("/")
    expect(page.composer).to_have_value("/")
    expect(bar(page)).to_be_hidden()
    page.page.evaluate("""() => addEventListener("keydown", (event) => {
        if (event.key === "f") (window.prevented ??= []).push(event.defaultPrevented);
    })""")
    page.page.keyboard.press("Control+f")
    expect(field(page)).to_be_focused()
    page.page.keyboard.press("Control+f")
    assert page.page.evaluate("window.prevented") == [True, False]
    page.page.keyboard.press("Escape")
    expect(page.composer).to_be_focused()


@pytest.mark.looks
@pytest.mark.parametrize("options", [
    {}, {**PHONE}, {**TABLET, **ENGLISH}, {**PHONE, **ENGLISH, "color_scheme": "dark"},
    {**WIDE, "color_scheme": "dark"},
], ids=["desktop", "phone", "tablet-en", "phone-en-dark", "wide-dark"])
def test_it_fits_and_is_accessible(open_history, options, pictures, request):
    page = open_history(**options)
    page.page.locator(".conversation-head button:has(svg)").first.focus()
    search(page, "合同")
    expect(hits(page)).to_have_count(30)
    assert_fits(page)
    assert violations(page) == []
    page.page.screenshot(path=pictures / f"search-list-{request.node.callspec.id}.png")
    hits(page).nth(3).click()
    expect_in_the_middle(page, 3000 - 3 * 40)
    assert_fits(page)
    # The day that floats over the messages fades out some time after the last scrolling.
    expect(page.page.locator(".floating-day")).to_have_class(re.compile("resting"))
    assert violations(page) == []
    page.page.screenshot(path=pictures / f"search-jump-{request.node.callspec.id}.png")


def assert_fits_the_page(page):
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def assert_fits(page):
    """Nothing is wider than the page, and the buttons of the bar do not overlap."""
    assert_fits_the_page(page)
    overlaps = bar(page).evaluate("""(it) => {
        const boxes = [...it.querySelectorAll(".search-line input, .search-steps > *, .search-types > *")]
            .map((each) => each.getBoundingClientRect()).filter((box) => box.width > 0);
        const width = document.querySelector("section.conversation").getBoundingClientRect();
        const outside = boxes.filter((box) => box.left < width.left || box.right > width.right).length;
        return outside + boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
            a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
    }""")
    assert overlaps == 0
