"""The list of everything that was odd, in the order of program time."""

from ledger.domain.cutlog import AuditEntry, AuditKind
from ledger.domain.ids import Kind, make_id


class Audit:
    def __init__(self, partition: str) -> None:
        self._partition = partition
        self._notes: list[tuple[int, int, str | None, AuditKind, str]] = []

    def add(self, kind: AuditKind, ms: int, sequence: int, note: str, thing: Kind | None = "event") -> None:
        """``sequence`` is that of the fact which is odd, and a ``thing`` where it can be looked up by its Id."""
        event_id = None if thing is None else make_id(self._partition, thing, sequence)
        self._notes.append((ms, sequence, event_id, kind, note))

    def entries(self) -> tuple[AuditEntry, ...]:
        ordered = sorted(self._notes, key=lambda noted: noted[:2])
        return tuple(
            AuditEntry(event_id=event_id, timestamp_ms=ms, kind=kind, note=note)
            for ms, _, event_id, kind, note in ordered
        )
