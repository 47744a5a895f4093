"""The rows of the list: what each says, to the eye and to a screen reader."""

import json
import re

import pytest
from playwright.sync_api import expect

from axe import violations
from sizes import LOCALES, PHONE, SIZES

AT = "2024-01-0{} 00:00:00"


@pytest.fixture
def me(database):
    return database.user("我自己")


@pytest.fixture
def other(database):
    return database.user("李娜")


@pytest.fixture
def staff(database):
    return database.user("客服小陈")


def weight(locator) -> int:
    return int(locator.evaluate("it => getComputedStyle(it).fontWeight"))


def names(page, title: str):
    return page.conversation(title).locator(".names")


def preview(page, title: str):
    return page.conversation(title).locator(".preview")


def test_unread_ones_are_bold_and_the_others_are_not(database, api, sign_in, me, other):
    database.message(database.conversation(me, other, title="读过"), other, "旧的")
    unread = database.conversation(me, other, title="没读过")
    api.send_text(other, unread, "新的").success()
    page = sign_in(me)
    expect(page.badge("没读过")).to_have_text("1")
    for part in (".title", ".names", ".preview"):
        assert weight(page.conversation("没读过").locator(part)) >= 600 > weight(page.conversation("读过").locator(part))
    page.open_conversation("没读过")
    expect(page.badge("没读过")).to_have_count(0)
    assert weight(page.conversation("没读过").locator(".title")) < 600


def test_each_row_has_the_others_names_and_customer_service_comes_last(database, sign_in, me, other, staff):
    conversation = database.conversation(me, title="三人")
    database.join(conversation, staff, role="admin")
    database.join(conversation, other)
    database.conversation(me, other, title="两人")
    database.conversation(me, title="独自")
    page = sign_in(me)
    expect(names(page, "三人")).to_have_text("李娜、客服小陈")
    expect(names(page, "两人")).to_have_text("李娜")
    expect(names(page, "独自")).to_have_text("我")
    # The picture is of whoever is named first.
    expect(page.conversation("三人").locator(".avatar")).to_have_text("李")


@pytest.mark.parametrize("locale, own, recalled, recalled_own", [
    ("zh-CN", "我：我说的", "“李娜”撤回了一条消息", "你撤回了一条消息"),
    ("en-GB", "You: 我说的", "李娜 took a message back", "You took a message back"),
])
def test_the_last_message_reads_well(database, api, sign_in, me, other, staff, locale, own, recalled, recalled_own):
    def conversation(title):
        return database.conversation(me, other, title=title)

    api.send_text(me, conversation("自己"), "我说的").success()
    api.send_text(other, conversation("对方"), "对方\n说的").success()
    three = conversation("三人")
    database.join(three, staff, role="admin")
    api.send_text(staff, three, "客服说的").success()
    database.message(conversation("系统"), other, "系统说的", message_type="system")
    for title, who in [("对方撤回", other), ("自己撤回", me)]:
        there = conversation(title)
        sent = api.send_text(who, there, "说错了").success()["message"]["message_id"]
        api.post(who, "recall_message", {"conversation_id": there.id, "message_id": sent}).success()
    page = sign_in(me, locale=locale)
    colon = "：" if locale == "zh-CN" else ": "
    for title, text in {
        "自己": own, "对方": "对方 说的", "三人": f"客服小陈{colon}客服说的", "系统": "系统说的", "对方撤回": recalled,
        "自己撤回": recalled_own,
    }.items():
        expect(preview(page, title)).to_have_text(text)


def test_who_has_the_senders_name_is_not_taken_for_the_sender(database, api, sign_in):
    me, namesake = database.user("张三"), database.user("张三")
    conversation = database.conversation(me, namesake, database.user("李四"), title="同名")
    api.send_text(namesake, conversation, "你好").success()
    expect(preview(sign_in(me), "同名")).to_have_text("张三：你好")


def test_a_draft_shows_where_it_waits_and_not_where_one_writes(database, sign_in, me, other):
    database.message(database.conversation(me, other, title="有草稿"), other, "你好")
    database.conversation(me, other, title="别处")
    page = sign_in(me)
    page.open_conversation("有草稿")
    page.composer.fill("写到\n一半")
    expect(preview(page, "有草稿")).to_have_text("你好")
    page.open_conversation("别处")
    expect(preview(page, "有草稿")).to_have_text("草稿：写到 一半")
    page.open_conversation("有草稿")
    expect(preview(page, "有草稿")).to_have_text("你好")
    page.composer.fill("")
    page.open_conversation("别处")
    expect(preview(page, "有草稿")).to_have_text("你好")


@pytest.mark.parametrize("locale, text", [("zh-CN", "草稿：回复李娜：原来的话"), ("en-GB", "Draft: answer to 李娜: 原来的话")])
def test_a_draft_that_only_quotes_shows_too(database, make_page, api, me, other, locale, text):
    conversation = database.conversation(me, other, title="引用")
    quote = {"message_id": database.message(conversation, other, "原来的话"), "sender_nickname": "李娜",
             "message_type": "text", "content": "原来的话"}
    page = make_page(locale=locale).open()
    drafts = json.dumps({str(conversation.id): {"text": "", "replyTo": quote}})
    page.page.evaluate("([id, drafts]) => sessionStorage.setItem(`orbia.${id}.drafts`, drafts)", [me.id, drafts])
    page.sign_in(api.token(me))
    expect(preview(page, "引用")).to_have_text(text)


def is_in_sight(locator) -> bool:
    """Whether the element is on its line, and not below it."""
    return locator.evaluate("""it => {
        const [box, line] = [it.getBoundingClientRect(), it.parentElement.getBoundingClientRect()];
        return box.top < line.bottom && box.right <= line.right + 1;
    }""")


def test_type_and_number_of_an_order_show_where_there_is_room(database, sign_in, me, other):
    long = database.user("一个名字非常非常长的用户，长得放不进一行里面去的那种")
    for title, member, number in [("短", other, "1"), ("长", long, "2"), ("号码长", other, "3" * 36)]:
        database.conversation(me, member, title=title, type="kol_order", related_order_type="kol_order",
                              related_order_id=f"K-{me.id}-{number}")
    page = sign_in(me, viewport=PHONE)
    expect(page.conversations).to_have_count(3)
    facts = {title: page.conversation(title).locator(".fact") for title in ("短", "长", "号码长")}
    expect(facts["短"]).to_have_text(["KOL订单", f"K-{me.id}-1"])
    assert [is_in_sight(fact) for fact in facts["短"].all()] == [True, True]
    assert [is_in_sight(fact) for fact in facts["长"].all()] == [False, False]
    assert [is_in_sight(fact) for fact in facts["号码长"].all()] == [True, False]


@pytest.fixture
def many_kinds(database, me, other, staff):
    """Conversations whose rows have much and little to say."""
    long = database.user("Somebody with a name that is a good deal longer than any line of the list is")
    kinds = [("kol_order", "active", 0, "短"), ("ad_order", "closed", 3, "标题也可以很长：" + "产品推广视频" * 8),
             ("general", "archived", 120, None), ("support", "active", 1, "An English title without any end to it")]
    for index, (kind, status, unread, title) in enumerate(kinds):
        conversation = database.conversation(me, [other, long][index % 2], title=title, type=kind, status=status)
        if index != 2:
            database.join(conversation, staff, role="admin")
        database.message(conversation, other, "你好，样机明天送到。" * (index * 5 + 1))
        database.execute("UPDATE orbia_conversation_member SET unread_count = %s WHERE conversation_id = %s AND"
                         " user_id = %s", unread, conversation.id, me.id)
        database.update_conversation(conversation, last_message_at=AT.format(index + 1))
    database.conversation(me, title="没有消息")
    return me


@pytest.mark.looks
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_every_row_has_the_same_height_and_nothing_leaves_it(sign_in, many_kinds, locale, width):
    page = sign_in(many_kinds, locale=locale, viewport={"width": width, "height": 800})
    expect(page.conversations).to_have_count(5)
    heights = page.conversations.evaluate_all("all => all.map((it) => it.parentElement.getBoundingClientRect().height)")
    assert set(heights) == {84}
    assert page.conversations.evaluate_all("""all => all.flatMap((row) => {
        const frame = row.getBoundingClientRect();
        return [...row.querySelectorAll(".line, .title, .people, .preview, time, .tag, .badge")].filter((it) => {
            const box = it.getBoundingClientRect();
            return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
        }).map((it) => it.outerHTML);
    })""") == []


@pytest.mark.parametrize("locale, name", [
    ("zh-CN", r"产品推广视频，2 条未读，李娜、客服小陈，KOL订单，K-\d+，已关闭，李娜：样机到了，\d\d:\d\d"),
    ("en-GB", r"产品推广视频, 2 unread, 李娜, 客服小陈, KOL order, K-\d+, Closed, 李娜: 样机到了, \d\d:\d\d"),
])
def test_a_screen_reader_says_a_row_as_one_sentence(database, api, sign_in, me, other, staff, locale, name):
    conversation = database.conversation(me, other, title="产品推广视频", type="kol_order",
                                         related_order_type="kol_order", related_order_id=f"K-{me.id}")
    database.join(conversation, staff, role="admin")
    for text in ("在吗", "样机到了"):
        api.send_text(other, conversation, text).success()
    database.update_conversation(conversation, status="closed")
    page = sign_in(me, locale=locale)
    expect(page.page.get_by_role("link", name=re.compile(f"^{name}$"))).to_have_count(1)


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_rules_of_accessible_pages_are_kept(sign_in, many_kinds, locale, size, scheme):
    page = sign_in(many_kinds, locale=locale, viewport=SIZES[size], color_scheme=scheme)
    expect(page.conversations).to_have_count(5)
    assert violations(page) == []
