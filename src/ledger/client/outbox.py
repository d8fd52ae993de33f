"""What becomes of a spool's facts once they were sent: acknowledged and gone, divided to be sent again, or set aside."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain, count, repeat
from typing import Final

from ledger.client.batches import Batch
from ledger.client.contents import Aside, asides_in
from ledger.client.failures import SpoolError
from ledger.client.functions import LOSS
from ledger.client.leftovers import LEFTOVERS_MAX, Part
from ledger.client.room import ROW_BYTES, TAKEN_AT_A_TIME, stretches
from ledger.client.spool import Spool
from ledger.domain.ids import id_prefix, make_id, parse_id

_FORGET: Final = (
    "DELETE FROM acknowledged WHERE last <= (SELECT last FROM acknowledged ORDER BY last DESC LIMIT 1 OFFSET ?)"
)
_BACK: Final = (
    "INSERT INTO facts SELECT number, number, function, session, kind, refers, arguments, checksum"
    " FROM aside WHERE number = ?"
)
_ASIDE: Final = (
    "INSERT OR REPLACE INTO aside SELECT number, function, session, kind, refers, arguments, checksum, ?, ?"
    " FROM facts WHERE number BETWEEN ? AND ?"
)
_SETTLED: Final = "DELETE FROM facts WHERE number BETWEEN max(?, ?) AND ?"
_PROTECT: Final = "UPDATE spool SET protected = max(protected, ?)"
_ROOM_ASIDE: Final = (
    "SELECT length(CAST(arguments AS BLOB)) + length(CAST(session AS BLOB)) + ? FROM aside WHERE number = ?"
)
_WHERE_IS: Final = (
    "SELECT CASE WHEN :number BETWEEN (SELECT first FROM acknowledged WHERE last >= :number ORDER BY last LIMIT 1) AND :number"
    " THEN 'acknowledged' WHEN EXISTS (SELECT 1 FROM facts WHERE number = :number) THEN 'pending'"
    " WHEN EXISTS (SELECT 1 FROM aside WHERE number = :number) THEN 'aside' ELSE 'gone' END"
)
IDS_KEPT_MAX: Final = 200_000
"""Of how many stretches of acknowledged facts the Ids are remembered; those whose Ids follow on each other are one."""


class Outbox:
    """The sender's side of a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def acknowledge(self, batches: Sequence[Batch], ids: Sequence[str | None]) -> None:
        """The ledger has taken these batches, and their facts have these Ids. Raises SpoolError.

        Synced, though what is forgotten would be found by sending it again: were it not, a sync that fails later could take it
        along, and with it everything that was written behind it and told to be recorded. Facts themselves are deleted later, as
        long as none that waits is among them or before them.
        """
        first, last = batches[0].first, batches[-1].last
        with self._spool.changing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO acknowledged (last, first, id) VALUES (?, ?, ?)", _named(batches, ids)
            )
            if last % IDS_KEPT_MAX <= last - first:
                connection.execute(_FORGET, (IDS_KEPT_MAX,))
            spans = stretches(batch.span for batch in batches)
            if len(spans) == 1 and self._spool.first_number() == first:
                self._spool.leftovers = self._spool.leftovers.joined_by(
                    Part(batch.last, len(batch), batch.size) for batch in batches
                )
                self._spool.settled(batches, kept=False)
            elif self._deleted(connection, spans):
                self._spool.settled(batches, kept=False)
        while self._spool.leftovers.fact_count > LEFTOVERS_MAX:
            self._spool.sweep()

    def _deleted(self, connection: sqlite3.Connection, spans: Sequence[tuple[int, int]]) -> int:
        """How many there were of those that waited, and now are gone."""
        waiting = self._spool.leftovers.last + 1
        return connection.executemany(_SETTLED, [(waiting, first, last) for first, last in spans]).rowcount

    def set_aside(self, batches: Sequence[Batch], code: str, message: str) -> None:
        """Keep facts that were refused in the same words where they are in nobody's way. Raises SpoolError."""
        with self._spool.changing() as connection:
            spans = stretches(batch.span for batch in batches)
            connection.executemany(_ASIDE, [(code, message, *span) for span in spans])
            removed = self._deleted(connection, spans)
            told = [number for batch in batches if batch.function != LOSS for number in batch.numbers]
            self._spool.report_loss(told, "refused", code, message)
            if removed:
                self._spool.settled(batches, kept=True)

    def retry(self, numbers: Sequence[int] | None = None) -> int:
        """Have what was set aside, or some of it, sent once more, before everything else; how many that is. Raises SpoolError."""
        with self._spool.changing() as connection:
            wanted = [(number,) for number in self._aside_of(numbers)]
            while self._spool.leftovers.parts:  # behind the last of them everything waits, and nothing before it
                self._spool.leftovers = self._spool.leftovers.swept(connection)
            # What goes out before the batches that may be under way must not let them be touched.
            connection.execute(_PROTECT, (self._spool.last_sent,))
            connection.executemany(_BACK, wanted)
            connection.executemany("DELETE FROM aside WHERE number = ?", wanted)
            self._spool.pending += len(wanted)
        self._spool.on_recorded()
        return len(wanted)

    def discard(self, numbers: Sequence[int] | None = None) -> int:
        """Give up what was set aside, or some of it, for good, and record that; how many that is. Raises SpoolError."""
        with self._spool.changing() as connection:
            wanted = self._aside_of(numbers)
            for number in wanted:
                freed = connection.execute(_ROOM_ASIDE, (ROW_BYTES, number)).fetchone()[0]
                connection.execute("DELETE FROM aside WHERE number = ?", (number,))
                self._spool.size -= freed
            for begin in range(0, len(wanted), TAKEN_AT_A_TIME):
                self._spool.report_loss(wanted[begin : begin + TAKEN_AT_A_TIME], "discarded")
        self._spool.on_recorded()
        return len(wanted)

    def _aside_of(self, numbers: Sequence[int] | None) -> list[int]:
        """Those numbers, or all, that are set aside. Raises SpoolError for one that is not."""
        there = [number for (number,) in self._spool.connection.execute("SELECT number FROM aside ORDER BY number")]
        if numbers is None:
            return there
        if strangers := sorted(set(numbers) - set(there)):
            raise SpoolError(f"{strangers[0]} is not among what was set aside")
        return sorted(set(numbers))

    def divide(self, batch: Batch, at: Sequence[int]) -> None:
        """Make batches of a refused batch: one begins at each of these places in it. Raises SpoolError.

        Durable before any of them goes out: after a crash the parts must not be sent as the whole once more.
        """
        with self._spool.changing() as connection:
            for begin, end in zip((0, *at), (*at, len(batch)), strict=True):
                first, last = batch.first + begin, batch.first + end - 1
                connection.execute("UPDATE facts SET batch = ? WHERE number BETWEEN ? AND ?", (first, first, last))

    def id_of(self, number: int) -> str | None:
        """The Id that the ledger gave to a fact; None where it has not taken it yet, or gave it none, or it is long ago."""
        with self._spool.lock:
            found = self._spool.connection.execute(
                "SELECT first, id FROM acknowledged WHERE last >= ? ORDER BY last LIMIT 1", (number,)
            ).fetchone()
        if found is None or found[0] > number or found[1] is None:
            return None
        first, text = found
        if first == number:
            return str(text)
        thing = parse_id(text)
        assert thing is not None, "only consecutive Ids were kept as one stretch"
        return make_id(thing.partition, thing.kind, thing.sequence + number - first)

    def where_is(self, number: int) -> str:
        """Where a fact is: ``pending``, ``aside``, ``acknowledged``, or ``gone`` where nothing is known of it."""
        with self._spool.lock:
            found: str = self._spool.connection.execute(_WHERE_IS, {"number": number}).fetchone()[0]
            return found

    def aside(self) -> list[Aside]:
        """What was set aside, by number."""
        with self._spool.lock:
            return asides_in(self._spool.connection)


def _named(batches: Sequence[Batch], ids: Sequence[str | None]) -> list[tuple[int, int, str | None]]:
    """Facts and their Ids in few stretches: the last number of each, the first, and its Id, on which those of the others follow."""
    rows: list[tuple[int, int, str | None]] = []
    following: Iterator[str | None] = iter(())
    first = last = -1
    begun: str | None = None
    for number, named in zip(chain.from_iterable(batch.numbers for batch in batches), ids, strict=True):
        if number != last + 1 or next(following, "") != named:
            rows.append((last, first, begun))
            first, begun, following = number, named, _following(named)
        last = number
    return [*rows[1:], (last, first, begun)]


def _following(named: str | None) -> Iterator[str | None]:
    """The Ids that follow on one, as in a batch of the contract; on none, none does, and on one that is not a thing's, nothing."""
    if named is None:
        return repeat(None)
    thing = parse_id(named)
    if thing is None:
        return iter(())
    prefix = id_prefix(thing.partition, thing.kind)
    return (f"{prefix}{sequence}" for sequence in count(thing.sequence + 1))
