"""What is in the package, as it comes out of scripts/package."""

import hashlib
import json
import re
import stat
import subprocess

import pytest

from conftest import build

PROGRAM = "usr/bin/orbia-conversation"
SHARE = "usr/share/orbia-conversation"
DOCUMENTS = "usr/share/doc/orbia-conversation"
# Files by their places, each with its mode.
FILES = {
    PROGRAM: 0o755,
    "usr/lib/systemd/system/orbia-conversation@.service": 0o644,
    "usr/lib/systemd/system/orbia-conversation@.socket": 0o644,
    "usr/lib/sysusers.d/orbia-conversation.conf": 0o644,
    "etc/logrotate.d/orbia-conversation": 0o644,
    "etc/orbia-conversation/config.js": 0o644,
    f"{SHARE}/all.env": 0o644,
    f"{SHARE}/sbom.spdx.json": 0o644,
    f"{SHARE}/schema.sql": 0o644,
    f"{SHARE}/schema-remove.sql": 0o644,
    f"{SHARE}/prometheus/orbia-conversation-alerts.yml": 0o644,
    f"{SHARE}/grafana/orbia-conversation.json": 0o644,
    f"{SHARE}/openapi.yaml": 0o644,
    **{f"{SHARE}/nginx/orbia-conversation{part}.conf": 0o644
       for part in ("", "-http", "-origins", "-page", "-sockets", "-status")},
    **{f"{SHARE}/prometheus/{name}": 0o644
       for name in ("prometheus.yml", "orbia-conversation-alerts.yml", "orbia-conversation-records.yml",
                    "orbia-conversation-nginx.mtail")},
    f"{SHARE}/grafana/orbia-conversation.json": 0o644,
    f"{SHARE}/www/index.html": 0o644,
    f"{SHARE}/www/client/index.js": 0o644,
    f"{SHARE}/www/client/index.d.ts": 0o644,
    "usr/share/man/man1/orbia-conversation.1.gz": 0o644,
    "usr/share/bash-completion/completions/orbia-conversation": 0o644,
    "usr/share/zsh/vendor-completions/_orbia-conversation": 0o644,
    "usr/share/fish/vendor_completions.d/orbia-conversation.fish": 0o644,
    f"{DOCUMENTS}/changelog.gz": 0o644,
    f"{DOCUMENTS}/copyright": 0o644,
    f"{DOCUMENTS}/NOTICE.swift-log": 0o644,
    f"{DOCUMENTS}/deployment.md": 0o644,
    f"{DOCUMENTS}/operations.md": 0o644,
}


def output(*command) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_lintian_finds_nothing(package):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", "--display-level", ">=warning",
                           package], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_two_builds_are_the_same_byte_for_byte(package):
    other = build("second")
    digests = {hashlib.sha256(file.read_bytes()).hexdigest() for file in (package, other)}
    assert len(digests) == 1


@pytest.mark.parametrize("path, mode", FILES.items(), ids=FILES)
def test_a_file_is_there_with_its_mode(unpacked, path, mode):
    assert stat.S_IMODE((unpacked / path).stat().st_mode) == mode


def test_nobody_but_root_could_change_what_it_installs(package):
    for line in output("dpkg-deb", "--contents", package).splitlines():
        mode, owner = line.split()[:2]
        assert owner == "root/root"
        # What a link's mode says means nothing: who may write is for what it leads to.
        if not mode.startswith("l"):
            assert mode[5] != "w" and mode[8] != "w" and "s" not in mode[1:] and "t" not in mode[1:], line


def test_it_is_not_built_into_a_directory_of_the_build_machine(unpacked):
    content = (unpacked / PROGRAM).read_bytes()
    assert not re.findall(rb"/[\w./-]*\.build/[\w./-]*", content)


def test_no_secret_is_in_the_settings(unpacked):
    lines = (unpacked / SHARE / "all.env").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_it_needs_no_swift_and_names_the_libraries_that_it_needs(package, unpacked):
    needed = re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "--dynamic", unpacked / PROGRAM))
    assert not [name for name in needed if re.search(r"swift|Foundation|dispatch|BlocksRuntime", name)]
    depends = output("dpkg-deb", "--field", package, "Depends")
    assert all(name in depends for name in ("libfcgi", "libmariadb3", "libssl3", "libc6"))


def test_the_program_is_stripped_and_hardened(unpacked):
    program = unpacked / PROGRAM
    assert ".symtab" not in output("readelf", "--sections", "--wide", program)
    dynamic = output("readelf", "--dynamic", program)
    assert "BIND_NOW" in dynamic and "PIE" in dynamic
    headers = output("readelf", "--program-headers", "--wide", program)
    assert "GNU_RELRO" in headers
    assert re.search(r"GNU_STACK .* RW ", headers)


def test_version_and_commit_are_those_of_the_build(package, unpacked, commit):
    number = commit.version.partition("+")[0]
    assert output(unpacked / PROGRAM, "--version") == f"{number} (commit {commit.name})\n"
    assert output("dpkg-deb", "--field", package, "Version").strip() == commit.version


def test_the_manual_is_what_help_says(unpacked):
    page = unpacked / "usr/share/man/man1/orbia-conversation.1.gz"
    shown = subprocess.run(["man", "--warnings", "--no-hyphenation", "--local-file", page], check=True,
                           capture_output=True, text=True,
                           env={"MANWIDTH": "200", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    assert shown.stderr == ""
    text = " ".join(shown.stdout.split())
    program = unpacked / PROGRAM
    for command in ((), ("serve",), ("check",), ("token",)):
        for paragraph in re.split(r"\n\s*\n|:\n|^OVERVIEW: |\n {2}(?=[A-Z-])", output(program, *command, "--help")):
            words = paragraph.split()
            # Each paragraph's words, and each setting's, in one piece; headings are the manual's own.
            if len(words) > 12 and not paragraph.lstrip().startswith(("USAGE", "OPTIONS", "SUBCOMMANDS", "serve")):
                last = " ".join(words[-8:])
                assert last in text, last


def test_the_completions_are_those_of_their_shells(unpacked):
    bash = unpacked / "usr/share/bash-completion/completions/orbia-conversation"
    assert subprocess.run(["bash", "-n", bash]).returncode == 0
    assert "complete" in bash.read_text()
    assert (unpacked / "usr/share/zsh/vendor-completions/_orbia-conversation").read_text().startswith("#compdef")
    fish = (unpacked / "usr/share/fish/vendor_completions.d/orbia-conversation.fish").read_text()
    assert "complete -c orbia-conversation" in fish.replace("'", "")
    # Files complete where a file is asked for.
    [file] = [line for line in fish.splitlines() if "-l 'environment-file'" in line]
    assert file.endswith(" -rF")


def test_the_bill_of_materials_has_what_is_linked_in_and_what_is_needed(unpacked, commit):
    document = json.loads((unpacked / SHARE / "sbom.spdx.json").read_text())
    assert document["spdxVersion"] == "SPDX-2.3"
    names = {package["name"]: package for package in document["packages"]}
    assert {"orbia-conversation", "swift", "swift-argument-parser", "swift-log", "libfcgi0ldbl", "libmariadb3",
            "libssl3", "libc6"} <= set(names)
    assert commit.name in names["orbia-conversation"]["sourceInfo"]
    assert re.search(r"@[0-9a-f]{40}$", names["swift-log"]["downloadLocation"])
    ids = {package["SPDXID"] for package in document["packages"]} | {"SPDXRef-DOCUMENT"}
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= ids


def test_systemd_finds_nothing_wrong_with_the_units(unpacked, tmp_path):
    for kind in ("service", "socket"):
        text = (unpacked / f"usr/lib/systemd/system/orbia-conversation@.{kind}").read_text()
        assert kind == "socket" or "ExecStart=/usr/bin/orbia-conversation\n" in text
        # The program is not installed here.
        text = text.replace("=/usr/bin/orbia-conversation", f"={unpacked / PROGRAM}")
        (tmp_path / f"orbia-conversation@1.{kind}").write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True,
                          text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
