"""Which modules import which, and which folders use which other folders, read from the Swift sources."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "Sources"

_IMPORT = re.compile(r"^(?:@\w+ )*(?:public |internal |package )?import (\w+)", re.MULTILINE)
# Declarations that other files can see. Those of a type's members are indented, and are reached through the type.
_TYPE = re.compile(
    r"^(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |final |indirect )*"
    r"(?:struct|class|enum|protocol|actor|typealias) (\w+)",
    re.MULTILINE,
)
_EXTENSION = re.compile(r"^(?:public |package )?extension ([\w\[]+).*?\{$(.*?)^\}", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(
    r"^    (?:@\w+\s+)*(?:public |package |static |mutating )*(?:func|var) (\w+)(?:<[^>]*>)?(\([^)]*\))?", re.MULTILINE
)
_CASE = re.compile(r"\bcase (\w+)")
# Of a parameter that each call names: it has a label, and no default.
_LABEL = re.compile(r"[(,]\s*(?!_ )(\w+)(?: \w+)?: [^,)=]*(?=[,)])")
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
    """Each folder of a module, with the folders of the module whose types it names, or whose extensions it calls.

    "" is the module's own directory.
    """
    files = [_File(_folder(file, SOURCES / module), _code(file.read_text())) for file in _files(SOURCES / module)]
    owners = {name: file.folder for file in files for name in file.types}
    declared = Counter(name for file in files for name in file.members)
    extensions = [member for file in files for member in file.extension_members(owners) if declared[member.name] == 1]
    uses = {file.folder: set() for file in files}
    for file in files:
        uses[file.folder] |= {owners[name] for name in file.names & owners.keys()}
        uses[file.folder] |= {member.folder for member in extensions if member.is_called_in(file.code)}
    return {folder: used - {folder} for folder, used in uses.items()}


@dataclass
class _Member:
    """A member that a folder adds to a type which is declared elsewhere."""

    folder: str
    name: str
    labels: list[str]

    def is_called_in(self, code: str) -> bool:
        return bool(re.search(rf"\.{self.name}\b", code)) and all(f"{label}:" in code for label in self.labels)


@dataclass
class _File:
    folder: str
    code: str

    @property
    def types(self) -> list[str]:
        return _TYPE.findall(self.code)

    @property
    def members(self) -> list[str]:
        return [name for name, _ in _MEMBER.findall(self.code)] + _CASE.findall(self.code)

    @property
    def names(self) -> set[str]:
        """The types that it may name. One behind a point is a member; a type's parameter hides a type of that name."""
        return set(re.findall(r"(?<![.\w])[A-Z]\w+", self.code)) - set(_TYPE_PARAMETER.findall(self.code))

    def extension_members(self, owners: dict[str, str]) -> Iterator[_Member]:
        for extended, body in _EXTENSION.findall(self.code):
            if owners.get(extended) != self.folder:
                for name, parameters in _MEMBER.findall(body):
                    yield _Member(self.folder, name, _LABEL.findall(parameters))


def _folder(file: Path, module: Path) -> str:
    parts = file.relative_to(module).parts
    return parts[0] if len(parts) > 1 else ""


def _files(directory: Path) -> Iterator[Path]:
    return directory.rglob("*.swift")


def _code(text: str) -> str:
    """The text without comments, and of string literals only what is computed in them."""
    return _COMMENT_OR_TEXT.sub(lambda found: " ".join(re.findall(r"\\\(([^\n]*)\)", found[0])), text)
