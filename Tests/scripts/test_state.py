"""The directory of a stack: made private, locked, refused where it is not fit; and its secrets."""

import os

import pytest

from orbia.state import StateDirectory, set_aside


@pytest.fixture
def make(tmp_path):
    def make(path=None, repository=tmp_path, instances=1) -> StateDirectory:
        return StateDirectory(path or tmp_path / "deep" / "state", repository, instances)

    return make


def test_it_is_made_private_with_all_its_directories(make):
    path = make().path
    assert path.stat().st_mode & 0o777 == 0o700
    assert {entry.name for entry in path.iterdir()} == {"log", "nginx", "pids", "run.lock", "temp", "tls", "uploads"}
    assert (path / "run.lock").read_text() == f"{os.getpid()}\n"


def test_it_is_for_one_run_at_a_time(make, capsys):
    first = make()
    with pytest.raises(SystemExit):
        make()
    assert f"process {os.getpid()}" in capsys.readouterr().err
    del first
    make()


@pytest.mark.parametrize("name, reason", [("it's", "character"), ("a$b", "character"), ("x" * 100, "107")])
def test_a_name_that_servers_cannot_take_is_refused_and_not_made(make, tmp_path, capsys, name, reason):
    with pytest.raises(SystemExit):
        make(tmp_path / name)
    assert reason in capsys.readouterr().err
    assert not (tmp_path / name).exists()


def test_the_length_counts_the_longest_socket_in_bytes(make, tmp_path):
    room = 107 - len(f"{tmp_path}//service-1.status.sock")
    assert make(tmp_path / ("长" * (room // 3)))
    with pytest.raises(SystemExit):
        make(tmp_path / ("长" * (room // 3 + 1)))


def test_a_file_is_no_directory(make, tmp_path, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit):
        make(tmp_path / "file")
    assert "not a directory" in capsys.readouterr().err


def test_a_secret_is_made_once_and_a_given_one_takes_its_place(make):
    state = make()
    made = state.keep_secret("jwt-secret")
    assert len(made) == 64
    assert state.keep_secret("jwt-secret") == made == state.secret("jwt-secret")
    assert state.keep_secret("jwt-secret", "given") == "given" == state.secret("jwt-secret")
    assert (state.path / "jwt-secret").stat().st_mode & 0o777 == 0o600
    assert state.secret("nothing") == ""


def test_only_a_log_with_something_in_it_is_set_aside(tmp_path):
    log = tmp_path / "service-1.log"
    set_aside(log)
    log.write_text("before")
    set_aside(log)
    assert not log.exists()
    log.touch()
    set_aside(log)
    assert (tmp_path / "service-1.log.1").read_text() == "before"
