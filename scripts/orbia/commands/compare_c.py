"""scripts/compare-c: the service beside its twin in C."""

import argparse

from orbia import packages
from orbia.commands.outcome import run_and_exit
from orbia.load.dataset import make_dataset, write_requests
from orbia.machine import need_programs
from orbia.ports import StackPorts
from orbia.stack_options import HelpFormatter, add_stack_options, count, install_packages, stack_of
from orbia.terminal import command_name, say
from orbia.twin.answers import compare_answers
from orbia.twin.measurement import measure, print_comparison
from orbia.twin.subjects import Subject, Twin

ENDPOINTS = ["get_messages", "send_message"]


def main() -> None:
    options = read_options()
    run_and_exit(lambda: run(options))


def run(options: argparse.Namespace) -> list[str]:
    """There is nothing to complain of, where it gets to its end."""
    install_packages(options, *packages.LOAD)
    need_programs("wrk")
    with stack_of(options) as stack, Twin(stack, options.workers) as twin:
        make_dataset(stack)
        subjects = [Subject("service", stack, stack.socket_of("service-1"), stack.pid_of("service-1")), twin.subject]
        say("comparing the answers of the two")
        compare_answers(stack, subjects)
        requests_file = write_requests(stack)
        for endpoint in options.endpoint or ENDPOINTS:
            say(f"{endpoint}: {options.rounds} rounds of {options.seconds} s for each of the two")
            runs = measure(endpoint, stack, subjects, requests_file, options)
            print_comparison(endpoint, runs)
    return []


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Builds Tests/benchmark/twin.c, a C program on the same libraries that answers get_messages and "
        "send_message as the service does; brings up the stack and the data set of scripts/load; makes sure that the "
        "two answer alike; drives them in turn through the same nginx, service, twin, service, twin; and prints the "
        "processor time that each takes for a request, and what the service takes for each unit of the twin. Any "
        "answer that differs, or is not 200 under load, ends it with exit status 1.",
        formatter_class=HelpFormatter,
    )
    add_stack_options(parser, StackPorts(http=19080, https=19443, status=19082))
    parser.add_argument("--clients", type=count, default=32, help="connections that wrk keeps busy")
    parser.add_argument("--seconds", type=count, default=6, help="seconds for each run")
    parser.add_argument("--rounds", type=count, default=5, help="runs of each of the two, for each endpoint")
    parser.add_argument("--endpoint", action="append", choices=ENDPOINTS, help="only this one; can be repeated")
    return parser.parse_args()
