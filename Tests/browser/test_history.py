"""A thousand older messages: all of them once, in order, without the view moving, in a document that stays small."""

import time

import pytest
from playwright.sync_api import expect

COUNT = 1_000
FIRST_AT = 1_700_000_000_000


@pytest.fixture(scope="module")
def long_conversation(database):
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title="很长的会话")
    database.execute(
        "INSERT INTO orbia_message (message_id, conversation_id, sender_id, content, created_at, updated_at)"
        " SELECT CONCAT('MSG_LONG_', seq), %s, IF(seq %% 7 < 4, %s, %s),"
        " CONCAT('#', seq, ' ', REPEAT('内容', 1 + (seq * 37) %% 90)), FROM_UNIXTIME((%s + seq * 61000) / 1000), NOW()"
        f" FROM seq_1_to_{COUNT}", conversation.id, me.id, other.id, FIRST_AT)
    database.execute("UPDATE orbia_conversation SET last_message_at = (SELECT MAX(created_at) FROM orbia_message"
                     " WHERE conversation_id = %s) WHERE id = %s", conversation.id, conversation.id)
    return me


def numbers(page) -> list:
    return [int(text.split()[0][1:]) for text in page.texts()]


@pytest.mark.thorough
def test_a_thousand_messages_are_scrolled_through_without_a_gap_or_a_repeat(sign_in, long_conversation):
    page = sign_in(long_conversation)
    page.open_conversation("很长的会话")
    expect(page.bubble(f"#{COUNT} ")).to_be_visible()
    seen, most = set(), 0
    page.timeline.hover()
    for _ in range(2_000):
        shown = numbers(page)
        assert shown == list(range(shown[0], shown[-1] + 1)), "rows that stand together follow each other"
        assert not seen or shown[-1] >= min(seen) - 1, "nothing was left out since the last look"
        seen.update(shown)
        most = max(most, page.page.locator(".virtual-canvas > .row").count())
        if min(seen) == 1:
            break
        page.page.mouse.wheel(0, -600)
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert seen == set(range(1, COUNT + 1))
    assert most < 120
    # The first message is in the document some way before the viewport comes to it, and the line above it later.
    page.scroll_to("start")
    expect(page.page.get_by_text("会话从这里开始")).to_be_visible()
    before = [body["before_timestamp"] for route, body, _ in page.calls if body and "before_timestamp" in body]
    assert len(before) == len(set(before)) == (COUNT - 30 + 49) // 50, "each page is asked for once"


@pytest.mark.parametrize("top", [0, 60, 300])
def test_the_view_stays_where_it_was_when_older_messages_come(sign_in, long_conversation, top):
    """At 0 it is the line that says "loading" that is uppermost, at 60 a day: neither stays where it is."""
    page = sign_in(long_conversation)
    page.open_conversation("很长的会话")
    expect(page.bubble(f"#{COUNT} ")).to_be_visible()
    held = []
    page.page.route("**/get_messages", lambda route: held.append(route) if "before_timestamp" in route.request.post_data
                    else route.continue_())
    page.timeline.evaluate("(it, top) => { it.scrollTop = top; }", top)
    page.wait_until(lambda: held, "older ones are asked for")
    before, height = in_sight(page), page.timeline.evaluate("it => it.scrollHeight")
    held[0].continue_()
    page.page.unroute("**/get_messages")
    page.wait_until(lambda: page.timeline.evaluate("it => it.scrollHeight") > height + 1000, "they have come")
    page.page.wait_for_timeout(200)
    after = in_sight(page)
    assert len(before) > 2
    for id, position in before.items():
        assert id in after and abs(after[id] - position) < 1.5


def in_sight(page) -> dict:
    """The messages that are in sight, and how far down their bubbles begin."""
    return page.page.evaluate("""() => {
        const edge = document.querySelector(".timeline").getBoundingClientRect();
        const rows = [...document.querySelectorAll(".row.message")].map((row) =>
            [row.dataset.messageId, row.querySelector(".bubble").getBoundingClientRect()]);
        return Object.fromEntries(rows.filter(([, box]) => box.bottom > edge.top && box.top < edge.bottom)
            .map(([id, box]) => [id, box.top]));
    }""")


def test_one_jumps_back_to_the_newest(sign_in, long_conversation, api, database):
    page = sign_in(long_conversation)
    page.open_conversation("很长的会话")
    page.scroll_to("start")
    page.page.get_by_role("button", name="回到最新消息").click()
    expect(page.bubble(f"#{COUNT} ")).to_be_in_viewport()
    expect(page.page.locator("button.jump")).to_be_hidden()


def test_a_message_that_comes_while_one_reads_older_ones_does_not_move_the_view(database, sign_in, api):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="往上看")
    database.messages(conversation, other, 60, FIRST_AT)
    page = sign_in(me)
    page.open_conversation("往上看")
    expect(page.bubble("第 59 条")).to_be_visible()
    page.scroll_to("start")
    page.page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    top = page.timeline.evaluate("it => it.scrollTop")
    api.send_text(other, conversation, "新来的").success()
    expect(page.page.get_by_role("button", name="1 条新消息")).to_be_visible(timeout=15_000)
    assert abs(page.timeline.evaluate("it => it.scrollTop") - top) < 2
    assert database.unread(conversation, me) > 0, "it has not been on the screen"
    page.page.get_by_role("button", name="1 条新消息").click()
    expect(page.bubble("新来的")).to_be_in_viewport()
    page.wait_until(lambda: database.unread(conversation, me) == 0, "it is marked as read")


def test_only_what_was_on_the_screen_is_read(database, sign_in, api):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="很多未读")
    for number in range(60):
        api.send_text(other, conversation, f"未读 {number}").success()
    page = sign_in(me)
    page.open_conversation("很多未读")
    expect(page.bubble("未读 0")).to_be_in_viewport()
    page.wait_until(lambda: 0 < database.unread(conversation, me) < 60, "what is in sight is marked as read")
    shown = page.page.evaluate("""() => {
        const bottom = document.querySelector(".timeline").getBoundingClientRect().bottom;
        return [...document.querySelectorAll(".row.message")]
            .filter((row) => row.getBoundingClientRect().bottom <= bottom + 4).length;
    }""")
    assert database.unread(conversation, me) == 60 - shown
    page.scroll_to("end")
    page.wait_until(lambda: database.unread(conversation, me) == 0, "the rest is marked as read")


def test_ten_thousand_messages_are_no_burden(database, sign_in):
    """As rows of the model: what the page does for each frame must not grow with them."""
    page = sign_in(database.user())
    most = page.page.evaluate("""async () => {
        const { VirtualList } = await import("/app/view/virtual-list.js");
        const viewport = document.createElement("div");
        viewport.style.cssText = "position:fixed;inset:0;overflow:auto;overflow-anchor:none";
        document.body.append(viewport);
        const list = new VirtualList(viewport, {
            render: (row) => Object.assign(document.createElement("div"), { textContent: row.key }),
            estimate: () => 40, stayAtEnd: true,
        });
        list.setRows(Array.from({ length: 10000 }, (_, index) => ({ key: `row ${index}`, signature: "" })));
        list.scrollToEnd();
        let most = 0;
        for (let top = viewport.scrollHeight; top > 0; top -= 9_000) {
            viewport.scrollTop = top;
            await new Promise(requestAnimationFrame);
            most = Math.max(most, viewport.querySelectorAll("[role=listitem]").length);
        }
        list.destroy();
        viewport.remove();
        return most;
    }""")
    assert most < 200


def test_a_glimpse_is_not_reading(database, sign_in):
    """To the end and back again in no time: what flew past stays unread."""
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="一瞥")
    database.messages(conversation, other, 100, FIRST_AT)
    database.execute("UPDATE orbia_conversation_member SET unread_count = 100"
                     " WHERE conversation_id = %s AND user_id = %s", conversation.id, me.id)
    page = sign_in(me)
    page.open_conversation("一瞥")
    page.wait_until(lambda: database.unread(conversation, me) < 100, "what is in sight is marked as read")
    unread = database.unread(conversation, me)
    page.page.evaluate("""async () => {
        const viewport = document.querySelector(".timeline");
        viewport.scrollTop = viewport.scrollHeight;
        await new Promise((done) => setTimeout(done, 150));
        viewport.scrollTop = 0;
    }""")
    page.page.wait_for_timeout(1_500)
    assert database.unread(conversation, me) == unread


@pytest.mark.thorough
def test_what_was_sent_long_ago_leaves_no_gap(database, sign_in, api):
    """The answer was lost, a hundred messages came since; "send again" gets the old message back."""
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="旧消息")
    key = "k" * 32
    api.send_message(me, conversation_id=conversation.id, message_type="text", content="旧的",
                     client_message_id=key).success()
    for number in range(100):
        api.send_text(other, conversation, f"之后 {number}").success()
    database.execute("UPDATE orbia_conversation_member SET unread_count = 0, last_read_at = NOW(3)")
    page = sign_in(me)
    page.page.evaluate("""([user, id, key]) => sessionStorage.setItem(`orbia.${user}.outbox`, JSON.stringify({ [key]: {
        conversationId: id, key, state: "failed", error: { status: 403, message: "" }, progress: null, quote: null,
        message: { message_type: "text", content: "旧的" },
    } }))""", [me.id, conversation.id, key])
    page.page.reload()
    page.open_conversation("旧消息")
    page.scroll_to("end")
    page.page.get_by_role("button", name="重新发送").click()
    expect(page.page.locator(".pending")).to_have_count(0)
    seen = set()
    page.timeline.hover()
    for _ in range(60):
        seen.update(page.texts())
        page.page.mouse.wheel(0, -400)
        page.page.wait_for_timeout(60)
    assert seen == {"旧的", *(f"之后 {number}" for number in range(100))}


def test_older_messages_that_do_not_come_are_asked_for_now_and_then(sign_in, long_conversation):
    page = sign_in(long_conversation)
    page.open_conversation("很长的会话")
    refused = []

    def refuse(route):
        if "before_timestamp" not in route.request.post_data:
            route.continue_()
            return
        refused.append(route)
        route.fulfill(status=503, headers={"Retry-After": "2"},
                      json={"base_resp": {"code": 503, "message": "service temporarily unavailable"}})

    page.page.route("**/get_messages", refuse)
    began = time.monotonic()
    for top in range(40):
        page.timeline.evaluate("(it, top) => { it.scrollTop = top % 2; }", top)
        page.page.wait_for_timeout(30)
    # The loop takes less than the two seconds of Retry-After, except on a busy machine.
    assert 1 <= len(refused) <= 1 + (time.monotonic() - began) // 2
    page.page.unroute("**/get_messages")
    # By itself, once the time is over.
    page.wait_until(lambda: page.timeline.evaluate("it => it.scrollTop") > 1_000, "they have come", within=6)
