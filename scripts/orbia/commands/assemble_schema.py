"""scripts/assemble-schema: writes schema.sql from schema/*.sql, schema-remove.sql from schema/remove/*.sql, and the
schema's version where the program has it."""

import argparse
import re
import sys
from pathlib import Path

from orbia.paths import REPOSITORY

SOURCES = "schema"
SCHEMA = "schema.sql"
REMOVAL_SOURCES = "schema/remove"
REMOVAL = "schema-remove.sql"
SWIFT = "Sources/MySQLStore/Schema/SchemaVersion.swift"

TOP = "-- This file is put together from {}/*.sql by scripts/assemble-schema: change the parts, not this file."
# What a part has in the place of the version.
PLACEHOLDER = "{version}"
# The one statement of the version, in one of the parts.
_VERSION = re.compile(r"^SET @orbia_version = (\d+)", re.MULTILINE)
_SWIFT_VERSION = re.compile(r"(?<=static let own: Int64 = )\d+")


def assemble(directory: Path) -> tuple[str, str]:
    """The text of schema.sql and the schema's version, from the parts in the order of their names."""
    parts = _parts(directory)
    versions = [version for text in parts.values() for version in _VERSION.findall(text)]
    if len(versions) != 1:
        raise ValueError(f"{directory}: SET @orbia_version stands in it {len(versions)} times, not once")
    return _together(SOURCES, parts, versions[0]), versions[0]


def assemble_removal(directory: Path, version: str) -> str:
    """The text of schema-remove.sql, from its parts in the order of their names."""
    return _together(REMOVAL_SOURCES, _parts(directory), version)


def _parts(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(directory.glob("*.sql"))}


def _together(sources: str, parts: dict[str, str], version: str) -> str:
    texts = [f"{_heading(f'{sources}/{name}')}\n\n{text}" for name, text in parts.items()]
    return "\n\n".join([TOP.format(sources), *texts]).replace(PLACEHOLDER, version)


def _heading(path: str) -> str:
    return f"-- {path} ".ljust(100, "-")


def with_version(swift: str, version: str) -> str:
    """The Swift file with the schema's version."""
    text, count = _SWIFT_VERSION.subn(version, swift)
    if count != 1:
        raise ValueError(f"{SWIFT}: the version stands in it {count} times, not once")
    return text


def outdated(repository: Path) -> dict[Path, str]:
    """The files that are not as the parts have it, each with the text that it should have."""
    schema, version = assemble(repository / SOURCES)
    swift = repository / SWIFT
    wanted = {repository / SCHEMA: schema,
              repository / REMOVAL: assemble_removal(repository / REMOVAL_SOURCES, version),
              swift: with_version(swift.read_text(), version)}
    return {path: text for path, text in wanted.items() if not path.exists() or path.read_text() != text}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="scripts/assemble-schema",
        description=f"Writes {SCHEMA}: the files of {SOURCES}/, one after the other in the order of their names, with"
        f" the schema's version in the place of {PLACEHOLDER}; and {REMOVAL} of {REMOVAL_SOURCES}/ likewise."
        f" The version is what SET @orbia_version says; it is written into {SWIFT}, too.")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; exit with status 1 where a file is not as the parts have it")
    check = parser.parse_args().check
    try:
        files = outdated(REPOSITORY)
    except ValueError as error:
        sys.exit(f"scripts/assemble-schema: {error}")
    for path, text in files.items():
        name = path.relative_to(REPOSITORY)
        if check:
            print(f"{name} is not as {SOURCES}/ has it; scripts/assemble-schema writes it anew", file=sys.stderr)
        else:
            path.write_text(text)
            print(f"wrote {name}")
    sys.exit(1 if check and files else 0)
