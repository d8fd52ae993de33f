"""Questions to the log itself, asked on any connection: inside an append they see what it has not committed yet."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, case, func, or_, select

from ledger.domain.entries import Entry, Event, Stored
from ledger.log.answers import enough
from ledger.log.codec import UnreadableEventError, decode, encode
from ledger.log.columns import BIG
from ledger.log.direct import Direct
from ledger.log.outline import DECODERS
from ledger.log.tables import EVENTS, REQUESTS
from ledger.log.upcasts import UPCASTS

_e = EVENTS.c
_ENTRY: Final = (_e.partition, _e.sequence, _e.recorded_at, _e.actor, _e.key, _e.entity, _e.type, _e.body)
_SHARD: Final = Direct(
    select(*_ENTRY, _e.leaf)
    .where(_e.shard == bindparam("shard"), _e.position > bindparam("after"))
    .order_by(_e.position)
    .limit(bindparam("limit", type_=BIG))
)
_WITHOUT_LEAF: Final = itemgetter(slice(len(_ENTRY)))
_LEAF_OF: Final = itemgetter(len(_ENTRY))
_STREAM: Final = Direct(
    select(*_ENTRY)
    .where(_e.partition == bindparam("partition"), _e.sequence > bindparam("after"), _e.sequence <= bindparam("up_to"))
    .order_by(_e.sequence)
    .limit(bindparam("limit", type_=BIG))
)
_ENTITY: Final = Direct(
    select(*_ENTRY)
    .where(_e.partition == bindparam("partition"), _e.entity == bindparam("entity"))
    .order_by(_e.sequence)
)
_SPAN_OF_ENTITIES: Final = (
    select(_e.entity, func.min(_e.sequence), func.max(_e.sequence))
    .where(_e.partition == bindparam("partition"), _e.entity.in_(bindparam("entities", expanding=True)))
    .group_by(_e.entity)
)
_HEAD: Final = Direct(
    select(_e.sequence, _e.position).where(_e.partition == bindparam("partition")).order_by(_e.sequence.desc()).limit(1)
)
_LEAF: Final = Direct(select(_e.leaf).where(_e.shard == bindparam("shard"), _e.position == bindparam("position")))
_RECORDED_AT: Final = Direct(
    select(_e.recorded_at).where(_e.shard == bindparam("shard"), _e.position == bindparam("position"))
)
_PLACE: Final = Direct(
    select(_e.partition, _e.sequence).where(_e.shard == bindparam("shard"), _e.position == bindparam("position"))
)
_PLACED: Final = Direct(
    select(_e.position, _e.leaf, *_ENTRY)
    .where(_e.partition == bindparam("partition"), _e.sequence > bindparam("after"), _e.position <= bindparam("up_to"))
    .order_by(_e.sequence)
    .limit(bindparam("limit", type_=BIG))
)
_NEXT_PARTITION: Final = Direct(select(func.min(_e.partition)).where(_e.partition > bindparam("after")))
_LEAVES_OF_SHARD: Final = Direct(
    select(_e.leaf)
    .where(_e.shard == bindparam("shard"), _e.position > bindparam("after"), _e.position <= bindparam("up_to"))
    .order_by(_e.position)
)
_LEAVES_OF_PARTITION: Final = Direct(
    select(_e.leaf)
    .where(_e.partition == bindparam("partition"), _e.sequence > bindparam("after"), _e.sequence <= bindparam("up_to"))
    .order_by(_e.sequence)
)
SEQUENCE_MAX: Final = 2**53


class Head(NamedTuple):
    """How far a partition has come: its last sequence, and the position of that in its shard; zeros where there is nothing."""

    sequence: int
    position: int


class PlacedEntry(NamedTuple):
    """An entry with where it stands in its shard, and its leaf."""

    position: int
    leaf: bytes
    entry: Entry


def _entries(rows: Iterable[tuple[Any, ...]]) -> list[Entry]:
    return [
        Entry._make((partition, sequence, recorded_at, actor, key, entity, decode(stored_name, body), body, None))
        if stored_name not in UPCASTS
        else entry_of_old((partition, sequence, recorded_at, actor, key, entity), stored_name, body)
        for partition, sequence, recorded_at, actor, key, entity, stored_name, body in rows
    ]


def _outlined(rows: Iterable[tuple[Any, ...]]) -> list[Entry]:
    """Entries in outline. As bare as it is because a long shoot is read by it: nothing is called once an event but its decoder."""
    entries: list[Entry] = []
    new, decoders, stored_name = tuple.__new__, DECODERS, ""
    try:
        for partition, sequence, recorded_at, actor, key, entity, stored_name, body in rows:
            if (decoder := decoders.get(stored_name)) is not None:
                event = decoder(body)
                entries.append(new(Entry, (partition, sequence, recorded_at, actor, key, entity, event, body, None)))
            else:
                place = (partition, sequence, recorded_at, actor, key, entity)
                entries.append(entry_of_old(place, stored_name, body))
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableEventError(f"{stored_name}: {error}") from error
    return entries


def entry_of_old(place: tuple[Any, ...], stored_name: str, body: str, event: Event | None = None) -> Entry:
    """An entry of an old stored name: whole, for its body of today is made from all that it says."""
    event = event or decode(stored_name, body)
    return Entry._make((*place, event, encode(event), Stored(stored_name, body)))


def read_shard(connection: Connection, shard: int, after: int, limit: int) -> tuple[list[Entry], list[bytes]]:
    """Entries of a shard, and the leaf of each, in order of position from the one after ``after``; the next is always one more.

    In outline, as whoever builds views reads a great many. Raises UnreadableEventError at an event that cannot be read, once it is
    the next one.
    """
    found = _SHARD.rows(connection, shard=shard, after=after, limit=limit)
    rows = list(map(_WITHOUT_LEAF, found))
    try:
        entries = _outlined(rows)
    except UnreadableEventError:
        entries = _readable(rows)
    return entries, list(map(_LEAF_OF, found[: len(entries)]))


def _readable(rows: Sequence[tuple[Any, ...]]) -> list[Entry]:
    """What stands before the first event that cannot be read. Raises UnreadableEventError where that is the very first."""
    found: list[Entry] = []
    for row in rows:
        try:
            found += _outlined([row])
        except UnreadableEventError:
            if not found:
                raise
            break
    return found


def read_stream(
    connection: Connection, partition: str, *, after: int = 0, up_to: int = SEQUENCE_MAX, limit: int = SEQUENCE_MAX
) -> list[Entry]:
    """Entries of a partition in order of sequence, ``after`` excluded and ``up_to`` included."""
    return _entries(_STREAM.rows(connection, partition=partition, after=after, up_to=up_to, limit=limit))


def read_placed(connection: Connection, partition: str, *, after: int, up_to: int, limit: int) -> list[PlacedEntry]:
    """Entries of a partition in outline, in order of sequence, ``after`` excluded, up to a position of its shard."""
    rows = _PLACED.rows(connection, partition=partition, after=after, up_to=up_to, limit=limit)
    entries = _outlined(row[2:] for row in rows)
    return [PlacedEntry(row[0], bytes(row[1]), entry) for row, entry in zip(rows, entries, strict=True)]


def next_partition(connection: Connection, after: str) -> str | None:
    """The first partition in the order of their names after a name; None where there is none."""
    found: str | None = _NEXT_PARTITION.rows(connection, after=after)[0][0]
    return found


def read_entity(connection: Connection, partition: str, entity: str) -> list[Entry]:
    """All entries about one thing in a partition, in order of sequence."""
    return _entries(_ENTITY.rows(connection, partition=partition, entity=entity))


def entities_since(connection: Connection, partition: str, kind: str, after: int) -> list[str]:
    """The entities of one kind (``event:7``, ``event:12``) that were spoken of after a sequence."""
    of_kind = (_e.entity >= f"{kind}:", _e.entity < f"{kind};")  # the semicolon follows the colon
    found = select(_e.entity).distinct().where(_e.partition == partition, *of_kind, _e.sequence > after)
    return list(connection.execute(found).scalars())


def span_of_entities(connection: Connection, partition: str, entities: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The first and last sequence at which each of the given entities is spoken of, of those that are."""
    rows = connection.execute(_SPAN_OF_ENTITIES, {"partition": partition, "entities": list(entities)})
    return {entity: (first, last) for entity, first, last in rows}


def read_history(
    connection: Connection,
    partition: str,
    *,
    after: int,
    limit: int,
    up_to: int = SEQUENCE_MAX,
    stored_name: str | None = None,
    actor: str | None = None,
    entity: str | None = None,
    sequence: int | None = None,
) -> list[Entry]:
    """Entries of a partition in order of sequence that meet every filter that is given.

    ``entity`` and ``sequence`` are one filter: what is about the entity, or stands at the sequence. No more than one answer holds,
    and the one with which it is too much.
    """
    statement = select(*_ENTRY).where(_e.partition == partition, _e.sequence > after, _e.sequence <= up_to)
    for column, value in ((_e.type, stored_name), (_e.actor, actor)):
        if value is not None:
            statement = statement.where(column == value)
    about = [column == value for column, value in ((_e.entity, entity), (_e.sequence, sequence)) if value is not None]
    if about:
        statement = statement.where(or_(*about))
    rows = connection.execute(statement.order_by(_e.sequence).limit(limit))
    return _entries(tuple(row) for row in enough(rows, lambda row: len(row.body)))


def sequence_at(connection: Connection, partition: str, recorded_at: float) -> int:
    """The last sequence that was recorded at a time or before it; recorded time never runs backwards."""
    found = select(func.max(_e.sequence)).where(_e.partition == partition, _e.recorded_at <= recorded_at)
    return connection.execute(found).scalar() or 0


def sequence_by(connection: Connection, partition: str, position: int) -> int:
    """The last sequence of a partition that stands at a position of its shard, or before it."""
    found = select(_e.sequence).where(_e.partition == partition, _e.position <= position)
    return connection.execute(found.order_by(_e.sequence.desc()).limit(1)).scalar() or 0


def head_of(connection: Connection, partition: str) -> Head:
    rows = _HEAD.rows(connection, partition=partition)
    return Head(*rows[0]) if rows else Head(0, 0)


def deliveries(connection: Connection, device: str | None = None) -> list[tuple[str, str, int | None]]:
    """The keys under which devices have sent facts, in the order of their arrival: key, actor, and when they were recorded.

    The time is None where nothing was, because nothing changed. All requests that were ever answered are gone through.
    """
    asked, last = REQUESTS.c, EVENTS.c
    begin = f"device:{device}:" if device is not None else "device:"
    statement = (
        select(asked.key, asked.actor, case((last.key == asked.key, last.recorded_at)))
        .join(EVENTS, (last.partition == asked.partition) & (last.sequence == asked.sequence), isouter=True)
        .where(asked.key >= begin, asked.key < begin[:-1] + ";")  # the semicolon follows the colon
        .order_by(last.recorded_at, last.position)
    )
    return [(key, actor, recorded_at) for key, actor, recorded_at in connection.execute(statement)]


def leaf_at(connection: Connection, shard: int, position: int) -> bytes | None:
    """The leaf hash of the entry at a position, None where there is no such entry."""
    rows = _LEAF.rows(connection, shard=shard, position=position)
    return bytes(rows[0][0]) if rows else None


def recorded_at(connection: Connection, shard: int, position: int) -> int | None:
    """When the entry at a position was recorded, None where there is no such entry."""
    rows = _RECORDED_AT.rows(connection, shard=shard, position=position)
    return rows[0][0] if rows else None


def place_at(connection: Connection, shard: int, position: int) -> tuple[str, int] | None:
    """Partition and sequence of what stands at a position, whether it can be read or not; None where there is nothing."""
    rows = _PLACE.rows(connection, shard=shard, position=position)
    return rows[0] if rows else None


def leaves_of_shard(connection: Connection, shard: int, after: int, up_to: int) -> list[bytes]:
    """Leaf hashes in order of position, ``after`` excluded and ``up_to`` included."""
    return [leaf for (leaf,) in _LEAVES_OF_SHARD.run(connection, shard=shard, after=after, up_to=up_to)]


def leaves_of_partition(connection: Connection, partition: str, after: int, up_to: int) -> list[bytes]:
    """Leaf hashes in order of sequence, ``after`` excluded and ``up_to`` included."""
    return [leaf for (leaf,) in _LEAVES_OF_PARTITION.run(connection, partition=partition, after=after, up_to=up_to)]
