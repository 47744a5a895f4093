"""The commands of a chapter, taken out of it and run, so that a document says only what works."""

import re
import shlex
import subprocess
import textwrap
from pathlib import Path

from orbia.paths import REPOSITORY, SCHEMA
from orbia.private_mariadb import PrivateMariaDB
from orbia.stack import environment

OPERATIONS = REPOSITORY / "docs" / "operations.md"
DEPLOYMENT = REPOSITORY / "docs" / "deployment.md"


class CommandFailed(AssertionError):
    """A document's command ended with another status than 0; the text has it, and what it wrote on standard error."""


def blocks(heading: str, document: Path = OPERATIONS) -> list[str]:
    """The indented blocks below a heading, as far as the next one, each as a shell or the client is given it."""
    [chapter] = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", document.read_text(), re.M | re.S)
    found, lines = [], []
    list_depth = 0
    for line in [*chapter.splitlines(), "."]:
        if re.match(r"\d+\.  ", line):
            list_depth = 4
        elif line and not line.startswith(" "):
            list_depth = 0
        if line.startswith(" " * (list_depth + 4)) or (not line and lines):
            lines.append(line)
        elif lines:
            found.append(textwrap.dedent("\n".join(lines)).strip() + "\n")
            lines = []
    return found


def commands(heading: str, document: Path = OPERATIONS) -> list[str]:
    """The commands of these blocks, one each. Each begins in the first column, and what continues it does not."""
    return [command.strip() + "\n" for each in blocks(heading, document) for command in re.split(r"\n+(?=\S)", each)]


def block(heading: str, *words: str, document: Path = OPERATIONS) -> str:
    """The one block below a heading that has all the words in it."""
    [found] = [each for each in blocks(heading, document) if all(word in each for word in words)]
    return found


class Administrator:
    """Runs commands as an administrator of a server would: in a directory with schema.sql, in one shell's variables."""

    def __init__(self, directory: Path, server: PrivateMariaDB, timeout: float = 120, **variables: str):
        """`timeout`: seconds that one call of `run` may take."""
        self.directory = directory
        self.timeout = timeout
        self.variables = variables
        directory.mkdir(exist_ok=True)
        (directory / ".my.cnf").write_text(f"[client]\nsocket={server.socket}\nuser=root\n")
        if not (directory / "schema.sql").exists():
            (directory / "schema.sql").symlink_to(SCHEMA)

    def run(self, *commands) -> str:
        """Runs them in one shell, with the variables in place of what the document sets them to.

        Returns what they print. Raises CommandFailed, or subprocess.TimeoutExpired.
        """
        ours = re.compile(rf"^({'|'.join(self.variables)})=.*\n", re.M)
        script = "".join([f"{name}={shlex.quote(str(value))}\n" for name, value in self.variables.items()]
                         + [ours.sub("", each) for each in commands])
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.directory, text=True,
                              timeout=self.timeout, env=environment(HOME=str(self.directory)),
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0:
            raise CommandFailed(f"{script}\n{done.stderr}")
        return done.stdout

    def run_sql(self, statements: str, database: str):
        """Feeds statements to the client."""
        done = subprocess.run(["mariadb", database], cwd=self.directory, text=True, input=statements, timeout=120,
                              env=environment(HOME=str(self.directory)), capture_output=True)
        if done.returncode != 0:
            raise CommandFailed(done.stderr)
