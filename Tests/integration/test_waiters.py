"""scripts/load --waiters on a stack of its own, with a few clients: what it reports adds up."""

import json
import subprocess

from orbia.paths import REPOSITORY
from orbia.ports import free_stack_ports
from orbia.stack import environment

CLIENTS, SECONDS, SENDS = 50, 3, 20


def test_each_message_is_delivered_to_each_client_that_should_see_it(make_directory):
    directory, ports = make_directory(), free_stack_ports()
    subprocess.run(
        [REPOSITORY / "scripts" / "load", "--no-install", "--dir", directory, "--https", str(ports.https),
         "--http", str(ports.http), "--status", str(ports.status), "--waiters", str(CLIENTS), "--sends", str(SENDS),
         "--seconds", str(SECONDS), "--poll", "0.5"],
        env=environment(MARIADB_BUFFER_POOL="128M"), stdin=subprocess.DEVNULL, timeout=300, check=True)
    figures = json.loads((directory / "waiters.json").read_text())
    assert (figures["waiters"], figures["instances"]) == (CLIENTS, 1)
    waiting, polling = figures["results"]
    for result in (waiting, polling):
        assert (result["missed"], result["doubled"], result["errors"]) == (0, 0, {})
        # A little longer than it is measured.
        assert SECONDS * SENDS <= result["sent"] <= 2 * SECONDS * SENDS
        # Of the users of a conversation at most two are there, and one of them has sent.
        assert result["sent"] / 2 <= result["expected"] <= 2 * result["sent"]
        assert result["delivery_from_send_ms"]["p50"] > 0
    assert waiting["delivery_ms"]["p50"] < polling["delivery_ms"]["p50"]
    # 0.5 s between two rounds of list and open conversation.
    assert polling["requests_per_second"] > 2 * waiting["requests_per_second"]
