"""How long the page takes over a slow line, in the environment of Tests/browser.

A task in JSON is on its standard input; the figures go to standard output. The line is the browser's own throttling: it
delays each request and shares out the bandwidth, but leaves out what a real line adds, looking up the name and opening
the connection.
"""

import json
import statistics
import sys

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from orbia.page.measurement import PATIENCE, launch

LINE = {"offline": False, "latency": 300, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}

# Notes when something is first on the screen, in milliseconds since the visit began. What is looked for in a frame is
# painted with that frame: before the style sheets are there the browser asks for none.
WATCH = """() => {
    window.shown = {};
    const frame = ".first-frame > *, .chat, .sign-in", list = "a.conversation-link", form = "form.token";
    const look = () => {
        for (const [name, selector] of Object.entries({ frame, list, form })) {
            const isShown = Array.from(document.querySelectorAll(selector)).some((each) => each.checkVisibility());
            if (isShown) window.shown[name] ??= performance.now();
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


def main() -> None:
    task = json.load(sys.stdin)
    # A browser keeps nothing from a server whose certificate it only puts up with: this one it takes as good.
    options = [f"--ignore-certificate-errors-spki-list={task['certificate_key']}",
               *([] if task["http2"] else ["--disable-http2"])]
    with sync_playwright() as playwright:
        browser = launch(playwright, *options)
        runs = [run(browser, task) for _ in range(task["visits"])]
        browser.close()
    figures = {name: statistics.median(each[name] for each in runs) for name in runs[0]}
    json.dump(figures, sys.stdout)


def run(browser: Browser, task: dict) -> dict:
    """A first and a second visit of somebody who is signed in, and the first one of somebody who is not."""
    session = {"id": "1", "userId": task["user"], "name": None, "token": task["tokens"][0]}
    signed_in = new_context(browser, task, session)
    figures = {}
    for name in ("first", "next"):
        for key, value in visit(signed_in, task["url"], "list").items():
            figures[f"{name}_{key}"] = value
    signed_in.close()
    stranger = new_context(browser, task, None)
    for key, value in visit(stranger, task["url"], "form").items():
        figures[f"sign_in_{key}"] = value
    stranger.close()
    return figures


def new_context(browser: Browser, task: dict, session: dict | None) -> BrowserContext:
    """With an empty cache."""
    stored = [{"name": "orbia.session", "value": json.dumps(session)}] if session else []
    context = browser.new_context(
        locale="en", viewport={"width": 390, "height": 844},
        storage_state={"cookies": [], "origins": [{"origin": task["url"], "localStorage": stored}]})
    context.set_default_timeout(PATIENCE)
    return context


def visit(context: BrowserContext, url: str, goal: str) -> dict:
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", LINE)
    asked, received, kept = set(), {}, set()
    devtools.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    devtools.on("Network.loadingFinished",
                lambda event: received.update({event["requestId"]: event["encodedDataLength"]}))

    def note_answer(event):
        asked.add(event["requestId"])
        if event["response"].get("fromDiskCache"):
            kept.add(event["requestId"])

    devtools.on("Network.responseReceived", note_answer)
    page.add_init_script(f"({WATCH})()")
    page.goto(url, wait_until="commit")
    page.wait_for_function("goal => window.shown[goal]", arg=goal)
    # What has been asked for by then, and not the change that is waited for afterwards.
    figures = {"requests": len(asked - kept), "bytes": sum(received.values())}
    shown = page.evaluate("window.shown")
    page.close()
    return {**figures, "frame": shown["frame"], "goal": shown[goal]}


if __name__ == "__main__":
    main()
