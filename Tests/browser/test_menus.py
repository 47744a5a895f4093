"""Pop-up menus: by mouse, keyboard and touch."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.thorough

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}

# A place for menus on a page of its own, so that what is tried is the menu alone.
PLACE = """async () => {
    const { onMenuRequest } = await import("/app/view/menu-request.js");
    const { openMenu, opensMenu } = await import("/app/view/menu.js");
    const place = document.createElement("main");
    place.className = "place";
    const parts = {
        button: ["button", "菜单"], message: ["p", "一条消息，可以选中"], link: ["a", "链接"], field: ["input", ""],
    };
    for (const [id, [tag, text]] of Object.entries(parts)) {
        place.append(Object.assign(document.createElement(tag), { id, textContent: text }));
    }
    place.querySelector("#link").href = "#/followed";
    place.querySelector("#message").tabIndex = 0;
    place.style.cssText = "position:relative;height:3000px";
    document.getElementById("app").replaceChildren(place);
    document.getElementById("app").style.overflow = "auto";
    window.chosen = [];
    window.closings = 0;
    window.requests = [];
    const item = (label, more = {}) => ({ label, onSelect: () => chosen.push(label), ...more });
    window.items = () => [
        item("复制", { icon: "file" }), null, item("Quote"), item("Quiet", { isDisabled: true }),
        item("Recall", { isDanger: true }),
        { label: "外观", items: [item("Light", { kind: "radio", isChecked: true }), item("Dark", { kind: "radio" })] },
    ];
    window.listening = new AbortController();
    const onClose = () => { window.closings += 1; };
    opensMenu(place.querySelector("#button"), items, { onClose });
    window.openAt = (x, y) => openMenu(items(), { at: { x, y }, label: "试", onClose });
    onMenuRequest(place, ({ target, at }) => {
        requests.push(target.id);
        openMenu(items(), { at, label: "消息", onClose });
    }, listening.signal);
}"""


@pytest.fixture
def open_place(make_page):
    def open_place(**options):
        page = make_page(bypass_csp=True, **options).open()  # the clock of tests is code, too
        expect(page.page.locator("button.user").first).to_be_visible()
        page.page.evaluate(PLACE)
        return page.page

    return open_place


@pytest.fixture
def page(open_place):
    return open_place()


def menu(page):
    return page.get_by_role("menu")


def focused(page):
    return page.evaluate("document.activeElement.innerText || document.activeElement.id")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_a_button_opens_and_closes_it(page):
    button = page.get_by_role("button", name="菜单")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(menu(page)).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    expect(menu(page)).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="复制")).to_be_focused()
    press(page, "Escape")
    expect(button).to_be_focused()
    assert page.evaluate("[closings, chosen]") == [2, []]


def test_the_keyboard_goes_through_it(page):
    page.get_by_role("button", name="菜单").press("Enter")
    assert focused(page) == "复制"
    for key, label in [("ArrowDown", "Quote"), ("ArrowDown", "Quiet"), ("End", "Dark"), ("ArrowDown", "复制"),
                       ("ArrowUp", "Dark"), ("Home", "复制"), ("q", "Quote"), ("q", "Quiet"), ("q", "Quote")]:
        press(page, key)
        assert focused(page) == label, key
    press(page, "Home")
    page.evaluate("""() => {
        for (const key of "qui") document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }""")
    assert focused(page) == "Quiet"
    # What is not possible is read out, and does nothing.
    expect(page.get_by_role("menuitem", name="Quiet")).to_have_attribute("aria-disabled", "true")
    press(page, "Enter")
    expect(menu(page)).to_be_visible()
    press(page, "End", "Enter")
    expect(menu(page)).to_have_count(0)
    assert page.evaluate("chosen") == ["Dark"]
    assert focused(page) == "菜单"


def test_keys_of_the_menu_are_no_shortcuts_of_the_page(page):
    page.evaluate("() => { window.keys = []; addEventListener('keydown', (event) => keys.push(event.key)); }")
    page.evaluate("openAt(20, 20)")
    press(page, "ArrowDown", "q", "Escape")
    expect(menu(page)).to_have_count(0)
    assert page.evaluate("keys") == []


def test_choices_say_which_is_made(page):
    page.evaluate("openAt(20, 20)")
    expect(page.get_by_role("group", name="外观").get_by_role("menuitemradio", checked=True)).to_have_text("Light")
    expect(page.get_by_role("menuitemradio", checked=False)).to_have_text("Dark")
    expect(page.get_by_role("menu", name="试")).to_be_visible()


@pytest.mark.parametrize("how", ["press elsewhere", "wheel", "width", "tab", "another"])
def test_it_closes(page, how):
    page.locator("#message").focus()
    page.evaluate("openAt(200, 200)")
    expect(menu(page)).to_be_visible()
    if how == "press elsewhere":
        page.mouse.click(900, 500)
    elif how == "wheel":
        page.mouse.move(900, 500)
        page.mouse.wheel(0, 50)
    elif how == "width":
        page.set_viewport_size({"width": 900, "height": 700})
    elif how == "tab":
        press(page, "Tab")
    else:
        page.evaluate("openAt(300, 300)")
        expect(menu(page)).to_have_count(1)
        press(page, "Escape")
        assert page.evaluate("closings") == 2
        page.evaluate("closings = 1")
    expect(menu(page)).to_have_count(0)
    assert page.evaluate("[closings, chosen]") == [1, []]


def test_a_keyboard_of_a_phone_that_goes_leaves_it_open(open_place):
    page = open_place(viewport={"width": 390, "height": 400})
    page.evaluate("openAt(100, 380)")
    page.set_viewport_size({"width": 390, "height": 780})
    expect(menu(page)).to_be_visible()
    assert page.evaluate("closings") == 0


@pytest.mark.parametrize("x, y", [(0, 0), (389, 0), (0, 599), (389, 599), (200, 300), (-50, 9000)])
def test_it_stays_in_the_viewport(open_place, x, y):
    page = open_place(viewport={"width": 390, "height": 600})
    page.evaluate("([x, y]) => openAt(x, y)", [x, y])
    page.wait_for_function("document.getAnimations().length === 0")
    box = menu(page).bounding_box()
    assert box["x"] >= 8 and box["y"] >= 8
    assert box["x"] + box["width"] <= 382 and box["y"] + box["height"] <= 592


def test_a_menu_higher_than_the_viewport_is_scrolled(open_place):
    page = open_place(viewport={"width": 390, "height": 160})
    page.evaluate("openAt(20, 20)")
    press(page, "End")
    expect(page.get_by_role("menuitemradio", name="Dark")).to_be_in_viewport()
    page.wait_for_function("document.getAnimations().length === 0")
    box = menu(page).bounding_box()
    assert box["y"] >= 8 and box["y"] + box["height"] <= 152


def test_a_right_click_opens_it_there(page):
    page.locator("#message").click(button="right", position={"x": 30, "y": 5})
    at = page.locator("#message").bounding_box()
    page.wait_for_function("document.getAnimations().length === 0")
    box = menu(page).bounding_box()
    assert abs(box["x"] - at["x"] - 30) < 2 and abs(box["y"] - at["y"] - 5) < 2
    assert page.evaluate("requests") == ["message"]
    # Neither over itself nor over a field.
    menu(page).click(button="right")
    press(page, "Escape")
    page.locator("#field").click(button="right")
    expect(menu(page)).to_have_count(0)
    assert page.evaluate("requests") == ["message"]


def test_text_is_selected_by_the_mouse_and_then_has_the_browsers_menu(page):
    page.locator("#message").dblclick(position={"x": 30, "y": 5})
    assert page.evaluate("getSelection().toString()") != ""
    page.locator("#message").click(button="right", position={"x": 30, "y": 5})
    expect(menu(page)).to_have_count(0)
    assert page.evaluate("requests") == []


@pytest.mark.parametrize("key", ["ContextMenu", "Shift+F10"])
def test_the_keyboard_opens_it(page, key):
    page.locator("#message").focus()
    press(page, key)
    expect(page.get_by_role("menuitem", name="复制")).to_be_focused()
    box, at = menu(page).bounding_box(), page.locator("#message").bounding_box()
    assert abs(box["x"] - at["x"]) < 10
    press(page, "Escape")
    expect(page.locator("#message")).to_be_focused()
    assert page.evaluate("requests") == ["message"]
    page.evaluate("listening.abort()")
    press(page, key)
    expect(menu(page)).to_have_count(0)


# Touch


class Finger:
    def __init__(self, page, on):
        self.devtools = page.context.new_cdp_session(page)
        box = page.locator(on).bounding_box()
        self.at = {"x": box["x"] + 10, "y": box["y"] + box["height"] / 2}

    def down(self):
        self.devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [self.at]})

    def move(self, by):
        self.at["y"] += by
        self.devtools.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [self.at]})

    def up(self):
        self.devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("on", ["#message", "#link"])
def test_a_long_press_opens_it_and_is_no_click(open_place, on):
    page = open_place(**PHONE)
    finger = Finger(page, on)
    finger.down()
    expect(menu(page)).to_be_visible()
    finger.move(2)
    finger.up()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(menu(page)).to_be_visible()
    assert page.evaluate("[requests, chosen, location.hash]") == [[on[1:]], [], ""]
    assert page.evaluate("getSelection().toString()") == ""
    page.get_by_role("menuitem", name="Quote").tap()
    assert page.evaluate("chosen") == ["Quote"]
    # Afterwards a tap is a tap.
    page.locator("#link").tap()
    page.wait_for_function("location.hash === '#/followed'")


@pytest.mark.parametrize("movement", ["up", "move"])
def test_a_tap_and_a_finger_that_moves_open_none(open_place, movement):
    page = open_place(**PHONE)
    page.clock.install()
    finger = Finger(page, "#message")
    finger.down()
    page.clock.run_for(400)
    finger.up() if movement == "up" else finger.move(-30)
    page.clock.run_for(2_000)
    expect(menu(page)).to_have_count(0)
    assert page.evaluate("requests") == []


def test_on_touch_screens_a_long_press_selects_no_text(open_place):
    style = "getComputedStyle(document.querySelector('#message')).userSelect"
    assert open_place(**PHONE).evaluate(style) == "none"
    assert open_place().evaluate(style) != "none"
