"""What a writer knows from group to group: the streams that it has folded, as long as nobody else has added to them."""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Final

from sqlalchemy import Connection, and_, bindparam, or_, select

from ledger.log.append import Append
from ledger.log.direct import Direct
from ledger.log.stream import Stream
from ledger.log.tables import EVENTS

STREAMS_KEPT_MAX: Final = 256
"""Of each shard."""
FOLLOWED_MAX: Final = 2_000
"""Entries of others that are looked through for what they belong to; where there are more, all is read anew."""


class _Shard:
    """``position`` is where this writer left its head, -1 where it has not come to it."""

    def __init__(self) -> None:
        self.position = -1
        self.streams: OrderedDict[str, Stream] = OrderedDict()


class Known:
    """The streams of all shards."""

    def __init__(self) -> None:
        self._shards: defaultdict[int, _Shard] = defaultdict(_Shard)

    def follow(self, connection: Connection, appends: Sequence[Append]) -> None:
        """Forget the streams that others have added to, where they have moved a head that is now locked."""
        moved: dict[int, int] = {}
        for append in appends:
            shard = self._shards[append.shard]
            if shard.streams and append.position != shard.position:
                if 0 < append.position - shard.position <= FOLLOWED_MAX:
                    moved[append.shard] = shard.position
                else:
                    self.forget([append.shard])
        for number, partition in _added_to(connection, moved) if moved else ():
            self._shards[number].streams.pop(partition, None)

    def stream(self, partition: str, append: Append) -> Stream:
        """A partition as it stands under the lock of its shard's head."""
        streams = self._shards[append.shard].streams
        stream = streams.get(partition)
        if stream is None:
            stream = streams[partition] = Stream(partition, append.connection)
        else:
            streams.move_to_end(partition)
            stream.connection = append.connection
        stream.now_ms = append.recorded_at
        return stream

    def committed(self, append: Append) -> None:
        """What was added to a shard stands in the log."""
        shard = self._shards[append.shard]
        shard.position = append.position
        while len(shard.streams) > STREAMS_KEPT_MAX:
            shard.streams.popitem(last=False)

    def forget(self, shards: Collection[int]) -> None:
        """All of some shards, because what was to be added to them may not stand there."""
        for number in shards:
            self._shards.pop(number, None)


def _added_to(connection: Connection, after: Mapping[int, int]) -> list[tuple[int, str]]:
    """Shards, and the partitions in them of which there are entries behind a position of the shard."""
    named = {f"shard_{place}": shard for place, shard in enumerate(after)}
    named |= {f"after_{place}": position for place, position in enumerate(after.values())}
    return [(shard, partition) for shard, partition in _behind(len(after)).rows(connection, **named)]


@cache
def _behind(shard_count: int) -> Direct:
    places = [
        and_(EVENTS.c.shard == bindparam(f"shard_{place}"), EVENTS.c.position > bindparam(f"after_{place}"))
        for place in range(shard_count)
    ]
    return Direct(select(EVENTS.c.shard, EVENTS.c.partition).where(or_(*places)).distinct())
