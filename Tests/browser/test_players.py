"""Players of sound and video: by mouse, keyboard and for screen readers, one at a time."""

import pytest
from playwright.sync_api import expect

from axe import violations
from media_fixtures import cdn, talk


def state(page, selector="audio") -> dict:
    return page.page.locator(selector).evaluate(
        "it => ({ paused: it.paused, at: it.currentTime, duration: it.duration })")


def plays(page, selector):
    page.page.wait_for_function("(it) => { it = document.querySelector(it); return !it.paused && it.currentTime > 0; }",
                                arg=selector)


@pytest.fixture
def sound(talk):
    talk.put("noise.m4a", "audio", file_name="运行噪音.m4a")
    page = talk.show()
    expect(page.page.locator(".audio-time")).to_have_text("0:06")
    return page


def test_sound_is_played_and_paused_by_the_keyboard(sound):
    player = sound.page.get_by_role("group", name="运行噪音.m4a")
    player.get_by_role("button", name="播放", exact=True).focus()
    sound.page.keyboard.press("Space")
    plays(sound, "audio")
    expect(player.get_by_role("button", name="暂停")).to_be_focused()
    expect(sound.page.locator(".audio-time")).to_contain_text(" / 0:06")
    sound.page.keyboard.press("Enter")
    expect(player.get_by_role("button", name="播放", exact=True)).to_be_focused()
    assert state(sound)["paused"]


def test_the_bar_goes_to_a_place_and_says_it(sound):
    bar = sound.page.get_by_role("slider", name="播放进度")
    bar.focus()
    for _ in range(3):
        sound.page.keyboard.press("ArrowRight")
    expect(bar).to_have_attribute("aria-valuetext", "0:03，共 0:06")
    sound.page.keyboard.press("ArrowLeft")
    sound.wait_until(lambda: abs(state(sound)["at"] - 2) < 0.1, "it is there")
    expect(sound.page.locator(".audio-time")).to_have_text("0:02 / 0:06")
    box = bar.bounding_box()
    sound.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    sound.wait_until(lambda: abs(state(sound)["at"] - state(sound)["duration"] / 2) < 0.5, "the middle")
    sound.page.keyboard.press("End")
    sound.wait_until(lambda: state(sound)["at"] > 5.5, "the end")
    # Begun at its end it begins anew.
    sound.page.keyboard.press("Home")
    sound.wait_until(lambda: state(sound)["at"] == 0, "the beginning")


@pytest.mark.thorough
def test_the_speed_is_that_of_all_sounds_from_then_on(talk):
    talk.put("noise.m4a", "audio")
    talk.put("voice.webm", "audio")
    page = talk.show()
    first, second = page.page.locator(".audio-player").all()
    for text in ["1.5×", "2×"]:
        first.get_by_role("button", name="播放速度").click()
        expect(first.get_by_role("button", name=f"播放速度 {text}")).to_have_text(text)
    second.get_by_role("button", name="播放", exact=True).click()
    expect(second.get_by_role("button", name="播放速度 2×")).to_be_visible()
    assert second.locator("audio").evaluate("it => it.playbackRate") == 2
    first.get_by_role("button", name="播放速度").click()
    expect(first.get_by_role("button", name="播放速度 1×")).to_be_visible()


@pytest.mark.thorough
def test_what_a_browser_has_recorded_has_its_length(talk):
    """Its head has none, and the browser says "Infinity"."""
    talk.put("voice.webm", "audio")
    page = talk.show()
    expect(page.page.locator(".audio-time")).to_have_text("0:03")
    page.wait_until(lambda: state(page)["at"] == 0, "it is at its beginning again")
    # A voice message has no name that says anything.
    expect(page.page.locator("figcaption")).to_have_count(0)
    page.page.get_by_role("button", name="播放", exact=True).click()
    plays(page, "audio")


def test_only_one_plays_at_a_time(talk):
    talk.put("noise.m4a", "audio")
    talk.put("rough-cut.mp4", "video", file_name="粗剪.mp4")
    page = talk.show()
    page.page.get_by_role("button", name="播放", exact=True).click()
    plays(page, "audio")
    page.page.get_by_role("button", name="播放视频 粗剪.mp4").click()
    plays(page, "video")
    page.wait_until(lambda: state(page)["paused"], "the sound has stopped")
    page.page.get_by_role("button", name="播放", exact=True).click()
    plays(page, "audio")
    page.wait_until(lambda: state(page, "video")["paused"], "the video has stopped")


def test_a_video_has_its_picture_and_length_and_plays_where_it_stands(talk):
    talk.put("portrait-cut.mp4", "video", file_name="竖屏版.mp4")
    page = talk.show()
    play = page.page.get_by_role("button", name="播放视频 竖屏版.mp4，0:06")
    expect(play).to_be_visible()
    expect(page.page.locator(".video-length")).to_have_text("0:06")
    video = page.page.locator("video")
    page.page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    assert video.evaluate("it => it.preload === 'metadata' && it.hasAttribute('playsinline') && !it.controls")
    play.focus()
    page.page.keyboard.press("Enter")
    plays(page, "video")
    assert video.evaluate("it => it.controls")
    expect(video).to_be_focused()
    expect(page.page.locator(".video-length")).to_be_hidden()


@pytest.mark.thorough
def test_a_place_in_a_sound_is_kept_while_its_row_is_away(talk):
    talk.put("noise.m4a", "audio")
    talk.texts(60)
    page = talk.show()
    page.scroll_to("start")
    expect(page.page.locator(".audio-time")).to_have_text("0:06")
    page.page.get_by_role("slider").focus()
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowRight")
    page.composer.focus()
    page.scroll_to("end")
    expect(page.page.locator("audio")).to_have_count(0)
    page.scroll_to("start")
    expect(page.page.locator(".audio-time")).to_have_text("0:02 / 0:06")


@pytest.mark.thorough
def test_a_language_that_is_changed_changes_players_too(talk):
    talk.put("noise.m4a", "audio")
    page = talk.show()
    expect(page.page.get_by_role("button", name="播放", exact=True)).to_be_visible()
    page.choose_language("English")
    expect(page.page.get_by_role("button", name="Play", exact=True)).to_be_visible()


@pytest.mark.thorough
@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_media_keep_the_rules_of_accessible_pages(talk, scheme, width, pictures):
    for sender in (talk.other, talk.me):
        talk.put("900x1600.png", sender=sender)
        talk.put("portrait-cut.mp4", "video", sender=sender)
        talk.put("noise.m4a", "audio", sender=sender, file_name="噪音.m4a")
        talk.put("requirements.pdf", "file", sender=sender, file_size=116_176)
        talk.put("none.png", sender=sender)
    page = talk.show(viewport={"width": width, "height": 3200}, color_scheme=scheme)
    expect(page.page.locator(".media-frame.unsized")).to_have_count(0)
    expect(page.page.locator(".media-retry")).to_have_count(2)
    assert violations(page) == []
    # Something to look at.
    page.page.screenshot(path=pictures / f"media-{width}-{scheme}.png")
    # A player is told from its bubble, and its parts from each other.
    for player in page.page.locator(".audio-player").all():
        contrast = player.evaluate("""(it) => {
            const parts = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
            const light = (color) => {
                const [r, g, b] = parts(color).map((c) => c / 255)
                    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
            const ground = getComputedStyle(it.closest(".bubble")).backgroundColor;
            const play = getComputedStyle(it.querySelector(".audio-play"));
            return [ratio(play.backgroundColor, ground), ratio(play.color, play.backgroundColor)];
        }""")
        assert min(contrast) >= 3
