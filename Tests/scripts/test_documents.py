"""What README.md, CONTRIBUTING.md, SECURITY.md and docs/ name is there: files, directories, routes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orbia.paths import REPOSITORY

DOCUMENTS = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "SECURITY.md",
             *sorted((REPOSITORY / "docs").glob("*.md"))]
DIRECTORIES = ["Sources", "Tests", "deploy", "docs", "nginx", "schema", "scripts"]
SOURCES = REPOSITORY / "Sources"
# A name without a directory is one of a file of the project where it ends like this.
SUFFIXES = {".swift", ".py", ".sql", ".yaml"}


def named_paths(text: str) -> Iterator[str]:
    """What stands between backticks and looks like a path of the repository."""
    modules = [module for module in SOURCES.iterdir() if module.is_dir()]
    folders = [folder.name for module in modules for folder in module.iterdir() if folder.is_dir()]
    starts = {*DIRECTORIES, *folders, *(module.name for module in modules)}
    for code in re.findall(r"`([^`]+)`", text):
        for word in code.split():
            path = re.sub(r":\d+$", "", word.rstrip(",;"))
            first, slash, _ = path.partition("/")
            if first in starts if slash else Path(path).suffix in SUFFIXES:
                yield path


def exists(path: str) -> bool:
    """A file under Sources may be named from its module on, or from its folder on; `<name>` and `…` stand for any."""
    pattern = re.sub(r"<\w+>|…", "*", path)
    if "/" not in path:
        return any(REPOSITORY.glob(pattern)) or any(
            found for directory in DIRECTORIES for found in (REPOSITORY / directory).rglob(pattern))
    return any(found for start in ("", "Sources/", "Sources/*/") for found in REPOSITORY.glob(start + pattern))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_path_that_a_document_names_is_there(document):
    missing = {path for path in named_paths(document.read_text()) if not exists(path)}

    assert not missing


@pytest.mark.parametrize("document, chapter, form", [("api.md", "Calling it", "| `{}` |"),
                                                     ("design.md", "Few statements", "{} ")])
def test_every_route_is_in_the_chapters_that_list_them(document, chapter, form):
    routes = re.findall(r'^ +case \w+ = "/.*/(\w+)"$', (SOURCES / "Handlers" / "Route.swift").read_text(), re.MULTILINE)
    text = (REPOSITORY / "docs" / document).read_text()
    listed = re.search(rf"^(#+) {chapter}\n(.*?)^#", text, re.MULTILINE | re.DOTALL)[2]

    assert routes and [route for route in routes if form.format(route) not in listed] == []


def test_a_path_is_found_however_it_is_named():
    text = "`scripts/test fast Tests/scripts/test_documents.py`, `Handlers/Route.swift:3`, `FastCGI/`, " \
        "`Route.swift`, `/readyz`, `a/b`, `Tests/integration/test_<endpoint>.py`, `.run/log/x.sql`"

    assert list(named_paths(text)) == [
        "scripts/test", "Tests/scripts/test_documents.py", "Handlers/Route.swift", "FastCGI/", "Route.swift",
        "Tests/integration/test_<endpoint>.py"]
    assert all(map(exists, named_paths(text)))
    assert not any(map(exists, ["Handlers/APIError.swift", "NoSuchFile.swift", "schema/00-<part>.sql"]))
