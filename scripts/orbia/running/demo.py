"""Demo data, the demo users of the chat page, and the request lines that use them."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

from orbia.running.mariadb import DATABASE, Server
from orbia.running.service import Service
from orbia.state import StateDirectory
from orbia.terminal import fail, say

# Of the tokens in the chat page's list: as long as somebody may leave a stack running.
_DEMO_TOKEN_SECONDS = 30 * 86400
_PRINTED_TOKEN_SECONDS = 86400
# A proxy in the environment would not know localhost.
_PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")

_DEMO_USERS = """
    SELECT id, JSON_OBJECT('id', id, 'nickname', COALESCE(NULLIF(nickname, ''), CONCAT('用户', id)),
        'avatar_url', avatar_url,
        'part', CASE WHEN role = 'admin' THEN 'admin' WHEN kol_id IS NULL THEN 'buyer' ELSE 'kol' END)
    FROM orbia_user
    WHERE status = 'normal' AND (email LIKE '%@demo.orbia.example' OR wallet_address LIKE '0x%d3m01')
    ORDER BY id"""
_TWO_MEMBERS = """
    SELECT c.id, buyer.id, buyer.nickname, kol.id, kol.nickname
    FROM orbia_conversation c
    JOIN orbia_conversation_member bm ON bm.conversation_id = c.id
    JOIN orbia_user buyer ON buyer.id = bm.user_id AND buyer.email = 'zhang.wei@demo.orbia.example'
    JOIN orbia_conversation_member km ON km.conversation_id = c.id
    JOIN orbia_user kol ON kol.id = km.user_id AND kol.email = 'li.na@demo.orbia.example'
    WHERE c.status = 'active' AND c.deleted_at IS NULL
    ORDER BY c.id LIMIT 1"""


class Demo:
    """What a stack has for somebody who tries it."""

    def __init__(self, state: StateDirectory, server: Server, service: Service):
        self._state, self._server, self._service = state, server, service

    def load(self, http_port: int) -> None:
        """Puts the demo data in, the first time."""
        if self._rows("SELECT COUNT(*) FROM orbia_user WHERE email = 'zhang.wei@demo.orbia.example'") != [["0"]]:
            return
        say("loading demo data")
        # Over plain HTTP, where no browser minds the certificate.
        files = f"SET @files = 'http://127.0.0.1:{http_port}/demo-files';\n"
        if self._server.administer(DATABASE, text=files + Path(__file__).with_name("demo.sql").read_text()) is None:
            fail("the demo data was refused; MariaDB's message is above.")

    def write_users(self) -> None:
        """Who can be picked at the chat page's sign-in, with a token each. One who is not there (any more) is left out.
        """
        # Raw, since the client would double the backslashes of JSON.
        users = [{**json.loads(user), "token": self._service.token(id, _DEMO_TOKEN_SECONDS)}
                 for id, user in self._rows(_DEMO_USERS, "--raw")]
        self._state.write_private("demo-users.json", json.dumps({"users": users}, ensure_ascii=False, indent=1) + "\n")

    def requests(self, https_port: int) -> str:
        """Two request lines to paste, for two members of one conversation.

        Where the demo data have been changed so far that they are not there, how to get a token by hand.
        """
        rows = self._rows(_TWO_MEMBERS)
        if not rows:
            return token_advice(self._state, self._service)
        [[conversation, buyer, buyer_name, kol, kol_name]] = rows
        message = {"conversation_id": int(conversation), "message_type": "text",
                   "content": "你好，视频什么时候可以交付？"}
        return "\n".join([
            f"\n{buyer_name} (user {buyer}) sends a message:",
            self._request(https_port, buyer, "send_message", message),
            f"\n{kol_name} (user {kol}) reads it:",
            self._request(https_port, kol, "get_messages", {"conversation_id": int(conversation)}),
            "\nThe tokens are valid for 24 hours. Other routes: get_conversation and mark_read with the same",
            "body as get_messages, get_conversations with {}.",
        ])

    def _request(self, https_port: int, user: str, route: str, body: dict) -> str:
        direct = " --noproxy '*'" if any(os.environ.get(name) for name in _PROXY_VARIABLES) else ""
        token = self._service.token(user, _PRINTED_TOKEN_SECONDS)
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return (f"curl -sS{direct} --cacert {shlex.quote(str(self._state.certificate))}"
                f" -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{text}' -w '\\n'"
                f" https://localhost:{https_port}/api/v1/conversation/{route}")

    def _rows(self, statement: str, *options: str) -> list[list[str]]:
        rows = self._server.query(statement, DATABASE, *options)
        if rows is None:
            fail("the database could not be read.")
        return rows


def token_advice(state: StateDirectory, service: Service) -> str:
    """How to get a token by hand. The database's settings are not needed for it."""
    secret, program = shlex.quote(str(state.path / "jwt-secret")), shlex.quote(str(service.program))
    return ("\nA token for the user with the id 1, valid for an hour:\n"
            f'JWT_SECRET="$(cat {secret})" {program} token --user-id 1 --ttl 3600')
