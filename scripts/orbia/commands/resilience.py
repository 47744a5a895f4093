"""scripts/resilience: what the service bears, one of several commands at a time."""

import argparse

from orbia import packages
from orbia.commands.outcome import run_and_exit
from orbia.figures import write_json
from orbia.machine import need_programs, raise_file_limit
from orbia.ports import StackPorts
from orbia.resilience import hosts, idle, kill, locks, overload, restart, wakes
from orbia.stack_options import HelpFormatter, add_stack_options, install_packages
from orbia.terminal import command_name

COMMANDS = {"idle": idle, "restart": restart, "kill": kill, "overload": overload, "locks": locks, "hosts": hosts,
            "wakes": wakes}


def main() -> None:
    options = read_options()
    run_and_exit(lambda: run(options))


def run(options: argparse.Namespace) -> list[str]:
    """The complaints."""
    if options.command == "hosts":
        install_packages(options, with_galera=True)
    elif options.command == "wakes":
        install_packages(options, "python3-pymysql")
    else:
        install_packages(options, *packages.LOAD)
        need_programs("wrk")
    # For the connections of wrk and of this command.
    raise_file_limit()
    figures, complaints = COMMANDS[options.command].measure(options)
    write_json(options, f"resilience-{options.command}",
               {"command": options.command, "workers": options.workers, **figures})
    return complaints


def read_options() -> argparse.Namespace:
    name = command_name()
    parser = argparse.ArgumentParser(
        prog=name,
        description="Brings up the stack and the data set of scripts/load, does to it what happens in production, "
        "prints figures and writes them as JSON. All of it is on this machine's loopback, and ends by itself. The exit "
        "status is 1 where an answer was lost that should not be; times never make it so. "
        f"{name} COMMAND --help lists the options of one.",
    )
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name, help=module.SUMMARY, description=module.DESCRIPTION, formatter_class=HelpFormatter)
        add_stack_options(command, StackPorts(http=18080, https=18443, status=18082))
        command.add_argument(
            "--json", metavar="FILE", help=f"where the figures go (default: resilience-{name}.json in --dir)"
        )
        module.add_options(command)
    return parser.parse_args()
