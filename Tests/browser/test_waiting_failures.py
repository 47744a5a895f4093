"""Nothing is missed where the service refuses to wait, the network breaks off, or an answer is late."""

import threading

import pytest
from playwright.sync_api import expect

from waiting_fixtures import AT_ONCE, calls_in, conversation, opened, page


def next_answer(page, change):
    """Changes the next answer to what waits."""
    done = []

    def handle(route):
        if done or "after_cursor" not in route.request.post_data:
            route.continue_()
            return
        done.append(route)
        change(route)

    page.page.route("**/get_conversations", handle)
    return done


def test_the_list_is_read_anew_where_the_service_says_so(page, api, conversation, other):
    def reset(route):
        route.fulfill(json={"conversations": [], "has_more": False, "reset": True, "cursor": "AA",
                            "base_resp": {"code": 200, "message": "success"}})

    done = next_answer(page, reset)
    before = page.reads_of_the_list()
    api.send_text(other, conversation, "一").success()
    page.wait_until(lambda: done and page.reads_of_the_list() > before, "the list is read anew")
    page.wait_until_waiting()
    api.send_text(other, conversation, "二").success()
    expect(page.badge("等待")).to_have_text("2", timeout=AT_ONCE)


def test_a_cursor_that_the_service_refuses_is_let_go(page, api, conversation, other):
    done = next_answer(page, lambda route: route.continue_(post_data='{"after_cursor": "!", "wait": 25}'))
    before = page.reads_of_the_list()
    api.send_text(other, conversation, "一").success()
    page.wait_until(lambda: done and page.reads_of_the_list() > before, "the list is read anew")
    page.wait_until_waiting()
    api.send_text(other, conversation, "二").success()
    expect(page.badge("等待")).to_have_text("2", timeout=AT_ONCE)
    expect(page.page.locator(".poll-error")).to_have_text("")


@pytest.mark.thorough
def test_a_service_that_gives_no_cursor_is_polled(page, api, conversation, other):
    """An older instance ignores after_cursor, and answers with a page."""
    def older(route):
        asked = route.request.post_data_json
        body = {key: value for key, value in asked.items() if key not in ("after_cursor", "wait")}
        answer = route.fetch(post_data=body)
        json = answer.json()
        json.pop("cursor", None)
        route.fulfill(response=answer, json=json)

    page.open_conversation("等待")
    page.page.route("**/get_conversations", older)
    api.send_text(other, conversation, "一").success()
    expect(page.bubble("一")).to_be_visible(timeout=AT_ONCE)
    page.wait_for_call("get_messages")
    page.wait_for_call("get_messages")
    assert page.waiting == []
    api.send_text(other, conversation, "二").success()
    expect(page.bubble("二")).to_be_visible(timeout=10_000)
    # And is not any more once it has been replaced.
    page.page.unroute("**/get_conversations")
    page.wait_until_waiting()
    api.send_text(other, conversation, "三").success()
    expect(page.bubble("三")).to_be_visible(timeout=AT_ONCE)


def test_a_wait_that_is_refused_is_no_error_and_made_again_later(page, api, conversation, me, other):
    """Twenty newer waits of the same user end the page's."""
    cursor = api.post(me, "get_conversations", {}).success()["cursor"]
    waiting = [threading.Thread(target=lambda: api.post(me, "get_conversations", {"after_cursor": cursor, "wait": 10}))
               for _ in range(20)]
    [first] = page.waiting
    for thread in waiting:
        thread.start()
    page.wait_until(lambda: first not in page.waiting, "the wait is ended", within=5)
    assert first.response().json()["retry_after"] >= 3_000
    assert calls_in(page, 2_500) == [] and page.waiting == []
    expect(page.page.locator(".poll-error")).to_have_text("")
    page.wait_until_waiting()
    api.send_text(other, conversation, "一").success()
    expect(page.badge("等待")).to_have_text("1", timeout=AT_ONCE)
    for thread in waiting:
        thread.join()


@pytest.mark.thorough
def test_where_all_waits_are_refused_it_polls(page, api, conversation, other):
    """With the cursor, which costs the service less than a page."""
    def refuse(route):
        if "after_cursor" not in route.request.post_data:
            route.continue_()
            return
        answer = route.fetch(post_data={**route.request.post_data_json, "wait": 0})
        route.fulfill(response=answer, json={**answer.json(), "retry_after": 3_000})

    page.page.route("**/get_conversations", refuse)
    api.send_text(other, conversation, "一").success()
    expect(page.badge("等待")).to_have_text("1", timeout=AT_ONCE)
    before = page.count("get_conversations")
    page.page.wait_for_timeout(10_500)
    assert 2 <= page.count("get_conversations") - before <= 4
    api.send_text(other, conversation, "二").success()
    expect(page.badge("等待")).to_have_text("2", timeout=7_000)
    page.page.unroute("**/get_conversations")
    page.wait_until_waiting()
    page.page.wait_for_timeout(2_000)
    api.send_text(other, conversation, "三").success()
    expect(page.badge("等待")).to_have_text("3", timeout=AT_ONCE)


def test_without_a_network_it_says_so_at_once_and_misses_nothing(opened, api, conversation, other):
    opened.page.context.set_offline(True)
    expect(opened.page.get_by_text("连接中断，正在重试…")).to_be_visible(timeout=AT_ONCE)
    api.send_text(other, conversation, "其间").success()
    opened.page.context.set_offline(False)
    expect(opened.page.get_by_text("连接中断，正在重试…")).to_be_hidden(timeout=5_000)
    expect(opened.bubble("其间")).to_be_visible(timeout=AT_ONCE)


def test_a_wait_that_the_network_cuts_is_made_again_without_a_word(page, api, conversation, other):
    cut = []

    def handle(route):
        if "after_cursor" not in route.request.post_data:
            route.continue_()
            return
        cut.append(route)
        page.page.wait_for_timeout(1_200)
        route.abort()

    page.page.route("**/get_conversations", handle, times=1)
    api.send_text(other, conversation, "一").success()
    page.wait_until(lambda: cut, "a request waits for changes")
    page.page.evaluate("""() => {
        globalThis.told = [];
        new MutationObserver(() => told.push(document.querySelector(".poll-error").textContent))
            .observe(document.querySelector(".poll-error"), { childList: true, characterData: true, subtree: true });
    }""")
    page.page.wait_for_timeout(3_000)
    page.wait_until_waiting()
    assert page.page.evaluate("told") == []
    api.send_text(other, conversation, "二").success()
    expect(page.badge("等待")).to_have_text("2", timeout=AT_ONCE)


def test_a_mark_that_fails_is_made_again(opened, database, api, conversation, me, other):
    """No poll comes along that could try it."""
    failed = []
    opened.page.route("**/mark_read", lambda route: (failed.append(route), route.fulfill(
        status=503, json={"base_resp": {"code": 503, "message": "service temporarily unavailable"}})), times=2)
    api.send_text(other, conversation, "一").success()
    opened.wait_until(lambda: database.unread(conversation, me) == 0, "it is marked as read")
    assert len(failed) == 2


def test_a_message_that_comes_while_the_conversation_is_loaded_is_not_missed(page, api, conversation, other):
    def slow(route):
        answer = route.fetch()
        api.send_text(other, conversation, "其间").success()
        page.page.wait_for_timeout(500)
        route.fulfill(response=answer)

    page.page.route("**/get_messages", slow, times=1)
    page.conversation("等待").click()
    expect(page.bubble("其间")).to_be_visible(timeout=5_000)
