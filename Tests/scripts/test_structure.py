"""docs/design.md draws the source tree with its imports: the sources are held to it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import swift_sources

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "design.md"
MODULES = ["FCGIApp", "Handlers", "MySQLStore", "Runtime"]


@dataclass
class Row:
    """A line of the drawing. The files that stand in a module's own directory are the row with an empty name."""

    name: str
    uses: list[str]
    folders: list["Row"] = field(default_factory=list)


def drawing() -> list[Row]:
    """The modules, from top to bottom, each with its folders."""
    section = DOCUMENT.read_text().split("Modules, and the folders in them,")[1].split("\n## ")[0]
    modules = []
    for indent, path, text in re.findall(r"^ {4}( *)(\S+)(.*)$", section, re.MULTILINE):
        uses = re.split(r", ", text.partition("→ ")[2].strip()) if "→" in text else []
        if not indent:
            modules.append(Row(path.rstrip("/"), uses))
        else:
            modules[-1].folders.append(Row(path.rstrip("/") if path.endswith("/") else "", uses))
    return modules


def test_every_module_is_drawn():
    assert [module.name for module in drawing()] == MODULES
    assert set(swift_sources.modules()) == set(MODULES)


@pytest.mark.parametrize("module", drawing(), ids=lambda module: module.name)
def test_a_module_imports_what_is_drawn(module):
    assert set(module.uses) == swift_sources.modules()[module.name]


@pytest.mark.parametrize("module", drawing(), ids=lambda module: module.name)
def test_a_folder_uses_what_is_drawn(module):
    drawn = {folder.name: set(folder.uses) for folder in module.folders}

    # A module of a few files has no folders.
    drawn = drawn or {"": set()}
    assert drawn == swift_sources.folders(module.name)


@pytest.mark.parametrize("rows", [drawing(), *(module.folders for module in drawing())],
                         ids=["modules", *MODULES])
def test_everything_uses_only_what_stands_below_it(rows):
    names = [row.name for row in rows]
    for place, row in enumerate(rows):
        above = set(row.uses) & set(names[: place + 1])

        assert not above, f"{row.name or 'the module itself'} uses {above}, which stand above it"
