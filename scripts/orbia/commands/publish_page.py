"""scripts/publish-page: the chat page for a site, whose files browsers may keep."""

import argparse
from pathlib import Path

from orbia.page.modules import INDEX
from orbia.page.publication import KEPT_VERSIONS, VERSIONS, publish
from orbia.paths import PAGE
from orbia.terminal import command_name, fail


def main() -> None:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description=f"Copies the chat page into DIR/{VERSIONS}/VERSION, where VERSION is made of what is in its files,"
        f" and writes DIR/{INDEX}, which names the files there. Nothing is built: they are copied as they are. A web"
        f" server may let browsers keep what is below /{VERSIONS}/ for good; a page that was opened before then asks"
        f" for {INDEX} alone (docs/chat-page.md, \"Putting it elsewhere\"). DIR can be served meanwhile: {INDEX} is"
        f" replaced last, and the {KEPT_VERSIONS} newest versions stay, for pages that are open.")
    parser.add_argument("--page", type=Path, default=PAGE, metavar="PAGE",
                        help="the page, with its config.js as the site has it; nginx/www if not given")
    parser.add_argument("directory", type=Path, metavar="DIR", help="where it goes; it is made where it is not there")
    options = parser.parse_args()
    if not (options.page / INDEX).is_file():
        fail(f"{options.page} has no {INDEX}.")
    target = options.directory.resolve()
    if target.is_relative_to(options.page.resolve()):
        fail(f"{options.directory} is within the page itself.")
    print(f"{options.directory / VERSIONS / publish(options.page, target)}")
