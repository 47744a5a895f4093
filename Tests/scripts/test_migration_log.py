"""What scripts/measure-migration reads out of the server's log of statements."""

from orbia.migration.statement_log import steps_of


def logged(*statements) -> list:
    """One each second."""
    return [{"at": float(number), "text": text} for number, text in enumerate(statements)]


def test_a_statement_lasts_until_the_next_one_begins():
    log = logged("ALTER TABLE a ADD COLUMN b INT", "SELECT 1", "CREATE TABLE c (d INT)")
    assert steps_of(log, end=2.5) == [("ALTER TABLE a ADD COLUMN b INT", 0, 1), ("CREATE TABLE c (d INT)", 2, 2.5)]


def test_batches_of_an_update_are_one_step():
    log = logged("UPDATE a SET b = 1 WHERE id < 10", "UPDATE a SET b = 1 WHERE id < 20",
                 "UPDATE a SET c = 1 WHERE id < 9")
    assert steps_of(log, end=3) == [("UPDATE a SET b = 1", 0, 2), ("UPDATE a SET c = 1", 2, 3)]


def test_comments_and_line_ends_are_no_part_of_it():
    assert steps_of(logged("-- why\nALTER TABLE a\n  FORCE"), end=1) == [("ALTER TABLE a FORCE", 0, 1)]


def test_what_is_short_is_left_out():
    log = [{"at": 0.0, "text": "ALTER TABLE a FORCE"}, {"at": 0.005, "text": "ALTER TABLE b FORCE"}]
    assert steps_of(log, end=1) == [("ALTER TABLE b FORCE", 0.005, 1)]


def test_a_limit_before_a_statement_is_no_part_of_it():
    log = logged("SET STATEMENT lock_wait_timeout = 1 FOR ALTER TABLE a FORCE")
    assert steps_of(log, end=1) == [("ALTER TABLE a FORCE", 0, 1)]
