"""The whole log checked, straight from its database: every column of every row, the trees, and the heads that somebody has kept.

Nothing that is checked is trusted: leaf hashes are computed anew from what is stored, and trees anew from those. Every check is a
``Check`` of its own: another (of the views, say) is one more in the list.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

from ledger.domain.proofs import KeptHead
from ledger.log.database import Opening, open_sqlite
from ledger.log.joined import Joined, TreeName
from ledger.log.merkle import EMPTY, TILE_LEVELS
from ledger.log.positions import shard_of
from ledger.log.scan import Fault, Stretch, check_file, scan
from ledger.log.standing import Standing, read_standing
from ledger.projections.trees import StoredTrees, read_trees

STRETCH_ENTRIES: Final = 32_768
"""Scanned by one process at a time."""
ENTRIES_WORTH_PROCESSES: Final = 100_000
"""Fewer are scanned by this process before others have so much as started."""
Progress = Callable[[int, int], None]


class Check(NamedTuple):
    """One thing that was looked at, how much of it there was, and what was wrong with it."""

    name: str
    told: str
    faults: Sequence[Fault] = ()


@dataclass(frozen=True)
class Verification:
    """What came of it."""

    epoch: str
    entries: int
    sessions: int
    checks: Sequence[Check]

    @property
    def faults(self) -> list[Fault]:
        """Everything that is wrong, in the order of the log; what has no place in it comes last."""
        found = [fault for check in self.checks for fault in check.faults]
        return sorted(found, key=lambda fault: (fault.position is None, fault.shard or 0, fault.position or 0))

    @property
    def is_sound(self) -> bool:
        return not any(check.faults for check in self.checks)


class _Cuts(NamedTuple):
    """Where the roots of trees are wanted."""

    of_shards: dict[int, set[int]]
    of_sessions: dict[str, list[int]]


def verify(
    log: Path | Opening,
    views: Path | Opening | None = None,
    heads: Mapping[str, Sequence[KeptHead]] | None = None,
    *,
    processes: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Verification:
    """Check a log, whoever writes it meanwhile, beside its views' trees and the kept heads, given by what each is called.

    ``log`` and ``views`` are SQLite's files, or what opens another database; the views need not be there.
    ``progress(done, total)`` is told of entries. Raises sqlalchemy's DatabaseError where the log cannot be read at all.
    """
    opening = _opening(log)
    kept = {name: list(of_name) for name, of_name in (heads or {}).items()}
    # The trees first: what they show stands in every later snapshot of the log.
    trees = None if views is None or (isinstance(views, Path) and not views.exists()) else read_trees(_opening(views))
    standing = read_standing(opening)
    if trees is not None and trees.epoch != standing.epochs.present.name:
        trees = None
    cuts = _cuts(standing, trees, [head for of_name in kept.values() for head in of_name])
    stretches = list(_stretches(standing, cuts))
    joined = Joined(lambda partition: shard_of(partition, len(standing.shards)), cuts.of_sessions)
    done = 0
    with _executor(standing.entries, processes) as executor:
        file = executor.submit(check_file, opening)
        for scanned in executor.map(scan, [opening] * len(stretches), stretches):
            joined.add(scanned)
            done += scanned.stretch.up_to - scanned.stretch.after
            progress(done, standing.entries)
        file_faults = file.result()
    checks = [
        Check("file", "as the database itself checks it", file_faults),
        Check("entries", f"{standing.entries:,}", [*standing.faults, *joined.faults, *_wrong_heads(standing, joined)]),
        Check("requests", f"{standing.request_count:,}", standing.request_faults),
        Check("imported sessions", f"{len(standing.imported):,}", _wrong_imports(standing, joined)),
        _check_of_trees(trees, standing, joined),
        *(
            Check(f"head {name}", _told_of(of_name), _wrong_kept(of_name, standing, joined))
            for name, of_name in kept.items()
        ),
    ]
    return Verification(standing.epochs.present.name, standing.entries, len(joined.partitions), checks)


def _opening(at: Path | Opening) -> Opening:
    return partial(open_sqlite, at, durability="FULL", writing=False, connections=1) if isinstance(at, Path) else at


def _executor(entries: int, processes: int | None) -> Executor:
    count = processes or (os.cpu_count() or 1 if entries >= ENTRIES_WORTH_PROCESSES else 1)
    if count == 1:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def _cuts(standing: Standing, trees: StoredTrees | None, heads: Sequence[KeptHead]) -> _Cuts:
    of_shards: dict[int, set[int]] = {row.shard: set() for row in standing.shards}
    of_sessions: dict[str, set[int]] = {}
    for head in heads:
        if head.session_id is not None:
            of_sessions.setdefault(head.session_id, set()).add(head.size)
        else:
            of_shards.setdefault(head.shard, set()).add(head.size)
    for session in standing.imported:
        of_sessions.setdefault(session.session_id, set()).add(session.sequence)
    for shard, edge in trees.edges.items() if trees else ():
        of_shards.setdefault(shard, set()).add(edge.end)
    return _Cuts(of_shards, {name: sorted(sizes) for name, sizes in of_sessions.items()})


def _stretches(standing: Standing, cuts: _Cuts) -> Iterator[Stretch]:
    imported = {session.session_id: session.sequence for session in standing.imported}
    for row in standing.shards:
        ends = {at for at in cuts.of_shards[row.shard] if 0 < at < row.position}
        for after, up_to in pairwise(sorted({0, *range(0, row.position, STRETCH_ENTRIES), *ends, row.position})):
            yield Stretch(row.shard, after, up_to, cuts.of_sessions, imported)


def _wrong_heads(standing: Standing, joined: Joined) -> list[Fault]:
    """Shards whose row does not speak of their last entry."""
    return [
        Fault(f"the shard's head says {row.recorded_at}, its entries come to {latest}", "recorded_at", row.shard)
        for row in standing.shards
        if row.recorded_at != (latest := joined.latest.get(row.shard, 0))
    ]


def _wrong_imports(standing: Standing, joined: Joined) -> list[Fault]:
    return [
        Fault("is not what was imported", partition=session.session_id, sequence=session.sequence)
        for session in standing.imported
        if joined.roots.get((session.session_id, session.sequence)) != session.root
    ]


def _check_of_trees(trees: StoredTrees | None, standing: Standing, joined: Joined) -> Check:
    """Whether the stored trees are those of the entries, and all that should be stored of them is."""
    if trees is None:
        return Check("trees", "none are stored for this epoch: the order of entries is vouched for by kept heads alone")
    faults: list[Fault] = []
    heads = {row.shard: row.position for row in standing.shards}
    for shard, edge in trees.edges.items():
        if edge.end > heads.get(shard, 0):
            rule = (
                f"the trees go up to position {edge.end}, the log ends at {heads.get(shard, 0)}: entries were removed"
            )
            faults.append(Fault(rule, "position", shard, heads.get(shard, 0) + 1))
        elif edge.end and joined.roots.get((shard, edge.end)) != edge.root():
            rule = f"the tree over the positions up to {edge.end} is another than when they were recorded"
            faults.append(Fault(rule, None, shard))
    are_whole = {shard: edge.end for shard, edge in trees.edges.items()} == {
        at: end for at, end in heads.items() if end
    }
    wanted = joined.tiles.keys() if are_whole else trees.tiles.keys() & joined.tiles.keys()
    faults += [
        _tile_fault(*place) for place in sorted(wanted, key=str) if trees.tiles.get(place) != joined.tiles[place]
    ]
    beyond = trees.tiles.keys() - joined.tiles.keys()
    faults += [_tile_fault(*place) for place in sorted(beyond, key=str)] if are_whole else []
    return Check("trees", f"{len(trees.tiles):,} tiles", faults)


def _tile_fault(tree: TreeName, level: int, number: int) -> Fault:
    first, last = number << (level * TILE_LEVELS), (number + 1) << (level * TILE_LEVELS)
    if isinstance(tree, int):
        rule = f"the tile over positions {first + 1} to {last} is another than when they were recorded"
        return Fault(rule, None, tree, first + 1)
    rule = f"the tile over sequences {first + 1} to {last} is another than when they were recorded"
    return Fault(rule, partition=tree, sequence=first + 1)


def _told_of(heads: Sequence[KeptHead]) -> str:
    return ", ".join(map(str, heads))


def _wrong_kept(heads: Sequence[KeptHead], standing: Standing, joined: Joined) -> list[Fault]:
    """Kept heads that are not the beginning of what is there now."""
    faults: list[Fault] = []
    for head in heads:
        tree: TreeName = head.shard if head.session_id is None else head.session_id
        ends = {row.shard: row.position for row in standing.shards}
        end = ends.get(head.shard, 0) if head.session_id is None else joined.head_of(head.session_id)
        root = joined.roots.get((tree, head.size)) if head.size else EMPTY
        if root == head.root:
            continue
        now = f"it ends at {end}, what followed is gone" if head.size > end else "up to there it is another history"
        rule = f"{head} was kept; now {now}{_since_when(head, standing)}"
        faults.append(Fault(rule, shard=head.shard, partition=head.session_id))
    return faults


def _since_when(head: KeptHead, standing: Standing) -> str:
    """What a restored ledger has to say of a head that was kept in an earlier life of it."""
    if head.epoch == standing.epochs.present.name:
        return ""
    if standing.epochs.shared_with(head.epoch) is None:
        return f" (it was kept of epoch {head.epoch}, which is none of this ledger's)"
    return (
        f" (it was kept in epoch {head.epoch}; the ledger was restored from a backup since: go back to"
        f" {standing.epochs.parting(head.epoch)}, up to where both hold the same)"
    )
