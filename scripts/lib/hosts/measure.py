"""scripts/resilience hosts: what each state of a database host costs those who send and read."""

import http.client
import json
import time

import node_states
from node_states import Server
from stack import Stack, plural, say
from steady import Steady

PREFIX = "/api/v1/conversation/"
NODES = ["mariadb-1", "mariadb-2", "mariadb-3"]
# How long the stack may take until all is as before.
PATIENCE = 120


def states(servers):
    """Each state, by its name, with what brings it about on the node in use."""
    first, *others = servers
    return {
        "killed": lambda: node_states.killed(first),
        "frozen": lambda: node_states.frozen(first),
        "wsrep_reject_queries = ALL": lambda: node_states.rejecting(first),
        "wsrep_reject_queries = ALL_KILL": lambda: node_states.rejecting_and_killing(first),
        "donor, writes locked": lambda: node_states.donating(first),
        "read_only": lambda: node_states.read_only(first),
        "both others frozen (non-Primary)": lambda: node_states.frozen(*others),
    }


def measure_hosts(options):
    more = ["--galera", "--galera-port", options.galera_port]
    rows = []
    with Stack(options, more=more, aside=True, MARIADB_BUFFER_POOL="256M") as stack:
        servers = [Server(name, stack.directory / f"{name}.sock", lambda name=name: stack.pid(name)) for name in NODES]
        calls = make_calls(stack, servers[0], options.clients)
        for name, state in states(servers).items():
            await_well(stack, servers)
            with Steady(calls, options.pause) as steady:
                time.sleep(1)
                began = time.monotonic()
                with state():
                    time.sleep(options.seconds)
                ended = time.monotonic()
                await_well(stack, servers)
                time.sleep(1)
            rows.append(row(name, steady, began, ended))
            say(f"{name}: {rows[-1]['sends_failed']} sends and {rows[-1]['reads_failed']} reads failed")
    print_rows(rows, options)
    figures = {"command": options.command, "seconds": options.seconds, "clients": options.clients, "states": rows}
    stuck = [each["state"] for each in rows if not each["sends_afterwards"] or not each["reads_afterwards"]]
    return figures, [f"{plural(len(stuck), 'state')} was not recovered from: {', '.join(stuck)}"] if stuck else []


def row(name, steady, began, ended):
    found = {"state": name}
    for kind in ("send", "read"):
        failed, succeeded = steady.counts(kind, began)
        found[f"{kind}s_failed"], found[f"{kind}s"] = failed, failed + succeeded
        found[f"{kind}_gap_s"] = round(steady.longest_gap(kind, began), 2)
        found[f"{kind}s_afterwards"] = steady.counts(kind, ended)[1]
    return found


def print_rows(rows, options):
    print(
        f"\neach state for {options.seconds} s, on a cluster whose nodes give up a silent one after 2 s; {options.clients} "
        f"clients send and as many read\n\n{'the node in use is':<34}{'sends':>8}{'failed':>8}{'longest gap s':>15}"
        f"{'reads':>9}{'failed':>8}{'longest gap s':>15}"
    )
    for each in rows:
        print(
            f"{each['state']:<34}{each['sends']:>8,}{each['sends_failed']:>8,}{each['send_gap_s']:>15.2f}"
            f"{each['reads']:>9,}{each['reads_failed']:>8,}{each['read_gap_s']:>15.2f}"
        )


def make_calls(stack, server, clients):
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
        token = stack.token(user)
        message = {"conversation_id": code, "message_type": "text", "content": "hello"}
        calls[f"send {number}"] = caller(stack, token, "send_message", message)
        calls[f"read {number}"] = caller(stack, token, "get_messages", {"conversation_id": code})
    return calls


def caller(stack, token, route, body):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    content = json.dumps(body)

    def call():
        connection = http.client.HTTPConnection("127.0.0.1", stack.options.http, timeout=15)
        try:
            connection.request("POST", PREFIX + route, content, headers)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return call


def await_well(stack, servers):
    """Until all nodes are in step, and the service uses the first of them."""
    deadline = time.monotonic() + PATIENCE
    while not (uses_first(stack) and all(map(in_step, servers))):
        if time.monotonic() > deadline:
            raise SystemExit(f"in {PATIENCE} s not all nodes came back")
        time.sleep(0.2)


def in_step(server):
    try:
        found = server.sql("SHOW STATUS WHERE Variable_name IN ('wsrep_cluster_size', 'wsrep_local_state_comment')")
    except (OSError, ValueError, node_states.subprocess.SubprocessError):
        return False
    return {"3", "Synced"} <= set(found.split())


def uses_first(stack):
    connection = http.client.HTTPConnection("127.0.0.1", stack.options.status, timeout=5)
    try:
        connection.request("GET", "/1/metrics")
        page = connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    uses = [line for line in page.splitlines() if line.startswith("orbia_database_host_in_use{")]
    return bool(uses) and uses[0].endswith(" 1")
