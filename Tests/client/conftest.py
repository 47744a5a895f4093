"""What the tests of the client module share: the stack, the platform beside it, and the runs of node."""

import shutil

import pytest

# First: it has pytest explain the assertions of the helpers, too.
from shared_fixtures import database, make_directory, stack

from api import http_api
from node_tests import NodeRuns
from platform_server import PlatformServer


@pytest.fixture(scope="session")
def node() -> str:
    path = shutil.which("node")
    assert path, "there is no node in PATH"
    return path


@pytest.fixture(scope="session")
def platform(stack, database):
    with PlatformServer(stack.http_url, database, http_api(stack)) as platform:
        yield platform


@pytest.fixture(scope="session")
def node_runs(request, node, platform):
    """Those of the files whose tests were asked for, side by side from the first use on."""
    files = {item.callspec.params["test"].file for item in request.session.items
             if "node_runs" in item.fixturenames and hasattr(item, "callspec")}
    with NodeRuns(node, sorted(files), platform.environment) as runs:
        yield runs
