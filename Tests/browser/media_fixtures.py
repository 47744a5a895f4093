"""What the tests of media share: a conversation, and a host of files that a test serves itself, and counts."""

import io
import re
from collections import Counter

import pytest
from PIL import Image
from playwright.sync_api import expect

from orbia.paths import REPOSITORY

HOST = "https://cdn.example.com"
DEMO_FILES = REPOSITORY / "nginx" / "local" / "demo-files"
FILES = REPOSITORY / "Tests" / "browser" / "files"
TYPES = {"m4a": "audio/mp4", "mp4": "video/mp4", "webm": "audio/webm", "jpg": "image/jpeg"}
TITLE = "素材"


class Cdn:
    """Pictures of any size by their names, 900x1600.png, and the files of the demo data and of the tests. Others are
    not there. A file is held back while its name is in `held`."""

    def __init__(self):
        self.requests = Counter()
        self.missing, self.held, self._waiting = set(), set(), []

    def url(self, name: str) -> str:
        return f"{HOST}/{name}"

    def serve(self, page):
        page.page.context.route(f"{HOST}/**", lambda route: self._answer(route))

    def release(self):
        self.held.clear()
        for route in self._waiting:
            self._answer(route, is_new=False)
        self._waiting.clear()

    def _answer(self, route, is_new=True):
        name = route.request.url.removeprefix(f"{HOST}/").split("?")[0].split("#")[0]
        self.requests[name] += is_new
        if name in self.held:
            self._waiting.append(route)
        elif name in self.missing or (body := self._file(name)) is None:
            route.fulfill(status=404)
        else:
            self._send(route, body, TYPES.get(name.rsplit(".", 1)[1], "image/png"))

    def _send(self, route, body, content_type):
        """Or a part of it, without which a browser seeks in no sound."""
        headers = {"Cache-Control": "max-age=600", "Accept-Ranges": "bytes", "Content-Type": content_type}
        match = re.match(r"bytes=(\d+)-(\d*)$", route.request.headers.get("range", ""))
        if match is None:
            route.fulfill(body=body, headers=headers)
            return
        first, last = int(match[1]), min(int(match[2] or len(body)), len(body) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        route.fulfill(status=206, body=body[first:last + 1], headers=headers)

    def _file(self, name):
        if match := re.match(r"(\d+)x(\d+)\b", name):
            buffer = io.BytesIO()
            Image.new("RGB", (int(match[1]), int(match[2])), (180, 90, 60)).save(buffer, "PNG")
            return buffer.getvalue()
        return next(((at / name).read_bytes() for at in (DEMO_FILES, FILES) if (at / name).is_file()), None)


@pytest.fixture
def cdn():
    return Cdn()


@pytest.fixture
def talk(database, sign_in, cdn):
    """A conversation of two, with what a test puts into it."""
    class Talk:
        me, other = database.user("我"), database.user("李娜")
        conversation = database.conversation(me, other, title=TITLE)

        def put(self, name, kind="image", sender=None, **columns):
            content = cdn.url(name) if kind != "text" else name
            return database.message(self.conversation, sender or self.other, content, message_type=kind, **columns)

        def texts(self, count):
            for number in range(count):
                self.put(f"第 {number} 条", "text")

        def show(self, **options):
            page = sign_in(self.me, **options)
            cdn.serve(page)
            page.open_conversation(TITLE)
            expect(page.bubbles.first).to_be_visible()
            return page

    return Talk()
