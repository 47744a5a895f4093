"""Nothing sticks out of the window, is cut or covers something else, from 320 pixels on, in each state of the page.

320 is WCAG's width for reflow (1.4.10): that of a window of 1280 at 400%. 200% of a window is one of half the width.
"""

import pytest
from playwright.sync_api import expect

from sizes import LOCALES

CORE = [320, 390, 768, 1280]
ALL = [320, 344, 360, 375, 390, 414, 430, 480, 540, 600, 640, 700, 720, 721, 768, 800, 850, 900, 960, 1024, 1100, 1180,
       1280, 1366, 1440, 1536, 1679, 1680, 1920]
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
# What is wrong with the elements in sight, each as one line.
LOOK = """() => {
    const found = [];
    const name = (it) => `${it.tagName.toLowerCase()}.${it.className?.baseVal ?? it.className} `
        + `"${(it.getAttribute("aria-label") ?? it.textContent).trim().slice(0, 30)}"`;
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth} wide`);
    const modal = document.querySelector("dialog[open]");
    const shown = [...(modal ?? document.body).querySelectorAll("*")].filter((it) => {
        const box = it.getBoundingClientRect();
        // What is one pixel large is for screen readers alone.
        return box.width > 1 && box.height > 1 && it.checkVisibility({ visibilityProperty: true })
            && !it.closest(".visually-hidden, svg *, [inert]");
    });
    // What scrolls sideways, or hides what sticks out, bounds what is in it.
    const seenBox = (it) => {
        const box = it.getBoundingClientRect();
        let { left, right, top, bottom } = box;
        for (let up = it.parentElement; up; up = up.parentElement) {
            const { overflowX, overflowY } = getComputedStyle(up);
            if (overflowX === "visible" && overflowY === "visible") continue;
            const frame = up.getBoundingClientRect();
            left = Math.max(left, frame.left); right = Math.min(right, frame.right);
            top = Math.max(top, frame.top); bottom = Math.min(bottom, frame.bottom);
        }
        return { left, right, top, bottom };
    };
    for (const it of shown) {
        const { left, right } = seenBox(it);
        if (right > left && (left < -1 || right > innerWidth + 1)) {
            found.push(`sticks out of the window: ${name(it)} ${left} to ${right}`);
        }
    }
    // Scrolling sideways is for code, and what does not fit beside the names (.people) is on a line that is hidden. All
    // else that is wider than its frame is lost, or drags the page along.
    for (const it of shown) {
        const { overflowX, textOverflow, display } = getComputedStyle(it);
        if (it.matches("pre, input, textarea, select, .people") || it.closest("pre")) continue;
        if (it.scrollWidth <= it.clientWidth + 1 || display === "inline") continue;
        const isClamped = textOverflow === "ellipsis" || getComputedStyle(it).webkitLineClamp !== "none";
        if (["auto", "scroll"].includes(overflowX) || (overflowX === "hidden" && !isClamped)) {
            found.push(`is wider than its frame: ${name(it)} ${it.scrollWidth} in ${it.clientWidth}`);
        }
    }
    for (const it of shown.filter((each) => each.matches("button, .button, .tag, .badge > span"))) {
        const { textOverflow } = getComputedStyle(it);
        if (textOverflow !== "ellipsis" && it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 0) {
            found.push(`its text is cut: ${name(it)}`);
        }
    }
    for (const it of shown.filter((each) => each.matches(".bubble"))) {
        const frame = it.getBoundingClientRect();
        for (const inner of it.querySelectorAll("*")) {
            const box = inner.getBoundingClientRect();
            if (inner.closest("pre, .visually-hidden, svg *") || box.width === 0) continue;
            if (box.left < frame.left - 1 || box.right > frame.right + 1) {
                found.push(`sticks out of its bubble: ${name(inner)} by ${Math.round(box.right - frame.right)}`);
            }
        }
    }
    // What can be pressed: not under, and not over, something else that can be.
    const pressed = shown.filter((it) => it.matches("a[href], button, input, textarea, select, [role=menuitem]"));
    const boxes = pressed.map((it) => ({ it, ...seenBox(it) }));
    boxes.forEach((a, index) => boxes.slice(index + 1).forEach((b) => {
        if (a.it.contains(b.it) || b.it.contains(a.it)) return;
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // These lie over others, or have others over them, on purpose: a video has its enlarging button.
        const floats = (it) => it.closest("[role=menu], dialog, .toast, .jump, .hits, .hit, .back-to-place, "
            + ".search-field, .video-play");
        if (wide > 2 && high > 2 && !floats(a.it) && !floats(b.it)) {
            found.push(`overlap: ${name(a.it)} and ${name(b.it)}`);
        }
    }));
    return [...new Set(found)];
}"""


@pytest.fixture(scope="module")
def world(database, stack):
    """A user with long names and titles, and a conversation that has messages of all kinds."""
    me = database.user("我的名字很长很长很长很长很长很长")
    other = database.user("Maximiliane-Wilhelmina von und zu Habsburg-Lothringen")
    files = f"https://localhost:{stack.ports.https}/demo-files"
    order = database.order(me, database.kol(other))
    conversation = database.conversation(
        me, other, title="KOL订单: 一个非常非常非常非常非常非常非常长的标题 with a LongEnglishTitleThatGoesOnAndOn",
        type="kol_order", related_order_id=order.order_id)
    at = 1_700_000_000_000
    kinds = [("text", LONG_WORD, {}), ("text", f"https://example.com/{'very-long/' * 20}", {}),
             ("text", f"看 `{'code' * 40}` 然后\n```js\nconst {'longName' * 30} = 1;\n```", {}),
             ("text", "一句普通的话，说得不长不短。", {}), ("text", "👍", {}),
             ("image", f"{files}/robot.jpg", {"file_name": "样机.jpg"}),
             ("video", f"{files}/rough-cut.mp4", {"file_name": "粗剪.mp4"}),
             ("audio", f"{files}/noise.m4a", {"file_name": f"{LONG_WORD}.m4a"}),
             ("file", f"{files}/brief.pdf", {"file_name": f"{LONG_WORD}.pdf", "file_size": 123_456_789}),
             ("image", f"{files}/none.jpg", {"file_name": "没有了.jpg"}),
             ("system", f"订单已确认 {LONG_WORD}", {})]
    for sender in (other, me):
        for kind, content, columns in kinds:
            at += 60_000
            database.message(conversation, sender, content, at, message_type=kind, **columns)
    for number in range(6):
        database.conversation(me, other, title=f"{LONG_WORD} {number}",
                              status=["active", "archived", "closed"][number % 3])
    return me, conversation


def show_nothing_more(page):
    """Several at a time may still be drawn: two frames, and whatever font comes."""
    page.page.evaluate("() => document.fonts.ready.then(() => new Promise("
                       "(done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))))")


def problems(page) -> list:
    show_nothing_more(page)
    return page.page.evaluate(LOOK)


def go_through(page, widths, where):
    """Resizes the window, which shows what a window of that width does."""
    found = []
    for width in widths:
        page.page.set_viewport_size({"width": width, "height": 800})
        found += [f"{where} at {width}: {problem}" for problem in problems(page)]
    return found


def states(page, conversation):
    """Brings the page from one state to the next, and yields the name of each."""
    dialog, menu = page.page.locator("dialog[open]"), page.page.get_by_role("menu")
    expect(page.conversations.first).to_be_visible()
    yield "list"
    page.page.goto(f"{page.base}/#/conversations/{conversation.id}")
    expect(page.page.locator("section.conversation")).to_have_attribute("aria-busy", "false")
    expect(page.bubbles.first).to_be_visible()
    yield "end of the conversation"
    for part in (0, 0.25, 0.5, 0.75):
        page.timeline.evaluate("(it, part) => { it.scrollTop = part * it.scrollHeight; }", part)
        yield f"{part} of the conversation"
    page.page.keyboard.press("Control+f")
    page.page.locator(".conversation-search").get_by_role("searchbox").fill("普通")
    expect(page.page.locator(".conversation-search .hit").first).to_be_visible()
    yield "search in the conversation"
    page.page.keyboard.press("Escape")
    page.page.locator(".conversation-head .icon-button").last.click()
    expect(dialog).to_be_visible()
    yield "members"
    page.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.row("一句普通的话").last.locator(".bubble").click(button="right", position={"x": 16, "y": 5})
    expect(menu).to_be_visible()
    # A change of the window's size closes it: what is seen is how it opens.
    yield "a message's menu"
    page.page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    page.composer.fill(LONG_WORD * 4)
    yield "a long draft"
    page.page.goto(f"{page.base}/#/conversations/999999999")
    expect(page.page.locator(".conversation-state").get_by_role("heading")).to_be_visible()
    yield "an error"
    page.page.goto(f"{page.base}/#/")
    expect(page.conversations.first).to_be_visible()
    page.search_field.fill("没有这样的会话 " + LONG_WORD)
    expect(page.conversations).to_have_count(0)
    yield "nothing found"


def check(page, world, widths):
    me, conversation = world
    found = []
    for state in states(page, conversation):
        found += go_through(page, widths, state)
        # Steps are made where both the list and the conversation are in sight.
        page.page.set_viewport_size({"width": 1280, "height": 800})
    assert not found, "\n".join(found)


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_fits_at_the_widths_of_devices(sign_in, world, locale):
    check(sign_in(world[0], locale=locale, viewport={"width": 1280, "height": 800}), world, CORE)


@pytest.mark.thorough
@pytest.mark.parametrize("locale", LOCALES)
def test_everything_fits_at_every_width(sign_in, world, locale):
    check(sign_in(world[0], locale=locale, viewport={"width": 1280, "height": 800}), world, ALL)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_sign_in_fits_at_every_width(make_page, locale):
    page = make_page(locale=locale).open()
    expect(page.page.locator("button.user").first).to_be_visible()
    assert go_through(page, ALL, "sign-in") == []
