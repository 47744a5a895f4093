"""scripts/load: the service under load, endpoint by endpoint, or with clients that wait."""

import argparse

from orbia import packages
from orbia.commands.outcome import run_and_exit
from orbia.figures import write_json
from orbia.load.measurement import ENDPOINTS, measure_all, print_table
from orbia.load.waiters import complaints_of, measure_waiters, print_results
from orbia.machine import need_programs
from orbia.paths import REPOSITORY
from orbia.ports import StackPorts
from orbia.stack_options import HelpFormatter, add_stack_options, count, install_packages
from orbia.terminal import command_name


def main() -> None:
    options = read_options()
    run_and_exit(lambda: run(options))


def run(options: argparse.Namespace) -> list[str]:
    """The complaints."""
    install_packages(options, *packages.LOAD)
    if options.waiters:
        return run_waiters(options)
    need_programs("wrk")
    results = []
    for instances in options.compare or [options.instances]:
        results += measure_all(instances, options)
    print_table(results, compared=options.compare is not None)
    figures = {"workers": options.workers, "clients": options.clients, "seconds": options.seconds, "results": results}
    write_json(options, "load", figures)
    if any(result["errors"] for result in results):
        return ["some answers were not 200; the figures say nothing."]
    return []


def run_waiters(options: argparse.Namespace) -> list[str]:
    """The complaints."""
    need_programs("cc")
    results = measure_waiters(options)
    print_results(results)
    names = ("waiters", "instances", "workers", "sends", "seconds")
    write_json(options, "waiters", {**{name: getattr(options, name) for name in names}, "results": results})
    return complaints_of(results)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Brings up a stack of its own with 2,000 users, 20,000 conversations and 600,000 messages "
        "(made the first time, kept), drives each endpoint through nginx over kept plain HTTP connections with wrk, "
        "tokens and conversations varying from request to request, prints a table and writes the figures as JSON. "
        "get_conversations_20000 is the list of the one user who is in all of the conversations; send_message_one "
        "sends to one conversation alone; mix is 90% get_messages, 5% get_conversations, 3% send_message, 2% "
        "mark_read. CPU time and memory are the service's, the sum over its instances; statements are those that the "
        "database was sent. Any answer that is not 200 is an error, and makes the exit status 1.",
        formatter_class=HelpFormatter,
    )
    add_stack_options(parser, StackPorts(http=18080, https=18443, status=18082))
    parser.set_defaults(dir=None)
    instances = parser.add_mutually_exclusive_group()
    instances.add_argument("--instances", type=count, default=1, help="processes of the service")
    instances.add_argument(
        "--compare",
        type=lambda text: [count(each) for each in text.split(",")],
        metavar="N,N,...",
        help="several numbers of instances in turn, on the same data set, such as 1,2,4",
    )
    parser.add_argument("--clients", type=count, default=32, help="connections that wrk keeps busy")
    parser.add_argument("--seconds", type=count, default=10, help="seconds for each endpoint")
    parser.add_argument("--endpoint", action="append", choices=ENDPOINTS, help="only this one; can be repeated")
    parser.add_argument(
        "--json", metavar="FILE", help="where the figures go (default: load.json, or waiters.json, in --dir)"
    )
    waiters = parser.add_argument_group(
        "clients that wait",
        "Open pages in place of busy connections, on a data set of their own (in .run-waiters, which grows with their "
        "number): each is a user with 20 conversations, one of them open, who waits with get_conversations and reads "
        "the open conversation when that is named; one in ten shows a conversation alone, and waits with get_messages. "
        "Messages go to random conversations meanwhile. A delivery is from the send's answer, or beginning, to the "
        "moment when a client has the message. Of memory, what the clients have added is divided by their number. Any "
        "error, and any message that a client has missed or been told of twice, makes the exit status 1.",
    )
    waiters.add_argument("--waiters", type=count, metavar="N", help="so many of them, with a wait of 25 s")
    waiters.add_argument("--sends", type=float, default=100, metavar="RATE", help="messages a second; 0 for idle pages")
    waiters.add_argument(
        "--poll", type=float, metavar="SECONDS", help="afterwards as many that do not wait, but poll at this interval"
    )
    waiters.add_argument(
        "--restart", action="store_true", help="then all instances are restarted in turn, with messages going on"
    )
    options = parser.parse_args()
    options.dir = options.dir or str(REPOSITORY / (".run-waiters" if options.waiters else ".run-load"))
    return options
