"""What the tests of single modules share: a way to call what a module exports."""

import pytest


@pytest.fixture(scope="module")
def run(chromium, stack):
    """Runs a function of JavaScript with the exports of a module, and what else it is given."""
    context = chromium.new_context(ignore_https_errors=True, timezone_id="Asia/Shanghai", locale="zh-CN")
    page = context.new_page()
    page.goto(f"https://localhost:{stack.ports.https}")

    def run(module, function, argument=None):
        return page.evaluate(f"async (argument) => ({function})(await import('/app/{module}.js'), argument)", argument)

    yield run
    context.close()
