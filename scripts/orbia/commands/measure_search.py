"""scripts/measure-search: how long search_messages takes in a large conversation and in many conversations."""

import argparse
import tempfile
from pathlib import Path

from orbia import packages
from orbia.commands.outcome import run_and_exit
from orbia.stack_options import count
from orbia.terminal import command_name


def main() -> None:
    options = read_options()
    run_and_exit(lambda: run(options))


def run(options: argparse.Namespace) -> list[str]:
    """There is nothing to complain of."""
    packages.install(*packages.RUN, *packages.TEST)
    # With Debian's pymysql, which may not have been there before.
    from orbia.search.measurement import World, measure, print_table
    from orbia.stack import Stack

    with tempfile.TemporaryDirectory(prefix="orbia-", dir=options.dir) as directory:
        with Stack(Path(directory), settings={"MARIADB_BUFFER_POOL": options.buffer_pool}) as stack:
            world = World(stack, options.large, options.conversations, options.messages)
            print(f"{options.large} messages in one conversation, {options.messages} in {options.conversations}, "
                  f"of {world.mean_length:.1f} characters")
            print_table(measure(world, options.times))
    return []


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Brings up a stack of its own, fills a conversation and many others with messages of 40 to 60 "
        "Chinese characters, and searches them through nginx, one call after another, for what is nowhere and for what "
        "is everywhere. It prints how many calls a search takes, the median and the 99th percentile of a call, and how "
        "long the whole search takes. All of it is in a temporary directory, and ends by itself.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--large", type=count, default=100_000, help="messages of the large conversation")
    parser.add_argument("--conversations", type=count, default=20_000, help="conversations of the other user")
    parser.add_argument("--messages", type=count, default=600_000, help="messages in them")
    parser.add_argument("--times", type=count, default=100, help="how often each search is made")
    parser.add_argument("--buffer-pool", default="2G", help="memory for the server's data")
    parser.add_argument("--dir", default=tempfile.gettempdir(), help="where the stack's temporary directory is made")
    return parser.parse_args()
