"""The text of a message: links, code and emoji in it, and what is none of them."""

import pytest
from playwright.sync_api import expect

from module_fixtures import run

LINKS = """({ linkified }, text) => {
    const nodes = linkified(text);
    return {
        links: nodes.filter((it) => it.href).map((it) => it.href),
        text: nodes.map((it) => it.textContent ?? it).join(""),
    };
}"""


def links(run, text) -> list:
    found = run("view/content/linkified", LINKS, text)
    assert found["text"] == text, "nothing is added or lost"
    return found["links"]


@pytest.mark.parametrize("text, expected", [
    ("https://example.com", ["https://example.com/"]),
    ("HTTPS://EXAMPLE.COM/A", ["https://example.com/A"]),
    ("(https://example.com/a)", ["https://example.com/a"]),
    ("https://en.wikipedia.org/wiki/A_(b)", ["https://en.wikipedia.org/wiki/A_(b)"]),
    ("[(https://example.com/a_(b))]!", ["https://example.com/a_(b)"]),
    ("https://example.com/a, https://example.com/b.", ["https://example.com/a", "https://example.com/b"]),
    ("见https://example.com/a。https://example.com/b！", ["https://example.com/a", "https://example.com/b"]),
    ("链接:https://example.com/a", ["https://example.com/a"]),
    ("“https://example.com/a”", ["https://example.com/a"]),
    ("https://example.com/路径?q=值#片段", ["https://example.com/%E8%B7%AF%E5%BE%84?q=%E5%80%BC#%E7%89%87%E6%AE%B5"]),
    ("https://evil.example/\u202emoc.knab//:sptth", ["https://evil.example/"]),
    ("blob:https://example.com/1", []), ("view-source:https://example.com", []),
    ("https://", []), ("http:///", []), ("ftp://example.com", []),
    ("javascript:alert(1)//https://", []), ("xhttps://", []), ("", []),
    ("https://example.com...", ["https://example.com/"]),
    ("https://example.com/13812345678", ["https://example.com/13812345678"]),
    ("https://a@example.com/b@example.com", ["https://a@example.com/b@example.com"]),
])
def test_web_addresses(run, text, expected):
    assert links(run, text) == expected


@pytest.mark.parametrize("text, expected", [
    ("www.example.com", ["https://www.example.com/"]),
    ("WWW.Example.COM/a?b#c.", ["https://www.example.com/a?b#c"]),
    ("看www.example.com/路径，谢谢", ["https://www.example.com/%E8%B7%AF%E5%BE%84"]),
    ("看www.example.com谢谢", ["https://www.example.com/"]),
    ("(www.example.co.uk:8080/a_(b))", ["https://www.example.co.uk:8080/a_(b)"]),
    ("www.example.com...", ["https://www.example.com/"]),
    ("http://www.example.com", ["http://www.example.com/"]),
    ("www.", []), ("www.example", []), ("www..com", []), ("www.example.c1", []), ("awww.example.com", []),
    ("a.www.example.com", []), ("www.example.com@evil.example", ["mailto:www.example.com@evil.example"]),
    ("www.example.com:99999", []), ("www.example\u202e.com", []),
])
def test_addresses_that_begin_with_www(run, text, expected):
    assert links(run, text) == expected


@pytest.mark.parametrize("text, expected", [
    ("li.na@example.com", ["mailto:li.na@example.com"]),
    ("邮箱是li_na@example.com，谢谢", ["mailto:li_na@example.com"]),
    ("邮箱：li-na@mail.example.com.cn。", ["mailto:li-na@mail.example.com.cn"]),
    ("<a@example.com>; b@example.com.", ["mailto:a@example.com", "mailto:b@example.com"]),
    ("mail:a@example.com", ["mailto:a@example.com"]),
    ("a+b%c@example.com", ["mailto:a%2Bb%25c@example.com"]),
    ("müller@bücher.example", ["mailto:m%C3%BCller@b%C3%BCcher.example"]),
    ("иван@почта.рф", ["mailto:%D0%B8%D0%B2%D0%B0%D0%BD@%D0%BF%D0%BE%D1%87%D1%82%D0%B0.%D1%80%D1%84"]),
    ("a@example.xn--p1ai", ["mailto:a@example.xn--p1ai"]),
    ("发到a@example.com谢谢", ["mailto:a@example.com"]),
    ("a@example.例子", []), ("a@b", []), ("@example.com", []), ("a@", []), ("a@@example.com", []),
    ("a..b@example.com", []), ("a.@example.com", []), ("a@-example.com", []), ("a@example.c0m", []),
    ("a@b.example@c.example", []), ("ftp://a@example.com", []), ("a@192.168.0.1", []),
    ("a\u202e@example.com", []), ("a" * 65 + "@example.com", []), ("example.com/a@example.com", []),
    ("a?subject=x@example.com", ["mailto:x@example.com"]),
])
def test_mail_addresses(run, text, expected):
    assert links(run, text) == expected


@pytest.mark.parametrize("text, expected", [
    ("13812345678", ["tel:13812345678"]),
    ("138-1234-5678", ["tel:13812345678"]), ("138 1234 5678", ["tel:13812345678"]),
    ("电话13812345678，微信同号", ["tel:13812345678"]), ("电话:13812345678(微信同号)", ["tel:13812345678"]),
    ("tel:13812345678.", ["tel:13812345678"]), ("（13812345678）", ["tel:13812345678"]),
    ("13812345678/13912345678", ["tel:13812345678", "tel:13912345678"]),
    ("+86 138 1234 5678", ["tel:+8613812345678"]), ("+8613812345678", ["tel:+8613812345678"]),
    ("+86-138-1234-5678", ["tel:+8613812345678"]), ("(+86) 13812345678", ["tel:+8613812345678"]),
    ("+86 13812345678 2 件", ["tel:+8613812345678"]), ("+86 10 6552 9988", ["tel:+861065529988"]),
    ("+1 (415) 555-2671", ["tel:+14155552671"]), ("Call +44 20 7946 0958, please", ["tel:+442079460958"]),
    ("+852 2345 6789", ["tel:+85223456789"]), ("+49.30.123456-78", ["tel:+493012345678"]),
    ("+86\u00a0138\u20111234\u20115678", ["tel:+8613812345678"]),
])
def test_phone_numbers(run, text, expected):
    assert links(run, text) == expected


@pytest.mark.parametrize("text", [
    "KORD_1700000000000_1", "KORD_13812345678_1", "KORD-13812345678", "A13812345678", "13812345678a", "13812345678_",
    "订单号13812345678", "订单号：13812345678", "单号是 13812345678", "Order 13812345678", "order no. 13812345678",
    "#13812345678", "ID: 13812345678", "QQ：13812345678",
    "1700000000000", "138123456789", "1381234567", "12812345678", "0.13812345678", "13812345678.00", "13812345678,000",
    "6222 138 1234 5678", "138 1234 5678 901", "138-1234 5678", "1381234-5678",
    "2026-03-03", "2026-03-03 14:05:06", "2026/03/03", "03.03.2026", "20260303140506", "14:13812345678",
    "¥13812345678", "¥ 13812345678", "13812345678元", "13812345678 USD", "13812345678%", "$1,234,567,890",
    "1-13812345678", "1.13812345678", "13812345678-1", "13812345678@x", "@13812345678", "=13812345678",
    "+1000000", "+10000000000000", "5+8613812345678", "++8613812345678", "+86 138 1234", "+1 415 555 267",
    "+86138123456789", "+44(20 7946 0958", "+8613812345678a", "+", "(+", "+ 86 138 1234 5678", "+2026-03-03",
    "192.168.138.123", "1 3 8 1 2 3 4 5 6 7 8", "１３８１２３４５６７８",
])
def test_no_phone_numbers(run, text):
    assert links(run, text) == []


# Code

PARTS = "({ parts }, text) => parts(text).map(({ kind, content }) => [kind, content])"


@pytest.mark.parametrize("text, expected", [
    ("", []), ("a", [["text", "a"]]),
    ("`a`", [["code", "a"]]), ("用`npm i`安装", [["text", "用"], ["code", "npm i"], ["text", "安装"]]),
    ("`a` `b`", [["code", "a"], ["text", " "], ["code", "b"]]),
    ("``a`b``", [["code", "a`b"]]), ("`` ` ``", [["code", "`"]]), ("` a`", [["code", " a"]]),
    ("it`s fine, don`t worry", [["text", "it`s fine, don`t worry"]]), ("`a`b", [["text", "`a`b"]]),
    ("`", [["text", "`"]]), ("``", [["text", "``"]]), ("` `", [["text", "` `"]]), ("`a\nb`", [["text", "`a\nb`"]]),
    ("`a``", [["text", "`a``"]]),
    ("```a```", [["block", "a"]]), ("见\n```\na\n  b\n```\n好", [["text", "见"], ["block", "\na\n  b\n"], ["text", "好"]]),
    ("```a", [["text", "```a"]]), ("```\n\n```", [["text", "```\n\n```"]]), ("``````", [["text", "``````"]]),
    ("```a `b` c```", [["block", "a `b` c"]]), ("````a```b````", [["block", "a```b"]]),
    ("```a `b`", [["text", "```a "], ["code", "b"]]),
    ("`\u202ea`", [["code", "\u202ea"]]),
])
def test_code(run, text, expected):
    assert run("view/content/rich-text", PARTS, text) == expected


@pytest.mark.parametrize("text, shown, language", [
    ("```\na\n```", "a", None), ("```js\nlet a;\n\n```", "let a;\n", "js"), ("```a b\nc```", "a b\nc", None),
    ("```c++\na```", "a", "c++"), ("```\n\n  a```", "\n  a", None), ("```a```", "a", None),
])
def test_blocks_of_code(run, text, shown, language):
    assert run("view/content/rich-text", """({ richText }, text) => {
        const [block] = richText(text);
        return [block.querySelector("pre").textContent, block.querySelector(".code-language")?.textContent ?? null];
    }""", text) == [shown, language]


def test_there_are_no_links_in_code(run):
    assert run("view/content/rich-text", """({ richText }) => {
        const frame = document.createElement("div");
        frame.append(...richText("`https://a.example` ```www.a.example a@b.example 13812345678``` https://b.example"));
        return [...frame.querySelectorAll("a")].map((it) => it.href);
    }""") == ["https://b.example/"]


LONG = 60_000


@pytest.mark.parametrize("piece", [
    "`", "``", "```", "` ", "`a", "`\n", "```a\n", "`a``b```", "a", "a.", "a@", "a@b.", "@", "1", "1 ", "+1", "+1 ",
    "(+", "138 ", "138-1234-", "+86 138", "https://", "https://a)", "www.", "www.a.", ")", "https://a.example/(", "a:",
    "a://", "\u202e", "é", "😀", "1\u20e3", "\u200d", "(((((((((", "tel:", "- ", " ",
])
@pytest.mark.parametrize("before, after", [("", ""), ("https://a.example/", ""), ("```", ""), ("", "@")])
def test_the_time_grows_with_the_length_alone(run, piece, before, after):
    """A pattern that backtracks takes minutes for some of these."""
    text = before + piece * (LONG // len(piece)) + after
    took = run("view/content/rich-text", """async ({ richText }, text) => {
        const { isEmojiOnly } = await import("/app/view/content/emoji.js");
        const start = performance.now();
        richText(text);
        isEmojiOnly(text);
        return performance.now() - start;
    }""", text)
    assert took < 2_000


def test_ten_thousand_backticks_of_growing_runs(run):
    text = " ".join("`" * length for length in range(1, 345))
    assert run("view/content/rich-text", PARTS, text) == [["text", text]]


# Emoji

EMOJI = [
    "😀", "😀😀😀", " 😀 🎬 ", "😀\n🎬", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴‍☠️", "🇨🇳", "🇨🇳🇩🇪", "❤️",
    "❤️‍🔥", "❤‍🔥", "🏃‍♂", "1️⃣", "#️⃣*️⃣", "😀" * 5, "👩🏿‍🤝‍👩🏻" * 5,
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]
NO_EMOJI = [
    "", " ", "1", "#", "*", "12345", "😀a", "a😀", "好😀", "😀1", "😀" * 6, "🇨", "1\ufe0f", "\u200d", "\ufe0f",
    "❤", "☺", "©", "😀\u202e", "👍" * 2000, "\u200d😀\u200dx",
]


@pytest.mark.parametrize("text, expected", [(it, True) for it in EMOJI] + [(it, False) for it in NO_EMOJI])
def test_emoji_alone(run, text, expected):
    assert run("view/content/emoji", "({ isEmojiOnly }, text) => isEmojiOnly(text)", text) is expected
    # As in a browser that cannot take a text apart.
    assert run("view/content/emoji", """({ isEmojiOnly }, text) => {
        const { Segmenter } = Intl;
        delete Intl.Segmenter;
        try { return isEmojiOnly(text); } finally { Intl.Segmenter = Segmenter; }
    }""", text) is expected


# On the page


@pytest.fixture
def talk(database, sign_in):
    me, other = database.user("我"), database.user("对方")
    conversation = database.conversation(me, other, title="文字")

    def talk(*texts, **options):
        for index, text in enumerate(texts):
            database.message(conversation, (other, me)[index % 2], text)
        page = sign_in(me, **options)
        page.open_conversation("文字")
        return page

    return talk


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_code_is_scrolled_in_its_bubble(talk, width):
    code = "let a = 1;\n" + "x" * 400
    page = talk(f"看\n```js\n{code}\n```\n好", f"`{'y' * 300}`", viewport={"width": width, "height": 760})
    block = page.page.locator("pre")
    expect(block).to_be_visible()
    frame = page.timeline.bounding_box()
    for bubble in page.bubbles.all():
        box = bubble.bounding_box()
        assert frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]
        assert bubble.evaluate("it => it.scrollWidth <= it.clientWidth")
    assert page.timeline.evaluate("it => it.scrollWidth === it.clientWidth")
    block.focus()
    page.page.keyboard.press("ArrowRight")
    page.wait_until(lambda: block.evaluate("it => it.scrollLeft") > 0, "the arrow key scrolls it")


def test_text_that_is_selected_has_its_code(talk):
    page = talk("看\n```\nfor a in b:\n    c\n```\n和`d`")
    expect(page.page.locator("pre")).to_be_visible()
    selected = page.page.evaluate("""() => {
        getSelection().selectAllChildren(document.querySelector(".text"));
        return getSelection().toString();
    }""")
    assert selected.split() == ["看", "for", "a", "in", "b:", "c", "和d"]
    assert "for a in b:\n    c" in selected


def test_emoji_alone_are_larger_and_have_no_bubble(talk):
    page = talk("🎬👍🏽", "🎬 好", "👌")
    size = "it => parseFloat(getComputedStyle(it.querySelector('.text')).fontSize)"
    background = "it => getComputedStyle(it).backgroundColor"
    alone, beside = page.bubble("👍🏽"), page.bubble("好")
    assert alone.evaluate(size) > 2 * beside.evaluate(size)
    assert alone.evaluate(background) == "rgba(0, 0, 0, 0)" != beside.evaluate(background)


def test_mail_and_phone_are_links_that_open_no_tab(talk):
    page = talk("a@example.com 或 13812345678 或 www.example.com")
    found = page.page.locator(".bubble a").evaluate_all("all => all.map((it) => [it.getAttribute('href'), it.target])")
    assert found == [["mailto:a@example.com", ""], ["tel:13812345678", ""], ["https://www.example.com/", "_blank"]]


def test_the_list_and_the_system_show_one_plain_line(database, talk):
    page = talk("```\nlet a;\n``` `b` www.example.com")
    expect(page.conversation("文字").locator(".preview")).to_have_text("``` let a; ``` `b` www.example.com")
    assert page.conversation("文字").locator("code, .preview a").count() == 0
