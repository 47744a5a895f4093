"""The commands of the documents that read the journal, on a journal of systemd's that holds a service's own lines."""

import re
import subprocess

import pytest

from journal import Journal, journal_stream
from orbia.document import DEPLOYMENT, OPERATIONS, commands
from orbia.stack import environment
from service import Service, settings_of

UNIT = "orbia-conversation@1.service"


@pytest.fixture(scope="module")
def talk(stack, database, make_directory):
    """A journal, and the conversation and the user that have made the most requests of the last minutes.

    The access log goes to standard output, as it does without the unit's setting; standard error is the journal's
    stream, too. A line before these five minutes is there as well, and one of another unit that looks like ours.
    """
    directory = make_directory()
    busy, quiet = database.users(2)
    hot, cold = (database.conversation(busy, quiet) for _ in range(2))
    with open(directory / "stdout", "a+b") as output, open(directory / "stderr", "a+b") as errors:
        service = Service(directory, {**settings_of(stack), "ORBIA_ACCESS_LOG": "stdout",
                                      "JOURNAL_STREAM": journal_stream(errors)})
        service.start(stdout=output, stderr=errors)
        for _ in range(20):
            service.api().send_text(busy, hot, "你好").success()
        service.api().get_messages(quiet, conversation_id=cold.id).success()
        refused = service.api().get_messages(quiet).error(400)
        with_error = database.conversation(quiet)
        with database.transaction() as staff:
            staff.execute("SELECT * FROM orbia_conversation WHERE id = %s FOR UPDATE", [with_error.id])
            service.api().send_text(quiet, with_error).error(503)
            staff.connection.rollback()
        assert service.stop() == 0
    lines = [(directory / name).read_text().splitlines() for name in ("stdout", "stderr")]
    assert len(lines[0]) >= 23 and any(line.startswith("<3>") for line in lines[1])
    journal = Journal(directory / "test.journal")
    for each in lines:
        journal.add(each, UNIT)
    journal.add([line for line in lines[0] if '"get_messages"' in line] * 100, UNIT, seconds_ago=600)
    journal.add([line for line in lines[0] if '"get_messages"' in line] * 100, "other.service")
    journal.write()
    return journal, busy, hot, refused


@pytest.fixture
def run(talk, tmp_path):
    """Runs commands of a document in one shell, with this journal in place of the machine's."""
    journal = talk[0]

    def run(*words: str) -> str:
        script = "".join(words).replace("journalctl ", f"journalctl --quiet --file {journal.path} ")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True,
                              env=environment(), timeout=30)
        assert done.returncode == 0, script + done.stderr
        return done.stdout

    return run


def question(*words: str) -> list[str]:
    """The definition of `requests` that reads the journal, and the one question with these words."""
    of_chapter = commands("Questions of a night")
    [requests] = [each for each in of_chapter if each.startswith("requests() { journalctl ")]
    found = [each for each in of_chapter if each.startswith("requests |") and all(word in each for word in words)]
    assert len(found) == 1, found
    return [requests, *found]


def test_the_requests_of_the_last_minutes_are_those_of_the_access_log(run, talk):
    lines = run(question('"reason"')[0], "requests\n").splitlines()
    assert 23 <= len(lines) < 100
    assert all(re.fullmatch(r'\{"time":".*"statements":\d+\}', line) for line in lines)


def test_which_conversation_is_hot(run, talk):
    first = run(*question('"conversation"')).splitlines()[0].split()
    assert (first[0], first[2]) == ("20", str(talk[2].id))
    assert 0 < float(first[1]) < 60


def test_who_floods(run, talk):
    assert run(*question('"user":[^,]*')).splitlines()[0].split() == ["20", f'"user":{talk[1].id}']


def test_why_requests_are_refused(run, talk):
    found = run(*question('"reason"'))
    assert f'1 "reason":"{talk[3]}"' in found
    assert re.search(r'1 "reason":"database error 1205 \(HY000\)"', found)


def test_whether_it_is_the_database_or_us(run):
    shares = re.fullmatch(r"(\d+)% queue, (\d+)% database, (\d+)% service\n", run(*question('"total_us"')))
    assert 98 <= sum(int(share) for share in shares.groups()) <= 102
    assert int(shares[2]) > 50, "nearly all of it is the wait for a lock"


def in_text(document) -> list[str]:
    """The commands with journalctl that stand within a sentence."""
    text = document.read_text().replace("\n", " ")
    return re.findall(r"`(journalctl -[^`]*)`", re.sub(r" {2,}", " ", text))


def test_the_errors_alone(run):
    [command] = [each for each in in_text(DEPLOYMENT) if "-p err" in each]
    lines = run(command + "\n").splitlines()
    assert lines and all(" error " in line for line in lines)


def test_each_command_within_a_sentence_finds_the_instance(run):
    found = [each for document in (OPERATIONS, DEPLOYMENT) for each in in_text(document)]
    assert len(found) >= 3
    for command in found:
        assert "orbia-conversation" in run(command + "\n"), command
