"""scripts/list-page-modules: keeps the list of the chat page's modules in index.html."""

import argparse
import sys
from pathlib import Path

from orbia.page.modules import ENTRY, INDEX, with_list
from orbia.paths import PAGE
from orbia.terminal import command_name, fail


def main() -> None:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description=f"Writes into {INDEX} a link (rel=modulepreload) for each module that {ENTRY} imports, directly or"
        " not, so that a browser asks for all of them at once. The page works without the list, and with one that is"
        " not complete, but starts later.")
    parser.add_argument("--page", type=Path, default=PAGE, metavar="DIR",
                        help="the directory of the page; nginx/www if not given")
    parser.add_argument("--check", action="store_true",
                        help=f"write nothing; exit with status 1 where {INDEX} has another list")
    options = parser.parse_args()
    index = options.page / INDEX
    try:
        text = with_list(options.page)
    except (OSError, ValueError) as error:
        fail(str(error))
    if text == index.read_text():
        return
    if options.check:
        sys.exit(f"{index} does not list the modules that the page loads; {command_name()} writes it anew")
    index.write_text(text)
    print(f"wrote {index}")
