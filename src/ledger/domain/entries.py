"""An event, the entry that an event becomes once it stands in the ledger, and a history of many."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar, Final, NamedTuple, overload

from ledger.domain.values import Frozen

EVENT_LENGTH_MAX: Final = 256 * 1024
"""How many characters an event may have as it is stored. Facts are read by the thousand; what is large is kept in a file."""


class Event(Frozen):
    """A fact, for ever. ``stored_as`` is its name in the log, never a Python path; a changed shape takes a new name."""

    stored_as: ClassVar[str]

    def entity(self, sequence: int) -> str | None:
        """What the fact is about inside its partition (``camera:cam-1``, ``still:17``), where decisions will need it again.

        A pure function of the event and its sequence, so that an audit can check the stored column against the body.
        """
        return None


class Stored(NamedTuple):
    """An event as it stands in the log, and as it was hashed: for ever under the name, and in the shape, that it was given."""

    name: str
    body: str


class Entry(NamedTuple):
    """One line of the ledger: an event, its place, who recorded it and when."""

    partition: str
    sequence: int
    recorded_at: int
    """Milliseconds since the epoch, the server's clock; never runs backwards in a shard."""
    actor: str
    key: str | None
    entity: str | None
    event: Event
    """Or an outline that says the same under the same ``stored_as``: whoever reads many at a time tells them by that name."""
    body: str
    """The event as today's version stores it: UTF-8 JSON, camelCase, absent where unset."""
    older: Stored | None = None
    """How it stands in the log, where it was recorded by a version that stored it otherwise."""

    @property
    def stored(self) -> Stored:
        """What the log holds: for whoever shows or proves the record itself, and not what it says."""
        return self.older or Stored(self.event.stored_as, self.body)


class History(Sequence[Entry]):
    """Entries of a partition in order of sequence, from the first on, that can be gone through by their events alone.

    Of a long shoot's entries hardly one is asked for more than what happened: out of the log, each is made when it is looked at.
    """

    __slots__ = ("_entry_at", "events", "sequence_at")

    def __init__(
        self,
        events: Sequence[Event],
        entry_at: Callable[[int], Entry],
        sequence_at: Callable[[int], int] | None = None,
    ) -> None:
        """Both are asked by index; ``sequence_at`` where that is to be had for less than the entry."""
        self.events = events
        self._entry_at = entry_at
        self.sequence_at = sequence_at or (lambda index: entry_at(index).sequence)

    @staticmethod
    def of(entries: Iterable[Entry]) -> "History":
        if isinstance(entries, History):
            return entries
        made = list(entries)
        return History([entry.event for entry in made], made.__getitem__)

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Entry]:
        return map(self._entry_at, range(len(self.events)))

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> "History": ...
    def __getitem__(self, index: int | slice) -> "Entry | History":
        if isinstance(index, int):
            return self._entry_at(range(len(self.events))[index])
        span, entry_at, sequence_at = range(len(self.events))[index], self._entry_at, self.sequence_at
        return History(self.events[index], lambda at: entry_at(span[at]), lambda at: sequence_at(span[at]))
