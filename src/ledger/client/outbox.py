"""What becomes of a spool's facts once they were sent: acknowledged and gone, divided to be sent again, or set aside."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from ledger.client.failures import WriterClosedError
from ledger.client.spool import Fact, Spool
from ledger.client.store import failure, transaction
from ledger.domain.ids import make_id, parse_id

_FORGET: Final = (
    "DELETE FROM acknowledged WHERE last <= (SELECT last FROM acknowledged ORDER BY last DESC LIMIT 1 OFFSET ?)"
)
_WHERE_IS: Final = (
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM facts WHERE number = :number) THEN 'pending'"
    " WHEN EXISTS (SELECT 1 FROM aside WHERE number = :number) THEN 'aside'"
    " WHEN :number BETWEEN (SELECT first FROM acknowledged WHERE last >= :number ORDER BY last LIMIT 1) AND :number"
    " THEN 'acknowledged' ELSE 'gone' END"
)
IDS_KEPT_MAX: Final = 200_000
"""Of how many stretches of acknowledged facts the Ids are remembered; a batch is one stretch."""


class Aside(NamedTuple):
    """A fact that the ledger refused, and in which words."""

    number: int
    function: str
    session: str
    arguments: str
    code: str
    message: str


class Outbox:
    """The sender's side of a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def acknowledge(self, facts: Sequence[Fact], ids: Sequence[str | None]) -> None:
        """The ledger has taken a batch, under these Ids. Raises SpoolError; what is then forgotten is found by sending it again."""
        first, last = facts[0].number, facts[-1].number
        rows = (
            [(last, first, ids[0])]
            if _are_consecutive(ids)
            else [(f.number, f.number, i) for f, i in zip(facts, ids, strict=True)]
        )
        with self._settling(facts) as connection:
            connection.executemany("INSERT OR REPLACE INTO acknowledged (last, first, id) VALUES (?, ?, ?)", rows)
            if last % IDS_KEPT_MAX < len(facts):
                connection.execute(_FORGET, (IDS_KEPT_MAX,))

    def set_aside(self, fact: Fact, code: str, message: str) -> None:
        """Keep a fact that was refused where it is in nobody's way. Raises SpoolError."""
        with self._settling([fact], kept=True) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO aside VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(fact.number, fact.function, fact.session, fact.kind, fact.refers, fact.arguments, fact.checksum),
                    *(code, message),
                ),
            )

    def divide(self, facts: Sequence[Fact], at: Sequence[int]) -> None:
        """Make batches of a refused batch: one begins at each of these places in it. Raises SpoolError.

        Durable before any of them goes out: after a crash the parts must not be sent as the whole once more.
        """
        with self._changing() as connection:
            for begin, end in zip((0, *at), (*at, len(facts)), strict=True):
                span = (facts[begin].number, facts[begin].number, facts[end - 1].number)
                connection.execute("UPDATE facts SET batch = ? WHERE number BETWEEN ? AND ?", span)

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
            rows = self._spool.connection.execute(
                "SELECT number, function, session, arguments, code, message FROM aside ORDER BY number"
            )
            return [Aside._make(row) for row in rows]

    @contextmanager
    def _settling(self, facts: Sequence[Fact], *, kept: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction in which facts, consecutive ones, leave those that wait."""
        with self._changing() as connection:
            span = (facts[0].number, facts[-1].number)
            removed = connection.execute("DELETE FROM facts WHERE number BETWEEN ? AND ?", span).rowcount
            yield connection
        if removed:
            self._spool.settled(facts, kept=kept)

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._spool.lock:
            if self._spool.is_closed:
                raise WriterClosedError("the spool was closed")
            try:
                with transaction(self._spool.connection):
                    yield self._spool.connection
            except sqlite3.Error as error:
                raise failure(error) from error


def _are_consecutive(ids: Sequence[str | None]) -> bool:
    """Whether each Id follows from the first, as in a batch of the contract."""
    first = parse_id(ids[0]) if ids[0] is not None else None
    return len(ids) == 1 or (
        first is not None
        and list(ids) == [make_id(first.partition, first.kind, first.sequence + place) for place in range(len(ids))]
    )
