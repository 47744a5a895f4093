"""Which modules import which, and which folders use which other folders, read from the Swift sources."""

import re
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "Sources"

_IMPORT = re.compile(r"^(?:@\w+ )*(?:public |internal |package )?import (\w+)", re.MULTILINE)
# Declarations that other files can see. Those of a type's members are indented, and are reached through the type.
_DECLARATION = re.compile(
    r"^(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |final |indirect )*(?:struct|class|enum|protocol|actor|typealias) (\w+)",
    re.MULTILINE,
)
_COMMENT_OR_TEXT = re.compile(r'(?s:"""(?:\\.|[^\\])*?""")|"(?:\\.|[^"\\\n])*"|//[^\n]*')
_TYPE_PARAMETER = re.compile(r"[<,] ?(\w+): ")


def modules() -> dict[str, set[str]]:
    """Each Swift module of the project, with the modules of the project that it imports."""
    own = {directory.name for directory in SOURCES.iterdir()}
    return {
        name: {imported for file in _files(SOURCES / name) for imported in _IMPORT.findall(file.read_text())} & own
        for name in own
        if list(_files(SOURCES / name))
    }


def folders(module: str) -> dict[str, set[str]]:
    """Each folder of a module, with the folders of the module whose types it names. "" is the module's own."""
    texts = [(_folder(file, SOURCES / module), _code(file.read_text())) for file in _files(SOURCES / module)]
    owners = {name: folder for folder, text in texts for name in _DECLARATION.findall(text)}
    uses = {folder: set() for folder, _ in texts}
    for folder, text in texts:
        # A name behind a point is that of a member; a type's parameter hides a type of that name.
        names = set(re.findall(r"(?<![.\w])[A-Z]\w+", text)) - set(_TYPE_PARAMETER.findall(text))
        uses[folder] |= {owners[name] for name in names & owners.keys()} - {folder}
    return uses


def _folder(file: Path, module: Path) -> str:
    parts = file.relative_to(module).parts
    return parts[0] if len(parts) > 1 else ""


def _files(directory: Path) -> Iterator[Path]:
    return directory.rglob("*.swift")


def _code(text: str) -> str:
    """The text without comments, and of string literals only what is computed in them."""
    return _COMMENT_OR_TEXT.sub(lambda found: " ".join(re.findall(r"\\\(([^\n]*)\)", found[0])), text)
