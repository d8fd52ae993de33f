"""Position tokens: how far a ledger had come, for a caller to hand back. Opaque outside."""

from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, Self

from ledger.domain.refusals import Invalid


class Position(NamedTuple):
    """An epoch, and a position in each shard that is spoken of."""

    epoch: str
    shards: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        if len(self.shards) == 1:  # as every write is answered
            ((shard, position),) = self.shards
            return f"{self.epoch}.{shard}-{position}"
        return ".".join((self.epoch, *(f"{shard}-{position}" for shard, position in self.shards)))

    @classmethod
    def parse(cls, token: str) -> Self:
        """Raises Invalid where the token is none of ours."""
        epoch, *parts = token.split(".")
        try:
            shards = tuple((int(shard), int(position)) for shard, position in (part.split("-") for part in parts))
        except ValueError:
            shards = ()
        if not (shards and epoch.isalnum() and token.isascii()) or any(
            shard < 0 or position < 0 for shard, position in shards
        ):
            raise Invalid("Ledger-At-Least", "is not a position of this ledger; hand back what Ledger-Position said")
        return cls(epoch, shards)


@lru_cache(4_096)
def shard_of(partition: str, shard_count: int) -> int:
    """The shard that a partition lives in, now and for ever."""
    return int.from_bytes(sha256(partition.encode()).digest()[:8]) % shard_count if shard_count > 1 else 0
