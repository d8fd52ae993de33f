"""How far the writers' clocks are off the server's, as far as their facts can tell.

A fact says when it happened by its writer's clock and when it was recorded by the server's. The difference, its offset, is
how far the clock is behind plus how long the fact was under way. Nothing tells the two apart in one fact. But a delay only
ever adds, so that of many facts the smallest offset is the best estimate of the clock. And two clocks run at one pace: where
offsets keep changing, facts came in faster or slower than they happened, an upload after the shoot for example, and no clock shows.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Annotated, Final

from ledger.domain.cutlog import Absent
from ledger.domain.entries import Entry
from ledger.domain.values import Frozen, Number

JUMP_MS_DEFAULT: Final = 2_000
STEADY_DELIVERIES: Final = 3
"""How many deliveries in a row must agree, within the threshold, before they show a clock."""
STEADY_FACTOR: Final = 5
"""And for how many times the threshold: then the two clocks ran at one pace, to within a fifth."""


class ClockJump(Frozen):
    """Where a clock went from one steady offset to another."""

    sequence: int
    """The first fact of the new one."""
    recorded_at: int
    from_ms: Number
    to_ms: Number


class WriterClock(Frozen):
    """One writer's offsets in milliseconds: recorded time less the writer's own. Above 0 its clock is behind, or its facts late."""

    actor: str
    fact_count: int
    """How many of its facts carry a time."""
    delivery_count: int
    """In how many moments they were recorded: a batch is one."""
    min_ms: Number
    median_ms: Number
    max_ms: Number
    latest_ms: Number
    """The last fact's."""
    estimate_ms: Annotated[Number | None, Absent] = None
    """How far the clock is off now: the smallest offset of its last steady stretch. None where there is none."""
    jumps: tuple[ClockJump, ...]
    stray_count: int
    """How many deliveries belong to no steady stretch: held up on the way, uploaded later, or a slip."""


@dataclass(slots=True)
class _Delivery:
    """What one writer had recorded in one millisecond. Its newest fact was least delayed, and has the smallest offset."""

    sequence: int
    recorded_at: int
    offset_ms: Number


class _Stretch:
    """Deliveries whose offsets lie within the threshold of each other."""

    def __init__(self, first: _Delivery) -> None:
        self.first = first
        self.smallest = self.largest = first.offset_ms
        self.lasted_ms = 0
        self.count = 1

    def takes(self, delivery: _Delivery, jump_ms: Number) -> bool:
        """Adds a delivery, where it belongs here."""
        smallest, largest = min(self.smallest, delivery.offset_ms), max(self.largest, delivery.offset_ms)
        if largest - smallest > jump_ms:
            return False
        self.smallest, self.largest = smallest, largest
        self.lasted_ms = delivery.recorded_at - self.first.recorded_at
        self.count += 1
        return True

    def is_steady(self, jump_ms: Number) -> bool:
        return self.count >= STEADY_DELIVERIES and self.lasted_ms >= STEADY_FACTOR * jump_ms


def writer_clocks(entries: Iterable[Entry], jump_ms: Number = JUMP_MS_DEFAULT) -> tuple[WriterClock, ...]:
    """Every writer of timed facts in one session's entries, given in sequence order, by name.

    Offsets further apart than ``jump_ms`` are not of one clock. Facts count as they were recorded: a correction is made by hand.
    """
    of_actor: dict[str, list[_Delivery]] = defaultdict(list)
    offsets: dict[str, list[Number]] = defaultdict(list)
    for entry in entries:
        timestamp_ms: Number | None = getattr(entry.event, "timestamp_ms", None)
        if timestamp_ms is None:
            continue
        offset_ms = entry.recorded_at - timestamp_ms
        offsets[entry.actor].append(offset_ms)
        deliveries = of_actor[entry.actor]
        if deliveries and deliveries[-1].recorded_at == entry.recorded_at:
            deliveries[-1].offset_ms = min(deliveries[-1].offset_ms, offset_ms)
        else:
            deliveries.append(_Delivery(entry.sequence, entry.recorded_at, offset_ms))
    return tuple(_clock(actor, offsets[actor], of_actor[actor], jump_ms) for actor in sorted(of_actor))


def _clock(actor: str, offsets: list[Number], deliveries: list[_Delivery], jump_ms: Number) -> WriterClock:
    steady = _steady_stretches(deliveries, jump_ms)
    jumps = tuple(
        ClockJump(
            sequence=after.first.sequence,
            recorded_at=after.first.recorded_at,
            from_ms=before.smallest,
            to_ms=after.smallest,
        )
        for before, after in pairwise(steady)
        if abs(after.smallest - before.smallest) > jump_ms
    )
    return WriterClock(
        actor=actor,
        fact_count=len(offsets),
        delivery_count=len(deliveries),
        min_ms=min(offsets),
        median_ms=median(offsets),
        max_ms=max(offsets),
        latest_ms=offsets[-1],
        estimate_ms=steady[-1].smallest if steady else None,
        jumps=jumps,
        stray_count=len(deliveries) - sum(stretch.count for stretch in steady),
    )


def _steady_stretches(deliveries: list[_Delivery], jump_ms: Number) -> list[_Stretch]:
    """One after another: each goes on, through whatever strays from it, until another offset is steady."""
    steady: list[_Stretch] = []
    candidate: _Stretch | None = None
    for delivery in deliveries:
        if steady and steady[-1].takes(delivery, jump_ms):
            candidate = None
        elif candidate is None or not candidate.takes(delivery, jump_ms):
            candidate = _Stretch(delivery)
        elif candidate.is_steady(jump_ms):
            steady.append(candidate)
            candidate = None
    return steady
