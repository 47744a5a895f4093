"""The settings that the service declares, as its --help tells them."""

import re
from dataclasses import dataclass

from service import run

# The name, and under it, by six blanks: "an integer from 1 to 256; default: 8", and the reason.
_ENTRY = re.compile(r"^  ([A-Z][A-Z_]+)\n((?: {6}.+\n)+)", re.MULTILINE)
_FACTS = re.compile(r".*?(?: from (\S+) to (\S+))?; (?:default: (\S+)|required)")


@dataclass(frozen=True)
class Setting:
    # Where its values have an order, as --help writes them.
    lowest: str | None
    highest: str | None
    # Its first word, where there is a default.
    default: str | None


def declared_settings() -> dict[str, Setting]:
    """By their names."""
    entries = _ENTRY.findall(run("--help").stdout)
    return {name: Setting(*_FACTS.match(" ".join(text.split())).groups()) for name, text in entries}
