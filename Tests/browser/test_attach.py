"""Attaching files: by the button, and by the address of one that is on the web already."""

import pytest
from playwright.sync_api import expect

from attach_fixtures import choose_files, confirm, dialog, file, page, talk
from axe import violations
from talk_fixtures import PHONE, TABLET

ATTACH = {"name": "分享文件"}


def state(page):
    return page.page.locator(".row.message.own .state").last


def stored(database, talk) -> list:
    return [(row["message_type"], row["file_name"], row["file_size"], row["file_type"])
            for row in database.stored_messages(talk.conversation)]


def test_a_picture_is_chosen_shown_and_sent(database, talk, page):
    choose_files(page, file())
    expect(dialog(page)).to_contain_text("照片.png")
    assert page.count("send_message") == 0
    confirm(page)
    expect(state(page)).to_have_text("已发送")
    assert stored(database, talk) == [("image", "照片.png", len(file()["buffer"]), "image/png")]
    picture = page.page.locator(".row.message.own img").last
    page.wait_until(lambda: picture.evaluate("it => it.complete && it.naturalWidth === 1"), "it is shown")
    expect(page.composer).to_be_focused()


def test_the_other_one_gets_it(talk, page, sign_in):
    choose_files(page, file("报价.pdf", "application/pdf", b"%PDF-1.4"), item="文件")
    confirm(page)
    expect(state(page)).to_have_text("已发送")
    other = talk.open(talk.other)
    expect(other.page.locator("a.file")).to_contain_text("报价.pdf")


def test_several_are_sent_in_their_order(database, talk, page):
    names = [f"{number}.png" for number in range(5)]
    choose_files(page, *[file(name) for name in names])
    dialog(page).get_by_role("button", name="移除 2.png").click()
    expect(dialog(page).get_by_role("listitem")).to_have_count(4)
    expect(dialog(page).locator("button[type=submit]")).to_have_text("发送 4 个文件")
    confirm(page)
    page.wait_until(lambda: page.count("send_message") == 4, "all are sent")
    assert [row[1] for row in stored(database, talk)] == ["0.png", "1.png", "3.png", "4.png"]


@pytest.mark.thorough
def test_nothing_is_sent_where_the_dialog_is_closed(database, talk, page):
    choose_files(page, file())
    page.page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(page.composer).to_be_focused()
    page.write("只有这句")
    expect(state(page)).to_have_text("已发送")
    assert len(stored(database, talk)) == 1


@pytest.mark.parametrize("name, mime, size, text", [
    ("大.png", "image/png", 10_000_001, "图片不能超过 10 MB"),
    ("大.pdf", "application/pdf", 50_000_001, "文档不能超过 50 MB"),
    pytest.param("大.mp4", "video/mp4", 100_000_001, "视频不能超过 100 MB", marks=pytest.mark.thorough),
    ("图.svg", "image/svg+xml", 10, "不支持这种类型"), ("程序.exe", "application/octet-stream", 10, "不支持这种类型"),
    ("空.png", "image/png", 0, "是空文件"),
])
def test_what_cannot_be_sent_is_refused_at_once(page, name, mime, size, text):
    uploads = []
    page.page.on("request", lambda request: uploads.append(request) if request.method == "PUT" else None)
    page.page.locator("input[type=file]").evaluate("""(it, [name, type, size]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(size)], name, { type }));
        it.files = data.files;
        it.dispatchEvent(new Event("change"));
    }""", [name, mime, size])
    expect(page.page.locator(".composer").get_by_role("alert")).to_contain_text(text)
    expect(dialog(page)).to_have_count(0)
    assert uploads == []


@pytest.mark.thorough
def test_beside_what_is_refused_the_others_are_sent(database, talk, page):
    choose_files(page, file("图.svg", "image/svg+xml"), file("好.png"))
    expect(dialog(page).get_by_role("alert")).to_contain_text("图.svg")
    confirm(page)
    expect(state(page)).to_have_text("已发送")
    assert [row[1] for row in stored(database, talk)] == ["好.png"]


@pytest.mark.thorough
def test_the_quote_goes_with_the_first_one(database, talk, page):
    talk.say(talk.other, "发一下图片")
    expect(page.bubble("发一下图片")).to_be_visible(timeout=15_000)
    page.page.locator(".row.message", has_text="发一下图片").last.click(button="right")
    page.page.get_by_role("menuitem", name="引用").click()
    choose_files(page, file("1.png"), file("2.png"))
    confirm(page)
    page.wait_until(lambda: page.count("send_message") == 2, "both are sent")
    quoting = [call[1].get("reply_to") is not None for call in page.calls if call[0] == "send_message"]
    assert quoting == [True, False]
    expect(page.page.locator(".composer .quote-bar")).to_be_hidden()


def test_it_works_by_keyboard(database, talk, page):
    page.page.get_by_role("button", **ATTACH).focus()
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("menuitem", name="图片或视频")).to_be_focused()
    with page.page.expect_file_chooser() as chooser:
        page.page.keyboard.press("Enter")
    chooser.value.set_files([file()])
    expect(dialog(page).locator("button[type=submit]")).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(state(page)).to_have_text("已发送")


@pytest.mark.thorough
@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_menu_and_dialog_are_accessible(talk, scheme, size):
    page = talk.open(color_scheme=scheme, viewport=size)
    page.page.get_by_role("button", **ATTACH).click()
    assert violations(page) == []
    page.page.keyboard.press("Escape")
    choose_files(page, file("很长" * 60 + ".png"), file("图.svg", "image/svg+xml"))
    expect(dialog(page)).to_be_visible()
    assert violations(page) == []
    assert dialog(page).evaluate("it => it.scrollWidth <= it.clientWidth")


# By address


def open_link_dialog(page):
    page.page.get_by_role("button", **ATTACH).click()
    page.page.get_by_role("menuitem", name="文件链接").click()


@pytest.mark.thorough
@pytest.mark.parametrize("address, kind, name", [
    ("https://cdn.example.com/a/clip.mp4?x=1", "视频", "clip.mp4"), ("https://cdn.example.com/x.PDF", "文件", "x.PDF"),
    ("https://cdn.example.com/%E6%AD%8C.mp3", "音频", "歌.mp3"), ("https://cdn.example.com/a.png", "图片", "a.png"),
])
def test_the_kind_and_name_are_those_of_the_address(page, address, kind, name):
    open_link_dialog(page)
    dialog(page).get_by_label("链接（以").fill(address)
    expect(dialog(page).get_by_role("radio", name=kind, exact=True)).to_be_checked()
    expect(dialog(page).get_by_label("文件名")).to_have_value(name)


@pytest.mark.thorough
def test_what_the_user_says_stays_and_blanks_are_encoded(database, talk, page):
    open_link_dialog(page)
    dialog(page).get_by_role("radio", name="文件", exact=True).check()
    dialog(page).get_by_label("文件名").fill("我的")
    dialog(page).get_by_label("链接（以").fill(" https://cdn.example.com/a b.png ")
    expect(dialog(page).get_by_role("radio", name="文件", exact=True)).to_be_checked()
    confirm(page)
    expect(state(page)).to_have_text("已发送")
    [message] = database.stored_messages(talk.conversation)
    assert (message["message_type"], message["file_name"], message["content"]) == (
        "file", "我的", "https://cdn.example.com/a%20b.png")


def test_without_an_upload_there_is_the_link_alone(talk, make_page, api):
    page = make_page()
    page.page.route("**/config.js", lambda route: route.fulfill(
        content_type="text/javascript", body=f"{route.fetch().text()}\nconfig.uploadUrl = null;"))
    page.open().sign_in(api.token(talk.me))
    page.open_conversation(talk.title)
    page.page.get_by_role("button", **ATTACH).click()
    expect(dialog(page).get_by_label("链接（以")).to_be_focused()
    expect(page.page.locator("input[type=file]")).to_have_count(0)
