"""Requests that the service and its twin have to answer alike."""

import http.client
import json
import re
from collections.abc import Sequence

from orbia.load.dataset import creator_of
from orbia.stack import Stack
from orbia.terminal import fail
from orbia.tokens import valid_token
from orbia.twin.subjects import Subject

CONVERSATION = 17

# Neither of the two is taken for what it is when it does less than the other. Of a refusal the
# status is compared, of anything else the body: its ids and times alone may differ where it is sent.
CONTENTS = [
    "关于产品推广视频的细节，请确认。",
    'quotes " and \\ and / and\ttabs\r\nlines \b\f\x01\x1f\x7f',
    "\U0001f600 é ü \u2028 \u0000 end",
    "长" * 21_000,
]
FILE = {"file_name": "片 \"1\".mp4", "file_size": 2**40, "file_type": "video/mp4"}
SENDS = [
    *({"message_type": "text", "content": content} for content in CONTENTS),
    {"message_type": "video", "content": "https://cdn.orbia.example/v.mp4", **FILE},
    {"message_type": "image", "content": "https://cdn.orbia.example/i.jpg", "file_size": None, "more": [{"a": [1.5]}]},
    {"message_type": "text", "content": " \n\u3000"},
    {"message_type": "system", "content": "x"},
    {"message_type": "text"},
    {"message_type": "text", "content": 1},
    {"message_type": "file", "content": "x", "file_size": -1},
    {"message_type": "text", "content": "x", "conversation_id": 1_000_000},
]
READS = [
    {},
    {"limit": 1},
    {"limit": 100},
    {"limit": 1000},
    {"limit": 2e1},
    {"limit": None, "other": "é"},
    {"before_timestamp": 1_710_001_500_000},
    {"before_timestamp": 1_710_001_500_000, "limit": 3},
    {"before_timestamp": 0},
    {"before_timestamp": -1},
    {"before_timestamp": 2**62},
    {"conversation_id": 18},  # the caller is not a member
    {"conversation_id": 1_000_000},
    {"conversation_id": 0},
    {"conversation_id": None},
    {"limit": 0},
    {"limit": 1.5},
    {"limit": "20"},
]


def compare_answers(stack: Stack, subjects: Sequence[Subject]) -> None:
    """Ends the command at the first that differs."""
    def token_of(user, lifetime=3600) -> str:
        return valid_token(stack.secret, user, lifetime)

    user = creator_of(CONVERSATION)
    token = f"Bearer {token_of(user)}"
    credentials = [None, "Bearer x.y.z", "bearer  " + token_of(user), token[:-2] + "A" + token[-1], token + "="]
    credentials += [f"Bearer {token_of(user, -60)}", f"Bearer {token_of(10**9)}"]
    sends = [("send_message", token, {"conversation_id": CONVERSATION, **body}) for body in SENDS]
    reads = [("get_messages", token, {"conversation_id": CONVERSATION, **body}) for body in READS]
    reads += [("get_messages", credential, {"conversation_id": CONVERSATION}) for credential in credentials]
    # All is sent before anything is read: both then read the same messages.
    for requests in (sends, reads):
        answers = []
        for subject in subjects:
            subject.take_over()
            answers.append([_ask(stack.ports.http, *request) for request in requests])
        for request, ours, theirs in zip(requests, *answers):
            if ours != theirs:
                fail(f"to {request}", f"the service answers {ours}", f"and the twin     {theirs}")


def _ask(port: int, endpoint: str, credential: str | None, body: dict) -> tuple:
    """The status, and the body of a 200 with what differs from one send to the next taken out."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json"} | ({"Authorization": credential} if credential else {})
    connection.request("POST", f"/api/v1/conversation/{endpoint}", json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if endpoint == "send_message":
        text = re.sub(rb'"message_id":"MSG_\d+_\d+"|"created_at":\d+', b"...", text)
    return answer.status, text if answer.status == 200 else None
