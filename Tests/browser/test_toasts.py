"""Toasts: what they say, for how long, and what a press does."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.thorough

PLACE = """async () => {
    const { Toasts } = await import("/app/view/toasts.js");
    const main = document.querySelector("main");
    const field = Object.assign(document.createElement("input"), { id: "field", ariaLabel: "field" });
    window.toasts = new Toasts();
    window.pressed = [];
    main.replaceChildren(field, toasts.node);
}"""


@pytest.fixture
def open_place(make_page):
    def open_place(**options):
        # The clock of tests is code, too.
        page = make_page(bypass_csp=True, **options).open()
        expect(page.page.locator("button.user").first).to_be_visible()
        page.page.clock.install(time=0)
        page.page.clock.pause_at(60_000)
        page.page.evaluate(PLACE)
        return page.page

    return open_place


@pytest.fixture
def page(open_place):
    return open_place()


def show(page, text, **options):
    page.evaluate("""([text, { pressable, button, ...options }]) => {
        const action = { label: button, onPress: () => pressed.push(text) };
        toasts.show({ text, action: pressable || button ? action : undefined, ...options });
    }""", [text, options])


def texts(page):
    return page.locator(".toast .toast-text > span:last-child").all_inner_texts()


def test_it_is_read_out_and_goes_by_itself(page):
    status = page.locator(".toasts")
    expect(status).to_have_attribute("role", "status")
    expect(status).to_have_attribute("aria-live", "polite")
    show(page, "<b>你好</b>", title="李娜")
    expect(page.get_by_role("status").get_by_text("<b>你好</b>")).to_be_visible()
    expect(page.locator(".toast-title")).to_have_text("李娜")
    page.clock.run_for(6_000)
    assert texts(page) == ["<b>你好</b>"]
    page.clock.run_for(2_000)
    assert texts(page) == []


def test_one_that_stays(page):
    page.evaluate("toasts.show({ text: 'a', duration: Infinity })")
    page.clock.run_for(600_000)
    assert texts(page) == ["a"]
    page.get_by_role("button", name="关闭").click()
    assert texts(page) == []


def test_there_are_three_at_most_and_one_of_a_key(page):
    for text in "abcd":
        show(page, text, key=text)
    assert texts(page) == ["b", "c", "d"]
    show(page, "c again", key="c")
    assert texts(page) == ["b", "d", "c again"]
    page.clock.run_for(6_000)
    show(page, "d again", key="d")
    page.clock.run_for(2_000)
    assert texts(page) == ["d again"]
    page.evaluate("toasts.dismiss('d'); toasts.dismiss('none')")
    assert texts(page) == []


@pytest.mark.parametrize("reason", ["mouse", "focus", "behind"])
def test_time_stands_still_while_one_is_at_them(page, reason):
    show(page, "a", pressable=True)
    show(page, "b", pressable=True)
    page.clock.run_for(6_900)

    def hide(state):
        page.evaluate("""(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""", state)

    if reason == "mouse":
        page.locator(".toast").first.hover()
    elif reason == "focus":
        page.locator(".toast-body").first.focus()
    else:
        hide(True)
    page.clock.run_for(60_000)
    assert texts(page) == ["a", "b"]
    if reason == "mouse":
        page.mouse.move(5, 700)
    elif reason == "focus":
        page.locator("#field").focus()
    else:
        hide(False)
    page.clock.run_for(1_000)
    assert texts(page) == ["a", "b"]
    page.clock.run_for(2_000)
    assert texts(page) == []


def test_a_press_does_what_it_is_for_and_it_goes(page):
    show(page, "打开", pressable=True)
    page.get_by_role("button", name="打开").click()
    assert page.evaluate("pressed") == ["打开"] and texts(page) == []
    show(page, "撤销吗", button="撤销")
    page.get_by_text("撤销吗").click()
    assert page.evaluate("pressed") == ["打开"] and texts(page) == ["撤销吗"]
    page.get_by_role("button", name="撤销").press("Enter")
    assert page.evaluate("pressed") == ["打开", "撤销吗"] and texts(page) == []


def test_the_focus_is_never_lost(page):
    page.locator("#field").focus()
    show(page, "a", key="a", pressable=True)
    show(page, "b", key="b", pressable=True)
    page.keyboard.press("Tab")
    show(page, "a again", key="a", pressable=True)
    expect(page.get_by_role("button", name="a again")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="b", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert texts(page) == []
    expect(page.locator("#field")).to_be_focused()
    # Those to come are not held up by what is over.
    show(page, "c")
    page.clock.run_for(8_000)
    assert texts(page) == []


@pytest.mark.parametrize("width, height", [(390, 780), (320, 640), (768, 900), (1280, 760)])
def test_they_stand_in_a_corner_and_on_a_phone_at_the_top(open_place, width, height):
    page = open_place(viewport={"width": width, "height": height})
    show(page, "很长的内容，一直到第二行才结束，" * 6, title="很长的名字" * 20, pressable=True)
    show(page, "w" * 200, button="Undo")
    page.wait_for_function("document.getAnimations().length === 0")
    for toast in page.locator(".toast").all():
        box = toast.bounding_box()
        assert box["x"] >= 8 and width - 32 <= box["x"] + box["width"] <= width - 8
        assert box["height"] < 110
        assert toast.evaluate("it => it.scrollWidth <= it.clientWidth")
    assert page.locator(".toast").first.bounding_box()["y"] == (8 if width <= 720 else 76)
    # Beside them the page can be used.
    assert page.evaluate("() => getComputedStyle(document.querySelector('.toasts')).pointerEvents") == "none"
