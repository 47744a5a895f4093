"""The browser's notifications: where the user asks for them, while no tab is in sight, one for all tabs."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.thorough

# In place of the browser's own, whose notifications nobody sees in a test. It has what the page uses, and keeps all of
# them for the test to look at.
STUB = """(permission) => {
    window.notifications = [];
    window.Notification = class {
        static permission = permission;
        static async requestPermission() {
            if (this.permission === "default") this.permission = window.answer ?? "granted";
            return this.permission;
        }
        constructor(title, options) {
            Object.assign(this, { title, ...options, isClosed: false });
            window.notifications.push(this);
        }
        close() { this.isClosed = true; }
    };
}"""


@pytest.fixture
def conversation(database, me, other):
    return database.conversation(me, other, title="通知")


@pytest.fixture
def open_page(make_page, api, me, conversation):
    """With what stands in for the browser's notifications."""
    def open_page(permission="granted", beside=None, **options):
        page = make_page(beside=beside, **options)
        page.page.add_init_script(f"({STUB})({permission!r})")
        page.open().sign_in(api.token(me))
        expect(page.conversation("通知")).to_be_visible()
        return page

    return open_page


def open_settings(page):
    page.page.locator("button[aria-haspopup=menu]").first.click()


def item(page):
    return page.page.get_by_role("menuitemcheckbox").filter(has_text="通知")


def turn_on(page):
    open_settings(page)
    item(page).click()
    page.wait_until(lambda: page.page.evaluate("localStorage.getItem('orbia.notifications')") == "true", "it is on")
    page.page.evaluate("notifications.length = 0")


def count_in_sight(page) -> int:
    return page.page.evaluate("""async () => (await navigator.locks.query()).held
        .filter(({ name }) => name.startsWith("orbia.in-sight.")).length""")


def shown(page) -> list:
    return page.page.evaluate("notifications.map(({ title, body, tag, isClosed }) => [title, body, isClosed])")


def test_none_before_one_asks_for_them(open_page, api, other, conversation):
    page = open_page()
    page.hide()
    api.send_text(other, conversation, "没有要求").success()
    expect(page.badge("通知")).to_have_text("1")
    assert shown(page) == []
    page.hide(False)
    open_settings(page)
    expect(item(page)).to_have_attribute("aria-checked", "false")


def test_sender_and_one_line_and_a_click_that_leads_there(open_page, api, other, conversation):
    page = open_page("default")
    turn_on(page)
    page.hide()
    api.send_text(other, conversation, "第一行\n第二行 <b>").success()
    page.wait_until(lambda: shown(page), "it is shown")
    assert shown(page) == [["对方", "第一行 第二行 <b>", False]]
    page.hide(False)
    page.page.evaluate("notifications[0].onclick()")
    expect(page.bubble("第一行")).to_be_visible()
    assert shown(page)[0][2] is True


def test_it_goes_when_the_message_was_read_elsewhere(open_page, api, me, other, conversation):
    page = open_page()
    turn_on(page)
    page.hide()
    api.send_text(other, conversation, "看这里").success()
    page.wait_until(lambda: shown(page), "it is shown")
    api.post(me, "mark_read", {"conversation_id": conversation.id}).success()
    page.wait_until(lambda: shown(page)[0][2], "it is closed")


def test_one_for_all_tabs_and_none_while_one_is_in_sight(open_page, api, other, conversation):
    leader = open_page()
    turn_on(leader)
    leader.wait_until_waiting()
    second = open_page(beside=leader)
    second.page.bring_to_front()
    leader.hide()
    leader.wait_until(lambda: count_in_sight(leader) == 1, "the second tab alone is in sight")
    api.send_text(other, conversation, "有人在看").success()
    expect(second.badge("通知")).to_have_text("1")
    expect(leader.badge("通知")).to_have_text("1")
    second.hide()
    leader.wait_until(lambda: count_in_sight(leader) == 0, "no tab is in sight")
    api.send_text(other, conversation, "没人在看").success()
    leader.wait_until(lambda: shown(leader), "the leading tab shows it")
    assert [body for _, body, _ in shown(leader)] == ["没人在看"]
    expect(second.badge("通知")).to_have_text("2")
    assert shown(second) == []


def test_it_can_be_turned_off(open_page, api, other, conversation):
    page = open_page()
    turn_on(page)
    open_settings(page)
    expect(item(page)).to_have_attribute("aria-checked", "true")
    item(page).click()
    page.hide()
    api.send_text(other, conversation, "关掉了").success()
    expect(page.badge("通知")).to_have_text("1")
    assert shown(page) == []


@pytest.mark.parametrize("locale, text", [("zh-CN", "通知：已被浏览器阻止"), ("en", "Notifications: blocked by the browser")])
def test_where_the_browser_blocks_them_it_says_so(open_page, locale, text):
    page = open_page("denied", locale=locale)
    open_settings(page)
    blocked = page.page.get_by_role("menuitemcheckbox", name=text)
    expect(blocked).to_have_attribute("aria-disabled", "true")


def test_whoever_says_no_to_the_browser_has_none(open_page):
    page = open_page("default")
    page.page.evaluate("window.answer = 'denied'")
    open_settings(page)
    item(page).click()
    open_settings(page)
    expect(page.page.get_by_role("menuitemcheckbox", name="通知：已被浏览器阻止")).to_be_visible()


def test_where_there_are_none_it_says_so(make_page, api, me, conversation):
    """Over plain HTTP browsers have none, and on phones they refuse to make one."""
    page = make_page(polls=True).open()
    page.sign_in(api.token(me))
    expect(page.conversation("通知")).to_be_visible()
    open_settings(page)
    expect(page.page.get_by_role("menuitemcheckbox", name="通知：当前浏览器不支持")).to_have_attribute(
        "aria-disabled", "true")


def test_a_browser_that_refuses_to_make_one_is_found_out(make_page, api, me, conversation):
    page = make_page()
    page.page.add_init_script(f"({STUB})('granted')")
    page.page.add_init_script("Notification = new Proxy(Notification, { construct() { throw new TypeError(); } })")
    page.open().sign_in(api.token(me))
    expect(page.conversation("通知")).to_be_visible()
    open_settings(page)
    item(page).click()
    open_settings(page)
    expect(page.page.get_by_role("menuitemcheckbox", name="通知：当前浏览器不支持")).to_be_visible()


def test_the_sound_comes_from_one_tab(open_page, api, other, conversation):
    def count_sounds(page):
        page.page.mouse.click(5, 5)
        page.page.evaluate("""() => {
            window.sounds = 0;
            OscillatorNode.prototype.start = function () { window.sounds += 1; };
            OscillatorNode.prototype.stop = function () {};
        }""")

    leader = open_page()
    leader.wait_until_waiting()
    second = open_page(beside=leader)
    for page in (leader, second):
        count_sounds(page)
        page.hide()
    api.send_text(other, conversation, "叮").success()
    leader.wait_until(lambda: leader.page.evaluate("sounds") == 2, "the two notes are played")
    expect(second.badge("通知")).to_have_text("1")
    assert second.page.evaluate("sounds") == 0
