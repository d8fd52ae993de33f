"""How far the writers' clocks are off the server's, as far as their facts can tell.

A fact says when it happened by its writer's clock and when it was recorded by the server's. The difference, its offset, is
how far the clock is behind plus how long the fact was under way. Nothing tells the two apart in one fact; but a delay only
ever adds, so that of many facts the smallest offset is the best estimate of the clock.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from ledger.domain.entries import Entry
from ledger.domain.values import Frozen, Number

JUMP_MS_DEFAULT: Final = 2_000
STEADY_DELIVERIES: Final = 3
"""How many deliveries in a row must agree before they count as a clock, and not as something that was held up."""


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
    estimate_ms: Number
    """How far the clock is off now: the smallest steady offset since its last jump; of all, where none is steady."""
    jumps: tuple[ClockJump, ...]
    stray_count: int
    """How many deliveries belong to no steady stretch: held up on the way, or a slip."""


@dataclass(slots=True)
class _Delivery:
    """What one writer had recorded in one millisecond. Its newest fact was least delayed, and has the smallest offset."""

    sequence: int
    recorded_at: int
    offset_ms: Number


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
    steady = [stretch for stretch in _stretches(deliveries, jump_ms) if len(stretch) >= STEADY_DELIVERIES]
    jumps: list[ClockJump] = []
    estimate_ms = _level(steady[0]) if steady else min(offsets)
    for stretch in steady[1:]:
        level, first = _level(stretch), stretch[0]
        if abs(level - estimate_ms) <= jump_ms:
            estimate_ms = min(estimate_ms, level)  # Only something stray lay between the two: the clock has not moved.
            continue
        jumps.append(
            ClockJump(sequence=first.sequence, recorded_at=first.recorded_at, from_ms=estimate_ms, to_ms=level)
        )
        estimate_ms = level
    return WriterClock(
        actor=actor,
        fact_count=len(offsets),
        delivery_count=len(deliveries),
        min_ms=min(offsets),
        median_ms=median(offsets),
        max_ms=max(offsets),
        latest_ms=offsets[-1],
        estimate_ms=estimate_ms,
        jumps=tuple(jumps),
        stray_count=len(deliveries) - sum(map(len, steady)),
    )


def _stretches(deliveries: list[_Delivery], jump_ms: Number) -> list[list[_Delivery]]:
    """Deliveries in a row, none further than ``jump_ms`` from the smallest offset before it in its stretch."""
    stretches: list[list[_Delivery]] = []
    smallest: Number = 0
    for delivery in deliveries:
        if stretches and abs(delivery.offset_ms - smallest) <= jump_ms:
            stretches[-1].append(delivery)
            smallest = min(smallest, delivery.offset_ms)
        else:
            stretches.append([delivery])
            smallest = delivery.offset_ms
    return stretches


def _level(stretch: list[_Delivery]) -> Number:
    return min(delivery.offset_ms for delivery in stretch)
