"""schema.sql and schema-remove.sql are their parts, and their version is written once."""

import pytest

from orbia.commands.assemble_schema import REMOVAL, REPOSITORY, SCHEMA, SWIFT, assemble, outdated

SWIFT_TEXT = "enum SchemaVersion {\n    static let own: Int64 = 1\n}\n"


@pytest.fixture
def repository(tmp_path):
    """One whose files are as its parts have it."""
    (tmp_path / "schema" / "remove").mkdir(parents=True)
    (tmp_path / "schema" / "remove" / "1-version.sql").write_text("SELECT 'not {version}';\n")
    (tmp_path / "schema" / "2-tables.sql").write_text("SELECT '{version}';\n")
    (tmp_path / "schema" / "1-version.sql").write_text("SET @orbia_version = 12, @orbia_serves_from = 11;\n")
    (tmp_path / SWIFT).parent.mkdir(parents=True)
    (tmp_path / SWIFT).write_text(SWIFT_TEXT)
    update(tmp_path)
    return tmp_path


def update(repository):
    for path, text in outdated(repository).items():
        path.write_text(text)


def test_the_parts_stand_in_the_order_of_their_names(repository):
    text = (repository / SCHEMA).read_text()
    places = [text.index(part) for part in ("-- schema/1-version.sql", "SET @orbia_version", "-- schema/2-tables.sql")]
    assert places == sorted(places)


def test_the_version_is_written_where_it_is_wanted(repository):
    assert "SELECT '12';" in (repository / SCHEMA).read_text()
    assert "SELECT 'not 12';" in (repository / REMOVAL).read_text()
    assert "not 12" not in (repository / SCHEMA).read_text()
    assert (repository / SWIFT).read_text() == SWIFT_TEXT.replace("1", "12")


def test_nothing_is_outdated_that_was_just_written(repository):
    assert outdated(repository) == {}


@pytest.mark.parametrize("file, text", [
    (SCHEMA, "SELECT 1;\n"),
    (REMOVAL, "SELECT 1;\n"),
    ("schema/remove/2-more.sql", "SELECT 2;\n"),
    (SWIFT, SWIFT_TEXT),
    ("schema/2-tables.sql", "SELECT 2;\n"),
    ("schema/3-more.sql", "SELECT 3;\n"),
])
def test_a_change_of_either_side_is_found(repository, file, text):
    (repository / file).write_text(text)
    assert outdated(repository) != {}


@pytest.mark.parametrize("text", ["SELECT 1;\n", "SET @orbia_version = 1;\nSET @orbia_version = 2;\n"])
def test_a_version_that_is_not_said_once_is_an_error(repository, text):
    (repository / "schema" / "1-version.sql").write_text(text)
    with pytest.raises(ValueError, match="not once"):
        assemble(repository / "schema")


def test_this_repository_is_as_its_parts_have_it():
    assert outdated(REPOSITORY) == {}
