"""CORS: pages of the listed origins may call from a browser, others may not."""

import pytest

from api import PREFIX, ROUTES

LISTED = "https://www.orbia.example"
UNLISTED = [
    "https://evil.example", "http://www.orbia.example", "https://orbia.example",
    "https://www.orbia.example:8443", "https://www.orbia.example.evil.example",
    "https://evilwww.orbia.example", "https://www-orbia.example", "null", "*",
]


def cors_headers(answer) -> dict:
    return {name.lower(): value for name, value in answer.headers.items()
            if name.lower().startswith("access-control-")}


def preflight(api, origin, route="send_message", method="POST"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method,
               "Access-Control-Request-Headers": "authorization,content-type"}
    return api.transport.request("OPTIONS", PREFIX + route, headers, b"")


def call(api, origin, user=None, route="get_conversations", body=b"{}"):
    headers = {"Origin": origin} if origin else {}
    if user:
        headers["Authorization"] = f"Bearer {api.token(user)}"
    return api.transport.request("POST", PREFIX + route, headers, body)


def tokens_of(header: str) -> set:
    return {token.strip().lower() for token in header.split(",")}


@pytest.mark.parametrize("route", ROUTES)
def test_a_preflight_of_a_listed_origin_is_answered_without_a_token(api, route):
    answer = preflight(api, LISTED, route)
    assert (answer.status, answer.body) == (204, b"")
    found = cors_headers(answer)
    assert found["access-control-allow-origin"] == LISTED
    assert "post" in tokens_of(found["access-control-allow-methods"])
    assert {"authorization", "content-type"} <= tokens_of(found["access-control-allow-headers"])
    assert int(found["access-control-max-age"]) > 0
    assert "access-control-allow-credentials" not in found


def test_a_preflight_never_reaches_the_service(stack, api):
    with stack.frozen():
        assert preflight(api, LISTED).status == 204


@pytest.mark.parametrize("origin", UNLISTED)
def test_a_preflight_of_another_origin_allows_nothing(api, origin):
    assert cors_headers(preflight(api, origin)) == {}


def test_an_answer_to_a_listed_origin_may_be_read_by_its_page(api, database):
    answer = call(api, LISTED, database.user())
    answer.success()
    found = cors_headers(answer)
    assert found["access-control-allow-origin"] == LISTED
    assert {"x-request-id", "retry-after"} <= tokens_of(found["access-control-expose-headers"])
    assert "access-control-allow-credentials" not in found


@pytest.mark.parametrize("expected, keys", [
    (400, {"body": b"[]"}), (401, {"user": None}), (404, {"route": "nothing"}),
    (413, {"body": b"x" * 600_000}),
])
def test_so_may_every_error_the_services_and_nginxs(api, database, expected, keys):
    answer = call(api, LISTED, **{"user": database.user(), **keys})
    answer.error(expected)
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED


@pytest.mark.parametrize("origin", [*UNLISTED, None])
def test_an_answer_to_another_origin_has_no_such_header(api, database, origin):
    answer = call(api, origin, database.user())
    answer.success()
    assert cors_headers(answer) == {}


@pytest.mark.parametrize("origin", [LISTED, "https://evil.example", None])
def test_every_answer_varies_by_origin(api, database, origin):
    answer = call(api, origin, database.user())
    assert "origin" in tokens_of(answer.headers["Vary"])


def test_options_without_an_origin_is_a_wrong_method(api):
    answer = api.transport.request("OPTIONS", PREFIX + "send_message", {}, b"")
    answer.error(405)
    assert answer.headers["Allow"] == "POST"
