"""An event, and the entry that an event becomes once it stands in the ledger."""

from typing import ClassVar, NamedTuple

from ledger.domain.values import Frozen


class Event(Frozen):
    """A fact, for ever. ``stored_as`` is its name in the log, never a Python path; a changed shape takes a new name."""

    stored_as: ClassVar[str]

    def entity(self, sequence: int) -> str | None:
        """What the fact is about inside its partition (``camera:cam-1``, ``still:17``), where decisions will need it again.

        A pure function of the event and its sequence, so that an audit can check the stored column against the body.
        """
        return None


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
    body: str
    """The event as it is stored: UTF-8 JSON, camelCase, absent where unset."""
