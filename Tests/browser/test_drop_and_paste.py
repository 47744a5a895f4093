"""Files that are dropped on the conversation, or pasted."""

import pytest
from playwright.sync_api import expect

from attach_fixtures import confirm, dialog, drag, page, paste, talk, transfer
from axe import violations

ONE = ("a.png", "image/png", 20)
TWO = ("b.pdf", "application/pdf", 30)


def target(page):
    return page.page.locator(".drop-target")


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_target_is_shown_while_files_are_dragged(talk, scheme):
    page = talk.open(color_scheme=scheme)
    data = transfer(page, ONE)
    expect(target(page)).to_be_hidden()
    drag(page, "dragenter", data)
    expect(target(page)).to_be_visible()
    expect(target(page)).to_contain_text("松开即可发送文件")
    assert violations(page) == []
    # Into the composer, and out of the timeline.
    drag(page, "dragenter", data, ".composer textarea")
    drag(page, "dragleave", data)
    expect(target(page)).to_be_visible()
    drag(page, "dragleave", data, ".composer textarea")
    expect(target(page)).to_be_hidden()


@pytest.mark.parametrize("selector", [".timeline", ".composer textarea", ".conversation-head"])
def test_files_are_dropped_anywhere_in_the_conversation(database, talk, page, selector):
    data = transfer(page, ONE, TWO)
    drag(page, "dragenter", data, selector)
    drag(page, "drop", data, selector)
    expect(target(page)).to_be_hidden()
    expect(dialog(page).get_by_role("listitem")).to_have_count(2)
    confirm(page)
    page.wait_until(lambda: page.count("send_message") == 2, "both are sent")
    assert [(it["message_type"], it["file_name"]) for it in database.stored_messages(talk.conversation)] == [
        ("image", "a.png"), ("file", "b.pdf")]


@pytest.mark.thorough
def test_beside_the_conversation_nothing_happens(page):
    """And the browser does not leave the page for the file."""
    data = transfer(page, ONE)
    left = page.page.locator(".sidebar").evaluate("""(it, dataTransfer) => ["dragover", "drop"].map((type) =>
        it.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })))""", data)
    assert left == [False, False]
    expect(dialog(page)).to_have_count(0)


@pytest.mark.thorough
def test_a_text_or_what_the_page_itself_has_is_no_file(page):
    drag(page, "dragenter", transfer(page, text="Text"))
    expect(target(page)).to_be_hidden()
    data = transfer(page, ONE)
    drag(page, "dragstart", data)
    drag(page, "dragenter", data)
    expect(target(page)).to_be_hidden()
    drag(page, "dragend", data)
    drag(page, "dragenter", data)
    expect(target(page)).to_be_visible()


@pytest.mark.thorough
def test_a_closed_conversation_takes_none(database, talk, page):
    database.update_conversation(talk.conversation, status="closed")
    talk.event(talk.other, "x", None)
    page.page.reload()
    expect(page.page.locator(".closed")).to_be_visible()
    drag(page, "dragenter", transfer(page, ONE))
    expect(target(page)).to_have_count(0)


def test_a_picture_is_pasted(database, talk, page):
    page.composer.fill("Text")
    assert paste(page, transfer(page, ("image.png", "image/png", 20))) is False
    expect(dialog(page)).to_contain_text("image.png")
    confirm(page)
    page.wait_until(lambda: page.count("send_message") == 1, "it is sent")
    expect(page.composer).to_have_value("Text")
    [message] = database.stored_messages(talk.conversation)
    assert message["message_type"] == "image"


@pytest.mark.thorough
@pytest.mark.parametrize("data", [
    {"files": [], "text": "Text"},
    {"files": [ONE], "text": "A1\tB1", "html": "<table></table>"},
], ids=["text", "a table, with its picture"])
def test_a_text_stays_a_text(page, data):
    assert paste(page, transfer(page, *data["files"], text=data["text"], html=data.get("html"))) is True
    expect(dialog(page)).to_have_count(0)


@pytest.mark.thorough
@pytest.mark.parametrize("data", [
    {"text": None, "html": "<img src=x>"}, {"text": "a.png"}, {"text": "/home/me/a.png"},
], ids=["a picture of a page", "a file and its name", "a file and its path"])
def test_a_file_is_a_file(page, data):
    assert paste(page, transfer(page, ONE, **data)) is False
    expect(dialog(page)).to_contain_text("a.png")


@pytest.mark.thorough
def test_a_search_field_is_no_place_for_files(page):
    left = page.search_field.evaluate("""(it, clipboardData) => it.dispatchEvent(
        new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }))""", transfer(page, ONE))
    assert left is True
    expect(dialog(page)).to_have_count(0)
