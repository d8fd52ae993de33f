"""A session's whole history, to be replayed: its events decoded in one go, an entry made only for who looks at one."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from ledger.domain.entries import Entry, Event, History
from ledger.log.codec import UnreadableEventError, decode
from ledger.log.direct import Direct
from ledger.log.outline import DECODERS
from ledger.log.reading import SEQUENCE_MAX, entry_of_old
from ledger.log.tables import EVENTS
from ledger.log.upcasts import UPCASTS

_e = EVENTS.c
_beside: Final = (_e.recorded_at, _e.actor, _e.key, _e.entity)
_up_to: Final = (_e.partition == bindparam("partition"), _e.sequence <= bindparam("up_to"))
# Without the partition, which whoever asks knows: a text once an event is a tenth of what its row costs.
_PROGRAM: Final = Direct(select(_e.sequence, *_beside, _e.type, _e.body).where(*_up_to).order_by(_e.sequence))
_EVENTS: Final = Direct(select(_e.sequence, _e.type, _e.body).where(*_up_to).order_by(_e.sequence))
_BESIDE_ONE: Final = Direct(
    select(*_beside).where(_e.partition == bindparam("partition"), _e.sequence == bindparam("sequence"))
)
_BESIDE_ALL: Final = Direct(select(*_beside).where(*_up_to).order_by(_e.sequence))
FEW: Final = 16
"""How many entries are asked for one by one in any case; and beside those one in EVENTS_AN_ENTRY."""
EVENTS_AN_ENTRY: Final = 200
"""An entry by itself costs 15 µs on SQLite, and on PostgreSQL a message there and back; of all together 0.8."""


def read_program(connection: Connection, partition: str, up_to: int = SEQUENCE_MAX) -> History:
    """A partition from its first entry to a sequence, in outline. Raises UnreadableEventError."""
    rows = _PROGRAM.rows(connection, partition=partition, up_to=up_to)
    events = _decoded((stored_name, body) for _, _, _, _, _, stored_name, body in rows)

    def entry_at(index: int) -> Entry:
        sequence, *beside, stored_name, body = rows[index]
        return _entry((partition, sequence, *beside), events[index], stored_name, body)

    return History(events, entry_at)


def read_replay(connection: Connection, partition: str, up_to: int = SEQUENCE_MAX) -> History:
    """The same for who looks at hardly an entry, in two thirds of the time: who recorded one, and when, is asked of the log then.

    It lasts as long as the connection's transaction.
    """
    rows = _EVENTS.rows(connection, partition=partition, up_to=up_to)
    events = _decoded((stored_name, body) for _, stored_name, body in rows)
    left, of_all = FEW + len(rows) // EVENTS_AN_ENTRY, list[tuple[Any, ...]]()

    def entry_at(index: int) -> Entry:
        nonlocal left, of_all
        sequence, stored_name, body = rows[index]
        if left:
            left -= 1
            (beside,) = _BESIDE_ONE.rows(connection, partition=partition, sequence=sequence)
        else:
            of_all = of_all or _BESIDE_ALL.rows(connection, partition=partition, up_to=up_to)
            beside = of_all[index]
        return _entry((partition, sequence, *beside), events[index], stored_name, body)

    return History(events, entry_at, lambda index: rows[index][0])


def _decoded(stored: Iterable[tuple[str, str]]) -> list[Event]:
    """Events in outline. As bare as it is because a long shoot is read by it: nothing is called once an event but its decoder."""
    decoders = DECODERS | {stored_name: partial(decode, stored_name) for stored_name in UPCASTS}
    events: list[Event] = []
    stored_name = body = ""
    try:
        for stored_name, body in stored:
            events.append(decoders[stored_name](body))
    except KeyError:
        decode(stored_name, body)  # says in words that no event has this name
        raise
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableEventError(f"{stored_name}: {error}") from error
    return events


def _entry(place: tuple[Any, ...], event: Event, stored_name: str, body: str) -> Entry:
    if stored_name in UPCASTS:
        return entry_of_old(place, stored_name, body, event)
    return Entry._make((*place, event, body, None))
