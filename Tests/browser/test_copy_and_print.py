"""Several messages as text: selected and copied, and printed; in order, with who has written them and when."""

import json

import pytest
from playwright.sync_api import expect

from talk_fixtures import allow_clipboard, clipboard, talk

pytestmark = pytest.mark.thorough

AT = 1_700_013_600_000  # ten o'clock in Shanghai


@pytest.fixture
def said(talk):
    """Two people's messages, in turn."""
    for number in range(6):
        sender = talk.me if number % 2 else talk.other
        talk.database.message(talk.conversation, sender, f"第 {number} 句", AT + number * 60_000)
    return talk


def drag(page, start, end):
    """From within one text to within another one, as with a mouse."""
    page.row(start).locator(".text").hover()
    (x1, y1), (x2, y2) = [within(page.row(text).locator(".text")) for text in (start, end)]
    page.page.mouse.move(x1, y1)
    page.page.mouse.down()
    page.page.mouse.move(x2, y2, steps=30)
    page.page.mouse.up()


def within(locator) -> tuple:
    box = locator.bounding_box()
    return box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2


def test_a_selection_across_messages_is_copied_in_order(said):
    page = said.open(locale="en-GB")
    allow_clipboard(page)
    drag(page, "第 0 句", "第 4 句")
    page.page.keyboard.press("Control+C")
    blocks = clipboard(page).split("\n\n")
    heads, texts = zip(*[block.split("\n") for block in blocks])
    assert texts[1:-1] == ("第 1 句", "第 2 句", "第 3 句")
    assert len(texts) == 5 and "第 0 句".endswith(texts[0]) and "第 4 句".startswith(texts[-1])
    assert [head.split(", ")[0] for head in heads] == ["李娜", "张伟", "李娜", "张伟", "李娜"]
    assert "November 15, 2023" in heads[1] and "10:01" in heads[1]


def test_within_one_message_the_browser_copies(said):
    page = said.open()
    allow_clipboard(page)
    page.row("第 2 句").locator(".text").click(click_count=3)
    page.page.keyboard.press("Control+C")
    assert clipboard(page).strip() == "第 2 句"


def test_what_is_selected_stays_while_one_scrolls(talk):
    talk.history(200)
    page = talk.open()
    allow_clipboard(page)
    expect(page.bubble("第 199 条")).to_be_in_viewport()
    text = page.row("第 199 条").locator(".text")
    box = text.bounding_box()
    page.page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2)
    page.page.mouse.down()
    frame = page.timeline.bounding_box()
    page.page.mouse.move(frame["x"] + 100, frame["y"] + frame["height"] / 2, steps=4)
    # As the browser scrolls while the mouse is held at the edge.
    for _ in range(40):
        page.page.mouse.wheel(0, -200)
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
    page.page.mouse.move(frame["x"] + 100, frame["y"] + frame["height"] / 2 + 5)
    page.page.mouse.up()
    page.page.keyboard.press("Control+C")
    numbers = [int(block.split("\n")[1].split()[1]) for block in clipboard(page).split("\n\n")[1:-1]]
    assert len(numbers) > 60 and numbers == list(range(numbers[0], 199))
    # Once nothing is selected they go.
    page.page.evaluate("document.getSelection().removeAllRanges()")
    page.page.mouse.wheel(0, 200)
    page.wait_until(lambda: page.page.locator(".virtual-canvas > .row").count() < 100, "they leave the document")


def test_files_and_system_messages_are_copied_as_words(talk):
    talk.database.message(talk.conversation, talk.other, "开头", AT)
    talk.database.message(talk.conversation, talk.other, "https://cdn.example/1.pdf", AT + 1000, message_type="file",
                          file_name="需求.pdf")
    event = json.dumps({"type": "order_status", "order_id": "K", "from": None, "to": "completed"})
    talk.event(talk.other, "订单已完成", event, AT + 2000)
    talk.database.message(talk.conversation, talk.me, "结尾", AT + 3000)
    page = talk.open()
    allow_clipboard(page)
    drag(page, "开头", "结尾")
    page.page.keyboard.press("Control+C")
    blocks = clipboard(page).split("\n\n")
    assert blocks[1].endswith("[文件] 需求.pdf\nhttps://cdn.example/1.pdf")
    assert blocks[2] == "订单状态：已完成"


# On paper


def rows_of(page) -> int:
    return int(page.page.locator(".timeline [role=listitem]").last.get_attribute("aria-setsize"))


def print_media(page):
    page.page.emulate_media(media="print", color_scheme="dark")
    page.page.evaluate("dispatchEvent(new Event('beforeprint'))")


def test_all_loaded_messages_are_printed_in_order_and_nothing_else(database, api, sign_in, talk):
    talk.database.update_conversation(talk.conversation, type="kol_order", related_order_id="KORD_PRINT_1")
    talk.history(150)
    talk.say(talk.me, "最后一句")
    page = talk.open()
    expect(page.bubble("最后一句")).to_be_in_viewport()
    page.scroll_to("start")
    page.wait_until(lambda: rows_of(page) >= 80, "older ones are loaded")
    page.scroll_to("end")
    expect(page.bubble("最后一句")).to_be_in_viewport()
    in_document = page.page.locator(".virtual-canvas > .row").count()
    print_media(page)
    printed = page.texts()
    assert printed[-1] == "最后一句" and len(printed) >= 80
    numbers = [int(text.split()[1]) for text in printed[:-1]]
    assert numbers == list(range(numbers[0], 150))
    tops = page.page.locator(".row.message").evaluate_all("all => all.map((it) => it.getBoundingClientRect().top)")
    assert tops == sorted(tops) and tops[-1] - tops[0] > 2000, "one below the other"
    for part in [".sidebar", ".composer", "button.jump >> nth=0", ".more >> nth=0"]:
        expect(page.page.locator(part)).to_be_hidden()
    for text in ["谈事情", "KORD_PRINT_1"]:
        expect(page.page.locator(".conversation-head").get_by_text(text)).to_be_visible()
    expect(page.row("最后一句").locator(".sender")).to_be_visible()
    expect(page.row("最后一句").locator("time")).to_be_visible()
    assert page.page.evaluate("""() => {
        const style = (selector) => getComputedStyle(document.querySelector(selector));
        return [style(".row.message .text").color, style(".own .bubble").backgroundColor,
            style("body").backgroundColor];
    }""") == ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)", "rgba(0, 0, 0, 0)"]
    page.page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.page.emulate_media(media="screen")
    expect(page.bubble("最后一句")).to_be_in_viewport()
    page.wait_until(lambda: page.page.locator(".virtual-canvas > .row").count() <= in_document + 10,
                    "they are off again")


def test_the_browser_prints_it_all(talk):
    """A PDF has a page for so many messages; one for what is in sight alone is far smaller."""
    talk.history(29)
    page = talk.open()
    expect(page.bubble("第 28 条")).to_be_in_viewport()
    pdf = page.page.pdf()
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 2
