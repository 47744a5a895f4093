"""Keyboard shortcuts: which key does what, and the list of them."""

import pytest
from playwright.sync_api import expect

from module_fixtures import run

PRESS = """({ shortcutOf }, [on, init, platform]) => {
    Object.defineProperty(navigator, "platform", { value: platform, configurable: true });
    Object.defineProperty(navigator, "userAgentData", { value: undefined, configurable: true });
    const frame = document.createElement(on === "dialog" ? "dialog" : "div");
    const target = document.createElement(on.startsWith("input") ? "input" : on === "dialog" ? "button" : on);
    if (on.startsWith("input:")) target.type = on.slice(6);
    frame.append(target);
    document.body.append(frame);
    let found;
    addEventListener("keydown", (event) => { found = shortcutOf(event); }, { once: true });
    target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }));
    frame.remove();
    return found;
}"""
CTRL, META, ALT, SHIFT = {"ctrlKey": True}, {"metaKey": True}, {"altKey": True}, {"shiftKey": True}


@pytest.mark.parametrize("on, key, modifiers, platform, name", [
    ("div", "ArrowUp", ALT, "Linux", "previousConversation"),
    ("textarea", "ArrowDown", ALT, "MacIntel", "nextConversation"), ("div", "ArrowUp", {}, "Linux", None),
    ("div", "ArrowUp", {**ALT, **SHIFT}, "Linux", None), ("div", "k", CTRL, "Linux x86_64", "searchConversations"),
    ("textarea", "K", CTRL, "Win32", "searchConversations"), ("div", "k", META, "MacIntel", "searchConversations"),
    ("div", "k", CTRL, "MacIntel", None), ("div", "k", META, "Linux", None),
    ("div", "k", {**CTRL, **SHIFT}, "Linux", None), ("div", "k", {}, "Linux", None),
    ("div", "л", {**CTRL, "code": "KeyK"}, "Linux", "searchConversations"),
    ("div", "t", {**CTRL, "code": "KeyK"}, "Linux", None), ("input", "f", CTRL, "Linux", "searchMessages"),
    ("div", "/", {}, "Linux", "searchMessages"), ("div", "/", SHIFT, "Linux", "searchMessages"),
    ("div", "/", CTRL, "Linux", None), ("textarea", "/", {}, "Linux", None), ("input", "/", {}, "Linux", None),
    ("input:search", "?", SHIFT, "Linux", None), ("input:checkbox", "?", SHIFT, "Linux", "showShortcuts"),
    ("select", "?", SHIFT, "Linux", None), ("div", "?", SHIFT, "Linux", "showShortcuts"),
    ("button", "?", SHIFT, "MacIntel", "showShortcuts"), ("textarea", "Escape", {}, "Linux", "close"),
    ("div", "Escape", {}, "Linux", "close"), ("textarea", "Enter", {}, "Linux", "send"),
    ("textarea", "Enter", SHIFT, "Linux", "newLine"), ("div", "Enter", {}, "Linux", None),
    ("input", "Enter", {}, "Linux", None), ("textarea", "Enter", CTRL, "Linux", "send"),
    ("textarea", "Enter", {"isComposing": True}, "Linux", None),
    ("textarea", "Enter", {"keyCode": 229}, "MacIntel", None),
    ("textarea", "Escape", {"isComposing": True}, "Linux", None),
    ("textarea", "k", {**CTRL, "keyCode": 229}, "Linux", None), ("dialog", "Escape", {}, "Linux", None),
    ("dialog", "?", SHIFT, "Linux", None), ("dialog", "k", CTRL, "Linux", None), ("div", "a", {}, "Linux", None),
    ("div", "Dead", {}, "Linux", None), ("div", "Shift", SHIFT, "Linux", None),
])
def test_which_key_does_what(run, on, key, modifiers, platform, name):
    assert run("view/shortcuts", PRESS, [on, {"key": key, **modifiers}, platform]) == name


def test_a_key_that_something_has_taken_does_nothing_else(run):
    assert run("view/shortcuts", """({ shortcutOf }) => {
        const event = new KeyboardEvent("keydown", { key: "?", cancelable: true });
        event.preventDefault();
        return shortcutOf(event);
    }""") is None


@pytest.mark.parametrize("platform, keys", [("MacIntel", [["⌘", "K"]]), ("Win32", [["Ctrl", "K"]])])
def test_keys_have_the_names_that_stand_on_them(run, platform, keys):
    assert run("view/shortcuts", """({ SHORTCUTS, keyLabels }, platform) => {
        Object.defineProperty(navigator, "platform", { value: platform, configurable: true });
        Object.defineProperty(navigator, "userAgentData", { value: undefined, configurable: true });
        return keyLabels(SHORTCUTS.find(({ name }) => name === "searchConversations"));
    }""", platform) == keys


@pytest.mark.parametrize("locale, menu, title, lines", [
    ("zh-CN", "更多", "键盘快捷键", {"搜索会话": "Ctrl + K", "在当前会话中搜索": "Ctrl + F 或 /", "上一个会话": "Alt + ↑"}),
    ("en-GB", "More", "Keyboard shortcuts",
     {"Search conversations": "Ctrl + K", "Begin a new line": "Shift + Enter", "Show this list": "?"}),
])
def test_the_list_has_them_all(run, database, sign_in, locale, menu, title, lines):
    page = sign_in(database.user("我"), locale=locale)
    page.page.get_by_role("button", name=menu).click()
    page.page.get_by_role("menuitem", name=title).click()
    dialog = page.page.get_by_role("dialog", name=title)
    shown = dict(zip(dialog.locator("dt").all_inner_texts(), dialog.locator("dd").all_inner_texts()))
    assert len(shown) == run("view/shortcuts", "({ SHORTCUTS }) => SHORTCUTS.length")
    assert {text: shown[text] for text in lines} == lines
    page.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
