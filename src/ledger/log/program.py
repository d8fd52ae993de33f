"""A session's whole history, to be replayed: its events decoded in one go, an entry made only for who looks at one."""

from functools import partial
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from ledger.domain.entries import Entry, Event, History, Stored
from ledger.log.codec import UnreadableEventError, decode, encode
from ledger.log.direct import Direct
from ledger.log.outline import DECODERS
from ledger.log.reading import SEQUENCE_MAX
from ledger.log.tables import EVENTS
from ledger.log.upcasts import UPCASTS

_e = EVENTS.c
_PROGRAM: Final = (
    Direct(  # without the partition, which whoever asks knows: a text once an event is a tenth of what the row costs
        select(_e.sequence, _e.recorded_at, _e.actor, _e.key, _e.entity, _e.type, _e.body)
        .where(_e.partition == bindparam("partition"), _e.sequence <= bindparam("up_to"))
        .order_by(_e.sequence)
    )
)


def read_program(connection: Connection, partition: str, up_to: int = SEQUENCE_MAX) -> History:
    """A partition from its first entry to a sequence, in outline. Raises UnreadableEventError.

    As bare as it is because a long shoot is read by it: nothing is called once an event but its decoder.
    """
    rows = _PROGRAM.rows(connection, partition=partition, up_to=up_to)
    decoders = DECODERS | {stored_name: partial(decode, stored_name) for stored_name in UPCASTS}
    events: list[Event] = []
    stored_name = body = ""
    try:
        for _, _, _, _, _, stored_name, body in rows:
            events.append(decoders[stored_name](body))
    except KeyError:
        decode(stored_name, body)  # says in words that no event has this name
        raise
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableEventError(f"{stored_name}: {error}") from error

    def entry_at(index: int) -> Entry:
        sequence, recorded_at, actor, key, entity, stored_name, body = rows[index]
        event, older = events[index], None
        if stored_name in UPCASTS:
            older, body = Stored(stored_name, body), encode(event)
        return Entry._make((partition, sequence, recorded_at, actor, key, entity, event, body, older))

    return History(events, entry_at)
