"""An event, and the entry that an event becomes once it stands in the ledger."""

from typing import ClassVar, Final, NamedTuple

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
