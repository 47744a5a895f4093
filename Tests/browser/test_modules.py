"""What the page works out by itself, asked for directly: URLs, waits, rows, sizes."""

import pytest

from module_fixtures import run


@pytest.mark.parametrize("text, expected", [
    ("https://example.com/a", "https://example.com/a"), ("//example.com/a", "https://example.com/a"),
    ("/uploads/a.png", "/uploads/a.png"),
    ("javascript:x", None), ("\tjavascript:x", None), ("java\tscript:x", None), ("data:,x", None), ("https://", None),
])
def test_safe_urls(run, stack, text, expected):
    if expected and expected.startswith("/"):
        expected = f"https://localhost:{stack.ports.https}{expected}"
    assert run("view/content/links", "({ safeUrl }, text) => safeUrl(text)", text) == expected


def test_waits_double_up_to_a_limit_and_are_drawn_at_random(run):
    waits = run("../client/timing/backoff", """({ backoff }) => [1, 2, 3, 10].map((failures) =>
        Array.from({ length: 200 }, () => backoff(failures, null, { initial: 1000, maximum: 8000 })))""")
    for drawn, longest in zip(waits, [1000, 2000, 4000, 8000]):
        assert longest / 2 <= min(drawn) < max(drawn) <= longest
        assert len(set(drawn)) > 100


def test_waits_are_never_shorter_than_the_server_asked_for(run):
    wait = run("../client/timing/backoff", "({ backoff }) => backoff(1, 60000, { initial: 1000, maximum: 8000 })")
    assert wait == 60000


@pytest.mark.parametrize("value, milliseconds", [
    ("2", 2000), ("0", 0), (None, None), ("soon", None), ("Thu, 01 Jan 1970 00:00:10 GMT", 5000),
    ("Thu, 01 Jan 1970 00:00:01 GMT", 0),
])
def test_retry_after(run, value, milliseconds):
    parse = "({ parseRetryAfter }, value) => parseRetryAfter(value, 5000)"
    assert run("../client/api/api-error", parse, value) == milliseconds


@pytest.mark.parametrize("size, text", [(0, "0字节"), (999, "999字节"), (1024, "1 kB"), (184_320, "184 kB"),
                                        (52_428_800, "52.4 MB"), (5 * 10**12, "5 TB")])
def test_sizes(run, size, text):
    assert run("language/formats", "({ fileSize }, size) => fileSize(size)", size) == text


def test_yesterday_is_the_day_before_whatever_the_hour(run):
    names = run("language/formats", """({ dayName }) => {
        const now = new Date(2026, 2, 3, 0, 30).getTime();
        return [0, 1, 25, 49, 24 * 400].map((hours) => dayName(now - hours * 3600000, now));
    }""")
    assert names == ["今天", "昨天", "3月1日星期日", "2月28日星期六", "2025年1月27日星期一"]
