"""The lightbox: pictures and videos of a conversation over the whole page."""

import re

import pytest
from playwright.sync_api import expect

from axe import violations
from media_fixtures import TITLE, cdn, talk

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def lightbox(page):
    return page.page.get_by_role("dialog", name="图片和视频")


def counter(page):
    return page.page.locator(".lightbox-counter")


def shown(page):
    return page.page.locator(".lightbox-stage > img, .lightbox-stage > video")


def picture(page, number=0):
    found = page.page.locator(".picture").nth(number)
    expect(found).to_have_class(re.compile(r"\bloaded\b"))
    return found


@pytest.fixture
def three(talk):
    talk.put("900x1600.png", file_name="一.png")
    talk.put("rough-cut.mp4", "video", file_name="二.mp4")
    talk.put("24x24.png", sender=talk.me, file_name="三.png")
    return talk


@pytest.mark.parametrize("key", ["click", "Enter", "Space"])
def test_it_opens_and_gives_the_focus_back(three, key):
    page = three.show()
    opener = picture(page)
    if key == "click":
        opener.click()
    else:
        opener.focus()
        page.page.keyboard.press(key)
    expect(lightbox(page)).to_be_visible()
    expect(counter(page)).to_have_text("1 / 3")
    expect(page.page.locator(".lightbox-caption")).to_contain_text("李娜")
    expect(page.page.locator(".lightbox-caption")).to_contain_text("一.png")
    page.page.keyboard.press("Escape")
    expect(lightbox(page)).to_have_count(0)
    expect(opener).to_be_focused()
    # The entry of the history that it had is gone back over, which a browser does in its own time.
    page.wait_until(lambda: page.page.evaluate("!history.state.place.base"), "its entry is gone")


def test_keys_go_through_pictures_and_videos(three):
    page = three.show()
    picture(page).click()
    for name, text in [("二.mp4", "2 / 3"), ("三.png", "3 / 3")]:
        page.page.keyboard.press("ArrowRight")
        expect(counter(page)).to_have_text(text)
        expect(page.page.locator(".lightbox-caption")).to_contain_text(name)
    page.page.keyboard.press("ArrowRight")
    expect(page.page.get_by_role("status").filter(has_text="已经是最新的了")).to_be_visible()
    page.page.keyboard.press("ArrowLeft")
    page.page.keyboard.press("ArrowLeft")
    expect(counter(page)).to_have_text("1 / 3")
    # A button at an end can be reached, and says why it leads nowhere.
    page.page.get_by_role("button", name="上一个（←）").focus()
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("status").filter(has_text="已经是第一个了")).to_be_visible()
    page.page.get_by_role("button", name="下一个（→）").click()
    expect(counter(page)).to_have_text("2 / 3")


@pytest.mark.thorough
def test_the_focus_stays_inside(three):
    page = three.show()
    picture(page).click()
    for _ in range(12):
        page.page.keyboard.press("Tab")
        assert page.page.evaluate("document.activeElement === document.body"
                                  " || document.activeElement.closest('dialog') !== null")


def test_the_systems_back_closes_it_and_leaves_the_conversation_open(three):
    page = three.show()
    address = page.page.url
    picture(page).click()
    expect(lightbox(page)).to_be_visible()
    assert page.page.url == address
    page.page.go_back()
    expect(lightbox(page)).to_have_count(0)
    expect(page.page.locator(".conversation-head h1")).to_have_text(TITLE)
    assert page.page.url == address
    # Closed in another way it leaves nothing behind: the next "back" is the conversation's.
    picture(page).click()
    page.page.get_by_role("button", name="关闭").click()
    expect(lightbox(page)).to_have_count(0)
    page.wait_until(lambda: page.page.evaluate("!history.state.place.base"), "its entry is gone")
    page.page.go_back()
    expect(page.page.locator(".conversation-head")).to_have_count(0)


@pytest.mark.thorough
def test_older_ones_are_loaded_where_one_comes_to_them(talk):
    talk.put("800x600-old.png", file_name="很早.png")
    talk.texts(120)
    talk.put("800x600-new.png", file_name="新的.png")
    page = talk.show()
    page.scroll_to("end")
    picture(page).click()
    expect(counter(page)).to_have_text("1 / 1+")
    page.page.keyboard.press("ArrowLeft")
    expect(counter(page)).to_have_text("1 / 2", timeout=15_000)
    expect(page.page.locator(".lightbox-caption")).to_contain_text("很早.png")
    page.page.keyboard.press("ArrowLeft")
    expect(page.page.get_by_role("status").filter(has_text="已经是第一个了")).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("img", name="新的.png")).to_be_in_viewport()


@pytest.mark.thorough
def test_a_picture_is_seen_in_its_actual_size(talk):
    talk.put("3000x2000.png")
    page = talk.show()
    picture(page).click()
    expect(page.page.locator(".lightbox-stage.loaded")).to_be_visible()
    stage = page.page.locator(".lightbox-stage").bounding_box()

    def width():
        return shown(page).bounding_box()["width"]

    assert width() <= stage["width"] + 0.5
    page.page.get_by_role("button", name="原始大小").click()
    assert abs(width() - 3000) < 2
    page.page.get_by_role("button", name="显示整张").click()
    assert width() <= stage["width"] + 0.5
    shown(page).dblclick()
    assert abs(width() - 3000) < 2
    # It is moved no further than to its edge.
    page.page.mouse.move(600, 400)
    page.page.mouse.down()
    page.page.mouse.move(5000, 400, steps=4)
    page.page.mouse.up()
    assert abs(shown(page).bounding_box()["x"] - stage["x"]) < 1
    expect(lightbox(page)).to_be_visible()
    page.page.keyboard.press("0")
    assert width() <= stage["width"] + 0.5
    page.page.keyboard.press("+")
    assert width() > stage["width"] * 1.2


@pytest.mark.thorough
def test_a_small_picture_stays_small(three):
    page = three.show()
    picture(page, 1).click()
    expect(page.page.locator(".lightbox-stage.loaded")).to_be_visible()
    assert shown(page).bounding_box()["width"] == 24


@pytest.mark.thorough
def test_a_click_beside_the_picture_closes(three):
    page = three.show()
    picture(page).click()
    expect(page.page.locator(".lightbox-stage.loaded")).to_be_visible()
    box, stage = shown(page).bounding_box(), page.page.locator(".lightbox-stage").bounding_box()
    assert box["height"] <= stage["height"] + 0.5, "all of it is seen"
    page.page.mouse.click(box["x"] + 20, 400)
    expect(lightbox(page)).to_be_visible()
    page.page.mouse.click(box["x"] - 60, 400)
    expect(lightbox(page)).to_have_count(0)


def touch(page, *ways):
    """Fingers that go along their ways at the same time."""
    session = page.page.context.new_cdp_session(page.page)
    for index in range(len(ways[0])):
        points = [{"x": way[index][0], "y": way[index][1], "id": number} for number, way in enumerate(ways)]
        kind = "touchMove" if index else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_fingers_go_on_enlarge_and_close(three):
    page = three.show(**PHONE)
    picture(page).tap()
    expect(counter(page)).to_have_text("1 / 3")
    touch(page, [(300, 400), (200, 402), (100, 404)])
    expect(counter(page)).to_have_text("2 / 3")
    touch(page, [(100, 300), (200, 300), (320, 300)])
    expect(counter(page)).to_have_text("1 / 3")
    expect(page.page.locator(".lightbox-stage.loaded")).to_be_visible()
    before = shown(page).bounding_box()["width"]
    touch(page, [(180, 400), (140, 400), (100, 400)], [(210, 400), (250, 400), (290, 400)])
    assert shown(page).bounding_box()["width"] > before * 2
    # A picture that is enlarged is moved, and not gone away from.
    touch(page, [(300, 400), (200, 400), (100, 400)])
    expect(counter(page)).to_have_text("1 / 3")
    page.page.get_by_role("button", name="显示整张").tap()
    touch(page, [(200, 300), (202, 400), (204, 500)])
    expect(lightbox(page)).to_have_count(0)


@pytest.mark.thorough
def test_the_original_is_a_link_and_is_saved_where_it_is_of_the_same_host(three):
    page = three.show()
    picture(page).click()
    link = page.page.get_by_role("link", name="在新标签页中打开原文件")
    assert link.get_attribute("href") == "https://cdn.example.com/900x1600.png"
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer nofollow")
    expect(page.page.get_by_role("link", name="下载")).to_have_count(0)


@pytest.mark.thorough
def test_a_file_of_the_same_host_is_saved_under_its_name(talk, stack, database):
    database.message(talk.conversation, talk.other, f"https://localhost:{stack.ports.https}/demo-files/robot.jpg",
                     message_type="image", file_name="样机外观.jpg")
    page = talk.show()
    picture(page).click()
    with page.page.expect_download() as download:
        page.page.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename == "样机外观.jpg"


@pytest.mark.thorough
def test_a_video_goes_on_where_it_was(three):
    page = three.show()
    page.page.get_by_role("button", name="播放视频 二.mp4").click()
    page.page.wait_for_function("() => document.querySelector('.video-frame video').currentTime > 0.5")
    page.page.locator(".video-frame").get_by_role("button", name="查看大图").click()
    expect(counter(page)).to_have_text("2 / 3")
    page.page.wait_for_function("""() => { const it = document.querySelector(".lightbox video");
        return it && !it.paused && it.currentTime > 0.5; }""")
    assert page.page.locator(".video-frame video").evaluate("it => it.paused")
    page.page.keyboard.press("Escape")
    expect(page.page.locator(".lightbox video")).to_have_count(0)


@pytest.mark.thorough
def test_what_is_taken_back_is_shown_no_longer(talk, api, cdn):
    sent = [api.send_message(talk.other, conversation_id=talk.conversation.id, message_type="image", file_name=name,
                             content=cdn.url(f"800x600-{index}.png")).success()
            for index, name in enumerate(["一.png", "二.png"])]
    page = talk.show()
    picture(page).click()
    expect(page.page.locator(".lightbox-caption")).to_contain_text("一.png")
    page.wait_until_waiting()
    api.recall_message(talk.other, conversation_id=talk.conversation.id,
                       message_id=sent[0]["message"]["message_id"]).success()
    expect(counter(page)).to_have_text("1 / 1")
    expect(page.page.locator(".lightbox-caption")).to_contain_text("二.png")
    api.recall_message(talk.other, conversation_id=talk.conversation.id,
                       message_id=sent[1]["message"]["message_id"]).success()
    expect(lightbox(page)).to_have_count(0)


def test_a_broken_picture_says_so_there_too_and_is_asked_for_again_there(talk, cdn):
    talk.put("900x1600.png")
    talk.put("800x600-x.png", file_name="坏.png")
    cdn.missing.add("800x600-x.png")
    page = talk.show()
    expect(page.page.locator(".timeline .media-retry")).to_be_visible()
    picture(page).click()
    page.page.keyboard.press("ArrowRight")
    expect(lightbox(page).get_by_text("无法加载")).to_be_visible()
    assert cdn.requests["800x600-x.png"] == 1
    cdn.missing.clear()
    lightbox(page).get_by_role("button", name="重试").click()
    expect(page.page.locator(".lightbox-stage.loaded > img")).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("img", name="坏.png")).to_be_visible()


@pytest.mark.thorough
@pytest.mark.looks
@pytest.mark.parametrize("locale, name", [("zh-CN", "图片和视频"), ("en-GB", "Images and videos")])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_the_rules_of_accessible_pages_are_kept(three, options, locale, name):
    page = three.show(locale=locale, **options)
    picture(page).click()
    expect(page.page.get_by_role("dialog", name=name)).to_be_visible()
    expect(page.page.locator(".lightbox-stage.loaded")).to_be_visible()
    assert violations(page) == []
    page.page.keyboard.press("ArrowRight")
    expect(counter(page)).to_have_text("2 / 3")
    assert violations(page) == []
    assert page.page.evaluate("""() => [...document.querySelectorAll(".lightbox *")].every((it) => {
        const box = it.getBoundingClientRect(); return box.right <= innerWidth + 1 && box.left >= -1; })""")
