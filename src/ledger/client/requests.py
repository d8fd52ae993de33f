"""A batch of facts as a request of the contract, and the idempotency key that it always has."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from ledger.client.batches import Fact
from ledger.client.functions import BATCH_PATH, BY_NAME_PATH, DIRECTOR_EVENT, FUNCTIONS
from ledger.client.references import ID_FIELDS, number_of
from ledger.domain.devices import delivery_key

IdOf = Callable[[int], str | None]
_quoted: Final = msgspec.json.encode


class UnknownReferenceError(Exception):
    """A fact names one that the ledger has not taken, and will not: it was refused, dropped, or is too long ago."""

    def __init__(self, field: str, number: int) -> None:
        super().__init__(f"{field}: names fact {number} of this spool, which the ledger has given no Id")
        self.field = field


class Prepared(NamedTuple):
    """What is posted, and where."""

    path: str
    body: bytes
    key: str


def prepare(device: str, spool: str, facts: Sequence[Fact], id_of: IdOf) -> Prepared:
    """The request that sends a batch. Raises UnknownReferenceError."""
    first = facts[0]
    key = delivery_key(device, spool, first.number, facts[-1].number)
    session = _resolved("sessionId", first.session, id_of)
    stated = [_stated(fact, id_of) for fact in facts]
    if first.function == DIRECTOR_EVENT and len(facts) > 1:
        body = b'{"sessionId":%b,"events":[%b]}' % (_quoted(session), b",".join(stated))
        return Prepared(BATCH_PATH, body, key)
    (body,) = stated
    if session:
        rest = b"," + body[1:] if len(body) > 2 else body[1:]
        body = b'{"sessionId":%b%b' % (_quoted(session), rest)
    path = FUNCTIONS[first.function].path
    if path is None:
        body = b'{"path":%b,"format":"json","args":%b}' % (_quoted(first.function), body)
        return Prepared(BY_NAME_PATH, body, key)
    return Prepared(path, body, key)


def _stated(fact: Fact, id_of: IdOf) -> bytes:
    if not fact.refers:
        return fact.arguments.encode()
    arguments = msgspec.json.decode(fact.arguments)
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
