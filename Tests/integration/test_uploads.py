"""The upload of scripts/run for its chat page: who can upload what, and how it comes back."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from wire import Wire

PNG = b"\x89PNG\r\n\x1a\n0123456789"
MIB = 1024 * 1024
NAME = r"/uploads/[0-9a-f]{32}\.png"


@pytest.fixture
def put(stack, api, database):
    """Uploads as a user, over plain HTTP; `to` is the address behind the server's."""
    token = api.token(database.user())

    def put(body=PNG, to="/uploads/new.png", headers=None, method="PUT"):
        headers = {"Authorization": f"Bearer {token}"} if headers is None else headers
        return requests.request(method, stack.http_url + to, data=body, headers=headers, timeout=60)

    put.token = token
    return put


@pytest.fixture
def get(stack):
    return lambda path, **options: requests.get(stack.http_url + path, timeout=10, **options)


def stored(stack) -> list:
    return sorted(path.name for path in (stack.directory / "uploads").iterdir())


def location(answer) -> str:
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def path_of(answer) -> str:
    return "/uploads/" + location(answer).rsplit("/", 1)[1]


def test_what_is_uploaded_can_be_read_by_whoever_has_its_address(stack, put, get):
    path = path_of(put())
    assert re.fullmatch(NAME, path)
    answer = get(path)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, PNG, "image/png")
    assert (stack.directory / path[1:]).stat().st_mode & 0o077 == 0


def test_names_are_the_servers_and_each_is_another_one(stack, put):
    with ThreadPoolExecutor(4) as pool:
        names = {path_of(answer) for answer in pool.map(lambda _: put(), range(8))}
    assert len(names) == 8


def test_nothing_is_overwritten_or_removed(stack, put, get):
    path = path_of(put())
    for method in ("PUT", "POST", "DELETE", "MOVE", "COPY", "MKCOL", "PATCH", "OPTIONS"):
        answer = put(b"other", path, method=method)
        assert answer.status_code == 405, method
        assert not any(name.lower().startswith("access-control-") for name in answer.headers)
    assert get(path).content == PNG


@pytest.mark.parametrize("name", ["new.png/x", "new.PNG", "new", "new.", "../x.png", "a.png", "%2e%2e/x.png",
                                  "new.png%00", "../demo-users.json", "new.png/../../x.png"])
def test_no_other_name_is_taken(stack, put, name):
    before = stored(stack)
    # As it stands here: a client would resolve the dots.
    answer = Wire(stack.ports.http).answer(
        f"PUT /uploads/{name} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {put.token}\r\n"
        "Content-Length: 1\r\nConnection: close\r\n\r\nx".encode())
    assert answer.status in (400, 404, 405)
    assert stored(stack) == before


@pytest.mark.parametrize("extension", ["svg", "html", "htm", "xhtml", "xml", "js", "exe", "php", "swf"])
def test_kinds_that_could_run_are_not_taken(stack, put, extension):
    before = stored(stack)
    assert put(b"<script>1</script>", f"/uploads/new.{extension}").status_code == 404
    assert stored(stack) == before


@pytest.mark.parametrize("extension, limit", [("png", 10), ("pdf", 50), ("m4a", 50), ("mp4", 100)])
def test_the_size_is_limited_by_the_kind(put, extension, limit):
    assert put(b"x" * (limit * MIB), f"/uploads/new.{extension}").status_code == 201
    assert put(b"x" * (limit * MIB + 1), f"/uploads/new.{extension}").status_code == 413


def test_only_users_upload(stack, api, database, put):
    before = stored(stack)
    disabled = database.user()
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {api.token(disabled, exp=1)}"}):
        assert put(headers=headers).status_code == 401
    assert stored(stack) == before


def test_nothing_in_a_file_runs(put, get):
    for extension, kind, disposition in (("png", "image/png", "inline"), ("mp4", "video/mp4", "inline"),
                                         ("pdf", "application/pdf", "attachment"), ("txt", "text/plain", "attachment"),
                                         ("docx", "application/octet-stream", "attachment")):
        answer = get(path_of(put(b"<html><script>1</script>", f"/uploads/new.{extension}")))
        assert answer.headers["Content-Type"].split(";")[0] == kind
        assert answer.headers["Content-Disposition"] == disposition
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert not any(name.lower().startswith("access-control-") for name in answer.headers)


def test_there_is_no_list_and_nothing_else_to_read(put, get):
    path_of(put())
    for path in ("/uploads/", "/uploads", "/uploads/new.png", "/uploads/../jwt-secret", "/uploads/%2e%2e/jwt-secret",
                 "/uploads/" + "0" * 32 + ".png", "/_uploads_caller"):
        answer = get(path)
        assert answer.status_code in (404, 405), path
    assert get(path_of(put()), headers={"Host": "evil.example"}).status_code == 404
    assert put(headers=None, to="/uploads/new.png").status_code == 201


def test_another_host_cannot_upload(stack, api, database):
    headers = {"Authorization": f"Bearer {api.token(database.user())}", "Host": "evil.example"}
    before = stored(stack)
    answer = requests.put(f"{stack.http_url}/uploads/new.png", data=PNG, headers=headers, timeout=10)
    assert (answer.status_code, stored(stack)) == (404, before)
