"""The place in a conversation is kept when one comes back to it; and the day floats over what one scrolls."""

import pytest
from playwright.sync_api import expect

from talk_fixtures import Talk, talk

pytestmark = pytest.mark.thorough

DAY = 86_400_000
NOON = 1_700_020_800_000  # in Shanghai


@pytest.fixture
def other_talk(talk, database, api, sign_in):
    other = Talk(database, api, sign_in, title="另一个")
    database.join(other.conversation, talk.me)
    return other


def top_row(page) -> tuple:
    """The topmost message in sight, and where it is."""
    return tuple(page.timeline.evaluate("""(it) => {
        const top = it.getBoundingClientRect().top;
        const rows = [...it.querySelectorAll(".row.message")];
        const row = rows.find((row) => row.getBoundingClientRect().bottom > top + 1);
        return [row.querySelector(".text").textContent, Math.round(row.getBoundingClientRect().bottom - top)];
    }"""))


def scroll_up(page, distance):
    """From the end; returns once the rows there are in the document."""
    page.timeline.evaluate("""(it, distance) => new Promise((done) => {
        it.scrollTop = it.scrollHeight - it.clientHeight - distance;
        requestAnimationFrame(() => requestAnimationFrame(done));
    })""", distance)


def away_and_back(page, talk, other_talk):
    page.open_conversation(other_talk.title)
    expect(page.page.locator(".row.message", has_text="第 5 条")).to_have_count(0)
    page.open_conversation(talk.title)


def test_one_comes_back_to_where_one_was(talk, other_talk):
    talk.history(120)
    page = talk.open()
    expect(page.bubble("第 119 条")).to_be_in_viewport()
    scroll_up(page, 900)
    before = top_row(page)
    away_and_back(page, talk, other_talk)
    assert top_row(page) == before
    # At the end one comes back to the end, with what was sent meanwhile by oneself elsewhere.
    page.scroll_to("end")
    expect(page.bubble("第 119 条")).to_be_in_viewport()
    page.open_conversation(other_talk.title)
    talk.say(talk.me, "从手机发的")
    page.open_conversation(talk.title)
    expect(page.bubble("从手机发的")).to_be_in_viewport(timeout=15_000)


def test_after_a_jump_one_comes_back_to_where_it_has_led(talk, other_talk):
    talk.history(400)
    [old] = talk.database.rows("SELECT message_id FROM orbia_message WHERE conversation_id = %s AND content = %s",
                               talk.conversation.id, "第 30 条")
    talk.say(talk.me, "就是这条", reply_to=old["message_id"])
    page = talk.open()
    page.row("就是这条").locator(".quote").click()
    expect(page.row("第 30 条")).to_be_in_viewport()
    before = top_row(page)
    away_and_back(page, talk, other_talk)
    expect(page.row("第 30 条")).to_be_in_viewport()
    assert top_row(page) == before
    page.page.get_by_role("button", name="回到最新消息").click()
    expect(page.bubble("就是这条")).to_be_in_viewport()


def test_with_something_unread_one_comes_back_to_that(talk, other_talk):
    talk.history(120)
    page = talk.open()
    scroll_up(page, 1_500)
    page.open_conversation(other_talk.title)
    talk.say(talk.other, "没读过的")
    expect(page.badge(talk.title)).to_have_text("1", timeout=15_000)
    page.open_conversation(talk.title)
    expect(page.bubble("没读过的")).to_be_in_viewport()
    expect(page.page.get_by_text("以下是新消息")).to_be_in_viewport()


def test_older_messages_that_come_after_a_jump_do_not_move_what_one_reads(talk):
    """Also at the very top of what is loaded."""
    talk.history(400)
    [old] = talk.database.rows("SELECT message_id FROM orbia_message WHERE conversation_id = %s AND content = %s",
                               talk.conversation.id, "第 200 条")
    talk.say(talk.me, "这条", reply_to=old["message_id"])
    page = talk.open()
    held = []
    page.page.route("**/get_messages", lambda route: held.append(route) if '"limit":50' in route.request.post_data
                    else route.continue_())
    page.row("这条").locator(".quote").click()
    expect(page.row("第 200 条")).to_be_in_viewport()
    page.wait_until(lambda: held, "older ones are asked for")
    page.scroll_to("start")
    page.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    before = top_row(page)
    height = page.timeline.evaluate("it => it.scrollHeight")
    for route in held:
        route.continue_()
    page.page.unroute("**/get_messages")
    page.wait_until(lambda: page.timeline.evaluate("it => it.scrollHeight") > height + 500, "they have come")
    after = page.row(before[0]).bounding_box()
    assert abs(after["y"] + after["height"] - page.timeline.bounding_box()["y"] - before[1]) < 2


# Days


@pytest.mark.parametrize("locale, first, second", [
    ("zh-CN", "2023年11月15日星期三", "2023年11月16日星期四"),
    ("en-GB", "Wednesday 15 November 2023", "Thursday 16 November 2023"),
])
def test_the_day_of_the_topmost_message_floats(talk, locale, first, second):
    talk.history(25, NOON)
    talk.history(25, NOON + DAY)
    page = talk.open(locale=locale)
    day = page.page.locator(".floating-day")
    expect(day).to_have_attribute("aria-hidden", "true")
    names = page.page.locator(".day-line").all_inner_texts()
    page.timeline.evaluate("it => { it.scrollTop = it.scrollHeight; }")
    expect(day).to_have_text(names[-1])
    assert second.split(" ")[0].strip(",") in names[-1]
    # At its own line it does not show, and above that it is the day before.
    line = page.page.locator(".day-line", has_text=names[-1])
    line.evaluate("""(it) => {
        const timeline = it.closest(".timeline");
        timeline.scrollTop += it.getBoundingClientRect().top - timeline.getBoundingClientRect().top;
    }""")
    expect(day).to_be_hidden()
    page.timeline.evaluate("it => { it.scrollTop -= 300; }")
    expect(day).to_be_visible()
    expect(day).to_contain_text("15")
    assert first.split(" ")[0].strip(",") in day.inner_text()
    expect(day).not_to_have_class("floating-day")
    expect(day).to_have_class("floating-day resting")


def test_the_day_wakes_while_one_scrolls(talk):
    talk.history(60, NOON)
    page = talk.open()
    day = page.page.locator(".floating-day")
    expect(day).to_have_class("floating-day resting")
    page.timeline.hover()
    seen = page.page.evaluate_handle("""() => {
        const day = document.querySelector(".floating-day");
        const seen = { woke: false };
        new MutationObserver(() => { if (!day.classList.contains("resting")) seen.woke = true; })
            .observe(day, { attributes: true });
        return seen;
    }""")
    page.page.mouse.wheel(0, -300)
    page.wait_until(lambda: seen.evaluate("it => it.woke"), "it wakes")
    expect(day).to_have_class("floating-day resting")
