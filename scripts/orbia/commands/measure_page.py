"""scripts/measure-page: how fast messages and receipts are on the chat page, and what an idle page costs."""

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from orbia import packages
from orbia.commands.outcome import run_and_exit
from orbia.paths import REPOSITORY
from orbia.stack_options import count
from orbia.terminal import command_name, fail, say
from orbia.testing.environments import Environment


def main() -> None:
    options = read_options()
    run_and_exit(lambda: run(options))


def run(options: argparse.Namespace) -> list[str]:
    """There is nothing to complain of."""
    for page in options.page_of:
        if not (page / "index.html").is_file():
            fail(f"{page} has no index.html.", "--page-of needs the nginx/www of another version.")
    if options.install:
        packages.install(*packages.RUN, *packages.TEST, *packages.BROWSER)
    environment = Environment(REPOSITORY, "browser")
    environment.prepare(options.install)
    results = [(name, measure(options, environment, page)) for name, page in pages(options)]
    print_table(results, SLOW_LINE_ROWS if options.slow_line else ROWS)
    return []


def pages(options: argparse.Namespace) -> list[tuple[str, Path | None]]:
    """The page of this version, as scripts/run publishes it, and the others, as they are."""
    return [("this page", None), *((str(page), page.resolve()) for page in options.page_of)]


def measure(options: argparse.Namespace, environment: Environment, page: Path | None) -> dict:
    """Brings up a stack with that page, and has the browsers measure it: their library is not Debian's."""
    module = "orbia.page.slow_line" if options.slow_line else "orbia.page.measurement"
    # With Debian's pymysql, which may not have been there before.
    from orbia.page.world import World
    from orbia.stack import Stack

    with tempfile.TemporaryDirectory(prefix="orbia-", dir=options.dir) as directory:
        with Stack(Path(directory), *(["--page", str(page)] if page else [])) as stack:
            world = World(stack, options.history)
            say(f"measuring {page or 'this page'}")
            task = {
                "url": stack.https_url, "title": world.title, "messages": options.messages,
                "idle_seconds": options.idle_seconds, "heap_minutes": options.heap_minutes,
                "tokens": world.tokens, "user": world.users[0], "visits": options.visits, "http2": options.http2,
                "certificate_key": key_digest(stack.certificate),
            }
            seconds = 20 * options.messages + options.idle_seconds + 60 * (options.heap_minutes + options.visits)
            done = subprocess.run(
                [environment.python, "-m", module], input=json.dumps(task), text=True,
                stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts")}, check=False,
                timeout=300 + seconds)
    if done.returncode != 0:
        fail("the page could not be measured; the browser's message is above.")
    return json.loads(done.stdout)


def key_digest(certificate: Path) -> str:
    """The SHA-256 digest of the certificate's public key in Base64, by which Chromium is told to trust it."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], stdout=subprocess.PIPE,
                         text=True, check=True).stdout
    body = "".join(line for line in key.splitlines() if not line.startswith("-----"))
    return base64.b64encode(hashlib.sha256(base64.b64decode(body)).digest()).decode()


ROWS = [
    ("Enter to the other's screen, median", "seen_ms", "{:.0f} ms"),
    ("the slowest of twenty", "seen_p95_ms", "{:.0f} ms"),
    ("Enter to \"read\" on the sender's screen, median", "read_ms", "{:.0f} ms"),
    ("the slowest of twenty", "read_p95_ms", "{:.0f} ms"),
    ("requests a minute of an idle page", "requests", "{:.1f}"),
    ("bytes a minute, received", "received", "{:,.0f}"),
    ("bytes a minute, sent", "sent", "{:,.0f}"),
    ("heap when the conversation is open", "heap_before", "{:,.0f} KB"),
    ("heap after waiting", "heap_after", "{:,.0f} KB"),
    ("nodes of the document after waiting", "nodes", "{:,.0f}"),
]

SLOW_LINE_ROWS = [
    row for visit, name in (("first", "first visit"), ("next", "next visit"), ("sign_in", "first visit, signed out"))
    for row in (
        (f"{name}: a frame", f"{visit}_frame", "{:,.0f} ms"),
        ("the sign-in" if visit == "sign_in" else "the list", f"{visit}_goal", "{:,.0f} ms"),
        ("requests until then", f"{visit}_requests", "{:.0f}"),
        ("bytes until then, headers included", f"{visit}_bytes", "{:,.0f}"),
    )
]


def print_table(results: list[tuple[str, dict]], rows: list[tuple[str, str, str]]) -> None:
    print(f"{'':50}" + "".join(f"{name[-24:]:>26}" for name, _ in results))
    for text, key, form in rows:
        print(f"{text:50}" + "".join(f"{form.format(figures[key]):>26}" for _, figures in results))
    sys.stdout.flush()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=command_name(),
        description="Brings up a stack of its own and opens one conversation in two browsers (headless Chromium, the "
        "environment of Tests/browser), as its two members. One sends, the other one reads: it measures on the screens "
        "how long a message takes from the Enter key, and how long until the sender sees that it was read. Then both "
        "wait: it counts the requests and bytes of the sender's page, headers included, and looks at its heap after "
        "garbage collection. With --page-of the same is measured of other versions of the page, each on a stack of its "
        "own, one after the other. With --slow-line it measures visits over a slow line "
        "instead: 300 ms for each request, 1.6 Mbit/s down and 750 kbit/s up, by the browser's own throttling. All of "
        "it is in a temporary directory, and ends by itself.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--messages", type=count, default=40, help="how many messages are sent")
    parser.add_argument("--history", type=count, default=200, help="messages that are there before")
    parser.add_argument("--idle-seconds", type=count, default=120, help="for how long requests and bytes are counted")
    parser.add_argument("--heap-minutes", type=count, default=10,
                        help="after how long the heap is looked at; the idle seconds are part of it")
    parser.add_argument("--page-of", type=Path, action="append", default=[], metavar="DIR",
                        help="the nginx/www of another version, to compare with; can be given several times")
    parser.add_argument("--slow-line", action="store_true", default=argparse.SUPPRESS,
                        help="measure the first visit and the next one over a slow line, and nothing else")
    parser.add_argument("--visits", type=count, default=5, help="with --slow-line: how often; medians are printed")
    parser.add_argument("--without-http2", dest="http2", action="store_false", default=argparse.SUPPRESS,
                        help="with --slow-line: have the browser use HTTP/1.1")
    parser.add_argument("--dir", default=tempfile.gettempdir(), help="where the stack's temporary directory is made")
    parser.add_argument("--no-install", dest="install", action="store_false", default=argparse.SUPPRESS,
                        help="install no packages; stop where one is missing")
    return parser.parse_args(namespace=argparse.Namespace(install=True, slow_line=False, http2=True))
