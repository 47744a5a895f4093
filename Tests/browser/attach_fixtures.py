"""What tests of attaching share: files, and the ways in which they come to the page."""

import base64

import pytest
from playwright.sync_api import expect

from talk_fixtures import talk

# A picture of one pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def file(name="照片.png", mime="image/png", body=PNG) -> dict:
    return {"name": name, "mimeType": mime, "buffer": body}


def choose_files(page, *files, item="图片或视频"):
    """By the button and its menu."""
    page.page.get_by_role("button", name="分享文件").click()
    with page.page.expect_file_chooser() as chooser:
        page.page.get_by_role("menuitem", name=item, exact=True).click()
    chooser.value.set_files(list(files))


def dialog(page):
    return page.page.get_by_role("dialog")


def confirm(page):
    dialog(page).locator("button[type=submit]").click()
    expect(dialog(page)).to_have_count(0)


def transfer(page, *files, text=None, html=None):
    """A DataTransfer with the files, given as (name, type, size), and texts."""
    return page.page.evaluate_handle("""([files, text, html]) => {
        const transfer = new DataTransfer();
        for (const [name, type, size] of files) {
            transfer.items.add(new File([new Uint8Array(size).fill(97)], name, { type }));
        }
        if (text !== null) transfer.setData("text/plain", text);
        if (html !== null) transfer.setData("text/html", html);
        return transfer;
    }""", [files, text, html])


def paste(page, data):
    """Into the composer. Returns whether the page left it to the browser."""
    return page.composer.evaluate("""(it, clipboardData) => it.dispatchEvent(
        new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }))""", data)


def drag(page, event, data, selector=".timeline"):
    page.page.dispatch_event(selector, event, {"dataTransfer": data})


def progress(page):
    return page.page.get_by_role("progressbar")


@pytest.fixture
def page(talk):
    return talk.open()
