"""A file on its way: how far it is, taking it back, and trying again."""

import pytest
from playwright.sync_api import expect

from attach_fixtures import choose_files, confirm, file, page, progress, talk
from axe import violations


class Uploads:
    """The upload of a site's, which does what a test says: each takes (file, task) to `pending` in the page."""

    SCRIPT = """
        globalThis.pending = [];
        config.upload = () => (file, task) => new Promise((resolve, reject) => {
            pending.push({ task, resolve, reject, name: task.fileName });
            task.signal.addEventListener("abort", () => reject(task.signal.reason));
        });"""

    def __init__(self, page):
        self._page = page
        page.page.route("**/config.js", lambda route: route.fulfill(
            content_type="text/javascript", body=f"{route.fetch().text()}\n{self.SCRIPT}"))

    def wait_for(self, count):
        self._page.wait_until(lambda: self.count == count, f"{count} uploads have begun")

    @property
    def count(self) -> int:
        return self._page.page.evaluate("pending.length")

    def run(self, script, index=-1):
        return self._page.page.evaluate(f"(it => {script})(pending.at({index}))")


@pytest.fixture
def uploads(make_page, talk, api):
    page = make_page()
    uploads = Uploads(page)
    page.open().sign_in(api.token(talk.me))
    page.open_conversation(talk.title)
    uploads.page = page
    return uploads


def row(page):
    return page.page.locator(".row.message.own").last


def begin(uploads, *files):
    choose_files(uploads.page, *(files or [file()]))
    confirm(uploads.page)


def test_the_picture_is_shown_and_how_far_it_is(talk, uploads):
    page = uploads.page
    begin(uploads)
    uploads.wait_for(1)
    picture = row(page).locator("img.upload-picture")
    assert picture.get_attribute("src").startswith("blob:")
    page.wait_until(lambda: picture.evaluate("it => it.naturalWidth === 1"), "it is shown")
    expect(row(page).locator(".state")).to_have_text("等待上传")
    uploads.run("it.task.onProgress(0.42)")
    expect(progress(page)).to_have_attribute("aria-valuenow", "42")
    expect(progress(page)).to_have_accessible_name("正在上传 照片.png")
    expect(row(page).locator(".state")).to_have_text("上传中 42%")
    assert violations(page) == []
    # Percents are not read out.
    assert page.page.locator("[aria-live=polite]", has_text="正在上传 1 个文件").count() == 1
    assert "42" not in page.page.locator(".conversation [role=log]").inner_text()
    uploads.run("it.resolve({ url: 'https://files.example/a.png' })")
    expect(row(page).locator(".state")).to_have_text("已发送")
    expect(progress(page)).to_have_count(0)


def test_it_can_be_cancelled(database, talk, uploads):
    page = uploads.page
    begin(uploads)
    uploads.wait_for(1)
    row(page).get_by_role("button", name="取消").click()
    expect(page.bubbles).to_have_count(0)
    assert uploads.run("it.task.signal.aborted") is True
    expect(page.composer).to_be_focused()
    page.write("danach")
    expect(row(page).locator(".state")).to_have_text("已发送")
    assert [it["content"] for it in database.stored_messages(talk.conversation)] == ["danach"]


@pytest.mark.thorough
@pytest.mark.parametrize("status, text", [(413, "文件太大"), (404, "这里不能上传文件"), (418, "文件不被接受")])
def test_a_failure_says_why_and_can_be_tried_again(talk, uploads, status, text):
    page = uploads.page
    begin(uploads)
    uploads.wait_for(1)
    uploads.run(f"it.reject(Object.assign(new Error('no'), {{ status: {status} }}))")
    expect(row(page).locator(".state")).to_contain_text(f"上传失败: {text}")
    expect(page.page.locator(".conversation [role=log]")).to_contain_text(text)
    expect(progress(page)).to_have_count(0)
    row(page).get_by_role("button", name="重新发送").click()
    uploads.wait_for(2)
    expect(progress(page)).to_be_visible()
    uploads.run("it.resolve({ url: 'https://files.example/a.png' })")
    expect(row(page).locator(".state")).to_have_text("已发送")


def test_what_is_uploaded_is_not_uploaded_again_where_the_message_fails(talk, uploads):
    page = uploads.page
    page.page.route("**/send_message", lambda route: route.fulfill(
        status=400, json={"base_resp": {"code": 400, "message": "this place is not allowed"}}), times=1)
    begin(uploads)
    uploads.wait_for(1)
    uploads.run("it.resolve({ url: 'https://files.example/a.png' })")
    expect(row(page).locator(".state")).to_have_text("发送失败: 内容不被接受")
    row(page).get_by_role("button", name="重新发送").click()
    expect(row(page).locator(".state")).to_have_text("已发送")
    assert uploads.count == 1


@pytest.mark.thorough
def test_an_upload_goes_on_where_another_conversation_is_open(database, talk, uploads):
    page = uploads.page
    other = database.conversation(talk.me, title="另一个")
    begin(uploads)
    uploads.wait_for(1)
    expect(page.conversation("另一个")).to_be_visible(timeout=15_000)
    page.open_conversation("另一个")
    uploads.run("it.task.onProgress(0.5)")
    page.open_conversation(talk.title)
    expect(progress(page)).to_have_attribute("aria-valuenow", "50")
    assert row(page).locator("img.upload-picture").evaluate("it => it.src").startswith("blob:")
    assert database.stored_messages(other) == []


@pytest.mark.thorough
def test_a_file_that_is_no_picture_shows_its_name(talk, uploads):
    begin(uploads, file("坏的.png", "image/png", b"no picture"))
    expect(row(uploads.page).locator(".upload-file")).to_contain_text("坏的.png")


@pytest.mark.thorough
def test_a_request_that_is_under_way_can_be_cancelled(talk, page):
    held = []
    page.page.route("**/uploads/new.png", lambda route: held.append(route))
    choose_files(page, file())
    confirm(page)
    page.wait_until(lambda: held, "it has begun")
    row(page).get_by_role("button", name="取消").click()
    expect(page.bubbles).to_have_count(0)


@pytest.mark.thorough
def test_where_the_network_fails_for_a_moment_it_is_tried_again_by_itself(talk, page):
    tries = []

    def answer(route):
        tries.append(route)
        if len(tries) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.page.route("**/uploads/new.png", answer)
    choose_files(page, file())
    confirm(page)
    expect(row(page).locator(".state")).to_have_text("已发送", timeout=20_000)
    assert len(tries) == 2
