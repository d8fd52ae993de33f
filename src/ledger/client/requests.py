"""Batches of facts as a request of the contract, and the idempotency key that each always has."""

from collections.abc import Callable, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

import msgspec

from ledger.client.batches import Batch
from ledger.client.functions import (
    BATCH_PATH,
    BY_NAME_PATH,
    DIRECTOR_EVENT,
    DIRECTOR_EVENTS,
    FUNCTIONS,
    SERIES_PATH,
)
from ledger.client.references import ID_FIELDS, number_of
from ledger.domain.devices import delivery_key

IdOf = Callable[[int], str | None]
_quoted: Final = msgspec.json.encode


class UnknownReferenceError(Exception):
    """A fact names one that the ledger has not taken, and will not: it was refused, dropped, or is too long ago."""

    def __init__(self, field: str, number: int) -> None:
        super().__init__(f"{field}: names fact {number} of this spool, which the ledger has given no Id")
        self.field = field


class DamagedFactError(Exception):
    """The bytes of a fact are not those that were recorded: the disk has changed them."""

    def __init__(self, place: int) -> None:
        super().__init__("its bytes are not those that were recorded: the disk has changed them")
        self.place = place
        """Which one of its batch it is."""


class Stated(NamedTuple):
    """A batch as a call of the contract."""

    function: str
    arguments: bytes
    key: str


class Prepared(NamedTuple):
    """What is posted, and where."""

    path: str
    body: bytes
    key: str | None
    """Where it is one call; among several each has its own."""


def state(device: str, spool: str, batch: Batch, id_of: IdOf) -> Stated:
    """The call that records a batch. Raises DamagedFactError or UnknownReferenceError."""
    if (place := batch.damaged) is not None:
        raise DamagedFactError(place)
    key = delivery_key(device, spool, batch.first, batch.last)
    session = _resolved("sessionId", batch.session, id_of)
    stated = [_with_ids(each, id_of) for each in batch.arguments] if batch.refers else batch.arguments
    if batch.function == DIRECTOR_EVENT and len(batch) > 1:
        arguments = b"".join((b'{"sessionId":', _quoted(session), b',"events":[', b",".join(stated), b"]}"))
        return Stated(DIRECTOR_EVENTS, arguments, key)
    (arguments,) = stated
    if session:
        rest = b"," + arguments[1:] if len(arguments) > 2 else arguments[1:]
        arguments = b'{"sessionId":%b%b' % (_quoted(session), rest)
    return Stated(batch.function, arguments, key)


def prepare(calls: Sequence[Stated]) -> Prepared:
    """The request that makes these calls, in their order. What follows a refused batch is to wait until that is divided."""
    if len(calls) > 1:
        told = chain.from_iterable((b",", *_by_name(call, _beside(call))) for call in calls)
        return Prepared(SERIES_PATH, b"".join((b'{"mutations":[', *islice(told, 1, None), b"]}")), None)
    (call,) = calls
    path = BATCH_PATH if call.function == DIRECTOR_EVENTS else FUNCTIONS[call.function].path
    if path is None:
        return Prepared(BY_NAME_PATH, b"".join(_by_name(call)), call.key)
    return Prepared(path, call.arguments, call.key)


def _beside(call: Stated) -> bytes:
    required = b',"required":true' if call.function == DIRECTOR_EVENTS else b""
    return b',"idempotencyKey":%b%b' % (_quoted(call.key), required)


def _by_name(call: Stated, beside: bytes = b"") -> tuple[bytes, ...]:
    """In pieces: what is large is put together once, and not over and over."""
    return b'{"path":', _quoted(call.function), b',"format":"json","args":', call.arguments, beside, b"}"


def _with_ids(stated: bytes, id_of: IdOf) -> bytes:
    """Arguments with the Ids of what they refer to."""
    arguments = msgspec.json.decode(stated)
    for field in ID_FIELDS:
        if field in arguments:
            arguments[field] = _resolved(field, arguments[field], id_of)
    return _quoted(arguments)


def _resolved(field: str, value: str, id_of: IdOf) -> str:
    number = number_of(value)
    if number is None:
        return value
    found = id_of(number)
    if found is None:
        raise UnknownReferenceError(field, number)
    return found
