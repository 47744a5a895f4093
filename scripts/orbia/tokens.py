"""JSON Web Tokens put together part by part, so that a test can spell each of them, the wrong ones too.

A token is `header.claims.signature`, each part base64url without padding (RFC 7515, section 3.1).
"""

import base64
import hashlib
import hmac
import json
import time

HEADER = {"alg": "HS256", "typ": "JWT"}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(user_id, **changes) -> dict:
    """The claims that the platform issues, for one hour; a change to None leaves the claim out."""
    now = int(time.time())
    claims = {
        "user_id": user_id,
        "iss": "orbia_api",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
    }
    claims.update(changes)
    return {name: value for name, value in claims.items() if value is not None}


def valid_token(secret, user_id, lifetime: int) -> str:
    """One that the platform could have issued; it expires in `lifetime` seconds."""
    return token(secret, claims_of(user_id, exp=int(time.time()) + lifetime))


def signature(secret, signing_input: str, digest=hashlib.sha256) -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    return base64url(hmac.new(key, signing_input.encode(), digest).digest())


def token(secret, claims, header=HEADER, digest=hashlib.sha256) -> str:
    """A signed token. `claims` and `header` may be dictionaries, or text to be taken as it is."""
    signing_input = unsigned(claims, header)
    return f"{signing_input}.{signature(secret, signing_input, digest)}"


def unsigned(claims, header=HEADER) -> str:
    """`header.claims`, what a signature covers."""
    return f"{base64url(_as_bytes(header))}.{base64url(_as_bytes(claims))}"


def _as_bytes(part) -> bytes:
    if isinstance(part, bytes):
        return part
    text = part if isinstance(part, str) else json.dumps(part, separators=(",", ":"))
    return text.encode()
