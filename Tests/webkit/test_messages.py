"""What one does with messages, in WebKit: the history, quotes, taking back, searching, and what files show."""

import pytest
from selenium.webdriver import Keys

from window import COMPOSER

TITLE = "谈事情"
FILES = "https://localhost:{port}/demo-files"


def set_last_message(database, conversation):
    database.execute("UPDATE orbia_conversation SET last_message_at = (SELECT MAX(created_at) FROM orbia_message"
                     " WHERE conversation_id = %s) WHERE id = %s", conversation.id, conversation.id)


@pytest.fixture
def history(database, conversation, other):
    """300 messages from long ago."""
    database.messages(conversation, other, 300, 1_700_000_100_000)
    set_last_message(database, conversation)
    return conversation


def place_of(window, text):
    """How far below the upper edge of the messages one begins."""
    return window.script("""
        const [text] = arguments;
        const row = [...document.querySelectorAll(".row.message")].find((it) => it.textContent.includes(text));
        const edge = document.querySelector(".timeline").getBoundingClientRect().top;
        return row ? row.getBoundingClientRect().top - edge : null;""", text)


@pytest.mark.thorough
def test_scrolling_up_loads_the_history_and_what_is_in_sight_stays_there(sign_in, me, history):
    """WebKit has no scroll anchoring: the page keeps the place itself."""
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.bubble("第 299 条")
    seen = []

    def scroll():
        texts = window.script("""
            const timeline = document.querySelector(".timeline");
            timeline.scrollTop = Math.max(0, timeline.scrollTop - 400);
            return [...document.querySelectorAll(".row.message .bubble .text")].map((it) => it.textContent);""")
        for text in texts:
            if text not in seen:
                seen.append(text)
        return "以前说过的" in seen

    window.wait(scroll, "the first message is reached", within=90)
    assert {f"第 {number} 条" for number in range(300)} <= set(seen)


def test_pages_of_history_that_come_in_move_nothing(sign_in, me, history):
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.bubble("第 299 条")
    # As far up as is loaded: the next page is asked for, and comes in above.
    before = window.script("""
        const timeline = document.querySelector(".timeline");
        window.heightBefore = timeline.scrollHeight;
        timeline.scrollTop = 120;
        return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
            const edge = timeline.getBoundingClientRect().top;
            const row = [...document.querySelectorAll(".row.message")]
                .find((it) => it.getBoundingClientRect().top >= edge);
            resolve([row.querySelector(".text").textContent, row.getBoundingClientRect().top - edge]);
        })));""")
    window.wait(lambda: window.script("return document.querySelector('.timeline').scrollHeight > heightBefore + 500"),
                "the page has come in")
    text, top = before
    window.wait(lambda: abs((place_of(window, text) or 10_000) - top) < 3, f"{text} is where it was, at {top}")


def test_a_quote_is_sent_with_the_answer_and_leads_to_what_it_quotes(sign_in, api, me, other, conversation):
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.open_menu("以前说过的")
    window.click("[role=menuitem]", "Quote")
    window.find(".quote-bar", "以前说过的")
    window.wait(lambda: window.script("return document.activeElement.matches(arguments[0])", COMPOSER), "one can write")
    # WebKitGTK enables no input method where a script moves the focus: keys of a plain keyboard come without one.
    window.write("answer")
    window.expect_state("answer", "Sent")
    window.find(".row.message .bubble button.quote", "以前说过的")
    window.click(".row.message .bubble button.quote", "以前说过的")
    window.wait(lambda: window.script("return document.activeElement.textContent.includes('以前说过的')"),
                "the quoted message has the focus")


@pytest.mark.thorough
def test_a_message_is_taken_back_with_the_menu_by_the_keyboard(sign_in, database, me, conversation):
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.write("发错了")
    window.expect_state("发错了", "Sent")
    window.open_menu("发错了")
    window.press(Keys.END)
    window.wait(lambda: window.script("return document.activeElement.textContent") == "Take back", "End leads to it")
    window.press(Keys.ENTER)
    window.find_none(".row.message .bubble", "发错了")
    window.find(".row.system", "You took a message back")


def test_the_search_in_a_conversation_jumps_to_a_hit_marks_it_and_leads_back(sign_in, database, me, other, history):
    database.message(history, other, "很早的约定", 1_700_000_050_000)
    window = sign_in(me)
    window.open_conversation(TITLE)
    window.bubble("第 299 条")
    window.press(Keys.CONTROL, "f")
    window.type(".conversation-search input[type=search]", "约定")
    window.click(".conversation-search .hit", "约定")
    window.bubble("很早的约定")
    marked = "return [...(CSS.highlights?.get('found-current') ?? [])].map(String)"
    window.wait(lambda: window.script(marked) == ["约定"], "it is marked")
    # Among the messages Escape closes the search and leads back at once.
    window.wait(lambda: window.script("return document.activeElement.matches('.timeline *')"), "the hit has the focus")
    window.press(Keys.ESCAPE)
    window.bubble("第 299 条")
    window.find_none(".conversation-search")


@pytest.mark.thorough
def test_the_search_of_the_list_finds_conversations_and_messages(sign_in, database, me, other, conversation):
    database.conversation(me, other, title="别的")
    window = sign_in(me)
    window.find("a.conversation-link", "别的")
    window.type(".conversation-list input[type=search]", "以前说过")
    window.find_none("a.conversation-link .title", "别的")
    window.click(".hit", "以前说过")
    window.bubble("以前说过的")
    window.wait(lambda: "message=MSG_" in window.driver.current_url, "the address names the message")


def test_a_picture_a_video_and_a_sound_are_loaded(sign_in, stack, database, me, other, conversation):
    for number, (kind, name) in enumerate([("image", "robot.jpg"), ("video", "rough-cut.mp4"), ("audio", "noise.m4a")]):
        database.message(conversation, other, f"{FILES.format(port=stack.ports.https)}/{name}",
                         1_700_000_001_000 + number, message_type=kind, file_name=name)
    window = sign_in(me)
    window.open_conversation(TITLE)
    for loaded in ("document.querySelector('.timeline .bubble img')?.naturalWidth > 0",
                   "document.querySelector('.timeline video')?.readyState >= 1",
                   "document.querySelector('.timeline audio')?.readyState >= 1"):
        window.wait(lambda: window.script(f"return {loaded}"), loaded)


@pytest.mark.thorough
def test_what_cannot_be_loaded_is_a_file_to_open(sign_in, stack, database, me, other, conversation):
    for number, kind in enumerate(("image", "video", "audio")):
        database.message(conversation, other, f"{FILES.format(port=stack.ports.https)}/none.{kind}",
                         1_700_000_001_000 + number, message_type=kind, file_name=f"没有了.{kind}")
    window = sign_in(me)
    window.open_conversation(TITLE)
    for kind in ("image", "video", "audio"):
        window.find(".timeline a.file", f"没有了.{kind}")


@pytest.mark.thorough
def test_nothing_in_a_message_becomes_markup_though_webkit_may_lack_trusted_types(sign_in, database, me, other,
                                                                                 conversation):
    text = "<img src=x onerror='window.harmed = 1'><script>window.harmed = 1</script>"
    database.message(conversation, other, text, 1_700_000_001_000)
    window = sign_in(me)
    window.open_conversation(TITLE)
    assert window.bubble("onerror").text.startswith(text)
    assert window.script("return window.harmed ?? null") is None
    assert window.script("return document.querySelectorAll('.bubble img, .bubble script').length") == 0
