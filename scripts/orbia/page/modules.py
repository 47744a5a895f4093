"""Which modules the chat page loads, and the list of them in index.html.

Without the list a browser finds a module once it has read the one that imports it: a round trip for each step.
"""

import re
from pathlib import Path

INDEX = "index.html"
ENTRY = "app/main.js"

# What stands at the beginning of a line, as in all of the page's modules, and names another module.
_IMPORT = re.compile(r'^(?:import|export)\s+(?:[\w$*{][^"\';]*?\sfrom\s+)?"([^"]+)"', re.MULTILINE)
# Such a module is loaded as soon as the one that it stands in runs.
_AT_ONCE = re.compile(r'^const \w+ = import\("([^"]+)"\)', re.MULTILINE)
_LINK = re.compile(r'^ *<link rel="modulepreload" href="[^"]*">\n', re.MULTILINE)
_ENTRY_LINE = re.compile(rf'^( *)<script type="module" src="{re.escape(ENTRY)}"></script>\n', re.MULTILINE)


def modules(page: Path, entry: str = ENTRY) -> list[str]:
    """The paths of all modules that the entry needs, in the order in which they run; the entry is the last one."""
    seen, in_order = set(), []

    def visit(path: str) -> None:
        seen.add(path)
        for imported in _imports(page, path):
            if imported not in seen:
                visit(imported)
        in_order.append(path)

    visit(entry)
    return in_order


def depth(page: Path, entry: str = ENTRY) -> int:
    """How many round trips a browser needs for the modules where it has no list of them."""
    reached, level, count = {entry}, {entry}, 0
    while level:
        level = {imported for path in level for imported in _imports(page, path)} - reached
        reached |= level
        count += 1
    return count


def _imports(page: Path, path: str) -> list[str]:
    text = (page / path).read_text()
    root = page.resolve()
    places = [match for pattern in (_IMPORT, _AT_ONCE) for match in pattern.finditer(text)]
    return [str(((page / path).parent / match[1]).resolve().relative_to(root)) for match in places]


def with_list(page: Path) -> str:
    """The text of index.html with the list of today's modules before the entry."""
    text = _LINK.sub("", (page / INDEX).read_text())
    entry = _ENTRY_LINE.search(text)
    if entry is None:
        raise ValueError(f"{INDEX} does not have {ENTRY} as a module in a line of its own")
    links = "".join(f'{entry[1]}<link rel="modulepreload" href="{path}">\n' for path in modules(page))
    return text[:entry.start()] + links + text[entry.start():]
