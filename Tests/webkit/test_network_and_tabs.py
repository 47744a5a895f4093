"""A network that goes and comes back, and several tabs of a browser, in WebKit."""

import pytest

from window import COMPOSER

TITLE = "谈事情"


@pytest.fixture
def window(line, make_window, api, me, conversation):
    """Whose way to the service can be cut."""
    window = make_window(port=line.port)
    window.open()
    window.sign_in(api.token(me))
    window.open_conversation(TITLE)
    return window


def stored(database, conversation) -> list:
    return [row["content"] for row in database.stored_messages(conversation)][1:]


def test_what_is_written_without_a_network_is_sent_once_when_it_is_back(window, line, database, conversation):
    line.cut()
    window.write("没有网络时写的")
    window.find(".row.pending", "没有网络时写的")
    assert stored(database, conversation) == []
    line.mend()
    window.expect_state("没有网络时写的", "Sent")
    assert stored(database, conversation) == ["没有网络时写的"]


@pytest.mark.thorough
def test_an_unsent_message_outlives_a_reload(window, line, database, conversation):
    line.cut()
    window.write("重新加载以后也在")
    window.find(".row.pending", "重新加载以后也在")
    line.mend()
    window.driver.refresh()
    window.expect_state("重新加载以后也在", "Sent")
    assert stored(database, conversation) == ["重新加载以后也在"]


@pytest.mark.thorough
def test_what_the_service_refuses_says_so_and_is_sent_again_on_demand(window, database, conversation):
    # The service has no reason to: the refusal is made up.
    window.script("""
        const real = window.fetch;
        window.refuses = true;
        const refusal = JSON.stringify({ base_resp: { code: 400, message: "no" } });
        const isSend = (resource) => String(resource?.url ?? resource).endsWith("send_message");
        window.fetch = async (resource, options) => window.refuses && isSend(resource)
            ? new Response(refusal, { status: 400 }) : real(resource, options);""")
    window.write("被拒绝的")
    window.wait(lambda: window.state("被拒绝的").startswith("Not sent"), "it says so")
    window.script("window.refuses = false")
    window.open_menu("被拒绝的")
    window.click("[role=menuitem]", "Send again")
    window.expect_state("被拒绝的", "Sent")
    assert stored(database, conversation) == ["被拒绝的"]


@pytest.mark.thorough
def test_what_tabs_need_is_there(make_window):
    window = make_window()
    window.open()
    assert window.script("""return [isSecureContext, typeof BroadcastChannel, typeof navigator.locks?.request,
        typeof localStorage, typeof crypto.randomUUID]""") == [True, "function", "function", "object", "function"]


def open_second_tab(window):
    """Opens the conversation, and again in a tab of its own, in which one is then. Returns the first one's handle."""
    window.open_conversation(TITLE)
    first, address = window.driver.current_window_handle, window.driver.current_url
    window.driver.switch_to.new_window("tab")
    window.driver.get(address)
    window.bubble("以前说过的")
    return first


def test_a_second_tab_takes_the_session_over_and_both_are_told(sign_in, api, database, me, other, conversation):
    """It is in session storage, and handed over by a BroadcastChannel."""
    window = sign_in(me)
    first = open_second_tab(window)
    api.send_text(other, conversation, "两个标签页").success()
    window.bubble("两个标签页")
    window.driver.switch_to.window(first)
    window.bubble("两个标签页")
    # A message that one tab sends is in the other one.
    window.write("从第一个发的")
    window.driver.switch_to.window(next(it for it in window.driver.window_handles if it != first))
    window.bubble("从第一个发的")


@pytest.mark.thorough
def test_signing_out_in_one_tab_ends_the_other(sign_in, me, conversation):
    window = sign_in(me)
    first = open_second_tab(window)
    window.click("button", "More")
    window.click("[role=menuitem]", "Sign out")
    window.find("form.token")
    window.driver.switch_to.window(first)
    window.find("form.token")


@pytest.mark.thorough
def test_whoever_stays_signed_in_is_so_in_a_new_tab(make_window, api, me, conversation):
    """Local storage is the same for all tabs of the origin."""
    window = make_window()
    window.open()
    window.click("label.stays")
    window.sign_in(api.token(me))
    window.open_conversation(TITLE)
    window.type(COMPOSER, "草稿")
    window.wait(lambda: window.script("return Object.keys(localStorage).some((it) => it.includes('draft'))"),
                "the draft is stored")
    window.driver.switch_to.new_window("tab")
    window.open()
    window.find("a.conversation-link", TITLE)
    window.find("a.conversation-link .preview", "草稿")
