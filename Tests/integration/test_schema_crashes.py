"""schema.sql and schema-remove.sql on a disk that is full, and on a server that dies: they go on when run again."""

import itertools
import shutil
import subprocess
import time

import pytest

from layout import layout, rows
from mariadb import MariaDB
from orbia.paths import PLATFORM, REMOVAL, SCHEMA, VERSION_2
from orbia.polling import eventually
from outputs import small_disk
from removal import definitions, platforms_columns, use, what_is_ours, with_milliseconds, work_as_the_platform

MEGABYTE = 2**20

_names = (f"crashes_{number}" for number in itertools.count(1))
pytestmark = pytest.mark.slow


class Upgrade:
    """From version 2 of the schema to this one."""

    file = SCHEMA

    def __init__(self, fresh: dict):
        self._fresh = fresh

    def prepare(self, database):
        database.load(VERSION_2)

    def assert_done(self, database):
        assert layout(database) == self._fresh
        use(database)


class Removal:
    """From this version to none."""

    file = REMOVAL

    def prepare(self, database):
        self._before = definitions(database)
        database.load(SCHEMA)
        use(database)

    def assert_done(self, database):
        assert definitions(database) == with_milliseconds(self._before)
        assert what_is_ours(database) == []


@pytest.fixture(scope="module")
def server(make_directory):
    with MariaDB(make_directory()) as server:
        yield server


@pytest.fixture(scope="module")
def fresh(server) -> dict:
    """The layout of an empty database with schema.sql."""
    database = server.create_database("crashes_fresh")
    database.load(SCHEMA)
    return layout(database)


@pytest.fixture(params=["upgrade", "removal"])
def change(request, fresh):
    return Upgrade(fresh) if request.param == "upgrade" else Removal()


def run(database, file) -> subprocess.CompletedProcess:
    with open(file, "rb") as script:
        return subprocess.run(database.client(), stdin=script, capture_output=True, text=True)


# A full disk


@pytest.fixture
def small(server):
    """A database whose files are on a disk of 60 MB."""
    name = next(_names)
    database = server.create_database(name)
    directory = server.directory / "data" / name
    options = (directory / "db.opt").read_bytes()
    with small_disk(directory, 60 * MEGABYTE):
        (directory / "db.opt").write_bytes(options)
        database.directory = directory
        yield database
        for table in database.rows("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"):
            database.execute(f"SET STATEMENT foreign_key_checks = 0 FOR DROP TABLE {table['TABLE_NAME']}")


def fill_but(directory, room: int):
    free = shutil.disk_usage(directory).free
    with open(directory / "ballast", "wb") as ballast:
        for _ in range((free - room) // 4096):
            ballast.write(bytes(4096))


@pytest.mark.parametrize("room", [0, 8_192, 131_072, 300_000, 600_000, MEGABYTE, 2 * MEGABYTE, 5 * MEGABYTE])
def test_on_a_full_disk_it_ends_and_goes_on_when_there_is_room(small, change, room):
    small.load(PLATFORM)
    change.prepare(small)
    user = small.user()
    small.fill(small.conversation(user), user, 2_000, 2_000)
    before = platforms_columns(rows(small))
    fill_but(small.directory, room)
    done = run(small, change.file)
    assert done.returncode in (0, 1)
    # What there is works on, as far as there is room for it.
    small.rows("SELECT * FROM orbia_message JOIN orbia_conversation_member USING (conversation_id)")
    assert platforms_columns(rows(small)) == before
    (small.directory / "ballast").unlink()
    work_as_the_platform(small)
    before = platforms_columns(rows(small))
    done = run(small, change.file)
    assert done.returncode == 0, done.stderr
    assert platforms_columns(rows(small)) == before
    change.assert_done(small)
    work_as_the_platform(small)


# A server that dies


def filled(server, change):
    """A database with enough messages that an ALTER of them takes a moment."""
    database = server.create_database(next(_names))
    database.load(PLATFORM)
    change.prepare(database)
    user = database.user()
    database.fill(database.conversation(user), user, 20_000, 500)
    return database


@pytest.fixture(scope="module")
def takes() -> dict:
    """How long each change takes where nothing happens, in seconds."""
    return {}


def time_of(server, change, takes) -> float:
    if change.file not in takes:
        database = filled(server, change)
        begun = time.monotonic()
        assert run(database, change.file).returncode == 0
        takes[change.file] = time.monotonic() - begun
    return takes[change.file]


@pytest.mark.parametrize("tenth", range(1, 11))
def test_where_the_server_dies_it_goes_on_when_it_is_back(server, change, takes, tenth):
    seconds = time_of(server, change, takes) * tenth / 10
    database = filled(server, change)
    before = platforms_columns(rows(database))
    begun = time.monotonic()
    with open(change.file, "rb") as script:
        client = subprocess.Popen(database.client(), stdin=script, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True)
    eventually(lambda: client.poll() is not None or time.monotonic() - begun > seconds, within=30, every=0.001,
               what="its moment has come")
    server.kill()
    client.communicate()
    server.start()
    database = server.database(database.name)
    work_as_the_platform(database)
    after = platforms_columns(rows(database))
    assert {table: each[:len(before[table])] for table, each in after.items()} == before
    before = after
    done = run(database, change.file)
    assert done.returncode == 0, done.stderr
    assert platforms_columns(rows(database)) == before
    change.assert_done(database)
    work_as_the_platform(database)
