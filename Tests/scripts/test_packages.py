"""Debian packages: what is missing is installed. Beside stand-ins for Debian's tools, nothing is."""

import pytest

from orbia import packages

DPKG_QUERY = """#!/bin/sh
for name; do :; done
[ "$name" = there ] && printf installed || exit 1
"""
APT_GET = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/calls"
[ "$1" != "$FAILING" ]
"""
SUDO = """#!/bin/sh
[ "$1" = -n ] && shift
exec "$@"
"""


@pytest.fixture
def tools(tmp_path, monkeypatch):
    for name, text in (("dpkg-query", DPKG_QUERY), ("apt-get", APT_GET), ("sudo", SUDO)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "calls").touch()
    return tmp_path


def test_what_is_there_is_not_installed_again(tools):
    packages.install("there")
    assert (tools / "calls").read_text() == ""


def test_what_is_missing_is_installed(tools, capfd):
    packages.install("there", "missing", "absent")
    assert (tools / "calls").read_text().splitlines() == [
        "update", "install --yes --no-install-recommends missing absent"]
    assert "installing missing absent" in capfd.readouterr().err


def test_old_lists_may_do(tools, monkeypatch, capfd):
    monkeypatch.setenv("FAILING", "update")
    packages.install("missing")
    assert "install " in (tools / "calls").read_text()
    assert "apt-get update failed" in capfd.readouterr().err


def test_a_package_that_cannot_be_installed_is_named(tools, monkeypatch, capfd):
    monkeypatch.setenv("FAILING", "install")
    with pytest.raises(SystemExit) as ended:
        packages.install("missing")
    assert ended.value.code == 1
    assert "apt-get could not install missing" in capfd.readouterr().err


def test_without_apt_get_it_says_what_is_needed(tools, monkeypatch, capfd):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SystemExit):
        packages.install("missing")
    assert "no apt-get" in capfd.readouterr().err


@pytest.mark.parametrize("version, is_good", [
    ("v18.20.4", True), ("v22.1.0", True), ("v16.20.2", False), ("", False)])
def test_a_node_that_came_in_another_way_does(tools, version, is_good):
    node = tools / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    assert ("nodejs" in packages.client()) == (not is_good)
    assert set(packages.CLIENT) <= set(packages.client())


def test_without_node_debians_is_installed(tools, monkeypatch):
    monkeypatch.setenv("PATH", str(tools))
    assert packages.client() == ("nodejs", *packages.CLIENT)
