"""What searching is made of, asked for directly: snippets, the history of places, addresses."""

import pytest

from module_fixtures import run


SNIPPET = """({ markedSnippet }, [text, matches]) =>
    markedSnippet(text, matches).map((it) => (it.localName ? `[${it.textContent}]` : it)).join("")"""


def in_utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("before, match, behind, snippet", [
    ("", "合同", "", "[合同]"),
    ("👨‍👩‍👧‍👦👍🏽 ", "合同", " 在这里", "👨‍👩‍👧‍👦👍🏽 [合同] 在这里"),
    ("第一行\n\n  第二行 ", "合同", "\t完", "第一行 第二行 [合同] 完"),
    # It is cut 24 code units before the match, within an emoji: that is whole all the same.
    ("x" + "🎬" * 13 + "y", "合同", "", "…" + "🎬" * 12 + "y[合同]"),
    ("", "合同", "🎬" * 100, "[合同]" + "🎬" * 79 + "…"),
    ("<mark>", "<b>", "</mark>", "<mark>[<b>]</mark>"),
])
def test_snippets(run, before, match, behind, snippet):
    text = before + match + behind
    assert run("view/searching/marked-text", SNIPPET, [text, [[in_utf16(before), in_utf16(match)]]]) == snippet


def test_all_matches_of_a_snippet_are_marked(run):
    assert run("view/searching/marked-text", SNIPPET, ["a合b合c合", [[1, 1], [3, 1], [5, 1]]]) == "a[合]b[合]c[合]"


def test_without_a_match_a_snippet_is_the_beginning(run):
    assert run("view/searching/marked-text", SNIPPET, ["x" * 300, []]) == "x" * 160 + "…"


def test_a_history_of_places(run):
    assert run("view/searching/jump-history", """({ JumpHistory }) => {
        const history = new JumpHistory();
        const places = Array.from({ length: 25 }, (_, number) => ({ number }));
        const seen = [history.last];
        for (const place of places) history.push(place);
        seen.push(history.last.number, history.has(places[4]), history.has(places[5]));
        history.reach((place) => place.number > 22);
        seen.push(history.last.number);
        history.take(places[3]);
        seen.push(history.last.number);
        history.take(places[10]);
        seen.push(history.last.number);
        history.reach(() => true);
        return [...seen, history.last];
    }""") == [None, 24, False, True, 22, 22, 9, None]


@pytest.mark.parametrize("hash, expected", [
    ("", {"id": None, "message": None}),
    ("#/", {"id": None, "message": None}),
    ("#/conversations/12", {"id": 12, "message": None}),
    ("#/conversations/12?message=MSG_1_a&at=1700",
     {"id": 12, "message": {"message_id": "MSG_1_a", "created_at": 1700}}),
    ("#/conversations/12?message=MSG_1_a", {"id": 12, "message": {"message_id": "MSG_1_a"}}),
    ("#/conversations/12?message=MSG_1_a&at=x", {"id": 12, "message": {"message_id": "MSG_1_a"}}),
    ("#/conversations/12?message=MSG_1_a&at=-5", {"id": 12, "message": {"message_id": "MSG_1_a"}}),
    ("#/conversations/12?message=", {"id": 12, "message": None}),
    ("#/conversations/12?utm=x", {"id": 12, "message": None}),
    ("#/conversations/12x", {"id": None, "message": None}),
])
def test_addresses(run, hash, expected):
    assert run("view/address", "({ parseAddress }, hash) => parseAddress(hash)", hash) == expected


def test_the_address_of_a_message_is_read_as_it_was_written(run):
    message = {"message_id": "MSG_旧 &?#_1", "created_at": 1_700_000_000_000}
    there_and_back = "({ addressOf, parseAddress }, message) => parseAddress(addressOf(7, message))"
    assert run("view/address", there_and_back, message) == {"id": 7, "message": message}
