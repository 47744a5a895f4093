"""A file of SQL, statement by statement, as the command-line client takes it."""

import re
from pathlib import Path


def statements_of(file: Path) -> list[str]:
    """Each statement without its delimiter; comments before it are left out."""
    found, delimiter, pending = [], ";", ""
    for line in file.read_text().splitlines():
        if re.match(r"\s*(--( |$)|$)", line) and not pending.strip():
            continue
        if change := re.match(r"DELIMITER (\S+)$", line):
            delimiter = change[1]
        elif line.rstrip().endswith(delimiter):
            found.append((pending + line.rstrip().removesuffix(delimiter)).strip())
            pending = ""
        else:
            pending += line + "\n"
    assert not pending.strip(), pending
    return found


def as_file(statements: list[str]) -> str:
    """A file of these statements for the command-line client."""
    return "".join(f"DELIMITER //\n{statement}\n//\n" for statement in statements)
