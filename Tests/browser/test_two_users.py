"""Two people side by side: the order is confirmed, the conversation appears, both write, counts and receipts follow."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

TITLE = "KOL订单: 产品推广视频"


def test_an_order_from_its_confirmation_to_a_read_answer(database, sign_in):
    kol = database.kol()
    order = database.order(kol=kol)
    buyer, maker = sign_in(order.user), sign_in(kol.user)
    expect(buyer.page.get_by_text("还没有会话")).to_be_visible()

    database.set_order_status(order, "confirmed")
    for page in (buyer, maker):
        expect(page.conversation(TITLE)).to_be_visible(timeout=15_000)

    buyer.open_conversation(TITLE)
    buyer.write("样机明天送到")
    expect(buyer.row("样机明天送到").locator(".state")).to_have_text("已发送")

    # The other one has it in the list, and it is read once it has been on the screen.
    expect(maker.badge(TITLE)).to_have_text("1", timeout=15_000)
    assert maker.page.title() == "(1) Orbia 会话"
    expect(buyer.row("样机明天送到").locator(".state")).to_have_text("已发送")
    maker.open_conversation(TITLE)
    expect(maker.bubble("样机明天送到")).to_be_visible()
    expect(maker.badge(TITLE)).to_have_count(0, timeout=15_000)
    expect(maker.page).to_have_title("Orbia 会话")
    expect(buyer.row("样机明天送到").locator(".state")).to_have_text("已读", timeout=15_000)

    # The answer comes into the open conversation, and is read there without a count.
    maker.write("收到，谢谢！")
    expect(buyer.bubble("收到，谢谢！")).to_be_visible(timeout=15_000)
    expect(maker.row("收到，谢谢！").locator(".state")).to_have_text("已读", timeout=15_000)
    expect(buyer.badge(TITLE)).to_have_count(0)
    assert database.rows("SELECT unread_count FROM orbia_conversation_member m JOIN orbia_conversation c"
                         " ON c.id = m.conversation_id WHERE c.related_order_id = %s", order.order_id) == [
        {"unread_count": 0}, {"unread_count": 0}]


def test_own_messages_stand_to_the_right_and_names_over_others(database, sign_in, api):
    me, other = database.user("我自己"), database.user("对方")
    conversation = database.conversation(me, other, title="左右")
    for user, content in [(other, "左一"), (other, "左二"), (me, "右一")]:
        api.send_text(user, conversation, content).success()
    page = sign_in(me)
    page.open_conversation("左右")
    middle = page.timeline.bounding_box()
    centre = middle["x"] + middle["width"] / 2
    assert page.bubble("左一").bounding_box()["x"] < centre < page.bubble("右一").bounding_box()["x"]
    # One name for the two that follow each other.
    expect(page.page.locator(".row.first .sender", has_text="对方")).to_have_count(1)
    # Under the first one the time is for screen readers alone.
    assert page.row("左一").locator(".meta").bounding_box()["width"] <= 1
    assert page.row("左二").locator(".meta").bounding_box()["width"] > 20


def test_an_own_message_does_not_hide_one_that_was_sent_before_it(database, sign_in, api):
    """The answer to a send brings the newest time along; what others sent a moment earlier is still to be polled."""
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="同时")
    page = sign_in(me)
    page.open_conversation("同时")

    def slow(route):
        api.send_text(other, conversation, "抢先一步").success()
        route.continue_()

    page.page.route("**/send_message", slow)
    page.write("随后")
    expect(page.bubble("抢先一步")).to_be_visible(timeout=15_000)
    expect(page.bubble("随后")).to_be_visible()
    assert page.texts() == ["抢先一步", "随后"]


def test_days_and_the_first_unread_message_are_marked(database, sign_in):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="日子")
    day = 1_700_000_000_000
    for index in range(3):
        database.message(conversation, other, f"第 {index} 天", day + index * 86_400_000)
    database.execute("UPDATE orbia_conversation_member SET unread_count = 1, last_read_at = FROM_UNIXTIME(%s)"
                     " WHERE conversation_id = %s AND user_id = %s", (day + 86_400_000) // 1000, conversation.id, me.id)
    page = sign_in(me)
    page.open_conversation("日子")
    lines = page.page.locator(".row.line:not(.system)").all_inner_texts()
    assert lines == ["会话从这里开始", "2023年11月15日星期三", "2023年11月16日星期四", "2023年11月17日星期五", "以下是新消息"]


def test_total_unread_is_in_the_title_whatever_the_filter(database, sign_in, api):
    me, other = database.user(), database.user("对方")
    for title, kind in [("普通会话", "general"), ("客服会话", "support")]:
        api.send_text(other, database.conversation(me, other, title=title, type=kind)).success()
    page = sign_in(me)
    expect(page.conversations).to_have_count(2)
    expect(page.page).to_have_title("(2) Orbia 会话")
    page.page.get_by_role("button", name="普通").click()
    expect(page.conversations).to_have_count(1)
    expect(page.conversation("普通会话")).to_be_visible()
    expect(page.page).to_have_title("(2) Orbia 会话")


def test_members_are_listed_with_their_roles(database, sign_in):
    me = database.user("张伟")
    conversation = database.conversation(me, database.user("李娜"), title="三个人")
    database.join(conversation, database.user("小陈"), role="admin")
    page = sign_in(me)
    page.open_conversation("三个人")
    page.page.get_by_role("button", name="成员").click()
    dialog = page.page.get_by_role("dialog", name="成员")
    expect(dialog.locator("li .name")).to_have_text(["张伟 (我)", "李娜", "小陈"])
    expect(dialog.locator("li .tag")).to_have_text(["创建者", "成员", "客服"])
    page.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_new_messages_while_the_tab_is_hidden_change_the_title_and_stay_unread(database, sign_in, api):
    me, other = database.user(), database.user("对方")
    conversation = database.conversation(me, other, title="后台")
    page = sign_in(me)
    page.open_conversation("后台")
    page.hide()
    api.send_text(other, conversation, "在吗").success()
    expect(page.page).to_have_title("(1) 新消息 · Orbia 会话", timeout=30_000)
    assert page.count("mark_read") == 0
    assert database.unread(conversation, me) == 1
    page.hide(False)
    expect(page.page).to_have_title("Orbia 会话", timeout=15_000)
    page.wait_until(lambda: database.unread(conversation, me) == 0, "it is marked as read")


def test_whoever_joins_late_begins_at_what_came_since(database, sign_in, api):
    """last_read_at is null; what is unread is the last ones of others, as many as are counted."""
    other, late = database.user("对方"), database.user("后来的")
    conversation = database.conversation(other, title="后来加入")
    database.messages(conversation, other, 80, 1_700_000_000_000)
    database.join(conversation, late)
    api.send_text(other, conversation, "欢迎").success()
    page = sign_in(late)
    page.open_conversation("后来加入")
    expect(page.bubble("欢迎")).to_be_in_viewport()
    line, first = page.page.get_by_text("以下是新消息").bounding_box(), page.bubble("欢迎").bounding_box()
    assert 0 < first["y"] - line["y"] < 100
    page.wait_until(lambda: database.unread(conversation, late) == 0, "it is marked as read")


def test_the_badge_does_not_come_back_with_an_answer_from_before_the_mark(database, sign_in, api, stack):
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title="慢")
    api.send_text(other, conversation, "一").success()
    page = sign_in(me, polls=True)
    expect(page.badge("慢")).to_have_text("1")
    held = []

    def hold(route):
        if held:
            route.continue_()
        else:
            # The test itself does not know the page's host.
            url = f"https://localhost:{stack.ports.https}{urlsplit(route.request.url).path}"
            held.append((route, route.fetch(url=url)))

    page.page.route("**/get_conversations", hold)
    page.page.evaluate("id => { location.hash = `#/conversations/${id}`; }", conversation.id)
    page.wait_until(lambda: held, "a poll has been answered")
    page.wait_until(lambda: database.unread(conversation, me) == 0, "it is marked as read")
    expect(page.badge("慢")).to_have_count(0)
    route, answer = held[0]
    route.fulfill(response=answer)
    page.page.wait_for_timeout(300)
    expect(page.badge("慢")).to_have_count(0)
    expect(page.page).to_have_title("Orbia 会话")
