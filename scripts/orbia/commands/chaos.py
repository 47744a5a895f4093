"""scripts/chaos: kills under load, after which nothing may be lost, doubled or miscounted."""

import argparse
import random

from orbia.chaos.comparison import compare
from orbia.chaos.example import example
from orbia.chaos.experiment import run_experiment
from orbia.chaos.tampering import blind_spots
from orbia.commands.outcome import run_and_exit
from orbia.figures import write_json
from orbia.ports import StackPorts
from orbia.stack_options import HelpFormatter, add_stack_options, count, install_packages
from orbia.terminal import command_name


def main() -> None:
    options = read_options()
    run_and_exit(check_the_comparison if options.self_check else lambda: run(options))


def run(options: argparse.Namespace) -> list[str]:
    """The complaints."""
    install_packages(options, with_galera=options.galera)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    figures, complaints = run_experiment(options)
    write_json(options, "chaos", figures)
    return complaints


def check_the_comparison() -> list[str]:
    """The complaints."""
    records, states = example()
    found = {kind: examples for kind, examples in compare(records, states, True).items() if examples}
    if found:
        return [f"the comparison finds fault with what is right: {found}"]
    if unnoticed := blind_spots(records, states, True):
        return [f"the comparison does not notice: {', '.join(unnoticed)}"]
    print("the comparison notices all that it is tampered with")
    return []


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Brings up a stack of its own and has clients send numbered messages, repeating each with its "
        "client_message_id until it is acknowledged, while others poll forwards, page backwards and mark messages as "
        "read, and others wait for messages, or for changes of their list. Meanwhile it kills instances of the "
        "service and the database with SIGKILL, kills the database's connections, has it stand still or take no "
        "writes for some seconds, and reloads nginx, each as often as the others, at random times. With --galera it "
        "kills the node in use, one of the others, or two of three for a while, and has the node in use reject "
        "queries or stand still for some seconds. When all has come to rest it compares what the clients did and saw "
        "with the database: acknowledged messages lost, messages doubled, the order within each conversation, polls "
        "and pages that miss or repeat a message, messages that waiting clients were not told of in time, lists that "
        "miss a change, unread counts against a count of the rows. It prints the kills and the figures and writes "
        "them as JSON. The exit status is 1 where anything is wrong, or where the comparison does not notice what it "
        "is tampered with; times never make it so.",
        formatter_class=HelpFormatter,
    )
    add_stack_options(parser, StackPorts(http=17080, https=17443, status=17082), directory=".run-chaos")
    parser.add_argument("--galera", action="store_true", help="on a Galera cluster of three nodes, not one server")
    parser.add_argument(
        "--galera-port", type=int, default=4700, metavar="BASE", help="ports of the cluster, as of scripts/run"
    )
    parser.add_argument("--instances", type=count, default=2, help="processes of the service")
    parser.add_argument("--seconds", type=count, default=60, help="seconds over which the kills are spread")
    parser.add_argument("--kills", type=count, default=12, help="kills of all kinds together")
    parser.add_argument(
        "--messages",
        type=count,
        metavar="N",
        help="when the seconds are over, go on until so many messages are acknowledged (default: do not)",
    )
    parser.add_argument("--clients", type=count, default=12, help="users who send")
    parser.add_argument("--readers", type=count, default=4, help="users who read, members of all conversations")
    parser.add_argument(
        "--waiters", type=count, default=8, help="users who wait, half for messages, half for changes of their list"
    )
    parser.add_argument("--conversations", type=count, default=8, help="conversations that they share")
    parser.add_argument(
        "--pause", type=float, default=0.01, metavar="SECONDS", help="pause of a client between two acts, on average"
    )
    parser.add_argument(
        "--seed", type=int, help="for kills and clients, to have the same schedule again (default: a new one, printed)"
    )
    parser.add_argument("--json", metavar="FILE", help="where the figures go (default: chaos.json in --dir)")
    parser.add_argument(
        "--self-check", action="store_true", help="no run: only show that the comparison notices what is wrong"
    )
    return parser.parse_args()
