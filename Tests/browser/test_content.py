"""What messages show by their type, and what must never come of a message."""

import pytest
from playwright.sync_api import expect

FILES = "http://127.0.0.1:{port}/demo-files"
SCRIPT = "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>"


@pytest.fixture
def world(database, sign_in):
    class World:
        me, other = database.user("我"), database.user("对方")
        conversation = database.conversation(me, other, title="内容")

        def show(self):
            page = sign_in(self.me)
            page.open_conversation("内容")
            return page

        def put(self, content, kind="text", **columns):
            database.message(self.conversation, self.other, content, message_type=kind, **columns)

    return World()


@pytest.fixture
def files(stack):
    return FILES.format(port=stack.ports.http)


def links(page) -> list:
    return page.page.locator(".timeline a").evaluate_all("all => all.map((a) => a.getAttribute('href'))")


# Types


def test_an_image_is_a_preview(world, files):
    world.put(f"{files}/robot.jpg", "image", file_name="样机外观.jpg")
    page = world.show()
    image = page.page.get_by_role("img", name="样机外观.jpg")
    expect(image).to_be_visible()
    page.wait_until(lambda: image.evaluate("it => it.naturalWidth") > 0, "it is loaded")
    assert links(page) == []


def test_an_image_that_cannot_be_loaded_says_so_and_links_to_it(world, files):
    world.put(f"{files}/none.jpg", "image", file_size=532480)
    page = world.show()
    link = page.page.locator("a.file")
    expect(link.locator(".file-name")).to_have_text("none.jpg")
    expect(link.locator(".file-facts")).to_have_text("无法加载 · 图片 · 532 kB")


def test_video_and_audio_have_players(world, files):
    world.put(f"{files}/rough-cut.mp4", "video", file_name="粗剪.mp4")
    world.put(f"{files}/noise.m4a", "audio", file_name="噪音.m4a")
    page = world.show()
    expect(page.page.get_by_role("button", name="播放视频 粗剪.mp4，0:05")).to_be_visible()
    expect(page.page.get_by_role("group", name="噪音.m4a").get_by_role("button", name="播放", exact=True)).to_be_visible()
    for media in ["video", "audio"]:
        page.wait_until(lambda: page.page.locator(media).evaluate("it => it.duration") > 4, "it can be played")


def test_what_plays_plays_on_while_one_scrolls(database, world, files):
    database.messages(world.conversation, world.other, 80, 1_700_000_000_000)
    world.put(f"{files}/noise.m4a", "audio")
    page = world.show()
    page.page.locator("audio").evaluate("it => { it.loop = true; it.muted = true; return it.play(); }")
    page.scroll_to("start")
    page.page.wait_for_timeout(500)
    assert page.page.locator("audio").evaluate("it => !it.paused && it.isConnected")


def test_a_file_says_its_name_size_and_type(world):
    world.put("https://cdn.example.com/brief.pdf", "file", file_name="需求.pdf", file_size=1024,
              file_type="application/pdf")
    page = world.show()
    link = page.page.get_by_role("link", name="需求.pdf")
    assert link.get_attribute("href") == "https://cdn.example.com/brief.pdf"
    assert link.get_attribute("rel") == "noopener noreferrer nofollow" and link.get_attribute("target") == "_blank"
    expect(link.locator(".file-facts")).to_have_text("PDF · 1 kB")


def test_a_message_of_the_system_stands_in_the_middle(world):
    world.put("订单已确认", "system")
    page = world.show()
    box, frame = page.page.get_by_text("订单已确认").last.bounding_box(), page.timeline.bounding_box()
    assert abs(box["x"] + box["width"] / 2 - frame["x"] - frame["width"] / 2) < 10


def test_links_in_text_can_be_clicked(world):
    world.put("看这里：https://example.com/a_(b)?x=1&y=2。还有 http://例子.example/路径，谢谢")
    page = world.show()
    assert links(page) == ["https://example.com/a_(b)?x=1&y=2", "http://xn--fsqu00a.example/%E8%B7%AF%E5%BE%84"]
    expect(page.bubble("看这里")).to_have_text("看这里：https://example.com/a_(b)?x=1&y=2。还有 http://例子.example/路径，谢谢")


def test_a_file_is_shared_by_its_url(database, world, files):
    page = world.show()
    page.page.get_by_role("button", name="分享文件").click()
    page.page.get_by_role("menuitem", name="文件链接").click()
    dialog = page.page.get_by_role("dialog", name="文件链接")
    url = dialog.get_by_label("链接（以 http:// 或 https:// 开头）")
    for bad in ["javascript:alert(1)", "data:text/html,x", "robot.jpg", "https://a b.example/"]:
        url.fill(bad)
        dialog.get_by_role("button", name="发送").click()
        assert url.evaluate("it => it.validationMessage") == "请输入以 http:// 或 https:// 开头的完整链接。"
    url.fill(f"{files}/robot.jpg")
    dialog.get_by_label("文件名（可选）").fill("外观.jpg")
    dialog.get_by_role("button", name="发送").click()
    expect(page.page.get_by_role("img", name="外观.jpg")).to_be_visible()
    page.wait_until(lambda: page.count("send_message") == 1, "it is sent")
    [stored] = database.stored_messages(world.conversation)
    assert (stored["message_type"], stored["content"], stored["file_name"]) == ("image", f"{files}/robot.jpg", "外观.jpg")


# Harm


def test_markup_stays_text_wherever_it_stands(database, sign_in):
    me, other = database.user("我"), database.user(SCRIPT[:50], avatar_url="javascript:window.harmed=1")
    conversation = database.conversation(me, other, title=SCRIPT)
    database.message(conversation, other, SCRIPT)
    database.message(conversation, other, "https://x.example/y", message_type="file", file_name=SCRIPT,
                     file_type=SCRIPT[:90])
    database.message(conversation, other, SCRIPT, message_type="system")
    database.update_conversation(conversation, last_message_at="2036-01-01 00:00:00")
    page = sign_in(me)
    page.conversations.first.click()
    expect(page.bubble(SCRIPT).first).to_be_visible()
    page.page.get_by_role("button", name="成员").click()
    page.page.wait_for_timeout(300)
    assert page.page.evaluate("window.harmed") is None
    assert page.page.locator("#app script, #app img[src=x]").count() == 0
    assert page.page.locator("img").evaluate_all("all => all.filter((it) => !/^https?:/.test(it.src))") == []


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["text", "image", "file", "video", "audio"])
@pytest.mark.parametrize("url", ["javascript:window.harmed=1", " JaVaScRiPt:window.harmed=1",
                                 "java\nscript:window.harmed=1",
                                 "data:text/html,<script>window.harmed=1</script>", "vbscript:x", "file:///etc/passwd",
                                 "blob:https://localhost/1", "http://", "https://[::1"])
def test_no_url_but_http_and_https_becomes_a_link_or_a_source(world, kind, url):
    """Rows as the platform's own programs may have written them; the service refuses them."""
    world.put(url, kind)
    page = world.show()
    expect(page.page.locator(".row.message .bubble")).to_be_visible()
    assert page.page.locator(".bubble [src], .bubble [href]").count() == 0
    assert url.strip() in page.bubbles.first.evaluate("it => it.textContent")
    if kind != "text":
        expect(page.page.get_by_text("无法显示：不是有效的网址")).to_be_visible()


def test_text_from_right_to_left_keeps_to_its_bubble(database, world):
    world.put("مرحبا، متى يصل الفيديو؟")
    world.put("\u202egnp.exe", "file")
    world.put("https://x.example/1", "file", file_name="photo\u202egpj.exe")
    world.put("之后的消息")
    page = world.show()
    arabic = page.bubble("مرحبا").locator(".text")
    assert arabic.evaluate("it => getComputedStyle(it).direction") == "rtl"
    expect(page.page.locator(".file-name").last).to_have_text("photogpj.exe")
    time = page.row("之后的消息").locator("time")
    assert time.evaluate("it => getComputedStyle(it).direction") == "ltr"


def test_the_page_has_a_strict_policy(make_page):
    page = make_page()
    response = page.page.goto(page.base)
    policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "connect-src": "'self'",
        "img-src": "http: https:", "media-src": "http: https:", "base-uri": "'none'", "form-action": "'none'",
        "frame-ancestors": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "'none'",
    }
    assert response.headers["referrer-policy"] == "no-referrer"
    # It holds: what a slip of the page's code would do is refused.
    refused = page.page.evaluate("""async () => {
        const violations = [];
        document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
        try { document.body.innerHTML = "<b>x</b>"; } catch {}
        const script = document.createElement("script");
        try { script.src = "https://elsewhere.example/x.js"; } catch {}
        try { await fetch("https://elsewhere.example/"); } catch {}
        await new Promise((done) => setTimeout(done, 200));
        return violations;
    }""")
    assert {"require-trusted-types-for", "connect-src"} <= set(refused)
    page.problems.clear()
