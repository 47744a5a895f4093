"""The parts of scripts/test by their names, and what each of them is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What can be named on the command line of scripts/test."""

    name: str
    description: str
    # The directory of Tests that pytest runs, where it is a part of that kind.
    directory: str = ""
    # Whether the tests of it start the release build of the service.
    needs_build: bool = True


LINT = Part(
    "lint", "swift format; pycodestyle; whether schema.sql is what schema/ makes; and a release build, in which a"
    " warning is an error")
UNIT = Part("unit", "swift test, and pytest in Tests/scripts", needs_build=False)
FUZZ = Part("fuzz", "scripts/fuzz, a few seconds for each target", needs_build=False)
INTEGRATION = Part(
    "integration", "a release build, then pytest in Tests/integration: through nginx over HTTPS, on a real MariaDB, all"
    " of it private to the run, on free ports, in temporary directories", "integration")
CONTRACT = Part(
    "contract", "the same in Tests/contract: such a stack held against openapi.yaml, by the API document's examples and"
    " by generated requests, valid and invalid ones", "contract")
CLIENT = Part(
    "client", "the same in Tests/client: the client module of nginx/www/client in Node, its types, and its examples",
    "client")
BROWSER = Part("browser", "the same in Tests/browser: the chat page in headless Chromium", "browser")
WEBKIT = Part(
    "webkit", "the same in Tests/webkit: what everybody does with the page every day, in WebKit, the engine of Safari"
    " and of phones by Apple", "webkit")
SLOW = Part(
    "slow", "those of Tests/integration that take minutes each: what happens once a minute, each alert brought about,"
    " a Galera cluster that dies or of which a node is in each state that it can be in, and schema.sql and"
    " schema-remove.sql on a full disk, on servers that die, and on a cluster", "integration")
PAGE = Part(
    "page", "the whole of Tests/browser and Tests/webkit: what goes further into a part of the page, and its layout in"
    " each language, size and theme", "browser")
UPGRADE = Part(
    "upgrade", "pytest in Tests/upgrade: from the last build of the schema's version before this one to this build and"
    " back, under load; that build is made from git's history once, in .build/earlier", "upgrade")
PACKAGE = Part(
    "package", "scripts/package twice, in two directories; lintian; what is in the package; and its installation, use,"
    " removal and purge in a bare Debian 12 and a bare Debian 13 without Swift, which debootstrap makes in"
    " .build/roots; on the latter most of Tests/integration, too: as root", "package", needs_build=False)
ADDRESS = Part("address", "unit and integration on builds with the address sanitizer", needs_build=False)
THREAD = Part(
    "thread", "scripts/chaos on a build with the thread sanitizer; Tests/sanitizers/thread.supp has what is passed"
    " over, and why", needs_build=False)

# In the order in which they run.
DEFAULT = (LINT, UNIT, FUZZ, INTEGRATION, CONTRACT, CLIENT, BROWSER, WEBKIT)
# Those that the name "long" stands for, and that run only where they are named.
LONG = (SLOW, PAGE, PACKAGE, UPGRADE, ADDRESS, THREAD)
BY_NAME = {part.name: part for part in (*DEFAULT, *LONG)}
