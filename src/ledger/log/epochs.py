"""The lives of a ledger: a restored one begins a new epoch, and keeps in mind where it left the life it was restored from."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, insert, select

from ledger.domain.refusals import Refusal
from ledger.log.positions import Position
from ledger.log.tables import EPOCH_ORIGINS, EPOCHS, SHARDS

Heads = tuple[int, ...]
"""A position in each shard."""
_NOWHERE: Final = 2**63 - 1
"""Past every position: a life that goes on has not been left."""


class OfAnotherEpoch(Refusal):
    """What a caller handed back was given out in another life of this ledger: it may speak of facts that were lost with it."""

    code = "conflict"

    def __init__(self, field: str, theirs: str, go_back_to: Position, *, advice: str) -> None:
        """``go_back_to``: up to where the two lives are one, as a position of the present one."""
        super().__init__(
            f"{field}: it is of epoch {theirs}, but this ledger is in epoch {go_back_to.epoch}, because it was restored"
            f" from a backup since, or is another one; {advice}",
            field=field,
            position=str(go_back_to),
        )


class Origin(NamedTuple):
    """The life that an epoch's ledger was restored from, and the heads that it had in the backup."""

    epoch: str
    heads: Heads


class Epoch(NamedTuple):
    """One life of a ledger. The first has no origin."""

    name: str
    started_at: int
    origin: Origin | None


class Epochs:
    """All lives that a ledger is known to have had. The last is the present one."""

    def __init__(self, epochs: Sequence[Epoch], shard_count: int) -> None:
        self._epochs: Mapping[str, Epoch] = {epoch.name: epoch for epoch in epochs}
        self.shard_count = shard_count
        self.present = epochs[-1]

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self._epochs.values())

    def require_present(self, position: Position, field: str) -> None:
        """Let pass what was given out in the present life. Raises OfAnotherEpoch, with the point to go back to."""
        if position.epoch != self.present.name:
            shared = self.parting(position.epoch)
            reached = dict(position.shards)
            back = tuple((shard, min(reached[shard], head)) for shard, head in shared.shards if shard in reached)
            go_back_to = shared._replace(shards=back or shared.shards)
            raise OfAnotherEpoch(field, position.epoch, go_back_to, advice=f"go back to {go_back_to}")

    def require_shared(self, epoch: str, shard: int, position: int, field: str) -> None:
        """Let pass a place of any life that the present one has as well: what was there then still is.

        Raises OfAnotherEpoch, with the point up to which the two lives are one.
        """
        shared = self.parting(epoch)
        if position > dict(shared.shards)[shard]:
            raise OfAnotherEpoch(field, epoch, shared, advice=f"both hold the same up to {shared}, and no further")

    def parting(self, epoch: str) -> Position:
        """Up to where another life and the present one are the same: the very beginning, where the other is not known."""
        shared = self.shared_with(epoch) or (0,) * self.shard_count
        return Position(self.present.name, tuple(enumerate(shared)))

    def shared_with(self, epoch: str) -> Heads | None:
        """The positions up to which another life and the present one are the same; None for a life that is not known."""
        ours = dict(self._way_back(self.present.name))
        for name, theirs in self._way_back(epoch):
            if name in ours:
                return tuple(map(min, theirs, ours[name]))
        return None

    def _way_back(self, epoch: str) -> Iterator[tuple[str, Heads]]:
        """A life and those that it came from, each with the positions up to which the life is the same as it."""
        shared: Heads = (_NOWHERE,) * self.shard_count
        found = self._epochs.get(epoch)
        while found is not None:
            yield found.name, shared
            if found.origin is None:
                return
            shared = tuple(map(min, shared, found.origin.heads))
            found = self._epochs.get(found.origin.epoch)


def read_epochs(connection: Connection) -> Epochs:
    """The lives that a log knows of."""
    o, e = EPOCH_ORIGINS.c, EPOCHS.c
    origins: dict[int, dict[int, tuple[int, int]]] = {}
    for number, shard, origin, position in connection.execute(select(o.number, o.shard, o.origin, o.position)):
        origins.setdefault(number, {})[shard] = (origin, position)
    rows = connection.execute(select(e.number, e.epoch, e.shards, e.started_at).order_by(e.number)).all()
    names = {number: name for number, name, *_ in rows}
    epochs = [Epoch(name, started_at, _origin(origins.get(number), names)) for number, name, _, started_at in rows]
    return Epochs(epochs, rows[-1].shards)


def _origin(shards: Mapping[int, tuple[int, int]] | None, names: Mapping[int, str]) -> Origin | None:
    if not shards:
        return None
    (number,) = {origin for origin, _ in shards.values()}
    return Origin(names[number], tuple(position for _, (_, position) in sorted(shards.items())))


def add_epoch(connection: Connection, epoch: Epoch, shard_count: int) -> None:
    """Write a life down as the latest, in the caller's transaction. Its origin must be written down already."""
    number = (connection.execute(select(func.max(EPOCHS.c.number))).scalar() or 0) + 1
    row = {"number": number, "epoch": epoch.name, "shards": shard_count, "started_at": epoch.started_at}
    connection.execute(insert(EPOCHS).values(row))
    if epoch.origin is not None:
        named = select(EPOCHS.c.number).where(EPOCHS.c.epoch == epoch.origin.epoch)
        origin = connection.execute(named).scalar_one()
        rows = [
            {"number": number, "shard": shard, "origin": origin, "position": position}
            for shard, position in enumerate(epoch.origin.heads)
        ]
        connection.execute(insert(EPOCH_ORIGINS), rows)


def begin_epoch(connection: Connection, now_ms: int, also_known: Iterable[Epoch] = ()) -> Epoch:
    """Begin a new life at the log's heads, in the caller's transaction.

    ``also_known``: lives, in the order in which they began, that the log may not know of: those of a ledger that this one
    takes the place of, and whose tokens will come back.
    """
    before = read_epochs(connection)
    known = {epoch.name for epoch in before}
    heads = tuple(connection.execute(select(SHARDS.c.position).order_by(SHARDS.c.shard)).scalars())
    for epoch in also_known:
        if epoch.name not in known:
            add_epoch(connection, epoch, len(heads))
    begun = Epoch(new_name(), now_ms, Origin(before.present.name, heads))
    add_epoch(connection, begun, len(heads))
    return begun


def new_name() -> str:
    """A name that no other life of any ledger has."""
    return secrets.token_hex(4)
