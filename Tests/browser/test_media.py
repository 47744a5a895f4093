"""Pictures, videos and files in messages: their proportions and bounds, what stays in its place, and what is broken."""

import pytest
from playwright.sync_api import expect

from media_fixtures import cdn, talk
from module_fixtures import run

SIZES = ["3000x2000.png", "900x1600.png", "1200x1200.png", "4000x200.png", "300x4000.png", "200x150.png", "24x24.png"]
BOXES = """() => [...document.querySelectorAll(".row.message")].map((row) => {
    const box = (node) => { const it = node.getBoundingClientRect(); return [it.left, it.right, it.width, it.height]; };
    const frame = row.querySelector(".media-frame");
    const src = row.querySelector("img:not(.avatar img), video").src;
    return { name: src.split("/").pop(), frame: box(frame), bubble: box(row.querySelector(".bubble")),
             column: box(row.querySelector(".column")), fit: getComputedStyle(frame.firstChild).objectFit };
})"""


def all_are_sized(page, count):
    expect(page.page.locator(".media-frame")).to_have_count(count)
    expect(page.page.locator(".media-frame.unsized")).to_have_count(0)


def check_boxes(page, height):
    most_height = max(220, min(420, height * 0.6))
    for it in page.page.evaluate(BOXES):
        left, right, width, high = it["frame"]
        for outer in ("bubble", "column"):
            assert it[outer][0] - 0.5 <= left and right <= it[outer][1] + 0.5, f"{it['name']} is within its {outer}"
        assert width <= 340.5 and high <= most_height + 0.5
        if not it["name"][0].isdigit():
            continue
        own_width, own_height = (int(part) for part in it["name"].removesuffix(".png").split("x"))
        assert width <= max(48, own_width) + 0.5, "nothing is blown up"
        if min(own_width, own_height) >= 48:
            ratio = min(max(own_width / own_height, 0.4), 2.6)
            assert abs(width / high - ratio) < 0.03 * ratio, it["name"]
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [390, 800])
def test_pictures_and_videos_have_their_own_proportions_within_their_column(talk, width):
    for sender in (talk.other, talk.me):
        for name in SIZES:
            talk.put(name, sender=sender)
        talk.put("portrait-cut.mp4", "video", sender=sender)
        talk.put("rough-cut.mp4", "video", sender=sender)
    # So high that all rows are in the document.
    page = talk.show(viewport={"width": width, "height": 5000})
    all_are_sized(page, 2 * len(SIZES) + 4)
    check_boxes(page, 5000)
    small = page.page.locator(".media-frame.whole").first
    assert small.bounding_box()["width"] == small.bounding_box()["height"] == 48
    assert small.locator("img").evaluate("it => getComputedStyle(it).objectFit") == "scale-down"
    portrait, landscape = (page.page.locator(f'.video-frame:has([src*="{name}"])').first.bounding_box()
                           for name in ("portrait-cut", "rough-cut"))
    assert abs(portrait["width"] / portrait["height"] - 9 / 16) < 0.02
    assert abs(landscape["width"] / landscape["height"] - 16 / 9) < 0.05


@pytest.mark.thorough
def test_nothing_is_wider_than_its_column_at_any_width(talk):
    for sender in (talk.other, talk.me):
        for name in SIZES:
            talk.put(name, sender=sender)
        talk.put("portrait-cut.mp4", "video", sender=sender)
        talk.put("noise.m4a", "audio", sender=sender, file_name="一段名字很长很长很长很长很长很长的声音.m4a")
        talk.put("requirements.pdf", "file", sender=sender, file_name="一份名字很长" * 8 + ".pdf")
        talk.put("none.png", sender=sender, file_name="没有" * 30 + ".png")
    page = talk.show(viewport={"width": 1280, "height": 6000})
    all_are_sized(page, 2 * len(SIZES) + 2)
    outside = """() => [...document.querySelectorAll(".bubble *")].filter((it) => {
        const [box, bubble] = [it, it.closest(".bubble")].map((each) => each.getBoundingClientRect());
        const clipped = it.closest(".file-name, img, .print-name");
        return box.width > 0 && !clipped && (box.right > bubble.right + 1 || box.left < bubble.left - 1);
    }).map((it) => it.outerHTML.slice(0, 120))"""
    for width in [*range(320, 1000, 20), 720, 721, 722, 850, 1024, 1280, 1440, 1680, 1920]:
        page.page.set_viewport_size({"width": width, "height": 6000})
        assert page.page.evaluate(outside) == [], width
        frames = page.page.evaluate("""() => [...document.querySelectorAll(".bubble")].map((it) =>
            it.getBoundingClientRect().width - it.closest(".column").getBoundingClientRect().width)""")
        assert max(frames) < 0.5, width
        assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.thorough
@pytest.mark.parametrize("height", [390, 844])
def test_a_portrait_is_no_higher_than_the_screen_has_room_for(talk, height):
    talk.put("portrait-cut.mp4", "video")
    page = talk.show(viewport={"width": 844, "height": height})
    all_are_sized(page, 1)
    box = page.page.locator(".media-frame").bounding_box()
    assert abs(box["height"] - max(220, min(420, height * 0.6))) < 1
    assert abs(box["width"] / box["height"] - 9 / 16) < 0.02


@pytest.mark.thorough
def test_a_row_that_comes_back_has_its_size_and_asks_for_nothing(talk, cdn):
    talk.put("900x1600.png")
    talk.put("portrait-cut.mp4", "video")
    talk.texts(60)
    page = talk.show()
    page.scroll_to("start")
    all_are_sized(page, 2)
    page.page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    seen = cdn.requests.copy()
    page.scroll_to("end")
    expect(page.page.locator(".media-frame")).to_have_count(0)
    page.page.evaluate("""() => {
        window.heights = new Set();
        new MutationObserver(() => {
            const found = document.querySelectorAll(".media-frame");
            for (const it of found) window.heights.add(Math.round(it.getBoundingClientRect().height));
        }).observe(document.querySelector(".timeline .virtual-canvas"),
                   { childList: true, subtree: true, attributes: true });
    }""")
    page.scroll_to("start")
    all_are_sized(page, 2)
    expect(page.page.locator(".picture.loaded")).to_be_visible()
    assert page.page.evaluate("[...window.heights].length") == 1, "from the first moment on"
    assert page.page.locator("video").evaluate("it => it.readyState") >= 2, "its picture is there at once"
    assert cdn.requests == seen


@pytest.mark.thorough
def test_a_picture_has_its_size_before_one_comes_to_it(talk):
    talk.put("900x1600.png")
    talk.texts(24)
    page = talk.show()
    page.scroll_to("end")
    far = """() => { const it = document.querySelector(".media-frame"); return it && {
        isSized: !it.classList.contains("unsized"), bottom: it.getBoundingClientRect().bottom,
        top: document.querySelector(".timeline").getBoundingClientRect().top }; }"""
    for _ in range(40):
        if page.page.evaluate(far):
            break
        page.timeline.evaluate("it => { it.scrollTop -= 100; }")
    page.wait_until(lambda: page.page.evaluate(far)["isSized"], "it is loaded")
    it = page.page.evaluate(far)
    assert it["bottom"] < it["top"], "it is not in sight yet"


def test_the_place_is_kept_when_a_picture_above_gets_its_size(talk, cdn):
    talk.texts(20)
    talk.put("900x1600.png")
    talk.texts(40)
    cdn.held.add("900x1600.png")
    page = talk.show()
    page.scroll_to("start")
    expect(page.page.locator(".media-frame.unsized")).to_be_attached()
    # The picture is above what is in sight, and still in the document.
    page.timeline.evaluate("""it => {
        const frame = it.querySelector(".media-frame").getBoundingClientRect();
        it.scrollTop += frame.bottom - it.getBoundingClientRect().top + 100;
    }""")
    expect(page.page.locator(".media-frame.unsized")).to_be_attached()
    top = """it => { const edge = it.getBoundingClientRect().top;
        const rows = [...it.querySelectorAll(".row.message")].map((row) =>
            [row, row.getBoundingClientRect().top - edge]);
        const [row, at] = rows.find(([, at]) => at > 0); return [row.dataset.messageId, at]; }"""
    before, height = page.timeline.evaluate(top), page.timeline.evaluate("it => it.scrollHeight")
    cdn.release()
    expect(page.page.locator(".media-frame.unsized")).to_have_count(0)
    page.wait_until(lambda: page.timeline.evaluate("it => it.scrollHeight") > height + 100, "the picture has grown")
    after = page.timeline.evaluate(top)
    assert after[0] == before[0] and abs(after[1] - before[1]) < 1.5


def test_a_broken_picture_is_asked_for_once_and_again_when_one_says_so(talk, cdn, database, api):
    talk.put("800x600-a.png", file_name="封面.png")
    talk.texts(60)
    cdn.missing.add("800x600-a.png")
    page = talk.show()
    retry = page.page.locator(".timeline").get_by_role("button", name="重试")
    for _ in range(3):
        page.scroll_to("start")
        expect(retry).to_be_visible()
        page.scroll_to("end")
        expect(retry).to_have_count(0)
    api.send_text(talk.other, talk.conversation, "又一条").success()
    expect(page.bubble("又一条")).to_be_visible()
    assert cdn.requests["800x600-a.png"] == 1
    page.scroll_to("start")
    expect(page.page.get_by_role("link", name="封面.png，无法加载 · 图片")).to_be_visible()
    retry.click()
    expect(retry).to_be_visible()
    page.wait_until(lambda: cdn.requests["800x600-a.png"] == 2, "it is asked for again")
    # It has the focus by which one went there.
    cdn.missing.clear()
    retry.focus()
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("img", name="封面.png")).to_be_visible()
    expect(page.page.locator(".picture")).to_be_focused()
    expect(page.page.locator(".picture.loaded")).to_be_visible()
    assert cdn.requests["800x600-a.png"] == 3


@pytest.mark.thorough
@pytest.mark.parametrize("name, kind", [("800x600-b.png", "image"), ("rough-cut.mp4", "video"), ("noise.m4a", "audio")])
def test_what_is_broken_is_tried_again_when_the_network_is_back(talk, cdn, name, kind):
    cdn.missing.add(name)
    talk.put(name, kind)
    page = talk.show()
    expect(page.page.locator(".broken")).to_be_visible()
    assert cdn.requests[name] == 1
    cdn.missing.clear()
    page.page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.page.locator(".broken")).to_have_count(0)
    expect(page.page.locator({"image": ".picture.loaded", "video": ".video-frame.loaded",
                              "audio": ".audio-time:text-is('0:06')"}[kind])).to_be_visible()


def test_a_name_is_shortened_in_its_middle(talk):
    talk.put("a.pdf", "file", file_name="一份名字很长的拍摄需求说明书" * 4 + "-第3版.PDF", file_size=1_234_567)
    page = talk.show(viewport={"width": 390, "height": 700})
    card = page.page.locator("a.file")
    bubble = page.bubbles.first.bounding_box()
    tail, head = card.locator(".file-name-tail"), card.locator(".file-name-head")
    expect(tail).to_have_text("-第3版.PDF")
    assert tail.bounding_box()["x"] + tail.bounding_box()["width"] <= bubble["x"] + bubble["width"]
    assert head.evaluate("it => it.scrollWidth > it.clientWidth")
    expect(card.locator(".file-facts")).to_have_text("PDF · 1.2 MB")
    assert card.get_attribute("title").endswith("-第3版.PDF")


@pytest.mark.parametrize("name, type, kind", [
    ("a.PDF", None, "pdf"), ("a.docx", None, "word"), ("a", "application/vnd.ms-excel", "sheet"),
    ("a.pptx", "", "slides"),
    ("a.tar.gz", None, "archive"), ("a.mov", "application/octet-stream", "video"), ("a.amr", None, "audio"),
    ("a.srt", None, "plain"), ("a", "image/png; x=1", "image"), ("a.dwg", None, "other"), ("没有后缀", None, "other"),
])
def test_the_kind_of_a_file(run, name, type, kind):
    assert run("view/media/file-names", "({ fileKind }, [name, type]) => fileKind(name, type)", [name, type]) == kind


@pytest.mark.parametrize("name, parts", [
    ("a.pdf", ["", "a.pdf"]), ("requirements.pdf", ["requirem", "ents.pdf"]),
    ("没有后缀的名字", ["没有后", "缀的名字"]), ("", ["", ""]), ("x.aVeryLongSuffixThatIsNone", ["x.aVeryLongSuffixThatIs", "None"]),
    ("🎬🎬🎬🎬🎬.mp4", ["🎬", "🎬🎬🎬🎬.mp4"]),
])
def test_the_parts_of_a_name(run, name, parts):
    assert run("view/media/file-names", "({ nameParts }, name) => nameParts(name)", name) == parts
