"""Pictures of the page with the demo data, those of the README among them: something to look at after a change."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from api import https_api

pytestmark = pytest.mark.thorough

TITLE = "KOL订单: 产品推广视频"
PHONE = {"width": 390, "height": 780}


@pytest.fixture(scope="module", autouse=True)
def talk(stack, database):
    """The demo conversation goes on a little: there is something own to see, and somebody has read it."""
    id = database.value("SELECT MIN(id) FROM orbia_conversation WHERE title = %s", TITLE)
    buyer, kol = (database.value("SELECT id FROM orbia_user WHERE nickname = %s ORDER BY id LIMIT 1", name)
                  for name in ("张伟", "李娜"))
    api = https_api(stack)
    for text in ["粗剪看了，节奏很好！", "越障那段就用慢动作，再加个字幕吧。"]:
        api.send_message(buyer, conversation_id=id, message_type="text", content=text).success()
    api.mark_read(kol, conversation_id=id).success()
    api.send_message(kol, conversation_id=id, message_type="text", content="好的，周五给您成片 🎬").success()


def keep(page, path):
    """As a PNG of a palette, a third of the size."""
    expect(page.page.locator(".avatar img:visible").first).to_be_visible()
    for video in page.page.locator("video").all():
        page.wait_until(lambda: video.evaluate("it => it.readyState") >= 2, "its first frame is there")
    page.page.wait_for_timeout(2_500)  # the wheel that turns while it loads goes away
    picture = Image.open(io.BytesIO(page.page.screenshot())).convert("RGB").quantize(192, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
    assert path.stat().st_size < 150_000
    assert len(picture.getcolors()) > 20, "there is something in it"


@pytest.mark.parametrize("name, options, page_of", [
    ("chat-desktop", {}, "conversation"),
    ("chat-desktop-dark", {"color_scheme": "dark", "locale": "en-GB"}, "conversation"),
    ("chat-phone", {"viewport": PHONE}, "conversation"),
    ("chat-phone-list", {"viewport": PHONE}, "list"),
    ("sign-in", {"viewport": PHONE}, "sign-in"),
    ("media-desktop", {}, "media"),
    ("media-phone", {"viewport": PHONE, "color_scheme": "dark"}, "lightbox"),
])
def test_a_picture(make_page, pictures, name, options, page_of):
    page = make_page(**options).open()
    expect(page.page.locator("button.user").first).to_be_visible()
    if page_of != "sign-in":
        page.page.get_by_role("button", name="张伟").click()
        expect(page.conversation(TITLE)).to_be_visible()
    if page_of in ("conversation", "media", "lightbox"):
        page.open_conversation(TITLE)
        expect(page.bubbles.first).to_be_visible()
        page.scroll_to("end")
        expect(page.bubble("成片 🎬")).to_be_visible()
        page.composer.blur()
    if page_of in ("media", "lightbox"):
        cover = page.page.get_by_role("img", name="竖屏封面.jpg")
        cover.scroll_into_view_if_needed()
        expect(page.page.locator(".media-frame.unsized")).to_have_count(0)
    if page_of == "lightbox":
        cover.click()
        expect(page.page.locator(".lightbox-stage.loaded")).to_be_visible()
    keep(page, pictures / f"{name}.png")
