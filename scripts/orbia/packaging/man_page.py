"""orbia-conversation(1), made of what --help says: python3 -m orbia.packaging.man_page PROGRAM."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone

COMMANDS = ("serve", "check", "token")
# ArgumentParser's headings, each alone at a line's beginning.
_SECTION = re.compile(r"^(OVERVIEW|USAGE|ARGUMENTS|OPTIONS|SUBCOMMANDS):", re.MULTILINE)
# An entry of a list: two blanks, a term, and its text behind two or more blanks or on the lines below.
_ENTRY = re.compile(r"^  (\S.*?)(?: {2,}(.*))?$")

_FILES = """\
.TP
.I /etc/orbia\\-conversation/all.env
Settings of all instances that systemd starts; for root alone, since it has secrets.
.TP
.I /etc/orbia\\-conversation/N.env
Those of instance N alone; they come first.
.TP
.I /etc/orbia\\-conversation/config.js
Where the chat page finds the API, the platform's sign\\-in and its orders.
.TP
.I /usr/share/orbia\\-conversation
The database's schema, what nginx includes, and the chat page.
"""
_STATUS = """\
.TP
.B 0
What was asked for is done; for
.BR check ,
nothing is wrong.
.TP
.B 1
Something is wrong or failed; the message says what.
.TP
.B 64
The command line is wrong.
.TP
.B 78
A setting is missing or bad, so that
.B serve
did not start.
"""


def man_page(help_texts: dict[str, str], version: str, date: str) -> str:
    """The page in man(7)'s form. `help_texts` has what --help prints, by command, and for the program by ""."""
    program = _sections(help_texts[""])
    overview, _, settings = program["OVERVIEW"].partition("\n\n")
    overview = _joined(overview).rstrip(".")
    parts = [
        f'.TH ORBIA\\-CONVERSATION 1 "{date}" "{_escape(version)}" "Orbia Conversation"\n',
        f".SH NAME\norbia\\-conversation \\- {_escape(overview[0].lower() + overview[1:])}\n",
        ".SH SYNOPSIS\n" + ".br\n".join(_usage(help_texts[name]) for name in COMMANDS),
        ".SH COMMANDS\n", *(_command(name, help_texts[name]) for name in COMMANDS),
        ".SH ENVIRONMENT\n", _settings(settings),
        ".SH EXIT STATUS\n", _STATUS, ".SH FILES\n", _FILES,
        ".SH SEE ALSO\n.BR systemctl (1),\n.BR nginx (8)\n.PP\n"
        "/usr/share/doc/orbia\\-conversation/deployment.md and operations.md\n",
    ]
    return "".join(parts)


def _sections(text: str) -> dict[str, str]:
    """What --help prints, by its headings."""
    pieces = _SECTION.split(text)
    return {name: body.strip("\n").strip(" ") for name, body in zip(pieces[1::2], pieces[2::2])}


def _usage(text: str) -> str:
    words = _sections(text)["USAGE"].split("\n\n")[0].split()
    return f".B {_escape(' '.join(words[:2]))}\n{_escape(' '.join(words[2:]))}\n" if words[2:] \
        else f".B {_escape(' '.join(words))}\n"


def _command(name: str, text: str) -> str:
    sections = _sections(text)
    lines = [f".SS {_escape(name)}\n", *_paragraphs(sections["OVERVIEW"])]
    for term, description in _entries(sections.get("OPTIONS", "")):
        lines.append(f".TP\n.B {_escape(term)}\n{_escape(description)}\n")
    return "".join(lines)


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n{2,}", text)):
        yield (".PP\n" if number else "") + _escape(_joined(paragraph)) + "\n"


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Terms and their texts, of a list whose terms are indented by two."""
    term, words = None, []
    for line in text.splitlines():
        if found := _ENTRY.match(f"  {line.lstrip()}" if not line.startswith("   ") else ""):
            if term:
                yield term, " ".join(word for word in words if word)
            term, words = found[1], [found[2] or ""]
        else:
            words.append(line.strip())
    if term:
        yield term, " ".join(word for word in words if word)


def _settings(text: str) -> str:
    """The settings: groups at the line's beginning, names indented by two, their texts by six."""
    lines, words = [], []

    def end() -> None:
        if words:
            lines.append(_escape(" ".join(words)) + "\n")
            words.clear()

    in_bounds = False
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if not line:
            end()
        elif indent == 0 and line.endswith(":"):
            end()
            lines.append(f".SS {_escape(line[:-1])}\n")
        elif indent == 2:
            end()
            lines.append(f".TP\n.B {_escape(line.strip())}\n")
            in_bounds = True
        elif indent >= 6 and in_bounds and line.strip()[:1].isupper() and words:
            # Type, bounds and default begin with a small letter; the reason is a sentence.
            end()
            lines.append(".br\n")
            in_bounds = False
            words.append(line.strip())
        else:
            words.append(line.strip())
    end()
    return "".join(lines)


def _joined(text: str) -> str:
    return " ".join(text.split())


def _escape(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    return re.sub(r"^\.", "\\&.", text)


def _help(program: str, command: str = "") -> str:
    words = [program, *([command] if command else []), "--help"]
    # Wrapped at 80 whatever the terminal is: the lines are joined again.
    return subprocess.run(words, check=True, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"}).stdout


def main(arguments: Sequence[str]) -> None:
    program = arguments[0]
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[0]
    moment = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    texts = {name: _help(program, name) for name in ("", *COMMANDS)}
    print(man_page(texts, version, f"{moment:%Y-%m-%d}"), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
