"""Chinese and English: by the browser, or as one chooses."""

import re

import pytest
from playwright.sync_api import expect

from orbia.paths import REPOSITORY


@pytest.mark.parametrize("locale, heading, lang", [
    ("zh-CN", "以演示用户身份登录", "zh-CN"), ("zh-TW", "以演示用户身份登录", "zh-CN"),
    ("en-GB", "Sign in as a demo user", "en"), ("de-DE", "Sign in as a demo user", "en"),
])
def test_the_browsers_language(make_page, locale, heading, lang):
    page = make_page(locale=locale).open()
    expect(page.page.get_by_role("heading", name=heading)).to_be_visible()
    assert page.page.locator("html").get_attribute("lang") == lang


def test_it_can_be_changed_and_stays_so(database, sign_in):
    me = database.user("我")
    database.message(database.conversation(me, title="语言"), me, "你好")
    page = sign_in(me)
    page.open_conversation("语言")
    page.composer.fill("写到一半")
    page.choose_language("English")
    expect(page.page.get_by_role("button", name="More")).to_be_focused()
    expect(page.page.get_by_role("searchbox", name="Search conversations")).to_be_visible()
    expect(page.bubble("你好")).to_be_visible()
    expect(page.composer).to_have_value("写到一半")
    expect(page.composer).to_have_attribute("placeholder", "Write a message")
    page.page.reload()
    expect(page.page.get_by_role("searchbox", name="Search conversations")).to_be_visible()
    assert page.page.locator("html").get_attribute("lang") == "en"


def test_both_say_everything(texts):
    assert set(texts["en"]) == set(texts["zh"])
    assert [name for name in texts["en"] if texts["en"][name] != texts["zh"][name]] == [], "values are used in both"


def test_every_text_is_used_and_every_text_that_is_used_exists(texts):
    """A name stands in the code as it is or, as in `type_${type}`, begins with what stands before a value."""
    calls = [call for source in SOURCES for call in calls_of_t(source)]
    used = {name for call in calls for name in re.findall(r'"(\w+)"', call)}
    assert len(used) > 50, "calls are found"
    assert sorted(used - set(texts["en"])) == []
    beginnings = {name for call in calls for name in re.findall(r"`(\w+_)\$\{", call)}
    assert [beginning for beginning in beginnings if not any(it.startswith(beginning) for it in texts["en"])] == []
    # Others are chosen before t is called with them.
    quoted = {name for source in SOURCES for name in re.findall(r'"(\w+)"', source)}
    unused = [name for name in texts["en"]
              if name not in quoted and not any(name.startswith(beginning) for beginning in beginnings)]
    assert unused == []


@pytest.mark.thorough
@pytest.mark.parametrize("word", ["JWT", "token", "byte", "令牌", "字节", "URL", "API", "upload call", "接口", "请求"])
def test_users_are_told_in_their_own_words(word):
    for language in ("en", "zh"):
        source = (APP / "language" / f"{language}.js").read_text()
        assert [text for text in re.findall(r'["`]([^"`]*)["`]', source) if word.lower() in text.lower()] == []


APP = REPOSITORY / "nginx" / "www" / "app"
SOURCES = [path.read_text() for path in sorted(APP.rglob("*.js")) if path.name not in ("en.js", "zh.js")]


def calls_of_t(source) -> list:
    """The first argument of each call of t and tOr, without the arguments of calls in it."""
    found = []
    for match in re.finditer(r"\bt(?:Or)?\(", source):
        depth, end = 1, match.end()
        while depth > 0 and not (depth == 1 and source[end] == ","):
            depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(source[end], 0)
            end += 1
        # What a choice looks at is no name: type === "a" ? "b" : "c".
        found.append(re.sub(r'[!=]== "\w+"', "", source[match.end():end]))
    return found


@pytest.fixture
def texts(make_page) -> dict:
    """By language and name, the type of each text, and of a function the names of the values in it."""
    return make_page().open().page.evaluate("""async () => {
        const shape = (text) => typeof text === "function" ? String(text).match(/^\\(\\{(.*?)\\}\\)/)[1] : typeof text;
        const shapes = (texts) => Object.fromEntries(
            Object.entries(texts).map(([name, text]) => [name, text === "" ? "empty" : shape(text)]));
        const { zh } = await import("/app/language/zh.js");
        const { en } = await import("/app/language/en.js");
        return { zh: shapes(zh), en: shapes(en) };
    }""")


@pytest.mark.thorough
@pytest.mark.parametrize("locale, language, afternoon, morning, midnight", [
    ("zh-CN", "zh", "14:05", "09:05", "00:30"), ("zh-CN", "en", "14:05", "09:05", "00:30"),
    ("en-GB", "en", "14:05", "09:05", "00:30"), ("en-GB", "zh", "14:05", "09:05", "00:30"),
    ("de-DE", "en", "14:05", "09:05", "00:30"),
    ("en-US", "en", "2:05 PM", "9:05 AM", "12:30 AM"), ("en-US", "zh", "下午2:05", "上午9:05", "上午12:30"),
    ("ko-KR", "en", "2:05 PM", "9:05 AM", "12:30 AM"),
])
def test_hours_are_counted_as_where_the_browser_is_from(make_page, locale, language, afternoon, morning, midnight):
    page = make_page(locale=locale, timezone_id="Asia/Shanghai").open()
    times = page.page.evaluate("""async (language) => {
        const { setLanguage } = await import("/app/language/language.js");
        const { clockTime, fullTime, shortTime, dayName } = await import("/app/language/formats.js");
        setLanguage(language);
        const at = (hour, minute) => new Date(2026, 2, 3, hour, minute).getTime();
        const texts = [clockTime(at(14, 5)), clockTime(at(9, 5)), clockTime(at(0, 30)), shortTime(at(14, 5), at(15, 0)),
                       fullTime(at(14, 5)), dayName(at(14, 5), at(14, 5) + 864e5 * 9)];
        return texts.map((text) => text.replace(/\\s/g, " "));
    }""", language)
    assert times[:4] == [afternoon, morning, midnight, afternoon]
    assert re.sub(r"(:05)(.*)", r"\1:00\2", afternoon) in times[4]
    # The day is the page's language's.
    assert times[5] == {"zh": "3月3日星期二", "en": "Tuesday, March 3"}[language]
