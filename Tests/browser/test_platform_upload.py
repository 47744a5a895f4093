"""The example of an upload by the platform's flow, in the page: config.js has it, and the storage is another origin."""

import json

import pytest
from playwright.sync_api import expect

from attach_fixtures import choose_files, confirm, file, talk
from upload_platform import TOKEN, UploadPlatform


@pytest.fixture
def platform():
    with UploadPlatform() as platform:
        yield platform


@pytest.fixture
def page(make_page, talk, api, platform):
    page = make_page()
    script = f"""
        import {{ platformUpload }} from "./client/examples/platform-upload.js";
        config.upload = () => platformUpload({{
            endpoint: {json.dumps(platform.endpoint)},
            getToken: (refused) => refused === null ? "old" : "{TOKEN}",
        }});"""

    def with_policy(route):
        response = route.fetch()
        policy = response.headers["content-security-policy"].replace(
            "connect-src 'self'", f"connect-src 'self' {platform.endpoint} {platform.storage}")
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": policy})

    page.page.route("**/config.js", lambda route: route.fulfill(
        content_type="text/javascript", body=f"{route.fetch().text()}\n{script}"))
    page.page.route(page.base + "/", with_policy)
    page.page.context.grant_permissions(["local-network-access"])
    page.open().sign_in(api.token(talk.me))
    page.open_conversation(talk.title)
    return page


def state(page):
    return page.page.locator(".row.message.own .state").last


def test_a_file_comes_to_the_storage_and_its_address_into_the_message(database, talk, platform, page):
    choose_files(page, file())
    confirm(page)
    expect(state(page)).to_have_text("已发送")
    [message] = database.stored_messages(talk.conversation)
    assert platform.files == {message["content"].removeprefix(platform.storage): file()["buffer"]}


def test_an_expired_address_is_asked_for_again(platform, page):
    platform.order(["expired"])
    choose_files(page, file())
    confirm(page)
    expect(state(page)).to_have_text("已发送")
    assert len(platform.asked) == 2


def test_a_refusal_is_told(platform, page):
    choose_files(page, file(body=b"x" * 1001))
    confirm(page)
    expect(state(page)).to_have_text("上传失败: 文件太大")
    assert platform.files == {}
