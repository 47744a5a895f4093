"""What scripts/package makes of CHANGELOG.md and of --help."""

import json
from datetime import datetime, timezone

from orbia.packaging.changelog import debian_changelog
from orbia.packaging.man_page import man_page
from orbia.packaging.sbom import sbom

MOMENT = datetime(2026, 11, 30, 7, 50, tzinfo=timezone.utc)

CHANGES = """\
# Changelog

## [Unreleased]

### For operators

- Added: `check` says
  when [others](docs/x.md) can read it
  ([how](docs/x.md#y)).

## [0.1.0] - 2026-10-01

- The first one.

[Unreleased]: https://example.org
"""

HELP = """\
OVERVIEW: The chat, as a program.

Settings come from the environment.

Database:
  MYSQL_HOST
      host or host:port, at most
      16 of them; default: 127.0.0.1
      The server's name - or a
      list's.

USAGE: orbia-conversation <subcommand>

OPTIONS:
  --version               Show the version.
"""

TOKEN_HELP = """\
OVERVIEW: Print a token.

For trying
the API.

USAGE: orbia-conversation token --user-id <user-id> [--ttl <ttl>]

OPTIONS:
  --user-id <user-id>     The user's id,
                          from 1.
  --a-long-option <with-a-value>
                          What it does.
"""


def test_the_changelog_has_an_entry_for_the_build_and_one_for_each_release():
    text = debian_changelog(CHANGES, "0.2.0+git1", MOMENT, "Some One <one@example.org>")
    assert text == """\
orbia-conversation (0.2.0+git1) stable; urgency=medium

  * Added: check says when others can read it.

 -- Some One <one@example.org>  Mon, 30 Nov 2026 07:50:00 +0000

orbia-conversation (0.1.0) stable; urgency=medium

  * The first one.

 -- Some One <one@example.org>  Thu, 01 Oct 2026 00:00:00 +0000
"""


def test_a_release_without_unreleased_changes_begins_with_its_own():
    _, _, released = CHANGES.partition("## [0.1.0]")
    text = debian_changelog(f"## [Unreleased]\n\n## [0.1.0]{released}", "0.1.0", MOMENT, "Some One <one@example.org>")
    assert text.count("orbia-conversation (0.1.0)") == 1 and "The first one." in text


def test_no_line_of_the_changelog_is_too_long():
    text = debian_changelog(f"## [Unreleased]\n- {'word ' * 100}", "1", MOMENT, "Some One <one@example.org>")
    assert max(map(len, text.splitlines())) < 80


def test_the_manual_has_settings_and_options_as_help_has_them():
    page = man_page({"": HELP, "serve": TOKEN_HELP, "check": TOKEN_HELP, "token": TOKEN_HELP}, "0.1.0", "2026-11-30")
    assert "orbia\\-conversation \\- the chat, as a program\n" in page
    assert ".SS Database\n.TP\n.B MYSQL_HOST\nhost or host:port, at most 16 of them; default: 127.0.0.1\n.br\n" \
        "The server\\(aqs name \\- or a list\\(aqs.\n" in page
    assert ".B \\-\\-user\\-id <user\\-id>\nThe user\\(aqs id, from 1.\n" in page
    assert ".B \\-\\-a\\-long\\-option <with\\-a\\-value>\nWhat it does.\n" in page
    assert ".B orbia\\-conversation token\n\\-\\-user\\-id <user\\-id> [\\-\\-ttl <ttl>]\n" in page
    assert "Print a token.\n.PP\nFor trying the API.\n" in page


def test_the_bill_of_materials_names_each_package_once_and_every_relation_its_ends():
    pins = [{"identity": "swift-log", "location": "https://example.org/log",
             "state": {"version": "1.0.0", "revision": "a" * 40}}]
    document = sbom("0.1.0", "b" * 40, MOMENT, "6.3.1", pins, [("libc.so.6", "libc6", "2.36-9")])
    ids = [package["SPDXID"] for package in document["packages"]]
    assert len(set(ids)) == len(ids) == 4
    assert {each["relatedSpdxElement"] for each in document["relationships"]} == set(ids)
    assert document["creationInfo"]["created"] == "2026-11-30T07:50:00Z"
    json.dumps(document)
