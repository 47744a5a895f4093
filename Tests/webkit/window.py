"""The chat page in a window of WebKit's, as one uses it: what is on the screen, and what one does there.

WebDriver does not wait as Playwright does. So whatever is asked of the page here is asked until it is so.
"""

import os
from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from orbia.polling import eventually

DRIVER = "/usr/bin/WebKitWebDriver"
DESKTOP = (1180, 760)
PHONE = (390, 844)
# What the console has of requests that tests make fail, and of the certificate that this machine has signed itself.
EXPECTED = ("Failed to load resource", "Fetch API cannot load", "due to access control checks", "TLS certificate")
COMPOSER = ".composer textarea"
WITHIN = 30

# The elements for a selector that are shown, and have the text somewhere; the last one of nested ones is the innermost.
FIND = """
const [selector, text, root] = arguments;
return [...(root ?? document).querySelectorAll(selector)].filter((it) =>
    it.getClientRects().length > 0 && getComputedStyle(it).visibility === "visible"
    && (text === null || it.textContent.includes(text) || it.getAttribute("aria-label") === text
        || it.value === text));
"""


class Window:
    """One browser of one user, with a tab, or several."""

    def __init__(self, base: str, display: str, log: Path, size=DESKTOP):
        self.base, self._log = base, log
        environment = {
            # In English, whatever this machine speaks: WebKit asks for the locale, which has to be installed.
            **os.environ, "DISPLAY": display, "LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai",
            # Without a graphics card, and without the desktop's bus for accessibility.
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1", "NO_AT_BRIDGE": "1", "GTK_A11Y": "none",
        }
        self._service = Service(DRIVER, log_path=str(log), env=environment)
        self._service.start()
        options = Options()
        options.add_argument("--automation")
        options.add_argument("--enable-write-console-messages-to-stdout=true")
        options.set_capability("acceptInsecureCerts", True)
        try:
            self.driver = WebDriver(self._service.service_url, options=options)
        except BaseException:
            self._service.stop()
            raise
        self.driver.set_window_size(*size)

    def close(self):
        try:
            self.driver.quit()
        finally:
            self._service.stop()

    def problems(self) -> list:
        """What must not happen: errors in the page's code, and whatever its policy forbids."""
        return [line for line in self._log.read_text(errors="replace").splitlines()
                if line.startswith("CONSOLE") and " ERROR " in line and not any(text in line for text in EXPECTED)]

    # Looking

    def script(self, text: str, *arguments):
        return self.driver.execute_script(text, *arguments)

    def wait(self, condition, what: str, within=WITHIN):
        """Until it is true; an element that has gone meanwhile counts as "not yet"."""
        def look():
            try:
                return condition()
            except WebDriverException as error:
                raise AssertionError(str(error)) from error

        return eventually(look, within=within, what=what, every=0.05)

    def all(self, selector: str, text: str | None = None, within=None) -> list:
        """The elements that are shown at this moment."""
        return self.script(FIND, selector, text, within)

    def find(self, selector: str, text: str | None = None):
        """The last one, once it is there."""
        return self.wait(lambda: self.all(selector, text), f"{selector} {text or ''} is shown")[-1]

    def find_none(self, selector: str, text: str | None = None):
        self.wait(lambda: not self.all(selector, text), f"{selector} {text or ''} is not shown")

    def text(self, selector: str) -> str:
        return self.script("return [...document.querySelectorAll(arguments[0])].at(-1)?.innerText ?? '';", selector)

    def click(self, selector: str, text: str | None = None):
        """Once it is there, stands still and is not covered."""
        def click():
            self.find(selector, text).click()
            return True

        self.wait(click, f"{selector} {text or ''} can be clicked")

    def type(self, selector: str, text: str):
        """At the end of a field. Where that has just got the focus, WebKit's input method is not there yet, and the
        keys come to nothing: then once more."""
        before = self.wait(lambda: [self.value(selector)] if self.all(selector) else None, f"{selector} is shown")[0]

        def type():
            if self.value(selector) == before:
                self.find(selector).send_keys(text)
            eventually(lambda: self.value(selector) != before, within=1, what="the keys have come")
            return self.expect_value(selector, before + text) or True

        self.wait(type, f"{selector} takes {text}")

    def press_in(self, selector: str, *keys: str):
        self.wait(lambda: self.find(selector).send_keys(*keys) or True, f"{selector} takes the key")

    def value(self, selector: str):
        """Of a field that is shown; None where there is none."""
        return self.script("return [...document.querySelectorAll(arguments[0])].at(-1)?.value ?? null;", selector)

    def expect_value(self, selector: str, value: str):
        self.wait(lambda: self.value(selector) == value, f"{selector} has {value!r}")

    # Going places

    def open(self, path="/"):
        self.driver.get(self.base + path)

    def sign_in(self, token: str):
        self.type("form.token input", token)
        self.click("form.token button")

    def open_conversation(self, title: str):
        self.click("a.conversation-link", title)
        self.wait(lambda: self.text(".conversation-head h1") == title, "the conversation is open")
        self.find("section.conversation[aria-busy=false]")

    def badge(self, title: str) -> str:
        return self.script("""
            const rows = [...document.querySelectorAll("a.conversation-link")];
            const row = rows.find((it) => it.querySelector(".title").textContent === arguments[0]);
            return row?.querySelector(".badge > span")?.innerText ?? "";""", title)

    # A conversation

    def write(self, text: str):
        """And sends it."""
        self.type(COMPOSER, text)
        self.press_in(COMPOSER, Keys.ENTER)

    def bubble(self, text: str):
        return self.find(".row.message .bubble", text)

    def state(self, text: str) -> str:
        """What stands under an own message."""
        return self.script("""
            const rows = [...document.querySelectorAll(".row.message")];
            const row = rows.findLast((it) => it.querySelector(".bubble .text")?.textContent.includes(arguments[0]));
            return row?.querySelector(".state")?.innerText.trim() ?? "";""", text)

    def expect_state(self, text: str, state: str):
        def look():
            found = self.state(text)
            assert found == state, f"{text}: {found}"
            return True

        self.wait(look, f"{text} is {state}")

    def open_menu(self, text: str):
        """That of a message, by a right click."""
        ActionChains(self.driver).context_click(self.bubble(text)).perform()
        self.find("[role=menu]")

    def press(self, *keys: str):
        """Keys of which all but the last are held: press(Keys.CONTROL, "f")."""
        chain = ActionChains(self.driver)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in reversed(keys[:-1]):
            chain.key_up(key)
        chain.perform()
