"""Digests of what a shoot has by the hundred thousand, to tell which of it is not shown as it was recorded.

A witness of a long shoot that held all of its decisions and moments would take 3 KB of each; a digest takes sixteen bytes.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from ledger.domain.director import DirectorEvent, DirectorEventRecorded
from ledger.domain.documents import recorded_documents
from ledger.domain.entries import Entry, Event
from ledger.domain.ids import Kind
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.values import Frozen
from ledger.log.reading import SEQUENCE_MAX
from ledger.projections.director import DIRECTOR_EVENTS
from ledger.projections.music import MUSIC_MOMENTS

_ROWS_A_PART: Final = 1_000
_END: Final = (SEQUENCE_MAX + 1, 0)


class Digests:
    """Of documents, with what stands beside each, in the order of their sequences."""

    def __init__(self) -> None:
        self._sequences = array("q")
        self._digests = array("q")

    def add(self, sequence: int, digest: int) -> None:
        self._sequences.append(sequence)
        self._digests.append(digest)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._sequences, self._digests, strict=True)


class Many:
    """One view of such things: each has a row with its document, and beside it columns that are called as the event's fields."""

    def __init__(self, table: Table, event: type[Event], kind: Kind, document: type[Frozen]) -> None:
        self.table = table
        self.event = event
        self.kind: Kind = kind
        self.document = document
        beside = [column.name for column in table.c if column.name in event.model_fields]
        self._values_of: Callable[[Event], tuple[Any, ...]] = attrgetter(*beside)
        columns = (table.c.sequence, table.c.document, *(table.c[name] for name in beside))
        self._rows = select(*columns).order_by(table.c.sequence)

    def digests_of(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, int]]:
        """Those of the entries that it shows, each with the digest of what that comes to as it was recorded."""
        own = [entry for entry in entries if entry.event.stored_as == self.event.stored_as]
        for entry, document in zip(own, recorded_documents(own, self.kind), strict=True):
            yield entry, hash((document, *self._values_of(entry.event)))

    def suspects(
        self, views: Connection, number: int, expected: Digests, rest: Callable[[], None] = lambda: None
    ) -> Iterator[int]:
        """The sequences of what views show otherwise, do not show, or should not show of the session of a number."""
        following = iter(expected)
        due, digest = next(following, _END)
        own = self._rows.where(self.table.c.session == number)
        with views.execute(own, execution_options={"yield_per": _ROWS_A_PART}) as rows:
            for part in rows.partitions():
                for sequence, *shown in part:
                    while due < sequence:
                        yield due
                        due, digest = next(following, _END)
                    if due > sequence or digest != hash(tuple(shown)):
                        yield sequence
                    if due == sequence:
                        due, digest = next(following, _END)
                rest()
        while due < _END[0]:
            yield due
            due, digest = next(following, _END)


DECISIONS: Final = Many(DIRECTOR_EVENTS, DirectorEventRecorded, "event", DirectorEvent)
MOMENTS: Final = Many(MUSIC_MOMENTS, MusicMomentRecorded, "music", MusicMomentRecorded)
OF_MANY: Final = {many.event.stored_as: many for many in (DECISIONS, MOMENTS)}
"""By the stored names of their events."""
