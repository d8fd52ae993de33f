"""Devices that write from a spool of their own: what they number, and how the number goes along.

A device numbers its facts 1, 2, 3 … without a gap, whatever session they belong to. The number travels, and is kept for ever, as
the idempotency key: ``device:cam-2:7f3kq2ab:412`` is the fact 412 in the spool ``7f3kq2ab`` of cam-2, and ``…:412-450`` are those
that were sent as one batch, in order. A device that has lost its spool begins another, under another name.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Final, Literal, NamedTuple

from pydantic import Field, StringConstraints

from ledger.domain.cutlog import Absent
from ledger.domain.entries import Event
from ledger.domain.ids import partition_for
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen, Name, Text, Whole

ENTITY: Final = "losses"
NUMBERS_LENGTH_MAX: Final = 10_000

_KEY: Final = re.compile(
    r"device:([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([0-9a-z]{1,16}):([1-9][0-9]{0,15})(?:-([1-9][0-9]{0,15}))?"
)


class Delivery(NamedTuple):
    """What one idempotency key says was sent."""

    device: str
    spool: str
    first: int
    last: int


def delivery_key(device: str, spool: str, first: int, last: int) -> str:
    """The idempotency key of facts that are sent together."""
    return f"device:{device}:{spool}:{first}" + (f"-{last}" if last != first else "")


def delivery_of(key: str) -> Delivery | None:
    """What a key says was sent, None where it is not a device's."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    first = int(found[3])
    last = int(found[4] or first)
    return Delivery(found[1], found[2], first, last) if first <= last else None


# What has happened.


class Stretch(Frozen):
    """Consecutive numbers, both ends included."""

    first: int
    last: int


class FactsLost(Event):
    """What a device says of numbers that will not come, or not soon: nobody has to look for them."""

    stored_as: ClassVar[str] = "facts-lost.1"
    device: str
    spool: str
    numbers: tuple[Stretch, ...]
    why: str
    code: str | None = None
    """What the ledger had refused them with."""
    message: str | None = None

    def entity(self, sequence: int) -> str:
        return ENTITY


# What it amounts to.


class Arrival(NamedTuple):
    """Facts that came under one key."""

    delivery: Delivery
    actor: str
    recorded_at: int | None
    """None where they changed nothing, and nothing was recorded of them: then nobody knows when they came."""


class Lost(Stretch):
    """Numbers that the device says will not come."""

    why: str
    code: Annotated[str | None, Absent] = None
    message: Annotated[str | None, Absent] = None
    recorded_at: int


class Late(Stretch):
    """Numbers that came after a greater one."""

    after: int


class DeviceNumbers(Frozen):
    """What has come of one spool's numbers, as far as it is known: what its device has not sent yet, nobody here knows of."""

    device: str
    spool: str
    actors: tuple[str, ...]
    fact_count: int
    last: int
    """The greatest number of which anything is known."""
    missing: tuple[Stretch, ...]
    """Never arrived, and nobody has said why. They are on their way, or lost."""
    lost: tuple[Lost, ...]
    late: tuple[Late, ...]


def device_numbers(arrivals: Iterable[Arrival], losses: Iterable[tuple[int, FactsLost]]) -> tuple[DeviceNumbers, ...]:
    """Every spool's numbers, by device. ``losses`` come with when they were recorded; what was lost and has come is not lost."""
    of_spool: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        of_spool[arrival.delivery.device, arrival.delivery.spool].append(arrival)
    told: dict[tuple[str, str], list[tuple[int, FactsLost]]] = defaultdict(list)
    for recorded_at, loss in losses:
        told[loss.device, loss.spool].append((recorded_at, loss))
    return tuple(_numbers(*spool, of_spool[spool], told[spool]) for spool in sorted(of_spool.keys() | told.keys()))


def _numbers(device: str, spool: str, arrivals: list[Arrival], losses: list[tuple[int, FactsLost]]) -> DeviceNumbers:
    arrived = _merged((arrival.delivery.first, arrival.delivery.last) for arrival in arrivals)
    lost: list[Lost] = []
    accounted = arrived
    for recorded_at, loss in reversed(losses):  # the latest word on a number counts
        for first, last in _without(_merged((each.first, each.last) for each in loss.numbers), accounted):
            lost.append(
                Lost(
                    first=first, last=last, why=loss.why, code=loss.code, message=loss.message, recorded_at=recorded_at
                )
            )
        accounted = _merged([*accounted, *((each.first, each.last) for each in lost)])
    greatest = accounted[-1][1] if accounted else 0
    return DeviceNumbers(
        device=device,
        spool=spool,
        actors=tuple(sorted({arrival.actor for arrival in arrivals})),
        fact_count=sum(last - first + 1 for first, last in arrived),
        last=greatest,
        missing=tuple(Stretch(first=first, last=last) for first, last in _without([(1, greatest)], accounted)),
        lost=tuple(sorted(lost, key=lambda each: each.first)),
        late=tuple(_late(arrivals)),
    )


def _late(arrivals: list[Arrival]) -> Iterator[Late]:
    greatest = 0
    for arrival in arrivals:
        if arrival.recorded_at is not None:
            delivery = arrival.delivery
            if delivery.first < greatest:
                yield Late(first=delivery.first, last=delivery.last, after=greatest)
            greatest = max(greatest, delivery.last)


def _merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same numbers in as few stretches as there can be, in order."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _without(stretches: list[tuple[int, int]], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of some numbers without others; both merged."""
    left: list[tuple[int, int]] = []
    for first, last in stretches:
        next_one = first
        for start, end in taken:
            if end < next_one or start > last:
                continue
            if start > next_one:
                left.append((next_one, start - 1))
            next_one = end + 1
        if next_one <= last:
            left.append((next_one, last))
    return left


# What may happen.


DeviceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Number = Annotated[Whole, Field(ge=1, lt=10**16)]


class _WantedStretch(Frozen):
    first: _Number
    last: _Number


class RecordLoss(Frozen):
    device: DeviceName
    spool: Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{1,16}$")]
    numbers: Annotated[list[_WantedStretch], Field(min_length=1, max_length=NUMBERS_LENGTH_MAX)]
    why: Literal["dropped", "refused", "discarded"]
    code: Name | None = None
    message: Text | None = None


def partition_of(device: str) -> str:
    """Where a device's losses are kept: they may concern any session, or one that was never recorded."""
    return partition_for("device", device)


def decide(command: RecordLoss) -> list[FactsLost]:
    """The loss as a fact. Raises Invalid for a stretch that ends before it begins."""
    for place, stretch in enumerate(command.numbers):
        if stretch.last < stretch.first:
            raise Invalid(f"numbers[{place}].last", "must not be less than first")
    numbers = tuple(Stretch(first=each.first, last=each.last) for each in command.numbers)
    return [FactsLost(numbers=numbers, **command.model_dump(exclude={"numbers"}))]
