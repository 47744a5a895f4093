"""Usable by keyboard, by a screen reader, on a phone, in the dark."""

import pytest
from playwright.sync_api import expect

from axe import violations

PHONE = {"width": 360, "height": 640}


@pytest.fixture
def me(database):
    me, other = database.user("我"), database.user("一个名字非常非常长的用户，长得放不进一行里面")
    conversation = database.conversation(me, other, title="标题也可以很长：" + "产品推广视频" * 8, type="kol_order")
    for index in range(12):
        text = f"{index} 这是一条消息 " + "verylongwordwithoutaspace" * (index % 3 * 4)
        database.message(conversation, (me, other)[index % 2], text)
    database.message(conversation, other, "https://cdn.example.com/" + "a" * 300 + ".pdf", message_type="file")
    database.update_conversation(conversation, last_message_at="2036-01-01 00:00:00")
    database.execute("UPDATE orbia_conversation_member SET unread_count = 3 WHERE conversation_id = %s",
                     conversation.id)
    database.conversation(me, other, title="第二个", status="closed", type="support")
    return me


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{"width": 1180, "height": 760}, PHONE], ids=["desktop", "phone"])
def test_the_rules_of_accessible_pages_are_kept(sign_in, make_page, me, scheme, size):
    options = {"color_scheme": scheme, "viewport": size}
    page = make_page(**options).open()
    expect(page.page.locator("button.user").first).to_be_visible()
    assert violations(page) == []
    page = sign_in(me, **options)
    expect(page.conversations).to_have_count(2)
    assert violations(page) == []
    page.conversations.first.click()
    expect(page.bubbles.first).to_be_visible()
    assert violations(page) == []
    page.page.get_by_role("button", name="成员").click()
    assert violations(page) == []
    page.page.keyboard.press("Escape")
    page.page.get_by_role("button", name="分享文件").click()
    page.page.get_by_role("menuitem", name="文件链接").click()
    assert violations(page) == []


@pytest.mark.looks
@pytest.mark.parametrize("width", [320, 360, 390, 720, 721, 1180])
def test_nothing_sticks_out_at_any_width(sign_in, me, width):
    page = sign_in(me, viewport={"width": width, "height": 640})
    expect(page.conversations).to_have_count(2)

    def sticks_out():
        return page.page.evaluate("""() => [...document.querySelectorAll("#app *")].filter((it) => {
            const box = it.getBoundingClientRect();
            const clipped = it.closest(".filters, .titles, .visually-hidden, .conversation-link, .sender");
            return box.width > 0 && box.right > innerWidth + 1 && !clipped;
        }).map((it) => it.outerHTML.slice(0, 100))""")

    assert sticks_out() == []
    page.conversations.first.click()
    expect(page.bubbles.first).to_be_visible()
    assert sticks_out() == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_shows_one_pane_at_a_time(sign_in, me):
    page = sign_in(me, viewport=PHONE, has_touch=True, is_mobile=True)
    expect(page.conversations).to_have_count(2)
    expect(page.page.locator(".pane")).to_be_hidden()
    page.conversations.first.tap()
    expect(page.bubbles.first).to_be_visible()
    expect(page.page.locator(".sidebar")).to_be_hidden()
    page.page.get_by_role("link", name="返回会话列表").tap()
    expect(page.page.locator(".sidebar")).to_be_visible()
    expect(page.page.locator(".pane")).to_be_hidden()
    # The browser's own way back and forth, too.
    page.page.go_forward()
    expect(page.bubbles.first).to_be_visible()


def test_everything_can_be_done_by_keyboard(database, make_page, api, me):
    page = make_page().open()
    keyboard = page.page.keyboard
    page.page.get_by_role("textbox").focus()
    keyboard.insert_text(api.token(me))
    keyboard.press("Enter")
    expect(page.conversations).to_have_count(2)
    for _ in range(20):
        keyboard.press("Tab")
        if page.page.evaluate("document.activeElement.matches('.conversation-link')"):
            break
    keyboard.press("ArrowDown")
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    expect(page.composer).to_be_focused()
    keyboard.type("hello")
    keyboard.press("Enter")
    expect(page.row("hello").locator(".state")).to_have_text("已发送")
    expect(page.composer).to_be_focused()
    page.page.get_by_role("button", name="成员").focus()
    keyboard.press("Enter")
    expect(page.page.get_by_role("dialog")).to_be_visible()
    keyboard.press("Escape")
    expect(page.page.get_by_role("button", name="成员")).to_be_focused()
    page.timeline.focus()
    at_end = page.timeline.evaluate("it => it.scrollTop")
    keyboard.press("PageUp")
    page.wait_until(lambda: page.timeline.evaluate("it => it.scrollTop") < at_end, "it scrolls")


def test_tab_comes_to_one_conversation_and_goes_on(database, sign_in):
    me = database.user("我")
    database.conversations(30, me, title="许多")
    page = sign_in(me)
    expect(page.conversations.first).to_be_visible()
    page.conversations.first.click()
    expect(page.composer).to_be_focused()
    page.page.locator(".filter").last.focus()
    stops = []
    for _ in range(3):
        page.page.keyboard.press("Tab")
        stops.append(page.page.evaluate("document.activeElement.className"))
    assert stops[0] == "conversation-link" and "conversation-link" not in stops[1:]


def test_a_dialog_goes_with_what_it_belongs_to(database, sign_in):
    me = database.user("我")
    database.conversation(me, title="对话框")
    page = sign_in(me)
    page.open_conversation("对话框")
    page.page.get_by_role("button", name="分享文件").click()
    page.page.get_by_role("menuitem", name="文件链接").click()
    url = page.page.get_by_role("dialog").get_by_label("链接（以 http:// 或 https:// 开头）")
    url.fill("https://example.com/a-long-address")
    # Text is selected with the mouse, and let go beside the dialog.
    box = url.bounding_box()
    page.page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 10)
    page.page.mouse.down()
    page.page.mouse.move(20, box["y"] + 10)
    page.page.mouse.up()
    expect(url).to_have_value("https://example.com/a-long-address")
    page.page.evaluate("location.hash = '#/'")
    expect(page.page.get_by_role("dialog")).to_have_count(0)
    expect(page.page.get_by_text("选择一个会话")).to_be_visible()
    assert page.count("send_message") == 0


def test_the_focus_survives_new_messages_and_a_list_that_moves(database, api, sign_in):
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title="移动")
    database.conversation(me, other, title="第二个")
    page = sign_in(me)
    page.page.locator("a.conversation-link", has_text="第二个").focus()
    api.send_text(other, conversation, "到最上面").success()
    expect(page.conversations.first.locator(".title")).to_have_text("移动", timeout=15_000)
    expect(page.page.locator("a.conversation-link", has_text="第二个")).to_be_focused()


def test_new_messages_are_read_out(database, api, sign_in):
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title="朗读")
    page = sign_in(me)
    page.open_conversation("朗读")
    api.send_text(other, conversation, "请听").success()
    expect(page.page.get_by_role("log")).to_have_text("对方：请听", timeout=15_000)


def test_rows_know_their_place(database, sign_in):
    me = database.user()
    conversation = database.conversation(me, title="位置")
    database.messages(conversation, me, 10, 1_700_000_000_000)
    page = sign_in(me)
    page.open_conversation("位置")
    last = page.page.locator(".timeline [role=listitem]").last
    expect(last).to_have_attribute("aria-posinset", "12")
    expect(last).to_have_attribute("aria-setsize", "12")


def test_the_dark_is_dark(sign_in, me):
    def brightness(page):
        return page.page.evaluate("""() =>
            getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => +a + +b)""")

    assert int(brightness(sign_in(me, color_scheme="light"))) > 600
    assert int(brightness(sign_in(me, color_scheme="dark"))) < 150
