"""Voice messages: recorded with the browser's microphone, listened to, sent, or discarded."""

import re

import pytest
from playwright.sync_api import expect

from axe import violations
from sizes import PHONE
from talk_fixtures import talk

BY_TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
# The page's client with an upload of the test's own, which keeps what it gets, and fails as often as it is told to.
CLIENT = """
export * from "./index.js?itself";
import { createChat as make } from "./index.js?itself";
globalThis.uploaded = [];
globalThis.failures = 0;
async function upload(file, { fileName }) {
    const bytes = new Uint8Array(await file.slice(0, 12).arrayBuffer());
    globalThis.uploaded.push({ type: file.type, size: file.size, fileName, head: [...bytes] });
    if (globalThis.failures-- > 0) throw Object.assign(new Error("no room"), { status: 400 });
    return { url: "https://cdn.example.com/voice" };
}
export const createChat = (options) => make({ ...options, upload });
"""


@pytest.fixture
def open_talk(talk, make_page, api):
    """The page with an upload, as one of the two."""
    def open_talk(hears=True, **options):
        page = make_page(**options)
        page.page.route(re.compile(r"/client/index\.js$"),
                        lambda route: route.fulfill(content_type="text/javascript", body=CLIENT))
        if hears:
            page.page.context.grant_permissions(["microphone"])
        page.open().sign_in(api.token(talk.me))
        page.open_conversation(talk.title)
        return page

    return open_talk


def button(page, name):
    return page.page.get_by_role("button", name=name, exact=True)


def record(page):
    return button(page, "录制语音消息")


def bar(page):
    return page.page.get_by_role("group", name="语音消息")


def recorded(page, seconds=1):
    """Records for so long."""
    record(page).click()
    expect(bar(page).get_by_role("timer")).to_have_text(re.compile(rf"^0:0[{seconds}-9]$"))


def uploaded(page) -> list:
    return page.page.evaluate("uploaded")


def is_listening(page) -> bool:
    return page.page.evaluate("streams.some((stream) => stream.getTracks().some((it) => it.readyState === 'live'))")


def watch_microphone(page):
    page.page.evaluate("""() => {
        globalThis.streams = [];
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await ask(wanted);
            streams.push(stream);
            return stream;
        };
    }""")


@pytest.mark.parametrize("options", [{}, BY_TOUCH], ids=["desktop", "phone"])
def test_what_is_recorded_is_sent_as_audio(open_talk, options):
    page = open_talk(**options)
    watch_microphone(page)
    recorded(page)
    button(page, "发送语音").click()
    expect(bar(page)).to_have_count(0)
    expect(page.page.locator(".row.message.own .bubble.kind-audio")).to_have_count(1)
    page.wait_until(lambda: page.count("send_message") == 1, "it is sent")
    sent = next(body for route, body, _ in page.calls if route == "send_message")
    [file] = uploaded(page)
    assert sent["message_type"] == "audio"
    assert sent["content"] == "https://cdn.example.com/voice"
    assert re.fullmatch(r"语音 \d\d\.\d\d\.(m4a|webm)", sent["file_name"])
    assert sent["file_size"] == file["size"] > 0
    assert sent["file_type"] == file["type"]
    assert (file["type"], file["head"][4:8]) == ("audio/mp4", list(b"ftyp")) \
        or (file["type"], file["head"][:4]) == ("audio/webm", [0x1a, 0x45, 0xdf, 0xa3])
    assert not is_listening(page)


def test_it_can_be_listened_to_before_it_is_sent(open_talk):
    page = open_talk()
    recorded(page)
    button(page, "停止并试听").click()
    player = bar(page).locator("audio")
    expect(player).to_be_visible()
    page.wait_until(lambda: player.evaluate("it => it.readyState >= 1 && it.error === null"), "it can be played")
    assert uploaded(page) == []
    expect(button(page, "发送语音")).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(bar(page)).to_have_count(0)
    page.wait_until(lambda: page.count("send_message") == 1, "it is sent")


@pytest.mark.thorough
@pytest.mark.parametrize("how", ["button", "key", "conversation"])
def test_it_can_be_discarded(open_talk, database, talk, how):
    database.conversation(talk.me, talk.other, title="另一个")
    page = open_talk()
    watch_microphone(page)
    page.composer.fill("写到一半")
    recorded(page)
    assert is_listening(page)
    if how == "button":
        button(page, "删除语音").click()
    elif how == "key":
        page.page.keyboard.press("Escape")
    else:
        page.open_conversation("另一个")
    expect(bar(page)).to_have_count(0)
    page.wait_until(lambda: not is_listening(page), "the microphone is off")
    if how == "conversation":
        page.open_conversation(talk.title)
    expect(page.composer).to_have_value("写到一半")
    assert uploaded(page) == []


@pytest.mark.thorough
def test_back_discards_it_on_a_phone(open_talk, talk):
    page = open_talk(**BY_TOUCH)
    watch_microphone(page)
    recorded(page)
    page.page.go_back()
    expect(bar(page)).to_have_count(0)
    expect(page.page.locator(".conversation-head h1")).to_have_text(talk.title)
    page.wait_until(lambda: not is_listening(page), "the microphone is off")


def test_what_cannot_be_uploaded_is_not_lost(open_talk):
    page = open_talk()
    page.page.evaluate("() => { failures = 1; }")
    recorded(page)
    button(page, "发送语音").click()
    row = page.page.locator(".row.failed")
    row.get_by_role("button", name="重新发送").click()
    expect(row).to_have_count(0)
    page.wait_until(lambda: page.count("send_message") == 1, "it is sent")
    first, second = uploaded(page)
    assert first == second


@pytest.mark.thorough
@pytest.mark.parametrize("error, text", [
    ("NotAllowedError", "浏览器不允许使用麦克风"), ("NotFoundError", "没有找到麦克风"), ("NotReadableError", "可能正被其他程序占用"),
])
def test_without_a_microphone_it_says_so(open_talk, error, text):
    page = open_talk()
    page.page.evaluate("""(name) => {
        navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", name); };
    }""", error)
    record(page).click()
    expect(page.page.get_by_role("alert").filter(has_text=text)).to_be_visible()
    expect(bar(page)).to_have_count(0)
    expect(page.composer).to_be_visible()


@pytest.mark.thorough
def test_what_is_too_short_is_not_sent(open_talk):
    page = open_talk()
    record(page).click()
    button(page, "发送语音").click()
    expect(page.page.get_by_role("alert").filter(has_text="说话时间太短")).to_be_visible()
    assert uploaded(page) == []


@pytest.mark.thorough
def test_after_five_minutes_it_stops(open_talk):
    page = open_talk()
    watch_microphone(page)
    recorded(page)
    # The page's clock goes on by five minutes.
    page.page.evaluate("""() => {
        const now = performance.now.bind(performance);
        performance.now = () => now() + 300_000;
    }""")
    expect(bar(page).locator("audio")).to_be_visible()
    expect(bar(page).get_by_role("status")).to_have_text("语音最长 5 分钟，录音已停止。")
    assert not is_listening(page)


@pytest.mark.thorough
def test_on_a_phone_the_button_is_there_where_there_is_no_text(open_talk):
    page = open_talk(**BY_TOUCH)
    send = button(page, "发送")
    expect(record(page)).to_be_visible()
    expect(send).to_be_hidden()
    page.composer.fill("字")
    expect(send).to_be_visible()
    expect(record(page)).to_be_hidden()


def test_without_an_upload_there_is_no_button(talk, make_page, api):
    page = make_page()
    page.page.route(re.compile(r"/client/index\.js$"), lambda route: route.fulfill(
        content_type="text/javascript", body=CLIENT.replace("upload });", "upload: undefined });")))
    page.open().sign_in(api.token(talk.me))
    page.open_conversation(talk.title)
    expect(page.composer).to_be_visible()
    expect(record(page)).to_be_hidden()
    # A phone has the button for sending then, which takes its place elsewhere.
    page.page.set_viewport_size(PHONE)
    expect(button(page, "发送")).to_be_visible()


@pytest.mark.thorough
@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{}, BY_TOUCH], ids=["desktop", "phone"])
def test_it_keeps_the_rules_of_accessible_pages(open_talk, scheme, options):
    page = open_talk(color_scheme=scheme, reduced_motion="reduce", **options)
    recorded(page)
    assert violations(page) == []
    button(page, "停止并试听").click()
    expect(bar(page).locator("audio")).to_be_visible()
    assert violations(page) == []
