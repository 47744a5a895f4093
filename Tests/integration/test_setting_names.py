"""What documents, configuration and scripts say of settings: names and defaults are those that the service declares."""

import re

import pytest

from orbia.paths import REPOSITORY
from settings import declared_settings

SETTINGS = declared_settings()
# Variables that are none of the service's: of the tests, and of MariaDB's client.
OTHERS = {"ORBIA_TEST_STACK", "MYSQL_PWD", "MYSQL_TCP_PORT"}

PLACES = ["deploy", "docs", "nginx", "scripts", "README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"]
TEXTS = {
    str(file.relative_to(REPOSITORY)): file.read_bytes().decode(errors="ignore")
    for place in PLACES for file in [REPOSITORY / place, *(REPOSITORY / place).rglob("*")]
    if file.is_file() and "__pycache__" not in file.parts
}
NAME = re.compile(r"\b(?:ORBIA|MYSQL|JWT)_[A-Z_]*[A-Z]\b")
# ORBIA_DRAIN_TIMEOUT (20 s), `ORBIA_IDLE_TIMEOUT`, 60 s
NAME_AND_SECONDS = re.compile(r"\b(ORBIA_[A-Z_]+)`?,? \(?(\d+) s\b")


@pytest.mark.parametrize("file", [name for name, text in TEXTS.items() if NAME.search(text)])
def test_a_setting_that_is_named_is_one(file):
    assert set(NAME.findall(TEXTS[file])) - set(SETTINGS) - OTHERS == set()


@pytest.mark.parametrize("file", [name for name, text in TEXTS.items() if NAME_AND_SECONDS.search(text)])
def test_a_default_that_is_told_is_the_declared_one(file):
    for name, seconds in NAME_AND_SECONDS.findall(TEXTS[file]):
        assert SETTINGS[name].default in (f"{seconds}s", f"{int(seconds) / 60:g}m"), name


def test_there_is_something_to_look_at():
    assert "deploy/systemd/orbia-conversation@.service" in TEXTS and len(SETTINGS) > 30
