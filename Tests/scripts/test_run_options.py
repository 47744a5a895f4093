"""The command line of scripts/run."""

from pathlib import Path

import pytest

from orbia.running.options import read_options

REPOSITORY = Path("/srv/orbia")


@pytest.fixture(autouse=True)
def no_given_database(monkeypatch):
    monkeypatch.delenv("MYSQL_HOST", raising=False)


def test_what_is_not_asked_for_is_the_default():
    options = read_options([], REPOSITORY)
    assert options.directory == REPOSITORY / ".run"
    assert (options.ports.https, options.ports.http, options.ports.status) == (8443, 8080, 8082)
    assert (options.instances, options.workers, options.nginx_workers, options.galera_port) == (1, None, None, 4600)
    assert options.demo and options.install
    assert not (options.keep_database or options.galera or options.has_given_database)


def test_a_value_stands_beside_its_option_or_behind_an_equals_sign():
    assert read_options(["--https=9443"], REPOSITORY) == read_options(["--https", "9443"], REPOSITORY)


def test_a_given_database_gets_no_demo_data(monkeypatch):
    monkeypatch.setenv("MYSQL_HOST", "db.example")
    options = read_options([], REPOSITORY)
    assert options.has_given_database and not options.demo


@pytest.mark.parametrize("text", ["0", "65536", "x", "-1", "08", "1e3", "٣", ""])
def test_a_port_is_a_number_of_a_port(text, capsys):
    with pytest.raises(SystemExit) as ended:
        read_options([f"--http={text}"], REPOSITORY)
    assert ended.value.code == 2
    assert f'--http: needs a number from 1 to 65535, not "{text}"' in capsys.readouterr().err


def test_an_option_is_not_abbreviated():
    with pytest.raises(SystemExit):
        read_options(["--gal"], REPOSITORY)
