"""What the browser tests share: Chromium, the stack with its demo data, and people with a tab each."""

import os
from collections import defaultdict
from pathlib import Path
from zlib import crc32

import pytest
from playwright.sync_api import sync_playwright

# First: it has pytest explain the assertions of the helpers, too.
from shared_fixtures import api, database, make_directory, me, other, started

from chat_page import ChatPage
from orbia.paths import PAGE, REPOSITORY
from orbia.stack import Stack

CHROMIUM = "/usr/bin/chromium"
# A name under which the page is on plain HTTP and not on localhost: the browser then has no Web Locks.
PLAIN_HOST = "chat.example"
DESKTOP = {"width": 1180, "height": 760}


def pytest_addoption(parser):
    parser.addoption("--whole", action="store_true",
                     help="run those marked as thorough, too, and those of the layout in each language, size and theme")


def pytest_collection_modifyitems(config, items):
    """Which tests run without --whole: of those of the layout one case of each."""
    if config.getoption("--whole"):
        return
    left_out = {item for item in items if item.get_closest_marker("thorough")}
    cases = defaultdict(list)
    for item in items:
        if item.get_closest_marker("looks"):
            cases[item.location[0], item.originalname].append(item)
    for (file, name), found in cases.items():
        # Another case of each test, so that each look is seen somewhere.
        kept = crc32(f"{file} {name}".encode()) % len(found)
        left_out |= {item for index, item in enumerate(found) if index != kept}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def stack(make_directory):
    """With the demo data, which the others do without, and the page as it is: tests name its files by their paths."""
    with started(Stack(make_directory(), "--page", str(PAGE), demo=True)) as stack:
        yield stack


@pytest.fixture(scope="session")
def chromium():
    # Its sandbox does not work for root, nor in most containers.
    options = ["--no-sandbox"] if os.getuid() == 0 else []
    options.append(f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1")
    # A microphone that hears beeps, for pages that have the permission.
    options.append("--use-fake-device-for-media-stream")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture
def make_page(chromium, stack):
    """Opens a window that shares nothing with the others, or a further tab of a window's browser; at the end none may
    have met an error. `polls`: the page cannot wait for changes, and polls."""
    made = []

    def make(beside: ChatPage | None = None, polls=False, **options) -> ChatPage:
        settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESKTOP, "ignore_https_errors": True}
        context = beside.page.context if beside else chromium.new_context(**{**settings, **options})
        base = f"http://{PLAIN_HOST}:{stack.ports.http}" if polls else f"https://localhost:{stack.ports.https}"
        page = ChatPage(context.new_page(), base)
        made.append((context, page))
        return page

    yield make
    for context, page in made:
        context.close()
    assert [page.problems for _, page in made] == [[]] * len(made)


@pytest.fixture
def sign_in(make_page, api):
    """A window in which a user is signed in."""
    def sign_in(user, **options) -> ChatPage:
        page = make_page(**options).open()
        page.sign_in(api.token(user))
        page.page.locator(".chat").wait_for()
        return page

    return sign_in


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures of the page go."""
    directory = Path(os.environ.get("PICTURES") or REPOSITORY / ".build" / "test-results" / "pictures")
    directory.mkdir(parents=True, exist_ok=True)
    return directory
