"""What the tests in WebKit share: a screen, the stack with its demo data, and people with a window each."""

import os
import subprocess

import pytest

# First: it has pytest explain the assertions of the helpers, too.
from shared_fixtures import api, database, make_directory, me, other, started

pytest.register_assert_rewrite("window")

from line import Line
from orbia.stack import Stack
from window import Window


def pytest_addoption(parser):
    parser.addoption("--whole", action="store_true", help="run those marked as thorough, too")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--whole"):
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def stack(make_directory):
    with started(Stack(make_directory(), demo=True)) as stack:
        yield stack


@pytest.fixture(scope="session")
def display():
    """The name of an X server's display, whose screen is nowhere to be seen. It chooses a number that is free."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"],
        pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    assert number, f"Xvfb ended with status {server.wait()}"
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture
def line(stack):
    """The way of a browser to the stack, which can be cut."""
    line = Line(stack.ports.https)
    yield line
    line.close()


@pytest.fixture
def make_window(display, stack, tmp_path):
    """Opens a browser that shares nothing with the others; at the end none may have met an error."""
    made = []

    def make(port=None, **options) -> Window:
        made.append(Window(f"https://localhost:{port or stack.ports.https}", display,
                           tmp_path / f"webkit-{len(made)}.log", **options))
        return made[-1]

    yield make
    for window in made:
        window.close()
    assert [window.problems() for window in made] == [[]] * len(made)


@pytest.fixture
def sign_in(make_window, api):
    """A window in which a user is signed in."""
    def sign_in(user, path="/", **options) -> Window:
        window = make_window(**options)
        window.open(path)
        window.sign_in(api.token(user))
        window.find(".chat")
        return window

    return sign_in


@pytest.fixture
def conversation(database, me, other):
    """One of the two, in which something has been said already."""
    conversation = database.conversation(me, other, title="谈事情")
    database.message(conversation, other, "以前说过的", 1_700_000_000_000)
    return conversation
