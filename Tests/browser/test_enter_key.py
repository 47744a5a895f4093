"""What Enter does in the composer: it sends where there is a keyboard, and else begins a new line; or as chosen."""

import pytest
from playwright.sync_api import expect

from sizes import PHONE
from talk_fixtures import talk

BY_TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


def hint(page) -> str:
    return page.page.locator("#composer-hint").text_content()


def choose(page, name):
    page.page.get_by_role("button", name="更多").click()
    page.page.get_by_role("group", name="Enter 键").get_by_role("menuitemradio", name=name).click()


def write(page, *keys):
    page.composer.fill("一")
    for key in keys:
        page.composer.press(key)


def expect_sent(page):
    expect(page.bubble("一")).to_be_visible()
    expect(page.composer).to_have_value("")


def test_with_a_keyboard_it_sends(talk):
    page = talk.open()
    expect(page.composer).to_have_attribute("enterkeyhint", "send")
    assert hint(page) == "Enter 发送，Shift+Enter 换行"
    write(page, "Shift+Enter")
    expect(page.composer).to_have_value("一\n")
    page.composer.press("Enter")
    expect_sent(page)


def test_on_a_phone_it_begins_a_new_line(talk):
    page = talk.open(**BY_TOUCH)
    expect(page.composer).to_have_attribute("enterkeyhint", "enter")
    assert hint(page) == "Enter 换行，Ctrl+Enter 发送"
    write(page, "Enter")
    expect(page.composer).to_have_value("一\n")
    expect(page.bubbles).to_have_count(0)
    page.page.get_by_role("button", name="发送", exact=True).tap()
    expect_sent(page)


@pytest.mark.thorough
@pytest.mark.parametrize("key", ["Control+Enter", "Meta+Enter"])
@pytest.mark.parametrize("options", [{}, BY_TOUCH], ids=["desktop", "phone"])
def test_with_ctrl_or_command_it_always_sends(talk, options, key):
    page = talk.open(**options)
    write(page, key)
    expect_sent(page)


def test_the_choice_applies_at_once_and_is_kept(talk):
    page = talk.open()
    choose(page, "换行")
    assert hint(page) == "Enter 换行，Ctrl+Enter 发送"
    expect(page.composer).to_have_attribute("enterkeyhint", "enter")
    write(page, "Enter")
    expect(page.composer).to_have_value("一\n")
    page.page.reload()
    expect(page.composer).to_have_value("一\n")
    page.composer.press("Enter")
    expect(page.composer).to_have_value("一\n\n")
    page.page.keyboard.press("Escape")
    page.page.get_by_role("button", name="更多").click()
    page.page.get_by_role("menuitem", name="键盘快捷键").click()
    keys = page.page.locator(".shortcuts > div", has_text="发送消息").locator("kbd")
    assert keys.all_inner_texts() == ["Ctrl", "Enter"]
    page.page.keyboard.press("Escape")
    choose(page, "发送消息")
    page.open_conversation(talk.title)
    page.composer.press("Enter")
    expect_sent(page)


@pytest.mark.thorough
def test_a_phone_can_have_it_send(talk):
    page = talk.open(**BY_TOUCH)
    page.page.get_by_role("link", name="返回会话列表").tap()
    choose(page, "发送消息")
    page.open_conversation(talk.title)
    expect(page.composer).to_have_attribute("enterkeyhint", "send")
    write(page, "Enter")
    expect_sent(page)


@pytest.mark.thorough
def test_the_tabs_of_a_browser_have_one_choice(talk, make_page):
    page = talk.open()
    beside = make_page(beside=page).open(f"/#/conversations/{talk.conversation.id}")
    expect(beside.composer).to_have_attribute("enterkeyhint", "send")
    choose(page, "换行")
    expect(beside.composer).to_have_attribute("enterkeyhint", "enter")


@pytest.mark.thorough
@pytest.mark.parametrize("init", [{"isComposing": True}, {"keyCode": 229}], ids=["composing", "Safari"])
@pytest.mark.parametrize("modifiers", [{}, {"ctrlKey": True}], ids=["Enter", "Ctrl+Enter"])
def test_it_is_the_input_methods_while_that_composes(talk, init, modifiers):
    page = talk.open()
    page.composer.fill("一")
    is_taken = page.composer.evaluate("""(field, init) => !field.dispatchEvent(new KeyboardEvent("keydown", {
        key: "Enter", bubbles: true, cancelable: true, ...init }))""", {**init, **modifiers})
    assert not is_taken
    expect(page.composer).to_have_value("一")
    expect(page.bubbles).to_have_count(0)
