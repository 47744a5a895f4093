"""The known attacks on JSON Web Tokens: each gets 401, and nothing else happens."""

import base64
import hashlib
import json
import string
import time

import pytest

from orbia import tokens
from orbia.polling import eventually
from orbia.tokens import base64url, claims_of, signature, token, unsigned

pytestmark = pytest.mark.usefixtures("unharmed")

HEADER = b'{"alg":"HS256"}'
BASE64URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


@pytest.fixture(scope="module")
def user(database):
    """One user for the whole file: no test here may change anything."""
    return database.user()


def refuse(api, *attacks):
    for attack in attacks:
        answer = api.post_with_token(attack)
        answer.error(401)
        assert answer.headers["WWW-Authenticate"].split()[0] == "Bearer"


# The algorithm


@pytest.mark.parametrize("algorithm", [
    "none", "None", "NONE", "nOnE", "none ", " none", "", "null", "non\u0435", "n\\u006fne",
])
def test_alg_none_in_every_spelling(api, user, algorithm):
    header, claims = '{"alg":"%s","typ":"JWT"}' % algorithm, claims_of(user.id)
    body = unsigned(claims, header)
    refuse(api, f"{body}.", body, f"{body}.{base64url(b'none')}", token(api.secret, claims, header))


@pytest.mark.parametrize("algorithm", [
    "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "EdDSA", "HS1", "HS384", "HS512",
    "hs256", "Hs256", "HS256 ", " HS256", "HS-256", "HS256\\u0000", "HS2560", "HS25", "A256GCM",
    "\uff28\uff33256", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
])
def test_another_algorithm_though_the_signature_would_be_right(api, user, algorithm):
    """A library that takes the algorithm from the header would check RS256 with the secret as key."""
    header, claims = '{"alg":"%s","typ":"JWT"}' % algorithm, claims_of(user.id)
    refuse(api, *(token(api.secret, claims, header, digest)
                  for digest in (hashlib.sha256, hashlib.sha384, hashlib.sha512)))


@pytest.mark.parametrize("header", [
    "{}", '{"typ":"JWT"}', '{"alg":null}', '{"alg":256}', '{"alg":["HS256"]}', '{"alg":{"HS256":1}}',
    '{"alg":true}', '{"Alg":"HS256"}', '{"ALG":"HS256"}', '{"alg":"HS256","alg":"none"}',
    '"HS256"', '["HS256"]', "null", "", " ", "HS256", "{", '{"alg":"HS256"', '{"alg":"HS256"}}',
    '{"alg":"HS256"} x', "{'alg':'HS256'}", '{"alg":"HS256",}', b'{"alg":"HS256","x":"\xff"}',
    b"\xef\xbb\xbf" + b'{"alg":"HS256"}', b'{"alg":"HS256"}\x00', '\x00{"alg":"HS256"}',
])
def test_a_header_that_does_not_say_hs256(api, user, header):
    refuse(api, token(api.secret, claims_of(user.id), header))


@pytest.mark.parametrize("critical", [["exp"], ["b64"], ["x"], [], "exp", None, {}])
def test_a_header_with_critical_extensions(api, user, critical):
    """RFC 7515, section 4.1.11: what is not understood must be refused."""
    header = {"alg": "HS256", "crit": critical, "b64": True, "x": 1}
    refuse(api, token(api.secret, claims_of(user.id), header))


def test_a_key_that_the_token_brings_along(api, user):
    key = {"kty": "oct", "k": base64url(b"mine")}
    for header in ({"jwk": key}, {"jku": "https://evil.example/k"}, {"kid": "../../dev/null"},
                   {"kid": "' UNION SELECT 'mine"}, {"x5u": "https://evil.example/c"}):
        refuse(api, token(b"mine", claims_of(user.id), {"alg": "HS256", **header}),
               token(b"", claims_of(user.id), {"alg": "HS256", **header}))


# The signature


@pytest.fixture
def parts(api, user):
    return api.token(user).split(".")


def test_a_signature_that_is_cut_or_goes_on(api, parts):
    header, claims, right = parts
    refuse(api, *(f"{header}.{claims}.{wrong}" for wrong in (
        "", right[:-1], right[:-2], right[:-4], right[1:], right[: len(right) // 2], right[:1],
        right + "A", right + right, right + "AAAA", "A" * 43, "A" * 44)))


def test_a_signature_with_any_character_altered(api, parts):
    header, claims, right = parts
    for position, character in enumerate(right):
        other = BASE64URL[(BASE64URL.index(character) + 32) % 64]
        refuse(api, f"{header}.{claims}.{right[:position]}{other}{right[position + 1:]}")


def test_a_signature_that_is_not_canonical(api, parts):
    """43 characters hold 258 bits: the last two are spare, and must be 0."""
    header, claims, right = parts
    last = BASE64URL.index(right[-1])
    assert last % 4 == 0
    refuse(api, *(f"{header}.{claims}.{right[:-1]}{BASE64URL[last + spare]}" for spare in (1, 2, 3)))


@pytest.mark.parametrize("suffix", [
    "=", "==", "===", "%3D", "%00", "\x09", ".", "..", ".x", ",", ";", '"', "~",
])
def test_a_token_with_padding_or_anything_else_behind(api, parts, suffix):
    refuse(api, ".".join(parts) + suffix)


def test_a_header_or_claims_with_padding(api, user):
    """Signed as they stand: the signature is right, the form is not."""
    claims = json.dumps(claims_of(user.id))
    padded = [base64.urlsafe_b64encode(part).decode()
              for part in (b'{"alg":"HS256"}  ', claims.encode() + b" " * (1 - len(claims) % 3 + 3))]
    assert all(part.endswith("=") for part in padded)
    for header, body in ((padded[0], base64url(claims.encode())),
                         (base64url(b'{"alg":"HS256"}'), padded[1])):
        refuse(api, f"{header}.{body}.{signature(api.secret, f'{header}.{body}')}")


def test_a_header_or_claims_in_another_alphabet(api, user):
    """`+` and `/` are base64's, not base64url's."""
    claims = claims_of(user.id, x="\u07ff\u0fff??>>~~\u083f" * 5)
    text = json.dumps(claims, ensure_ascii=False).encode()
    attacks = []
    for shift in range(3):
        standard = base64.b64encode(b" " * shift + text).decode().rstrip("=")
        if "+" in standard or "/" in standard:
            signing_input = f"{base64url(HEADER)}.{standard}"
            attacks.append(f"{signing_input}.{signature(api.secret, signing_input)}")
    assert attacks
    refuse(api, *attacks)


def test_a_signature_in_another_alphabet(api, user):
    """Several tokens: not every signature has one of the two characters."""
    attacks = []
    for number in range(20):
        head, _, right = token(api.secret, claims_of(user.id, jti=number)).rpartition(".")
        standard = right.replace("-", "+").replace("_", "/")
        if standard != right:
            attacks.append(f"{head}.{standard}")
    assert attacks
    refuse(api, *attacks)


def test_a_signature_in_hexadecimal_or_base64_twice(api, parts):
    header, claims, right = parts
    refuse(api, f"{header}.{claims}.{tokens.from_base64url(right).hex()}",
           f"{header}.{claims}.{base64url(right.encode())}")


def test_a_signature_of_other_claims(api, user, parts):
    header, _, right = parts
    other = tokens.unsigned(claims_of(user.id + 1)).split(".")[1]
    refuse(api, f"{header}.{other}.{right}")


@pytest.mark.parametrize("form", [
    "{h}", "{h}.{c}", "{h}.{c}.", ".{c}.{s}", "{h}..{s}", "..", ".", "...", "{h}.{c}.{s}.", ".{h}.{c}.{s}",
    "{h}.{c}.{s}.{s}", "{h}.{c}.{s}.{h}.{c}", "{h}:{c}:{s}", "{c}.{h}.{s}", "{s}.{c}.{h}", "{h} .{c}.{s}",
    "{h}.{c}. {s}", "{h}.\t{c}.{s}", "a.b.c", "null", "undefined", "[object Object]", "%s%n", "😀",
])
def test_a_token_of_another_shape(api, parts, form):
    header, claims, right = parts
    attack = form.replace("{h}", header).replace("{c}", claims).replace("{s}", right)
    refuse(api, attack.encode().decode("latin-1"))


def test_an_encrypted_token(api):
    """Five parts: a JWE, RFC 7516."""
    header = base64url(b'{"alg":"dir","enc":"A256GCM"}')
    refuse(api, f"{header}..{base64url(b'x' * 12)}.{base64url(b'x' * 20)}.{base64url(b'x' * 16)}")


# The claims


@pytest.mark.parametrize("claims", [
    "", " ", "null", "1", '"x"', "[]", "[{}]", "{}", "{", '{"user_id":1', "not JSON",
    b'{"user_id":1,"exp":4000000000,"x":"\xff\xfe"}', '{"user_id":1,"exp":4000000000,}',
    '{"user_id":1,"exp":4000000000}x', '{"user_id":1,"exp":4000000000}{"user_id":2}',
    "[" * 10_000, '{"user_id":1,"exp":4000000000,"x":' + "[" * 1_500 + "]" * 1_500 + "}",
])
def test_claims_that_are_no_object(api, claims):
    if len(claims) > 5000:
        claims = claims[:5000]  # nginx takes a header of at most 8 KiB
    refuse(api, token(api.secret, claims))


def test_claims_nested_deeper_than_nginx_lets_through(start_service, user):
    service = start_service()
    for depth in (100, 1_000, 20_000):
        deep = "[" * depth + "]" * depth
        refuse(service.api(), token(service.api().secret, deep))
        refuse(service.api(), token(service.api().secret, claims_of(user.id), '{"alg":%s}' % deep))
    assert service.runs


@pytest.mark.parametrize("value", [
    "null", "true", "false", "0", "-1", "1.5", "0.5", '""', '"x"', '"0"', '"-1"', '"+{id}"', '" {id}"',
    '"{id} "', '"{id}.0"', '"0x10"', '"1e3"', '"{id}\\u0000"', "[{id}]", '{"id":{id}}', "-{id}",
    "9223372036854775808", "-9223372036854775809", "18446744073709551617", "1e19", "1e400", "-1e400",
    '"9223372036854775808"', '"18446744073709551617"', '"99999999999999999999999999"', '"\uff11"',
    '"\u0661"', "{id}.5", "1e-5", "1e999999999999", '"{id}\\n"',
])
@pytest.mark.parametrize("claim", ["user_id", "sub"])
def test_a_user_that_is_no_positive_integer(api, user, claim, value):
    number = value.replace("{id}", str(user.id))
    refuse(api, token(api.secret, '{"%s":%s,"exp":4000000000}' % (claim, number)))


def test_a_bad_user_id_is_not_mended_by_a_good_sub(api, user):
    for bad in ("x", 0, -1, True, [user.id]):
        refuse(api, token(api.secret, claims_of(bad, sub=str(user.id))))


def test_no_user_at_all(api, user):
    refuse(api, token(api.secret, claims_of(None)), token(api.secret, claims_of(None, uid=user.id)),
           token(api.secret, claims_of(None, USER_ID=user.id)))


@pytest.mark.parametrize("value", [
    "null", "true", '"4000000000"', "[4000000000]", "{}", "0", "-1", "-4000000000", "1", "1e3",
    "-9223372036854775808", "-9223372036854775809", "-1e300", "-1e400", "0.0", "-0.0", '""',
    "1e-400", "946684800", "946684800.5",
])
def test_an_expiry_that_is_no_time_or_past(api, user, value):
    refuse(api, token(api.secret, '{"user_id":%d,"exp":%s}' % (user.id, value)))


@pytest.mark.parametrize("value", [
    "true", '"0"', "[0]", "{}", "4000000000", "4000000000.5", "9223372036854775807",
    "9223372036854775808", "1e19", "1e300", '""',
])
def test_a_beginning_that_is_no_time_or_still_to_come(api, user, value):
    refuse(api, token(api.secret, '{"user_id":%d,"exp":4000000000,"nbf":%s}' % (user.id, value)))


@pytest.mark.parametrize("value", ["9223372036854775807", "4e9", "4000000000.25", "253402300800"])
def test_an_expiry_far_ahead_is_good(api, user, value):
    api.post_with_token(
        token(api.secret, '{"user_id":%d,"exp":%s}' % (user.id, value))).success()


@pytest.mark.parametrize("value", ["9223372036854775808", "1e300", "1e400", "18446744073709551616"])
def test_an_enormous_expiry_does_no_harm(api, user, value):
    answer = api.post_with_token(token(api.secret, '{"user_id":%d,"exp":%s}' % (user.id, value)))
    assert answer.status in (200, 401)


def test_of_doubled_claims_the_last_counts(api, user):
    api.post_with_token(token(
        api.secret, '{"user_id":0,"exp":1,"user_id":%d,"exp":4000000000}' % user.id)).success()
    refuse(api, token(api.secret, '{"user_id":%d,"exp":4000000000,"exp":1}' % user.id))


# Rotation and revocation


def test_a_token_that_expires_between_two_requests(api, user):
    """With the leeway of 30 s: valid for two more seconds."""
    dying = token(api.secret, claims_of(user.id, exp=int(time.time()) - 28))
    api.post_with_token(dying).success()
    eventually(lambda: api.post_with_token(dying).status == 401, within=5, what="it has expired")
    refuse(api, dying)


def test_a_secret_that_was_rotated_out(start_service, user):
    old, new = "the old secret of 32 bytes or more", "the new secret of 32 bytes or more"
    during = start_service(JWT_SECRET=new, JWT_SECRET_PREVIOUS=old).api()
    during.post_with_token(token(old, claims_of(user.id))).success()
    after = start_service(JWT_SECRET=new).api()
    after.post_with_token(token(new, claims_of(user.id))).success()
    refuse(after, token(old, claims_of(user.id)))
    refuse(during, token(old, claims_of(user.id), {"alg": "none"}))
    refuse(during, token(old, claims_of(user.id, exp=1)), token(new, claims_of(user.id, exp=1)))
