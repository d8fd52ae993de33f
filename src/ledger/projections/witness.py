"""A witness: what a partition comes to by the domain's own fold, with no projection in between.

A projection that is wrong in the same way whenever it folds agrees with itself, and not with this. A shoot is folded as its
``as-of`` is answered, other things as ``Things``; and the tree over the leaves of each is what RFC 6962 says a tree is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from msgspec import DecodeError
from msgspec.json import decode
from sqlalchemy import Column, Connection, Table, select

from ledger.domain.activity import Activity
from ledger.domain.as_of import SessionAsOf
from ledger.domain.assets import Asset
from ledger.domain.cameras import Camera
from ledger.domain.captures import Capture
from ledger.domain.director import DirectorEvent
from ledger.domain.entries import Entry
from ledger.domain.images import Image
from ledger.domain.jobs import Job
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.recordings import Documentation, OcrResult, Recording, Screenshot
from ledger.domain.sessions import Session, SessionStarted
from ledger.domain.stills import Still
from ledger.domain.things import Things
from ledger.domain.values import Frozen
from ledger.domain.videos import Video
from ledger.log.merkle import TILE
from ledger.projections.activity import ACTIVITY
from ledger.projections.assets import ASSETS
from ledger.projections.cameras import CAMERAS
from ledger.projections.captures import CAPTURES
from ledger.projections.comparison import is_of
from ledger.projections.director import DIRECTOR_EVENTS
from ledger.projections.drift import Drift
from ledger.projections.images import IMAGES
from ledger.projections.jobs import JOBS
from ledger.projections.music import MUSIC_MOMENTS
from ledger.projections.recordings import DOCUMENTATION, OCR_RESULTS, RECORDINGS, SCREENSHOTS
from ledger.projections.sessions import SESSIONS
from ledger.projections.stills import STILLS
from ledger.projections.trees import TILES
from ledger.projections.videos import VIDEOS

ENTRIES_MAX: Final = 10_000
"""Of a longer partition it says nothing: it holds all of it in memory, some 3 KB an entry."""


class _Shown(NamedTuple):
    """Where a view has the documents of a partition, and what they come to. Columns named as a field are to say what it says."""

    table: Table
    key: Column[Any]
    kind: type[Frozen]
    documents: Callable[[Any], Mapping[Any, str]]


def _documents(things: Mapping[Any, Any]) -> dict[Any, str]:
    return {key: thing.to_json() for key, thing in things.items()}


_OF_A_SHOOT: Final = (
    _Shown(SESSIONS, SESSIONS.c.id, Session, lambda it: _documents({it.session.id: it.session} if it.session else {})),
    _Shown(CAMERAS, CAMERAS.c.camera_id, Camera, lambda it: _documents(it.cameras)),
    _Shown(DIRECTOR_EVENTS, DIRECTOR_EVENTS.c.sequence, DirectorEvent, lambda it: it.director_events),
    _Shown(STILLS, STILLS.c.sequence, Still, lambda it: _documents(it.stills)),
    _Shown(MUSIC_MOMENTS, MUSIC_MOMENTS.c.sequence, MusicMomentRecorded, lambda it: it.music_moments),
    _Shown(ASSETS, ASSETS.c.sequence, Asset, lambda it: _documents(it.assets)),
)
_OF_THINGS: Final = (
    _Shown(CAPTURES, CAPTURES.c.sequence, Capture, lambda it: _documents(it.captures)),
    _Shown(ACTIVITY, ACTIVITY.c.sequence, Activity, lambda it: _documents(it.activity)),
    _Shown(JOBS, JOBS.c.id, Job, lambda it: _documents(it.jobs)),
    _Shown(IMAGES, IMAGES.c.id, Image, lambda it: _documents(it.images)),
    _Shown(VIDEOS, VIDEOS.c.id, Video, lambda it: _documents(it.videos)),
    _Shown(RECORDINGS, RECORDINGS.c.id, Recording, lambda it: _documents(it.recordings)),
    _Shown(SCREENSHOTS, SCREENSHOTS.c.id, Screenshot, lambda it: _documents(it.screenshots)),
    _Shown(OCR_RESULTS, OCR_RESULTS.c.screenshot_id, OcrResult, lambda it: _documents(it.texts)),
    _Shown(DOCUMENTATION, DOCUMENTATION.c.recording_id, Documentation, lambda it: _documents(it.documentation)),
)


class _Account(NamedTuple):
    """What was told of one partition."""

    told: SessionAsOf | Things
    leaves: list[bytes]


class Witness:
    """Carries the entries of partitions, each in its order from the first, with their leaves."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}

    def carry(self, entries: Iterable[Entry], leaves: Iterable[bytes]) -> None:
        for entry, leaf in zip(entries, leaves, strict=True):
            if entry.sequence == 1:
                is_shoot = entry.event.stored_as == SessionStarted.stored_as
                self._accounts[entry.partition] = _Account(SessionAsOf() if is_shoot else Things(), [])
            elif entry.sequence > ENTRIES_MAX:
                self._accounts.pop(entry.partition, None)
            if (account := self._accounts.get(entry.partition)) is not None:
                account.told.carry(entry)
                account.leaves.append(leaf)

    def drifts(self, views: Connection, numbers: Mapping[str, int], rest: Callable[[], None]) -> Iterator[Drift]:
        """What the views show else of the partitions; ``numbers`` are those that views know them by."""
        for partition, number in numbers.items():
            if (account := self._accounts.get(partition)) is None:
                continue
            for shown in _OF_A_SHOOT if isinstance(account.told, SessionAsOf) else _OF_THINGS:
                if difference := _difference(shown, views, partition, number, account.told):
                    yield Drift(shown.table.name, partition, f"{difference} (by the domain's own fold of its events)")
                rest()
            if difference := _difference_of_tree(views, partition, account.leaves):
                yield Drift(TILES.name, partition, f"{difference} (by RFC 6962, of its leaves)")
            rest()


def _difference(
    shown: _Shown, views: Connection, partition: str, number: int, told: SessionAsOf | Things
) -> str | None:
    """The first row that is not what the partition comes to."""
    table, fields = shown.table, shown.kind.model_fields
    beside = [(column.name, fields[column.name].alias or "") for column in table.c if column.name in fields]
    columns = [shown.key, table.c.document, *(table.c[name] for name, _ in beside)]
    rows = views.execute(select(*columns).where(is_of(table, [partition], [number])))
    found: dict[Any, Sequence[Any]] = {row[0]: row[1:] for row in rows}
    wanted = shown.documents(told)
    for key in sorted(found.keys() | wanted.keys()):
        if how := _how(beside, found.get(key), wanted.get(key)):
            return f"the row of {shown.key.name} {key!r} {how}"
    return None


def _how(beside: Sequence[tuple[str, str]], found: Sequence[Any] | None, wanted: str | None) -> str:
    """In what a document and the columns beside it differ, apart from the order of its fields."""
    if found is None or wanted is None:
        return "is missing" if found is None else "should not be there"
    document, *values = found
    those = decode(wanted)
    these = those if document == wanted else _parsed(document)
    if not isinstance(these, dict):
        return "holds no document"
    differing = sorted(name for name in these.keys() | those.keys() if these.get(name) != those.get(name))
    for (name, field), value in zip(beside, values, strict=True):
        said = those.get(field)
        if value != (bool(said) if isinstance(value, bool) else said):  # a flag that is not spoken of is not set
            differing.append(name)
    return f"differs in {', '.join(differing)}" if differing else ""


def _parsed(document: str) -> Any:
    try:
        return decode(document)
    except DecodeError:
        return None


def _difference_of_tree(views: Connection, tree: str, leaves: Sequence[bytes]) -> str | None:
    """The first complete tile that is not kept as it must be."""
    kept = TILES.c
    rows = views.execute(select(kept.level, kept.number, kept.root).where(kept.tree == tree))
    found = {(level, number): bytes(root) for level, number, root in rows}
    # A tile of tiles has more leaves than there are.
    wanted = {(1, at // TILE): _root_of(leaves[at : at + TILE]) for at in range(0, len(leaves) - TILE + 1, TILE)}
    for level, number in sorted(found.keys() | wanted.keys()):
        these, those = found.get((level, number)), wanted.get((level, number))
        if these != those:
            how = "is missing" if these is None else "should not be there" if those is None else "differs in root"
            return f"the row of level {level}, number {number} {how}"
    return None


def _root_of(leaves: Sequence[bytes]) -> bytes:
    """Of a complete tree, each half of which is one."""
    if len(leaves) == 1:
        return leaves[0]
    half = len(leaves) // 2
    return sha256(b"\x01" + _root_of(leaves[:half]) + _root_of(leaves[half:])).digest()
