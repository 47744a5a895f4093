"""The measurement itself, in the environment of Tests/browser.

A task in JSON is on its standard input; the figures go to standard output.
"""

import json
import os
import statistics
import sys
import time

from playwright.sync_api import Browser, CDPSession, Page, Playwright, sync_playwright

CHROMIUM = "/usr/bin/chromium"
# Milliseconds for anything that has to happen on a screen.
PATIENCE = 30_000
# Between two messages, in milliseconds: nobody writes faster, and a page that gathers marks has done so.
PAUSE = 700

# Notes when a text is first on the screen, and when its message says that it was read. Looked for in each frame, as a
# person sees it; the clocks of two pages of one machine are the same.
WATCH = """() => {
    window.seen = {};
    window.read = {};
    const look = () => {
        const now = performance.timeOrigin + performance.now();
        for (const row of document.querySelectorAll(".row.message")) {
            const [text] = row.querySelector(".bubble")?.textContent.match(/measured-\\d+/) ?? [];
            if (!text) continue;
            window.seen[text] ??= now;
            if (/Read/.test(row.querySelector(".state")?.textContent ?? "")) window.read[text] ??= now;
        }
        requestAnimationFrame(look);
    };
    look();
    addEventListener("keydown", (event) => {
        if (event.key === "Enter") window.enteredAt = performance.timeOrigin + performance.now();
    }, true);
}"""


def main() -> None:
    task = json.load(sys.stdin)
    with sync_playwright() as playwright:
        # Two browsers, as two people have.
        browsers = [launch(playwright) for _ in range(2)]
        pages = [open_conversation(browser, task, token) for browser, token in zip(browsers, task["tokens"])]
        figures = {**measure_messages(*pages, task["messages"]), **measure_idle(pages[0], task)}
        for browser in browsers:
            browser.close()
    json.dump(figures, sys.stdout)


def launch(playwright: Playwright, *options: str) -> Browser:
    # Its sandbox does not work for root, nor in most containers.
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*sandbox, *options])


def open_conversation(browser: Browser, task: dict, token: str) -> Page:
    context = browser.new_context(
        ignore_https_errors=True, locale="en", viewport={"width": 1180, "height": 760})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(task["url"])
    page.locator("form.token input[name=token]").fill(token)
    page.locator("form.token button[type=submit]").click()
    page.locator("a.conversation-link", has_text=task["title"]).click()
    page.locator("section.conversation[aria-busy=false]").wait_for()
    page.locator(".row.message").last.wait_for()
    page.evaluate(WATCH)
    return page


def measure_messages(sender: Page, reader: Page, messages: int) -> dict:
    composer = sender.locator(".composer textarea")
    seen, read = [], []
    # The first one finds code that has not run yet.
    for number in range(messages + 1):
        text = f"measured-{number}"
        composer.fill(text)
        composer.press("Enter")
        reader.wait_for_function("text => window.seen[text]", arg=text, timeout=PATIENCE)
        sender.wait_for_function("text => window.read[text]", arg=text, timeout=PATIENCE)
        entered_at = sender.evaluate("window.enteredAt")
        if number > 0:
            seen.append(reader.evaluate("text => window.seen[text]", text) - entered_at)
            read.append(sender.evaluate("text => window.read[text]", text) - entered_at)
        sender.wait_for_timeout(PAUSE)
    return {"seen_ms": statistics.median(seen), "seen_p95_ms": percentile(seen, 0.95),
            "read_ms": statistics.median(read), "read_p95_ms": percentile(read, 0.95)}


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def measure_idle(page: Page, task: dict) -> dict:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    heap_before = metrics(devtools)["JSHeapUsedSize"]
    begun = time.monotonic()
    traffic = count_traffic(page, task["idle_seconds"])
    rest = 60 * task["heap_minutes"] - (time.monotonic() - begun)
    if rest > 0:
        page.wait_for_timeout(1_000 * rest)
    after = metrics(devtools)
    return {**traffic, "heap_before": heap_before / 1024, "heap_after": after["JSHeapUsedSize"] / 1024,
            "nodes": after["Nodes"]}


def count_traffic(page: Page, seconds: int) -> dict:
    """What ends in that time, a minute. A request that waits is counted when it is answered."""
    ended = []

    def note(request):
        ended.append(request)

    page.on("requestfinished", note)
    page.wait_for_timeout(1_000 * seconds)
    page.remove_listener("requestfinished", note)
    sizes = [request.sizes() for request in ended]
    minutes = seconds / 60
    return {
        "requests": len(ended) / minutes,
        "received": sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes) / minutes,
        "sent": sum(size["requestHeadersSize"] + size["requestBodySize"] for size in sizes) / minutes,
    }


def metrics(devtools: CDPSession) -> dict:
    devtools.send("HeapProfiler.collectGarbage")
    return {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}


if __name__ == "__main__":
    main()
