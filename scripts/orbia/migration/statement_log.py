"""What the server's slow log says of the statements of schema.sql."""

from collections.abc import Sequence

# Seconds.
SHORTEST = 0.01


def steps_of(logged: Sequence[dict], end: float) -> list[tuple]:
    """(what, from, to) of each statement of the log that is no block, and took longer than SHORTEST.

    Within a block the log has the right start, but its time is the block's: one ends where the next begins, and the
    last at `end`.
    """
    found = []
    for row in logged:
        after = min((each["at"] for each in logged if each["at"] > row["at"]), default=end)
        words = " ".join(line for line in row["text"].split("\n") if not line.startswith("--")).split()
        if words[:2] == ["SET", "STATEMENT"]:
            words = words[words.index("FOR") + 1:]
        what = _without_batch(" ".join(words))
        if words[0] == "UPDATE" and found and found[-1][0] == what:
            found[-1] = (what, found[-1][1], after)  # the next batch
        elif words[0] in ("ALTER", "UPDATE", "CREATE", "DROP"):
            found.append((what, row["at"], after))
    return [step for step in found if step[2] - step[1] >= SHORTEST]


def _without_batch(statement: str) -> str:
    """Without what differs from batch to batch."""
    return statement.split(" WHERE ")[0]
