"""A partition as a decision sees it: valid at the head of its shard, what is not yet committed included."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import EVENT_LENGTH_MAX, Entry, Event
from ledger.domain.refusals import EventTooLarge
from ledger.log.codec import decode, encode_all
from ledger.log.reading import Head, head_of, read_entity, read_stream

State = TypeVar("State")
Evolve = Callable[[State | None, Entry], State]

ENTITIES_KEPT_MAX: Final = 1_000


class Stream:
    """One partition's head, and the folded states of those of its entities that decisions have asked for.

    The writer keeps it from group to group, and drops it where another has added to it or a commit failed.
    """

    def __init__(self, partition: str, connection: Connection) -> None:
        self.partition = partition
        self.connection = connection
        """The append's own connection: the writer sets that of the append under way."""
        self.now_ms = 0
        """When what is decided now will have been recorded; the writer's to set as well."""
        self.sequence, self.position = head_of(connection, partition)
        self._states: dict[str, tuple[Evolve[Any], Any]] = {}
        self._uncommitted: list[Entry] = []

    def state_of(self, entity: str, evolve: Evolve[State]) -> State | None:
        """What an entity amounts to now: all its entries, folded; None where it has none."""
        known = self._states.get(entity)
        if known is not None:
            state: State | None = known[1]
            return state
        state = None
        if self.sequence:
            entries = read_entity(self.connection, self.partition, entity)
            # Some of what nobody has said to be committed may have been, and was read.
            read_up_to = entries[-1].sequence if entries else 0
            entries += [entry for entry in self._uncommitted if entry.entity == entity and entry.sequence > read_up_to]
            for entry in entries:
                state = evolve(state, entry)
        if len(self._states) >= ENTITIES_KEPT_MAX:
            self._states.clear()
        self._states[entity] = (evolve, state)
        return state

    def event_at(self, sequence: int) -> Event | None:
        """The event at a sequence, None where there is none."""
        for entry in self._uncommitted:
            if entry.sequence == sequence:
                return decode(entry.event.stored_as, entry.body)
        found = read_stream(self.connection, self.partition, after=sequence - 1, up_to=sequence)
        return found[0].event if found else None

    def record(
        self, events: Sequence[Event], *, position: int, recorded_at: int, actor: str, key: str | None
    ) -> list[Entry]:
        """Add events at the next sequences; ``position`` is the one before theirs.

        They are part of the stream from here on; the writer commits them. Raises EventTooLarge, and then none of them are.
        """
        partition, sequence = self.partition, self.sequence
        recorded: list[Entry] = []
        for event, body in zip(events, encode_all(events), strict=True):
            sequence += 1
            if len(body) > EVENT_LENGTH_MAX:
                raise _too_large(event, len(body), sequence - self.sequence - 1 if len(events) > 1 else None)
            entity = event.entity(sequence)
            recorded.append(Entry._make((partition, sequence, recorded_at, actor, key, entity, event, body, None)))
        # All are written down before the first of them counts: one that cannot be leaves the stream as it was.
        try:
            for entry in recorded:
                if entry.entity is not None and (known := self._states.get(entry.entity)) is not None:
                    evolve, state = known
                    self._states[entry.entity] = (evolve, evolve(state, entry))
        except BaseException:
            self._states.clear()
            raise
        if recorded:
            self.sequence = sequence
            self.position = position + len(recorded)
            self._uncommitted += recorded
        return recorded

    @property
    def head(self) -> Head:
        """What it has come to, with what is not yet committed."""
        return Head(self.sequence, self.position)

    def committed(self, head: Head) -> None:
        """What was recorded up to a head stands in the log, and is read from there from now on."""
        self._uncommitted = [entry for entry in self._uncommitted if entry.sequence > head.sequence]

    def take_back(self, head: Head) -> None:
        """What was recorded after a head will not come to stand in the log."""
        for entry in self._uncommitted:
            if entry.sequence > head.sequence and entry.entity is not None:
                self._states.pop(entry.entity, None)
        self._uncommitted = [entry for entry in self._uncommitted if entry.sequence <= head.sequence]
        self.sequence, self.position = head


def _too_large(event: Event, length: int, place: int | None) -> EventTooLarge:
    fields = BY_STORED_NAME[event.stored_as].model_fields
    largest = max(fields, key=lambda name: len(str(getattr(event, name))))
    return EventTooLarge(fields[largest].alias or largest, length, EVENT_LENGTH_MAX, place)
