"""debian/changelog, made of CHANGELOG.md."""

from __future__ import annotations

import re
import textwrap
from datetime import datetime, timezone
from email.utils import format_datetime

_SECTION = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
# A link in parentheses leads to a chapter, and says nothing by itself.
_REFERENCE = re.compile(r" ?\(\[[^\]]+\]\([^)]*\)\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
# Columns that a line of the changelog may have.
_WIDTH = 79


def debian_changelog(markdown: str, version: str, moment: datetime, maintainer: str) -> str:
    """The version that is built first, with what is unreleased or its own; then the releases before it."""
    entries = []
    pieces = _SECTION.split(markdown)
    for name, date, body in zip(pieces[1::3], pieces[2::3], pieces[3::3]):
        items = _items(body)
        if not entries:
            # The first section with something in it is that of the build.
            if items:
                entries.append(_entry(version, items, moment, maintainer))
        elif items and date:
            day = datetime.fromisoformat(date).replace(tzinfo=timezone.utc)
            entries.append(_entry(name, items, day, maintainer))
    return "\n".join(entries or [_entry(version, ["No changes."], moment, maintainer)])


def _items(body: str) -> list[str]:
    """The lists' items, each on one line, without Markdown's links and marks."""
    items: list[str] = []
    for line in body.splitlines():
        if line.startswith("- "):
            items.append(line[2:])
        elif line.startswith("  ") and items:
            items[-1] += " " + line.strip()
    return [_LINK.sub(r"\1", _REFERENCE.sub("", re.sub(r"\s+", " ", item))).replace("`", "") for item in items]


def _entry(version: str, items: list[str], moment: datetime, maintainer: str) -> str:
    wrapped = [textwrap.fill(item, _WIDTH, initial_indent="  * ", subsequent_indent="    ", break_long_words=False,
                             break_on_hyphens=False) for item in items]
    lines = "\n".join(wrapped)
    return (f"orbia-conversation ({version}) stable; urgency=medium\n\n{lines}\n\n"
            f" -- {maintainer}  {format_datetime(moment)}\n")
