"""What is written without a network: it waits, says so, and is sent once and in its order when the network is back."""

import pytest
from playwright.sync_api import expect

WAITS = {"zh-CN": "等待网络恢复", "en": "Waiting for the network"}
LATER = {"zh-CN": "尚未发送，网络恢复后会自动发送", "en": "Not sent yet. It is sent as soon as there is a network."}


@pytest.fixture
def conversation(database, me, other):
    return database.conversation(me, other, title="断网")


@pytest.fixture
def open_page(make_page, api, me, conversation):
    """Whose clock the test moves on."""
    def open_page(**options):
        page = make_page(**options)
        page.page.clock.install()
        page.open().sign_in(api.token(me))
        page.open_conversation("断网")
        return page

    return open_page


def let_pass(page, seconds):
    """As if so much time had passed: step by step, since each attempt is made of promises, too."""
    for _ in range(seconds):
        page.page.clock.run_for(1_000)


def stored(database, conversation) -> list:
    return [row["content"] for row in database.stored_messages(conversation)]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_what_waited_for_minutes_is_sent_in_order_and_once(open_page, database, conversation, locale):
    page = open_page(locale=locale)
    page.page.context.set_offline(True)
    for text in ("一", "二"):
        page.write(text)
    expect(page.row("一").locator(".state")).to_have_text(WAITS[locale])
    let_pass(page, 15)
    page.write("三")
    # The first one's half minute is over, and not that of those behind it.
    let_pass(page, 45)
    for text in ("一", "二", "三"):
        expect(page.row(text).locator(".state")).to_have_text(LATER[locale])
    # One that is written later does not go before them.
    page.write("四")
    let_pass(page, 5)
    assert stored(database, conversation) == []
    page.page.context.set_offline(False)
    let_pass(page, 10)
    for text in ("一", "二", "三", "四"):
        expect(page.page.locator(".row.message:not(.pending) .bubble", has_text=text)).to_be_visible()
    assert stored(database, conversation) == ["一", "二", "三", "四"]
    assert page.texts() == ["一", "二", "三", "四"]


def test_send_again_sends_those_before_it_first(open_page, database, conversation):
    """The service did not answer for a minute; the network was there all the time."""
    page = open_page()
    page.page.route("**/send_message", lambda route: route.abort())
    page.write("一")
    page.write("二")
    for _ in range(45):
        let_pass(page, 1)
        if page.row("二").locator(".state").inner_text() == LATER["zh-CN"]:
            break
    page.page.unroute("**/send_message")
    page.row("二").get_by_role("button", name="重新发送").click()
    let_pass(page, 3)
    expect(page.page.locator(".row.message:not(.pending) .bubble", has_text="二")).to_be_visible()
    assert stored(database, conversation) == ["一", "二"]


def test_what_one_tab_takes_back_the_other_does_not_send(make_page, api, me, database, conversation):
    """Both have it from the storage that they share."""
    page = make_page().open()
    page.page.get_by_label("保持登录").check()
    page.sign_in(api.token(me))
    page.open_conversation("断网")
    page.page.evaluate("""id => {
        const entry = { conversationId: id, key: "k", message: { message_type: "text", content: "收回" }, quote: null,
            state: "failed", progress: null, error: { status: 400, message: "no" } };
        const { userId } = JSON.parse(localStorage.getItem("orbia.session"));
        localStorage.setItem(`orbia.${userId}.outbox`, JSON.stringify({ k: entry }));
    }""", conversation.id)
    first, second = (make_page(beside=page).open(f"/#/conversations/{conversation.id}") for _ in range(2))
    for tab in (first, second):
        expect(tab.row("收回")).to_be_visible()
    first.row("收回").get_by_role("button", name="删除").click()
    expect(first.row("收回")).to_have_count(0)
    second.row("收回").get_by_role("button", name="重新发送").click()
    expect(second.row("收回")).to_have_count(0)
    assert stored(database, conversation) == []
