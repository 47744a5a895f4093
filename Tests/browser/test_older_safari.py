"""The page in Chromium without functions that Safari 16.4 lacks, the oldest one for which it is written."""

import pytest
from playwright.sync_api import expect

from talk_fixtures import PHONE, talk

# Which came later than 16.4, or has never come.
LATER = """
delete AbortSignal.any; delete Element.prototype.checkVisibility; delete Promise.withResolvers; delete Promise.try;
delete Array.fromAsync; delete Object.groupBy; delete Map.groupBy; delete URL.canParse; delete RegExp.escape;
for (const name of ["union", "intersection", "difference", "isSubsetOf", "isSupersetOf"]) delete Set.prototype[name];
for (const name of ["map", "filter", "some", "every", "find", "toArray"]) delete Iterator.prototype[name];
delete CSS.highlights; delete Document.prototype.startViewTransition; delete HTMLElement.prototype.showPopover;
for (const name of ["Highlight", "Iterator", "navigation", "trustedTypes", "requestIdleCallback", "CloseWatcher"]) {
    delete window[name];
}
window.isOlder = !("any" in AbortSignal) && !("highlights" in CSS) && !window.requestIdleCallback;
"""


@pytest.fixture
def open_older(talk, make_page, api):
    def open_older(**options):
        page = make_page(**options)
        page.page.add_init_script(LATER)
        page.open().sign_in(api.token(talk.me))
        page.open_conversation(talk.title)
        assert page.page.evaluate("isOlder")
        return page

    return open_older


def test_one_reads_writes_and_leaves(talk, open_older):
    talk.say(talk.other, "以前说过的")
    page = open_older()
    expect(page.bubble("以前说过的")).to_be_visible()
    page.write("写得出来")
    expect(page.row("写得出来").locator(".state")).to_have_text("已发送")
    talk.say(talk.other, "现在说的")
    expect(page.bubble("现在说的")).to_be_visible(timeout=15_000)


@pytest.mark.thorough
def test_the_search_finds_though_nothing_can_be_marked(talk, open_older):
    talk.say(talk.other, "以前的约定")
    page = open_older()
    page.page.keyboard.press("Control+f")
    page.page.locator(".conversation-search").get_by_role("searchbox").fill("约定")
    page.page.locator(".conversation-search .hit").click()
    expect(page.row("以前的约定")).to_be_focused()


@pytest.mark.thorough
def test_the_lists_search_is_reached_from_a_conversation_on_a_phone(talk, open_older):
    """Which asks whether the list is in sight."""
    page = open_older(viewport=PHONE)
    expect(page.composer).to_be_visible()
    page.page.keyboard.press("Control+k")
    expect(page.search_field).to_be_focused()
