"""Chinese and English: by the browser, or as one chooses."""

import pytest
from playwright.sync_api import expect


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
    page.page.get_by_role("combobox", name="语言").focus()
    page.page.get_by_role("combobox", name="语言").select_option("English")
    expect(page.page.get_by_role("combobox", name="Language")).to_be_focused()
    expect(page.page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.bubble("你好")).to_be_visible()
    expect(page.composer).to_have_value("写到一半")
    expect(page.composer).to_have_attribute("placeholder", "Write a message")
    page.page.reload()
    expect(page.page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.page.locator("html").get_attribute("lang") == "en"


def test_both_say_everything(make_page):
    page = make_page().open()
    missing = page.page.evaluate("""async () => {
        const { zh } = await import("/app/language/zh.js");
        const { en } = await import("/app/language/en.js");
        const names = new Set([...Object.keys(zh), ...Object.keys(en)]);
        return [...names].filter((name) => typeof zh[name] !== typeof en[name] || !zh[name]);
    }""")
    assert missing == []


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
    assert ("2:05:00 PM" if "PM" in afternoon else "14:05:00" if ":" in afternoon[2] else "下午2:05:00") in times[4]
    # The day is the page's language's.
    assert times[5] == {"zh": "3月3日星期二", "en": "Tuesday, March 3"}[language]
