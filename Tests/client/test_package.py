"""package.json: it has all that is imported, and no more than an engine and types to ask for."""

import json
import re
from pathlib import Path

from orbia.paths import REPOSITORY

CLIENT = REPOSITORY / "nginx" / "www" / "client"
PACKAGE = json.loads((CLIENT / "package.json").read_text())


def imported(file: Path, found: set) -> set:
    """The files that a module is made of."""
    if file in found:
        return found
    found.add(file)
    text = file.read_text()
    for name in re.findall(r'(?:from|import) "([^"]+)"|import\("([^"]+)"\)', re.sub(r"//.*|/\*.*?\*/", "", text)):
        path = name[0] or name[1]
        assert path.startswith("."), f"{file}: {path} is no file of the module's"
        imported((file.parent / path).resolve(), found)
    return found


def is_packed(file: Path) -> bool:
    path = file.relative_to(CLIENT).as_posix()
    return any(path.startswith(entry) if entry.endswith("/") else Path(path).match(entry) and "/" not in path
               for entry in PACKAGE["files"])


def test_the_package_has_each_file_that_the_module_is_made_of():
    files = imported(CLIENT / "index.js", set())
    assert len(files) > 5
    for file in files:
        assert file.is_relative_to(CLIENT), f"{file} is outside of the module"
        assert is_packed(file), f"{file} is in none of {PACKAGE['files']}"
    assert is_packed(CLIENT / "index.d.ts")


def test_the_module_is_made_of_all_its_files():
    """One that nothing imports is dead."""
    files = {file for file in CLIENT.rglob("*.js") if "examples" not in file.parts}
    assert files == imported(CLIENT / "index.js", set())


def test_it_depends_on_nothing():
    assert not [name for name in PACKAGE if "ependencies" in name or name == "scripts"]
    assert PACKAGE["type"] == "module" and PACKAGE["engines"] == {"node": ">=18"}
    for path in (PACKAGE["main"], PACKAGE["types"], *PACKAGE["exports"]["."].values()):
        assert (CLIENT / path).is_file(), path
    assert list(PACKAGE["exports"]["."])[0] == "types", "TypeScript takes the first condition that it knows"
