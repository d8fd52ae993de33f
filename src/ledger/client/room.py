"""How a full spool makes room: what is worth least is dropped, oldest first, and never what may have been sent already."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

TAKEN_AT_A_TIME: Final = 5_000
"""How many at most, so that one report can name them."""
ROW_BYTES: Final = 96
"""What a fact takes beside its arguments, about."""
_WORTH_LEAST: Final = (
    "SELECT number, batch, length(CAST(arguments AS BLOB)) + length(CAST(session AS BLOB)) + ? FROM facts WHERE kind = ?"
    " AND batch > max(?, (SELECT protected FROM spool)) ORDER BY number LIMIT ?"
)
_OF_BATCH: Final = "SELECT number FROM facts WHERE batch = ? ORDER BY number"


class Dropped(NamedTuple):
    """Numbers that were dropped, in order, and the room that they took."""

    numbers: list[int]
    size: int


def drop(connection: sqlite3.Connection, kinds: Sequence[str], needed: int, wanted: int, sent: int) -> Dropped:
    """Drop facts of these kinds, those named first before the others, until there is as much room as wanted.

    None that may have been ``sent``, up to that number. Where even what is ``needed`` cannot be had, nothing is dropped in vain.
    """
    numbers: list[int] = []
    batches: set[int] = set()
    size = 0
    for kind in kinds:
        for number, batch, taken in connection.execute(
            _WORTH_LEAST, (ROW_BYTES, kind, sent, TAKEN_AT_A_TIME - len(numbers))
        ).fetchall():
            if size >= wanted:
                break
            numbers.append(number)
            batches.add(batch)
            size += taken
    if size < needed:
        return Dropped([], 0)
    connection.executemany("DELETE FROM facts WHERE number = ?", [(number,) for number in numbers])
    _regroup(connection, batches)
    return Dropped(sorted(numbers), size)


def _regroup(connection: sqlite3.Connection, batches: Iterable[int]) -> None:
    """Make batches of what is left of some: a batch is of consecutive numbers, for its key names the first and the last."""
    for batch in batches:
        left = [(number, number) for (number,) in connection.execute(_OF_BATCH, (batch,))]
        rows = [(first, first, last) for first, last in stretches(left)]
        connection.executemany("UPDATE facts SET batch = ? WHERE number BETWEEN ? AND ?", rows)


def stretches(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of numbers in order, each from its first to its last, with those as one that follow on each other."""
    found: list[tuple[int, int]] = []
    for first, last in spans:
        begin = found.pop()[0] if found and found[-1][1] + 1 == first else first
        found.append((begin, last))
    return found
