"""Two cut logs of one session, at an earlier and a later point of its history: what came, what went, what is different."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import islice
from typing import Annotated, Any, Final, Generic, Literal, NamedTuple, TypeVar

from ledger.domain.cutlog import Absent, AuditEntry, CutLog, Hold, Segment
from ledger.domain.entries import Entry
from ledger.domain.values import Frozen, Number

ENTRIES_MAX: Final = 10_000
"""How many of the entries between the two points are listed, the first ones."""

Item = TypeVar("Item", Segment, Hold)


class SegmentChange(Frozen):
    before: Segment
    after: Segment
    changed: tuple[str, ...]
    """The fields that are different."""


class HoldChange(Frozen):
    before: Hold
    after: Hold
    changed: tuple[str, ...]


class EntryBetween(Frozen):
    sequence: int
    type: str
    """The event's stored name."""
    recorded_at: int
    actor: str
    timestamp_ms: Annotated[Number | None, Absent] = None
    event_type: Annotated[str | None, Absent] = None


class CutLogComparison(Frozen):
    """A segment is the same one where the same cut decided it, else where it begins or, decided by no cut, ends when it did."""

    session_id: str
    from_sequence: int
    to_sequence: int
    segments_added: tuple[Segment, ...]
    segments_removed: tuple[Segment, ...]
    segments_changed: tuple[SegmentChange, ...]
    holds_added: tuple[Hold, ...]
    holds_removed: tuple[Hold, ...]
    holds_changed: tuple[HoldChange, ...]
    audit_added: tuple[AuditEntry, ...]
    audit_removed: tuple[AuditEntry, ...]
    entries: tuple[EntryBetween, ...]
    """What was recorded after the earlier point, up to the later one."""
    truncated: Annotated[Literal[True] | None, Absent] = None
    """There are more entries than are listed."""

    def to_json(self) -> str:
        return self.__pydantic_serializer__.to_json(self, by_alias=True).decode()


def compare(before: CutLog, after: CutLog, between: Sequence[Entry]) -> CutLogComparison:
    """``between``: the entries that ``after`` was folded from and ``before`` was not."""
    segments = _paired(before.segments, after.segments, _cause, _beginning, _ending_without_cause)
    holds = _paired(before.holds, after.holds, lambda hold: (hold.hold_id, hold.in_ms), lambda hold: hold.hold_id)
    return CutLogComparison(
        session_id=after.session_id,
        from_sequence=before.sequence,
        to_sequence=after.sequence,
        segments_added=segments.came,
        segments_removed=segments.went,
        segments_changed=tuple(
            SegmentChange(before=old, after=new, changed=_different(old, new))
            for old, new in segments.stayed
            if old != new
        ),
        holds_added=holds.came,
        holds_removed=holds.went,
        holds_changed=tuple(
            HoldChange(before=old, after=new, changed=_different(old, new)) for old, new in holds.stayed if old != new
        ),
        audit_added=_left_over(after.audit, before.audit),
        audit_removed=_left_over(before.audit, after.audit),
        entries=tuple(map(_listed, islice(between, ENTRIES_MAX))),
        truncated=True if len(between) > ENTRIES_MAX else None,
    )


def _cause(segment: Segment) -> Hashable | None:
    return segment.cause_event_id


def _beginning(segment: Segment) -> Hashable | None:
    return segment.in_ms


def _ending_without_cause(segment: Segment) -> Hashable | None:
    return segment.out_ms if segment.cause_event_id is None else None


class _Paired(NamedTuple, Generic[Item]):
    went: tuple[Item, ...]
    came: tuple[Item, ...]
    stayed: list[tuple[Item, Item]]
    """As it was, as it is; in the order of what is."""


def _paired(before: Iterable[Item], after: Iterable[Item], *keys: Callable[[Item], Hashable | None]) -> _Paired[Item]:
    """Which of those after is which of those before: the first with the same key, by the first key that finds one."""
    went, came = list(before), list(after)
    stayed: list[tuple[Item, Item]] = []
    for key in keys:
        waiting: dict[Hashable | None, deque[Item]] = defaultdict(deque)
        for item in went:
            waiting[key(item)].append(item)
        waiting.pop(None, None)
        unpaired = []
        for item in came:
            if alike := waiting.get(key(item)):
                stayed.append((alike.popleft(), item))
            else:
                unpaired.append(item)
        found = {id(old) for old, _ in stayed}
        went, came = [item for item in went if id(item) not in found], unpaired
    return _Paired(tuple(went), tuple(came), sorted(stayed, key=lambda pair: pair[1].in_ms))


def _different(old: Segment | Hold, new: Segment | Hold) -> tuple[str, ...]:
    fields = type(old).model_fields
    return tuple(field.alias or name for name, field in fields.items() if getattr(old, name) != getattr(new, name))


def _left_over(entries: Sequence[AuditEntry], others: Sequence[AuditEntry]) -> tuple[AuditEntry, ...]:
    """Those of the entries that are not among the others, one for one."""
    known = Counter(others)
    left: list[AuditEntry] = []
    for entry in entries:
        if known[entry]:
            known[entry] -= 1
        else:
            left.append(entry)
    return tuple(left)


def _listed(entry: Entry) -> EntryBetween:
    event: Any = entry.event
    return EntryBetween(
        sequence=entry.sequence,
        type=entry.stored.name,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        timestamp_ms=getattr(event, "timestamp_ms", None),
        event_type=getattr(event, "event_type", None),
    )
