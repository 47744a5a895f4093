"""One run of scripts/chaos: clients at work on a stack, kills at their times, and the comparison at the end."""

import argparse
import random
import time
import urllib.error
import urllib.request

from orbia.chaos.comparison import compare
from orbia.chaos.figures import complaints_of, figures_of, print_figures
from orbia.chaos.kills import Kills
from orbia.chaos.reader import Reader
from orbia.chaos.records import Records
from orbia.chaos.run import Run
from orbia.chaos.sender import SeldomSender, Sender
from orbia.chaos.state import read_state
from orbia.chaos.tampering import blind_spots
from orbia.chaos.waiter import ListWaiter, MessagesWaiter
from orbia.cluster import Cluster
from orbia.database_server import DatabaseServer
from orbia.polling import eventually
from orbia.stack import Stack
from orbia.stack_options import stack_of
from orbia.terminal import fail, say
from orbia.tokens import valid_token

# Each sender writes to so many of the conversations, so that several senders meet in each.
CONVERSATIONS_OF_A_SENDER = 3
# Beside the others, for clients that wait: a message is sent to one of them about once a second.
QUIET_CONVERSATIONS = 4
# Seconds for which clients may go on trying when the run is over; the stack needs a part of it to come back.
PATIENCE = 120
# Seconds after which the service has ended the requests whose clients have gone: its queue age and deadline.
SETTLE = 5


def run_experiment(options: argparse.Namespace) -> tuple[dict, list[str]]:
    """The figures and the complaints."""
    say(f"the seed is {options.seed}")
    with make_stack(options) as stack:
        kills = Kills(stack, options.galera, options.kills, options.seconds, options.seed)
        run = make_run(stack, stack.server(kills.servers[0]), options)
        run.start()
        began = time.monotonic()
        events = kill_in_time(kills, stack, run, began)
        wait_for_messages(run, stack, options)
        say("waiting until the last messages are acknowledged, and all parts are back")
        run.stop()
        seconds = run.ended - began
        await_rest(stack)
        for client in run.clients:
            client.finish()
        states = [read_state(stack.server(name), run.conversations) for name in kills.servers]

    say("comparing")
    found = compare(run.records, states, not options.galera)
    complaints = complaints_of(found, run, options.messages or 0)
    if not any(found.values()):
        unnoticed = blind_spots(run.records, states, not options.galera)
        complaints += [f"the comparison would not notice: {name}" for name in unnoticed]
    figures = figures_of(options, run, states[0], found, events, began, seconds)
    print_figures(figures)
    return figures, complaints


def make_stack(options: argparse.Namespace) -> Stack:
    if options.galera:
        return stack_of(options, Cluster, base=options.galera_port, instances=options.instances, buffer_pool="256M")
    return stack_of(options, Stack, "--keep-database", instances=options.instances, buffer_pool="256M")


def make_run(stack: Stack, server: DatabaseServer, options: argparse.Namespace) -> Run:
    """Users and conversations of this run's own, beside those of runs before."""
    draw = random.Random(options.seed)
    run = Run(Records(), options.pause, PATIENCE)
    tag = f"chaos-{time.time_ns()}"
    busy, quiet = options.conversations, QUIET_CONVERSATIONS
    codes = [f"CONV_{time.time_ns() // 1_000_000}_{900_000 + i}" for i in range(busy + quiet)]
    run.conversations = insert(server, "orbia_conversation", "conversation_id", codes)
    roles = roles_of(options, run.conversations[:busy], run.conversations[busy:], draw)
    users = insert(server, "orbia_user", "email", [f"{tag}-{i}@example.com" for i in range(len(roles))])
    members = []
    for position, (user, (role, conversations)) in enumerate(zip(users, roles)):
        members += [(conversation, user) for conversation in conversations]
        token = valid_token(stack.secret, user, lifetime=86_400)
        run.clients.append(role(
            user, token, stack.ports.http, f"{options.seed}-{position}", run, conversations=conversations
        ))
    server.sql(
        "INSERT INTO orbia_conversation_member (conversation_id, user_id) VALUES "
        + ", ".join(f"({conversation}, {user})" for conversation, user in members)
    )
    return run


def roles_of(options: argparse.Namespace, busy: list[int], quiet: list[int], draw: random.Random) -> list[tuple]:
    """The kind of each client, and the conversations that they are members of."""
    own = min(CONVERSATIONS_OF_A_SENDER, len(busy))
    roles = [(Sender, draw.sample(busy, own)) for _ in range(options.clients)]
    roles += [(Reader, busy + quiet)] * options.readers
    if options.waiters:
        roles.append((SeldomSender, quiet))
    for number in range(options.waiters):
        # The quiet conversations show a wake that is missed; in busy ones the next message brings it.
        waiting = [
            (MessagesWaiter, [quiet[number // 4 % len(quiet)]]), (ListWaiter, quiet),
            (MessagesWaiter, [busy[number // 4 % len(busy)]]), (ListWaiter, busy + quiet),
        ]
        roles.append(waiting[number % 4])
    return roles


def insert(server: DatabaseServer, table: str, column: str, values: list[str]) -> list[int]:
    """A row for each of the values; their ids."""
    listed = ", ".join(f"'{value}'" for value in values)
    server.sql(f"INSERT INTO {table} ({column}) VALUES {', '.join(f'({value!r})' for value in values)}")
    ids = server.sql(f"SELECT id FROM {table} WHERE {column} IN ({listed}) ORDER BY id")
    return [int(id) for id in ids.split()]


def kill_in_time(kills: Kills, stack: Stack, run: Run, began: float) -> list[dict]:
    """Each kill when it is due; the events, with their times."""
    events = []
    for due, kind in kills.schedule:
        while time.monotonic() < began + due:
            check(stack, run)
            time.sleep(0.05)
        at = time.monotonic()
        what = kills.do(kind)
        events.append({"at": at, "kind": kind, "what": what})
        print(f"{at - began:8.1f} s  {kind}: {what}", flush=True)
    return events


def wait_for_messages(run: Run, stack: Stack, options: argparse.Namespace) -> None:
    """To the end of the seconds, and then until there are as many messages as were asked for."""
    deadline = time.monotonic() + 10 * options.seconds + 60
    end = time.monotonic() + options.seconds / (options.kills + 1)
    while time.monotonic() < end or len(run.successes) < (options.messages or 0):
        check(stack, run)
        if time.monotonic() > deadline:
            return
        time.sleep(0.1)


def check(stack: Stack, run: Run) -> None:
    """Ends the command where the run is not worth going on."""
    stack.check()
    if run.errors:
        fail(run.errors[0])


def await_rest(stack: Stack) -> None:
    """Returns when all instances are ready, all servers are in step, and no abandoned request is at work any more."""
    def is_whole() -> bool:
        stack.check()
        return all(is_ready(stack, name) for name in stack.instances) and stack.has_its_database()

    eventually(is_whole, within=PATIENCE, every=0.2, what="all parts of the stack are back")
    time.sleep(SETTLE)


def is_ready(stack: Stack, instance: str) -> bool:
    """Whether an instance says so itself."""
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with directly.open(f"{stack.status_url(instance)}/readyz", timeout=5) as page:
            return page.status == 200
    except (OSError, urllib.error.URLError):
        return False
