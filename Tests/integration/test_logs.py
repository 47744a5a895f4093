"""Logs never hold anybody up: not where nobody reads them, not on a full disk, not where a file is gone."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from orbia.fastcgi.peer import exchange
from orbia.polling import eventually
import outputs
from service import SECRET, Service

USER = 1
# What a stop takes at most without connections to drain: the last lines have two seconds.
STOP_WITHIN = 5
# What a request takes at most that a database refuses.
ANSWER_WITHIN = 2.0
EVERY_KIND = pytest.mark.parametrize("full", [outputs.pipe, outputs.stream_socket, outputs.terminal], indirect=True,
                                     ids=["pipe", "socket", "terminal"])


@pytest.fixture
def make_service(make_directory):
    """Services without a database: each request with a good token is an error, and has something to log.

    One worker: the lines of the access log are in the order of the requests."""
    made = []

    def make(**settings) -> Service:
        made.append(Service(make_directory(), {"MYSQL_SOCKET": "/nowhere/mariadb.sock", "JWT_SECRET": SECRET,
                                               "ORBIA_WORKERS": "1", **settings}))
        return made[-1]

    yield make
    for service in made:
        service.stop(signal.SIGKILL)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "logs" / "access.log"


@pytest.fixture
def service(make_service, file):
    """Its access log is a file in a directory of its own."""
    file.parent.mkdir()
    service = make_service(ORBIA_ACCESS_LOG=str(file))
    service.start()
    return service


@pytest.fixture
def full(request):
    """An output that nobody reads, and that has no room any more; a pipe, where a test says nothing else."""
    output = getattr(request, "param", outputs.pipe)()
    output.fill()
    return output


def answers(service, times=1):
    """In its normal time, and each an error that is logged."""
    api = service.api(timeout=ANSWER_WITHIN)
    for _ in range(times):
        api.get_conversations(USER).error(503)


def ends_in_time(service) -> bool:
    service.signal()
    return service.wait(within=STOP_WITHIN) == 0


def count(service, what: str, log: str) -> float:
    return service.metrics()[f'orbia_log_{what}_total{{log="{log}"}}']


def lines_in(file) -> list:
    """The lines of an access log, all of which can be read; without one that is being written."""
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]]


def requests_in(file) -> list:
    return [line["request"] for line in lines_in(file) if "request" in line]


def write(service, name: str):
    """A request with this as its id: a line of the access log that can be found again."""
    parameters = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "/", "REQUEST_ID": name}
    exchange(service.socket, parameters, b"", ANSWER_WITHIN)


# Nobody reads


@EVERY_KIND
def test_standard_error_that_nobody_reads_holds_up_nobody(make_service, full):
    service = make_service()
    service.start(within=5, stderr=full.writing)
    answers(service, times=300)
    assert ends_in_time(service)


def test_hundreds_of_errors_into_a_pipe_that_nobody_reads_hold_up_nobody(make_service):
    """The default size of a pipe, and a level at which each error is written."""
    reading, writing = os.pipe()
    service = make_service(ORBIA_SLOW="0s")
    service.start(within=5, stderr=writing)
    answers(service, times=500)
    assert ends_in_time(service)
    os.close(reading)


def test_an_access_log_that_nobody_reads_holds_up_nobody(make_service, full):
    service = make_service(ORBIA_ACCESS_LOG="stdout")
    service.start(within=5, stdout=full.writing)
    answers(service, times=300)
    assert ends_in_time(service)
    assert "info stopped\n" in service.log()


def test_both_in_one_pipe_hold_up_nobody(make_service, full):
    service = make_service(ORBIA_ACCESS_LOG="stdout")
    service.start(within=5, stdout=full.writing, stderr=full.writing)
    answers(service, times=50)
    assert ends_in_time(service)


def test_a_pipe_stays_as_it_is_for_others_who_write_to_it(make_service):
    """O_NONBLOCK is a matter of the open file, which the process shares with whoever started it."""
    output = outputs.pipe()
    service = make_service(ORBIA_ACCESS_LOG="stdout")
    service.start(stdout=output.writing, stderr=output.writing)
    answers(service)
    assert os.get_blocking(output.writing)


@EVERY_KIND
def test_what_waits_for_a_reader_is_written_when_there_is_one(make_service, full):
    service = make_service(ORBIA_ACCESS_LOG="stdout")
    service.start(stdout=full.writing)
    names = [f"{number:032x}" for number in range(200)]
    for name in names:
        write(service, name)
    full.collect()
    eventually(lambda: full.has(names[-1]), within=5, what="all lines come")
    assert [json.loads(line)["request"] for line in full.lines()][-len(names):] == names
    assert count(service, "lines_dropped", "access") == 0


def test_lines_that_have_no_room_are_counted_and_told_of(make_service, full):
    """Long lines, so that a hundred and some fill the buffer."""
    service = make_service(ORBIA_ACCESS_LOG="stdout")
    service.start(stdout=full.writing)
    for number in range(200):
        write(service, f"{number} " + "x" * 60_000)
    eventually(lambda: count(service, "lines_dropped", "access") > 20, within=5, what="lines are dropped")
    dropped = count(service, "lines_dropped", "access")
    full.collect()
    eventually(lambda: full.has('"dropped":'), within=10, what="it says so when it can")
    write(service, "afterwards")
    eventually(lambda: full.has('"afterwards"'), within=5, what="it is written again")
    lines = [json.loads(line) for line in full.lines()]
    assert [line["dropped"] for line in lines if "dropped" in line] == [dropped]
    numbers = [int(line["request"].split()[0]) for line in lines if "x" in (line.get("request") or "")]
    assert numbers == list(range(200 - int(dropped)))


# One cause


def test_one_cause_is_a_line_and_a_count(service):
    answers(service, times=300)
    assert ends_in_time(service)
    lines = [line for line in service.log().splitlines() if "database: " in line]
    assert len(lines) < 10, lines
    counted = [int(found[1]) for line in lines if (found := re.search(r"… and (\d+) more of these", line))]
    assert len(lines) - len(counted) + sum(counted) == 300


def test_each_cause_has_a_line(service):
    api = service.api()
    for _ in range(3):
        api.get_conversations(USER).error(503)
        api.get_messages(USER, conversation_id=1).error(503)

    def endpoints():
        return set(re.findall(r"error database: .* endpoint=(\w+)", service.log()))

    eventually(lambda: endpoints() == {"get_conversations", "get_messages"}, within=5, what="both are logged")


def test_a_message_cannot_break_its_line(make_service):
    service = make_service(ORBIA_SLOW="0s", ORBIA_ACCESS_LOG="off")
    service.start()
    write(service, "x\n2026-01-01T00:00:00.000Z error forged\x1b[2J")
    assert ends_in_time(service)
    assert not any(line.startswith("2026-01-01") for line in service.log().splitlines())
    assert "\x1b" not in service.log()
    assert r"x\x0a2026-01-01T00:00:00.000Z error forged\x1b[2J" in service.log()


# No room


def test_a_full_disk_is_counted_and_reported(make_service):
    service = make_service(ORBIA_ACCESS_LOG="/dev/full")
    service.start()
    answers(service, times=20)
    eventually(lambda: count(service, "write_errors", "access") > 0, within=5, what="it is counted")
    reported = "error access log: cannot write /dev/full: No space left on device"
    eventually(lambda: reported in service.log(), within=5, what="it is reported")
    assert ends_in_time(service)


def test_standard_error_on_a_full_disk_is_counted(make_service):
    service = make_service()
    with open("/dev/full", "wb") as full:
        service.start(stderr=full)
    answers(service, times=20)
    eventually(lambda: count(service, "write_errors", "error") > 0, within=5, what="it is counted")
    assert ends_in_time(service)


def after_no_room(service, file):
    """Once there is room again, all lines of the access log are there, and whole."""
    write(service, "afterwards")
    eventually(lambda: "afterwards" in requests_in(file), within=5, what="it is written again")
    names = ["before", *map(str, range(100)), "afterwards"]
    assert [name for name in requests_in(file) if name in names] == names
    assert any("error" in line and line["dropped"] == 0 for line in lines_in(file))


def test_lines_are_whole_after_the_limit_of_a_files_size(service, file):
    """A process that does not mind SIGXFSZ dies of it."""
    write(service, "before")
    eventually(lambda: "before" in requests_in(file), within=5, what="it is written")
    with outputs.file_size_limit(service.pid, file.stat().st_size + 300):
        for number in range(100):
            write(service, str(number))
        eventually(lambda: count(service, "write_errors", "access") > 0, within=5, what="it is counted")
        answers(service)
    after_no_room(service, file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_lines_are_whole_after_a_full_disk(make_service, file):
    file.parent.mkdir()
    with outputs.small_disk(file.parent, size=64 << 10):
        service = make_service(ORBIA_ACCESS_LOG=str(file))
        service.start()
        write(service, "before")
        eventually(lambda: "before" in requests_in(file), within=5, what="it is written")
        filling = file.parent / "filling"
        subprocess.run(["dd", "if=/dev/zero", f"of={filling}", "bs=4096"], stderr=subprocess.DEVNULL)
        for number in range(100):
            write(service, str(number))
        eventually(lambda: count(service, "write_errors", "access") > 0, within=5, what="it is counted")
        eventually(lambda: "No space left on device" in service.log(), within=5, what="it is reported")
        answers(service)
        filling.unlink()
        after_no_room(service, file)
        assert ends_in_time(service)


def test_a_service_log_is_whole_after_the_limit_of_a_files_size(make_service, tmp_path):
    service = make_service(ORBIA_SLOW="0s")
    file = tmp_path / "service.log"
    with open(file, "ab") as log:
        service.start(stderr=log)
    eventually(lambda: "not ready" in file.read_text(), within=5, what="all of the start is written")
    with outputs.file_size_limit(service.pid, file.stat().st_size + 50):
        answers(service)
        eventually(lambda: count(service, "write_errors", "error") > 0, within=5, what="it is counted")
    notice = "cannot write to descriptor 2: File too large; 0 lines of this log were dropped"
    eventually(lambda: notice in file.read_text(), within=5, what="it says so")
    times = [line[:4] for line in file.read_text().splitlines()]
    assert set(times) == {time.strftime("%Y", time.gmtime())}, file.read_text()
    assert ends_in_time(service)


def test_a_line_that_a_dead_process_left_unfinished_is_left_alone(make_service, tmp_path):
    file = tmp_path / "access.log"
    file.write_text('{"time":"2026-')
    service = make_service(ORBIA_ACCESS_LOG=str(file))
    service.start()
    write(service, "x")
    assert ends_in_time(service)
    torn, *lines = file.read_text().splitlines()
    assert torn == '{"time":"2026-'
    assert [json.loads(line)["request"] for line in lines][-1] == "x"


# Files that are gone


def test_a_file_that_cannot_be_opened_anew_is_reported_and_tried_again(service, file):
    write(service, "before")
    eventually(lambda: "before" in requests_in(file), within=5, what="it is written")
    old = file.rename(file.parent.with_name("rotated"))
    file.parent.rmdir()
    service.signal(signal.SIGUSR1)
    eventually(lambda: count(service, "write_errors", "access") > 1, within=5, what="it is counted, and tried again")
    write(service, "meanwhile")
    eventually(lambda: requests_in(old)[-1] == "meanwhile", within=5, what="the old file goes on")
    assert not any("error" in line for line in lines_in(old))
    reported = f"error access log: cannot write {file}: No such file or directory"
    eventually(lambda: reported in service.log(), within=5, what="it is reported")
    answers(service)
    file.parent.mkdir()
    eventually(file.exists, within=5, what="it is opened")
    write(service, "afterwards")
    eventually(lambda: "afterwards" in requests_in(file), within=5, what="it is written")


def test_a_file_that_was_removed_is_made_anew(service, file):
    write(service, "before")
    eventually(lambda: "before" in requests_in(file), within=5, what="it is written")
    file.unlink()
    write(service, "afterwards")
    eventually(lambda: requests_in(file) == ["afterwards"], within=5, what="there is a new one")


def test_a_fifo_that_nobody_reads_in_the_files_place_holds_up_nobody(service, file):
    write(service, "before")
    eventually(lambda: "before" in requests_in(file), within=5, what="it is written")
    file.unlink()
    os.mkfifo(file)
    service.signal(signal.SIGUSR1)
    eventually(lambda: "No such device or address" in service.log(), within=5, what="it is reported")
    answers(service)
    write(service, "x")
    reader = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    eventually(lambda: b'"request":"x"' in os.read(reader, 65_536), within=5, what="a reader gets its lines")
    os.close(reader)
    assert ends_in_time(service)


def test_a_fifo_that_nobody_reads_stops_the_start(make_service, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(RuntimeError, match=f"cannot write {fifo}"):
        make_service(ORBIA_ACCESS_LOG=str(fifo)).start()


def test_a_line_that_was_begun_in_the_old_file_is_whole_in_the_new_one(service, file):
    write(service, "before")
    eventually(lambda: "before" in requests_in(file), within=5, what="it is written")
    with outputs.file_size_limit(service.pid, file.stat().st_size + 10):
        write(service, "begun")
        eventually(lambda: count(service, "write_errors", "access") > 0, within=5, what="it is counted")
        old = file.rename(file.with_suffix(".1"))
        service.signal(signal.SIGUSR1)
        eventually(file.exists, within=5, what="there is a new one")
    eventually(lambda: requests_in(file) == ["begun"], within=5, what="it is written")
    assert not old.read_text().endswith("\n")


# Closed outputs


@pytest.mark.parametrize("closed", [(2,), (1,), (0, 1, 2)], ids=str)
def test_nothing_else_gets_the_number_of_a_closed_output(make_service, closed):
    """A log line would be sent to the database, or to nginx."""
    service = make_service(ORBIA_ACCESS_LOG="stdout")
    service.start(preexec_fn=lambda: [os.close(descriptor) for descriptor in closed])
    answers(service, times=3)
    for descriptor in closed:
        assert os.readlink(f"/proc/{service.pid}/fd/{descriptor}") == "/dev/null"
    assert ends_in_time(service)


def test_a_start_that_fails_says_so_behind_what_it_logged(make_service, tmp_path):
    service = make_service(JWT_SECRET="short", ORBIA_ACCESS_LOG=str(tmp_path / "nowhere" / "x"))
    with pytest.raises(RuntimeError, match="(?s)fewer than 32 bytes.*cannot write .*nowhere"):
        service.start()
