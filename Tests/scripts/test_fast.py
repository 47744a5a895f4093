"""What scripts/test fast --watch takes for a change."""

import os

import pytest

from orbia.testing.fast import change_times


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "Sources" / "Handlers").mkdir(parents=True)
    (tmp_path / "Sources" / "Handlers" / "Route.swift").write_text("enum Route {}")
    (tmp_path / "schema.sql").write_text("SELECT 1;")
    return tmp_path


@pytest.mark.parametrize("file", [
    "schema.sql", "Sources/Handlers/Route.swift", "Sources/Handlers/New.swift", "nginx/new.conf"])
def test_a_file_that_is_written_is_a_change(repository, file):
    before = change_times(repository)
    path = repository / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("something else")
    os.utime(path, (1, 1))
    assert change_times(repository) != before


def test_a_file_that_is_removed_is_a_change(repository):
    before = change_times(repository)
    (repository / "Sources" / "Handlers" / "Route.swift").unlink()
    assert change_times(repository) != before


@pytest.mark.parametrize("file", [".build/x", "Sources/.swp", "Tests/__pycache__/x.pyc", "docs/design.md"])
def test_what_no_test_depends_on_is_none(repository, file):
    before = change_times(repository)
    path = repository / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert change_times(repository) == before
