"""Which modules the chat page loads, and the list of them in index.html.

Without the list a browser finds a module once it has read the one that imports it: a round trip for each step.
"""

import re
from pathlib import Path

INDEX = "index.html"
ENTRY = "app/main.js"
# What the entry loads last, by a function, once the list is shown.
LAST = "app/conversation-view.js"

# What stands at the beginning of a line, as in all of the page's modules, and names another module.
_IMPORT = re.compile(r'^(?:import|export)\s+(?:[\w$*{][^"\';]*?\sfrom\s+)?"([^"]+)"', re.MULTILINE)
# A module that is loaded as soon as the one that it stands in runs. Those that a function loads are left out.
_AT_ONCE = re.compile(r'^(?:const )?\w+ = await import\("([^"]+)"\)', re.MULTILINE)
_LINK = re.compile(r'^ *(?:<link rel="modulepreload"[^>]*>|</?template(?: id="later-modules")?>)\n', re.MULTILINE)
_ENTRY_LINE = re.compile(rf'^( *)<script type="module" src="{re.escape(ENTRY)}"></script>\n', re.MULTILINE)


def modules(page: Path, entry: str = ENTRY) -> list[str]:
    """The paths of all modules that the entry loads by itself, in the order in which they run."""
    seen, in_order = set(), []

    def visit(path: str) -> None:
        seen.add(path)
        for pattern in (_IMPORT, _AT_ONCE):
            for imported in _named(page, path, pattern):
                if imported not in seen:
                    visit(imported)
            if pattern is _IMPORT:
                in_order.append(path)

    visit(entry)
    return in_order


def _named(page: Path, path: str, pattern: re.Pattern) -> list[str]:
    directory = (page / path).parent
    return [str((directory / match[1]).resolve().relative_to(page.resolve()))
            for match in pattern.finditer((page / path).read_text())]


def stages(page: Path) -> list[list[str]]:
    """The modules in three stages: what the entry imports, with which the page asks for the list of conversations; what
    shows the list; and the rest, which the page asks for when the list is shown."""
    listed = modules(page)
    first = listed.index(ENTRY) + 1
    last = modules(page, LAST) if (page / LAST).exists() else []
    return [listed[:first], listed[first:], [path for path in last if path not in listed]]


def with_list(page: Path) -> str:
    """The text of index.html with the list of today's modules before the entry, those of the last stage in a template:
    app/main.js takes them out of it."""
    text = _LINK.sub("", (page / INDEX).read_text())
    entry = _ENTRY_LINE.search(text)
    if entry is None:
        raise ValueError(f"{INDEX} does not have {ENTRY} as a module in a line of its own")
    indent = entry[1]
    first, second, last = stages(page)
    lines = [f'<link rel="modulepreload" href="{path}">' for path in first]
    lines += [f'<link rel="modulepreload" fetchpriority="low" href="{path}">' for path in second]
    if last:
        lines += ['<template id="later-modules">', *(f'<link rel="modulepreload" href="{path}">' for path in last),
                  "</template>"]
    return text[:entry.start()] + "".join(f"{indent}{line}\n" for line in lines) + text[entry.start():]
