"""scripts/resilience hosts: what each state of a database host costs those who send and read."""

import argparse
import http.client
import json
import time
from collections.abc import Callable, Sequence

from orbia import server_states
from orbia.cluster import Cluster
from orbia.database_server import DatabaseServer
from orbia.figures import plural
from orbia.paths import REPOSITORY
from orbia.polling import eventually
from orbia.repeated_calls import RepeatedCalls
from orbia.stack import Stack
from orbia.stack_options import count, stack_of
from orbia.terminal import say
from orbia.tokens import valid_token

SUMMARY = "database hosts that die, stand still or refuse"
DESCRIPTION = (
    "Brings up the stack on a Galera cluster of three nodes, and the node in use into one state after the other "
    "(killed, frozen, rejecting queries, giving its data away, read-only, cut off from the others) while clients "
    "send and read. Prints for each state the requests that failed and the longest time without a success. Lost: "
    "a state after which no request succeeds. Takes two to three minutes."
)
PREFIX = "/api/v1/conversation/"
# How long the stack may take until all is as before.
PATIENCE = 120


def add_options(command: argparse.ArgumentParser) -> None:
    command.set_defaults(dir=str(REPOSITORY / ".run-hosts"))
    command.add_argument("--clients", type=count, default=4, help="clients that send, and as many that read")
    command.add_argument("--seconds", type=count, default=8, help="seconds that each state lasts")
    command.add_argument(
        "--pause", type=float, default=0.02, metavar="SECONDS", help="pause of a client between two requests"
    )
    command.add_argument("--galera-port", type=int, default=4800, metavar="BASE", help="ports of the cluster")


def states(servers: Sequence[DatabaseServer]) -> dict[str, Callable]:
    """Each state, by its name, with what brings it about on the node in use."""
    first, *others = servers
    return {
        "killed": lambda: server_states.killed(first),
        "frozen": lambda: server_states.frozen(first),
        "wsrep_reject_queries = ALL": lambda: server_states.rejecting(first),
        "wsrep_reject_queries = ALL_KILL": lambda: server_states.rejecting_and_killing(first),
        "donor, writes locked": lambda: server_states.donating(first),
        "read_only": lambda: server_states.read_only(first),
        "both others frozen (non-Primary)": lambda: server_states.frozen(*others),
    }


def measure(options: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures and the complaints."""
    rows = []
    with stack_of(options, Cluster, base=options.galera_port, buffer_pool="256M") as stack:
        servers = stack.servers()
        calls = _make_calls(stack, servers[0], options.clients)
        for name, state in states(servers).items():
            _await_well(stack)
            with RepeatedCalls(calls, options.pause) as repeated:
                time.sleep(1)
                began = time.monotonic()
                with state():
                    time.sleep(options.seconds)
                ended = time.monotonic()
                _await_well(stack)
                time.sleep(1)
            rows.append(_row(name, repeated, began, ended))
            say(f"{name}: {rows[-1]['sends_failed']} sends and {rows[-1]['reads_failed']} reads failed")
    _print(rows, options)
    figures = {"seconds": options.seconds, "clients": options.clients, "states": rows}
    stuck = [each["state"] for each in rows if not each["sends_afterwards"] or not each["reads_afterwards"]]
    return figures, [f"{plural(len(stuck), 'state')} was not recovered from: {', '.join(stuck)}"] if stuck else []


def _row(name: str, calls: RepeatedCalls, began: float, ended: float) -> dict:
    found = {"state": name}
    for kind in ("send", "read"):
        failed, succeeded = calls.counts(kind, began)
        found[f"{kind}s_failed"], found[f"{kind}s"] = failed, failed + succeeded
        found[f"{kind}_gap_s"] = round(calls.longest_gap(kind, began), 2)
        found[f"{kind}s_afterwards"] = calls.counts(kind, ended)[1]
    return found


def _print(rows: Sequence[dict], options: argparse.Namespace) -> None:
    print(
        f"\neach state for {options.seconds} s, on a cluster whose nodes give up a silent one after 2 s; "
        f"{options.clients} clients send and as many read\n\n"
        f"{'the node in use is':<34}{'sends':>8}{'failed':>8}{'longest gap s':>15}"
        f"{'reads':>9}{'failed':>8}{'longest gap s':>15}"
    )
    for each in rows:
        print(
            f"{each['state']:<34}{each['sends']:>8,}{each['sends_failed']:>8,}{each['send_gap_s']:>15.2f}"
            f"{each['reads']:>9,}{each['reads_failed']:>8,}{each['read_gap_s']:>15.2f}"
        )


def _make_calls(stack: Stack, server: DatabaseServer, clients: int) -> dict[str, Callable[[], bool]]:
    """Sends and reads, each client in a conversation of its own."""
    calls = {}
    for number in range(clients):
        server.sql(f"INSERT INTO orbia_user (nickname) VALUES ('client {number}')")
        user = int(server.sql("SELECT MAX(id) FROM orbia_user"))
        code = f"CONV_{time.time_ns() // 1_000_000}_{user}"
        server.sql(f"INSERT INTO orbia_conversation (conversation_id) VALUES ('{code}')")
        server.sql(
            f"INSERT INTO orbia_conversation_member (conversation_id, user_id) "
            f"SELECT id, {user} FROM orbia_conversation WHERE conversation_id = '{code}'"
        )
        token = valid_token(stack.secret, user, lifetime=86_400)
        message = {"conversation_id": code, "message_type": "text", "content": "hello"}
        calls[f"send {number}"] = _caller(stack, token, "send_message", message)
        calls[f"read {number}"] = _caller(stack, token, "get_messages", {"conversation_id": code})
    return calls


def _caller(stack: Stack, token: str, route: str, body: dict) -> Callable[[], bool]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    content = json.dumps(body)

    def call() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", stack.ports.http, timeout=15)
        try:
            connection.request("POST", PREFIX + route, content, headers)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return call


def _await_well(stack: Cluster) -> None:
    def is_well() -> bool:
        stack.check()
        return _uses_first(stack) and stack.has_its_database()

    eventually(is_well, within=PATIENCE, every=0.2, what="all nodes are in step, and the first one is in use")


def _uses_first(stack: Stack) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", stack.ports.status, timeout=5)
    try:
        connection.request("GET", "/1/metrics")
        page = connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    uses = [line for line in page.splitlines() if line.startswith("orbia_database_host_in_use{")]
    return bool(uses) and uses[0].endswith(" 1")
