"""Tokens through nginx: who is let in, by each rule of the design's line on JWT."""

import hashlib
import time

import pytest

from orbia import tokens
from orbia.tokens import claims_of, token
import service

# RFC 7515, appendix A.1; the same token stands in RFC 7519, section 3.1.
RFC_KEY = tokens.from_base64url(
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
RFC_HEADER = '{"typ":"JWT",\r\n "alg":"HS256"}'
RFC_CLAIMS = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
RFC_TOKEN = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
# RFC 7519, section 6.1: an unsecured token.
RFC_UNSECURED_TOKEN = (
    "eyJhbGciOiJub25lIn0"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".")


@pytest.fixture
def user(database):
    return database.user()


def test_the_tests_own_tokens_are_made_as_the_rfc_shows():
    assert token(RFC_KEY, RFC_CLAIMS, RFC_HEADER) == RFC_TOKEN


@pytest.mark.parametrize("published", [RFC_TOKEN, RFC_UNSECURED_TOKEN])
def test_a_token_out_of_an_rfc_is_refused(api, published):
    api.post_with_token(published).error(401)


def test_a_header_spelled_as_in_the_rfc_is_understood(api, user):
    api.post_with_token(token(api.secret, claims_of(user.id), RFC_HEADER)).success()


# Good tokens


@pytest.mark.parametrize("header", [
    {"alg": "HS256"},
    {"alg": "HS256", "typ": "JWT"},
    {"typ": "JWT", "alg": "HS256"},
    {"alg": "HS256", "typ": "at+jwt", "kid": "2024-01", "x": [1, {"y": None}]},
    ' { "alg" : "HS256" } ',
    '{"\\u0061lg":"HS\\u0032\\u0035\\u0036"}',
])
def test_a_header_that_says_hs256_is_accepted(api, user, header):
    api.post_with_token(token(api.secret, claims_of(user.id), header)).success()


@pytest.mark.parametrize("changes", [
    {"iat": None}, {"nbf": None}, {"iss": None}, {"iss": "somebody else"},
    {"aud": ["a", "b"], "jti": "x", "scope": {"a": [1, 2]}}, {"sub": "somebody"},
    {"name": "张三 😀 \\u0000"},
])
def test_other_claims_do_not_matter(api, user, changes):
    api.post_with_token(token(api.secret, claims_of(user.id, **changes))).success()


@pytest.mark.parametrize("claim", [
    lambda number: {"user_id": number},
    lambda number: {"user_id": str(number)},
    lambda number: {"sub": number},
    lambda number: {"sub": str(number)},
    lambda number: {"user_id": number, "sub": "1"},
    lambda number: {"user_id": str(number), "sub": 1},
], ids=["user_id", "user_id in digits", "sub", "sub in digits", "user_id before sub",
        "user_id in digits before sub"])
def test_the_user_stands_in_user_id_and_else_in_sub(api, database, user, claim):
    conversation = database.conversation(user)
    claims = {**claims_of(None), **claim(user.id)}
    answer = api.post_with_token(token(api.secret, claims)).success()
    assert [each["id"] for each in answer["conversations"]] == [conversation.id]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_is_read_without_regard_to_case(api, user, scheme):
    api.post_with_authorization(f"{scheme} {api.token(user)}").success()


def test_a_token_of_the_token_command_is_good(stack, api, database, user):
    conversation = database.conversation(user)
    made = service.run("token", "--user-id", str(user.id), JWT_SECRET=stack.secret)
    answer = api.post_with_token(made.stdout.strip()).success()
    assert [each["id"] for each in answer["conversations"]] == [conversation.id]


# Time, with 30 s of leeway either way


@pytest.mark.parametrize("claim, seconds, status", [
    ("exp", +3600, 200), ("exp", +5, 200), ("exp", -20, 200), ("exp", -40, 401),
    ("exp", -3600, 401),
    ("nbf", -3600, 200), ("nbf", +20, 200), ("nbf", +40, 401), ("nbf", +3600, 401),
    ("iat", +3600, 200),
])
def test_expiry_and_beginning_are_kept_with_a_leeway(api, user, claim, seconds, status):
    claims = claims_of(user.id, **{claim: int(time.time()) + seconds})
    assert api.post_with_token(token(api.secret, claims)).status == status


def test_a_fraction_of_a_second_is_a_time_too(api, user):
    """RFC 7519, section 2: NumericDate."""
    claims = claims_of(user.id, exp=time.time() + 60.5, nbf=time.time() - 0.25)
    api.post_with_token(token(api.secret, claims)).success()


def test_a_token_without_expiry_is_refused(api, user):
    api.post_with_token(token(api.secret, claims_of(user.id, exp=None))).error(401)


# Bad tokens


def test_another_secret_is_refused(api, user):
    api.post_with_token(token(api.secret + "x", claims_of(user.id))).error(401)
    api.post_with_token(token("", claims_of(user.id))).error(401)


@pytest.mark.parametrize("header, digest", [
    ({"alg": "HS384"}, hashlib.sha384), ({"alg": "HS512"}, hashlib.sha512),
    ({"alg": "none"}, hashlib.sha256), ({"typ": "JWT"}, hashlib.sha256),
])
def test_another_algorithm_is_refused(api, user, header, digest):
    api.post_with_token(token(api.secret, claims_of(user.id), header, digest)).error(401)


@pytest.mark.parametrize("value", [
    "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "{token}", "Token {token}", "Bearer{token}",
    "Bearer {token} x", "Bearer {token},{token}", "Bearer x {token}", 'Bearer "{token}"',
])
def test_another_authorization_is_refused(api, user, value):
    answer = api.post_with_authorization(value.replace("{token}", api.token(user)))
    answer.error(401)
    assert answer.headers["WWW-Authenticate"].split()[0] == "Bearer"


def test_a_token_elsewhere_than_in_the_header_is_none(api, user):
    path = f"/api/v1/conversation/get_conversations?access_token={api.token(user)}"
    api.transport.request("POST", path, {"Cookie": f"token={api.token(user)}"}, b"{}").error(401)


# Settings


def test_the_issuer_is_checked_where_it_is_configured(start_service, user):
    api = start_service(JWT_ISSUER="orbia_api").api()
    api.post_with_token(token(api.secret, claims_of(user.id))).success()
    for issuer in ("somebody", "", "Orbia_API", "orbia_api ", 1, ["orbia_api"], None):
        api.post_with_token(token(api.secret, claims_of(user.id, iss=issuer))).error(401)


def test_a_second_secret_lets_tokens_of_both_in(start_service, user):
    old, new = "the old secret, 32 bytes long or more", "the new secret, 32 bytes long or more"
    api = start_service(JWT_SECRET=new, JWT_SECRET_PREVIOUS=old).api()
    for secret in (old, new):
        api.post_with_token(token(secret, claims_of(user.id))).success()
    for secret in ("", old + new, new + old, "another secret, 32 bytes long or more"):
        api.post_with_token(token(secret, claims_of(user.id))).error(401)


def test_a_second_secret_that_is_not_set_lets_nobody_in(start_service, user):
    for settings in ({}, {"JWT_SECRET_PREVIOUS": ""}):
        api = start_service(**settings).api()
        api.post_with_token(token("", claims_of(user.id))).error(401)
        api.post_with_token(token(api.secret, claims_of(user.id))).success()


@pytest.mark.parametrize("secret", [
    "密钥" * 20, "s" * 64, "s" * 65, "s" * 1000, "with space = and $",
], ids=["not ASCII", "a block of SHA-256", "longer than a block", "very long", "with signs"])
def test_a_secret_may_be_of_any_text_and_length(start_service, user, secret):
    api = start_service(JWT_SECRET=secret).api()
    api.post_with_token(token(secret, claims_of(user.id))).success()
    api.post_with_token(token(secret[:-1], claims_of(user.id))).error(401)
