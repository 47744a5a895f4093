"""The order under the title: type, number, status and a link; and what an empty conversation says."""

import itertools
import json

import pytest
from playwright.sync_api import expect

from axe import violations
from talk_fixtures import DESKTOP, PHONE, TABLET, Talk, allow_clipboard, clipboard, toast

pytestmark = pytest.mark.thorough

numbers = itertools.count(10_000)


@pytest.fixture
def number() -> str:
    return f"KORD_1698765432000_{next(numbers)}"


@pytest.fixture
def talk(database, api, sign_in, number):
    return Talk(database, api, sign_in, title="KOL订单: 产品推广视频", type="kol_order", related_order_id=number)


def facts(page):
    return page.page.locator(".facts")


def status(page):
    return page.page.locator(".order-status")


def tell_status(talk, to, before=None, at=None):
    event = {"type": "order_status", "order_id": None, "from": before, "to": to}
    talk.event(talk.other, "订单状态已变更", json.dumps(event), at)


@pytest.mark.parametrize("locale, type_text, status_text", [
    ("zh-CN", "KOL订单", "进行中"), ("en-GB", "KOL order", "In progress"),
])
def test_type_number_and_status_stand_under_the_title(talk, number, locale, type_text, status_text):
    tell_status(talk, "in_progress", "confirmed")
    page = talk.open(locale=locale)
    expect(page.page.locator(".order-type")).to_have_text(type_text)
    expect(page.page.locator(".order-number")).to_have_text(number)
    expect(status(page)).to_have_text(status_text)
    expect(page.page.locator(".conversation-head .names")).to_contain_text("李娜")
    expect(page.page.locator(".conversation-head .names")).to_contain_text("张伟")


def test_a_conversation_without_an_order_has_none_of_it(database, api, sign_in):
    page = Talk(database, api, sign_in).open()
    for part in [".order-type", ".order-number", ".order-status", ".order-link"]:
        expect(page.page.locator(part)).to_be_hidden()


def test_each_status_has_a_name_and_one_that_is_not_known_is_shown_as_it_is(talk):
    tell_status(talk, "on_ice")
    page = talk.open()
    expect(status(page)).to_have_text("on_ice")
    names = page.page.evaluate("""async () => {
        const { orderStatusText } = await import("/app/view/conversation/order-facts.js");
        const known = ["pending_payment", "pending", "confirmed", "in_progress", "completed", "cancelled", "refunded"];
        return [...known, "toString"].map(orderStatusText);
    }""")
    assert names == ["待付款", "待确认", "已确认", "进行中", "已完成", "已取消", "已退款", "toString"]


def test_the_status_is_found_where_it_was_told_long_ago(talk):
    tell_status(talk, "completed", at=1_690_000_000_000)
    talk.history(60)
    page = talk.open()
    expect(page.bubble("第 59 条")).to_be_visible()
    expect(status(page)).to_have_text("已完成")


def test_the_number_is_copied_by_a_click(talk, number):
    page = talk.open()
    allow_clipboard(page)
    page.page.get_by_role("button", name=f"复制订单号 {number}").click()
    expect(toast(page)).to_contain_text("订单号已复制")
    assert clipboard(page) == number


def test_the_number_is_copied_on_plain_http_too(talk, number):
    """There the browser has no clipboard for pages: what is pasted after that is the number."""
    page = talk.open(polls=True)
    assert page.page.evaluate("navigator.clipboard") is None
    page.page.get_by_role("button", name=f"复制订单号 {number}").click()
    expect(toast(page)).to_contain_text("订单号已复制")
    page.composer.focus()
    page.page.keyboard.press("Control+V")
    expect(page.composer).to_have_value(number)


def open_with_template(make_page, api, talk, template, **options):
    page = make_page(**options)
    page.page.route("**/config.js", lambda route: route.fulfill(
        content_type="text/javascript", body=f"export const config = {json.dumps({'orderLink': template})};"))
    page.open().sign_in(api.token(talk.me))
    page.open_conversation(talk.title)
    return page


def test_the_order_has_a_link_by_the_hosts_template(talk, make_page, api, database):
    odd = "A&B/1 ?#ü"
    database.update_conversation(talk.conversation, related_order_id=odd)
    page = open_with_template(make_page, api, talk, "https://shop.example/orders/{order_id}?type={type}")
    link = page.page.get_by_role("link", name="查看订单")
    expect(link).to_have_attribute("href", "https://shop.example/orders/A%26B%2F1%20%3F%23%C3%BC?type=kol_order")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


@pytest.mark.parametrize("template", ["javascript:alert('{order_id}')", "data:text/html,{order_id}", None])
def test_only_http_and_https_become_links(talk, make_page, api, template):
    page = open_with_template(make_page, api, talk, template)
    expect(page.page.locator(".order-number")).to_be_visible()
    expect(page.page.locator(".order-link a")).to_have_count(0)


@pytest.mark.looks
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])
def test_the_head_has_two_lines_and_nothing_sticks_out(talk, make_page, api, viewport, scheme, locale):
    tell_status(talk, "pending_payment")
    page = open_with_template(make_page, api, talk, "https://shop.example/{order_id}", viewport=viewport,
                              color_scheme=scheme, locale=locale)
    expect(status(page)).to_be_visible()
    head = page.page.locator(".conversation-head").bounding_box()
    assert head["height"] <= 72
    lines = page.page.evaluate("""() => {
        const line = (selector) => document.querySelector(selector).getBoundingClientRect();
        return [line("#conversation-title"), line(".facts")].map(({ top, bottom }) => [top, bottom]);
    }""")
    assert lines[0][1] <= lines[1][0] + 1, "the title is one line, and the rest the other"
    parts = page.page.locator(".facts > *").evaluate_all("""all => all.filter((it) => it.offsetWidth > 1 && !it.hidden)
        .map((it) => it.getBoundingClientRect()).map(({ left, right }) => [left, right])""")
    line = facts(page).bounding_box()
    assert len(parts) >= 4
    assert all(before[1] <= after[0] for before, after in zip(parts, parts[1:])), "nothing covers anything"
    assert parts[-1][1] <= line["x"] + line["width"] + 1, "nothing sticks out"
    assert violations(page) == []


# Without messages


@pytest.mark.parametrize("locale, before, after", [
    ("zh-CN", "你和李娜可以在这里沟通订单 ", " 的需求、样片和交付。"),
    ("en-GB", "This is where you and 李娜 settle order ", ": what is wanted, drafts and delivery."),
])
def test_an_empty_conversation_says_what_it_is_for(talk, number, locale, before, after):
    text = f"{before}{number}{after}"
    page = talk.open(locale=locale)
    empty = page.page.locator(".empty-conversation")
    expect(empty).to_have_text(text)
    page.write("第一条")
    expect(page.bubble("第一条")).to_be_visible()
    expect(empty).to_have_count(0)
    expect(page.page.get_by_text(text)).to_have_count(0)


def test_one_with_nobody_else_says_so(database, sign_in):
    me = database.user()
    database.conversation(me, title="只有我")
    page = sign_in(me)
    page.open_conversation("只有我")
    expect(page.page.locator(".empty-conversation")).to_have_text("会话里还没有其他人。")
