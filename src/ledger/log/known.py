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
    """``position`` and ``recorded_at`` are where this writer left its head, -1 where it has not come to it."""

    def __init__(self) -> None:
        self.position = self.recorded_at = -1
        self.is_ours = False
        """Whether nobody else had moved the head when it was last looked at."""
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
            shard.is_ours = append.position == shard.position
            if shard.streams and not shard.is_ours:
                if 0 < append.position - shard.position <= FOLLOWED_MAX:
                    moved[append.shard] = shard.position
                else:
                    self.forget([append.shard])
        for number, partition in _added_to(connection, moved) if moved else ():
            self._shards[number].streams.pop(partition, None)

    def are_ours(self, shards: Collection[int]) -> bool:
        """Whether nobody else had moved some shards' heads when they were last looked at."""
        return all(self._shards[number].is_ours for number in shards)

    def doubt(self, shards: Collection[int]) -> None:
        """Some shards' heads are in others' hands."""
        for number in shards:
            self._shards[number].is_ours = False

    def appends(
        self, connection: Connection, shards: Collection[int], under_way: Sequence[Append], now_ms: int
    ) -> list[Append]:
        """Appends to shards whose heads are taken to be where this writer left them, or will have with what is under way."""
        heads = {append.shard: append.head for append in under_way}
        for number in shards:
            if number not in heads:
                heads[number] = (number, self._shards[number].position, self._shards[number].recorded_at)
        return [Append(*heads[number], connection=connection, now_ms=now_ms) for number in shards]

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
        _, shard.position, shard.recorded_at = append.head
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
