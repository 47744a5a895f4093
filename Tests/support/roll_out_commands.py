"""The commands of docs/deployment.md, "Rolling out a new build", as they stand there."""

import re
from typing import NamedTuple

from orbia.paths import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "deployment.md"


class Commands(NamedTuple):
    """In the document's order. `forward` defines the function `roll_out`, which `back` calls."""

    check: str
    forward: str
    back: str
    check_by_hand: str
    install_by_hand: str
    back_by_hand: str

    @property
    def function(self) -> str:
        return re.search(r"^    roll_out\(\) \{.*?^    \}\n", self.forward, re.M | re.S)[0]


def documented() -> Commands:
    section = re.search(r"^## Rolling out a new build\n(.*?)^### ", DOCUMENT.read_text(), re.M | re.S)[1]
    # A list's lines are indented, too, and follow another line.
    return Commands(*re.findall(r"(?<=\n\n)((?:    .*\n|\n(?=    ))+)", section))
