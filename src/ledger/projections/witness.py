"""A witness: what a partition comes to by the domain's own fold, with no projection in between.

A projection that is wrong in the same way whenever it folds agrees with itself, and not with this. A shoot is folded as its
``as-of`` is answered, other things as ``Things``; and the tree over the leaves of each is what RFC 6962 says a tree is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from hashlib import sha256
from typing import Any, Final, NamedTuple

from msgspec import DecodeError
from msgspec.json import decode
from sqlalchemy import Column, ColumnElement, Connection, Table, and_, select

from ledger.domain.activity import Activity
from ledger.domain.as_of import SessionAsOf
from ledger.domain.assets import Asset
from ledger.domain.cameras import Camera
from ledger.domain.captures import Capture
from ledger.domain.director import DirectorEventCorrected, corrected, recorded
from ledger.domain.documents import recorded_document
from ledger.domain.entries import Entry
from ledger.domain.images import Image
from ledger.domain.jobs import Job
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
from ledger.projections.digests import DECISIONS, OF_MANY, Digests, Many
from ledger.projections.drift import Drift
from ledger.projections.images import IMAGES
from ledger.projections.jobs import JOBS
from ledger.projections.recordings import DOCUMENTATION, OCR_RESULTS, RECORDINGS, SCREENSHOTS
from ledger.projections.sessions import SESSIONS
from ledger.projections.stills import STILLS
from ledger.projections.trees import TILES
from ledger.projections.videos import VIDEOS

KEPT_MAX: Final = 20_000
"""Of a partition with more entries it says nothing, decisions and moments not counted: it holds all others, some 3 KB each."""


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
    _Shown(STILLS, STILLS.c.sequence, Still, lambda it: _documents(it.stills)),
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


class _Account:
    """What was told of one partition."""

    def __init__(self, *, is_shoot: bool) -> None:
        self.told = SessionAsOf() if is_shoot else Things()
        self.many = {name: Digests() for name in (OF_MANY if is_shoot else ())}
        self.corrections: dict[int, list[Entry]] = {}
        self.tiles = _Tiles()
        self.kept = 0


EntryAt = Callable[[str, int], Entry | None]
"""Reads an entry once more, by its partition and its sequence."""


class Witness:
    """Carries the entries of partitions, each in its order from the first, with their leaves."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}

    def carry(self, entries: Sequence[Entry], leaves: Iterable[bytes]) -> None:
        for entry, leaf in zip(entries, leaves, strict=True):
            if entry.sequence == 1:
                is_shoot = entry.event.stored_as == SessionStarted.stored_as
                self._accounts[entry.partition] = _Account(is_shoot=is_shoot)
            if (account := self._accounts.get(entry.partition)) is not None:
                account.tiles.add(leaf)
                if entry.event.stored_as not in account.many:
                    self._keep(account, entry)
        for name, many in OF_MANY.items():
            for entry, digest in many.digests_of(entries):
                if (account := self._accounts.get(entry.partition)) is not None and name in account.many:
                    account.many[name].add(entry.sequence, digest)

    def _keep(self, account: _Account, entry: Entry) -> None:
        if isinstance(entry.event, DirectorEventCorrected):
            account.corrections.setdefault(entry.event.corrects, []).append(entry)
        else:
            account.told.carry(entry)
        account.kept += 1
        if account.kept > KEPT_MAX:
            del self._accounts[entry.partition]

    def drifts(
        self, views: Connection, numbers: Mapping[str, int], entry_at: EntryAt, rest: Callable[[], None]
    ) -> Iterator[Drift]:
        """What the views show else of the partitions; ``numbers`` are those that views know them by."""
        for partition, number in numbers.items():
            if (account := self._accounts.get(partition)) is None:
                continue
            for shown in _OF_A_SHOOT if isinstance(account.told, SessionAsOf) else _OF_THINGS:
                own = is_of(shown.table, [partition], [number])
                if difference := _difference(shown, views, own, shown.documents(account.told)):
                    yield Drift(shown.table.name, partition, f"{difference} {_BY_DOMAIN}")
                rest()
            for name, digests in account.many.items():
                many = OF_MANY[name]
                suspects = set(many.suspects(views, number, digests, rest))
                if many is DECISIONS:
                    suspects.update(account.corrections)
                entries = _read_again(partition, sorted(suspects), entry_at, rest)
                if difference := _difference_of_many(many, views, number, entries, account.corrections):
                    yield Drift(many.table.name, partition, f"{difference} {_BY_DOMAIN}")
            if difference := _difference_of_tree(views, partition, account.tiles.complete):
                yield Drift(TILES.name, partition, f"{difference} (by RFC 6962, of its leaves)")
            rest()


_BY_DOMAIN: Final = "(by the domain's own fold of its events)"


def _difference(shown: _Shown, views: Connection, of_it: ColumnElement[bool], wanted: Mapping[Any, str]) -> str | None:
    """The first row of these that is not what it should be."""
    table, fields = shown.table, shown.kind.model_fields
    beside = [(column.name, fields[column.name].alias or "") for column in table.c if column.name in fields]
    columns = [shown.key, table.c.document, *(table.c[name] for name, _ in beside)]
    found: dict[Any, Sequence[Any]] = {row[0]: row[1:] for row in views.execute(select(*columns).where(of_it))}
    for key in sorted(found.keys() | wanted.keys()):
        if how := _how(beside, found.get(key), wanted.get(key)):
            return f"the row of {shown.key.name} {key!r} {how}"
    return None


def _read_again(
    partition: str, sequences: Iterable[int], entry_at: EntryAt, rest: Callable[[], None]
) -> Iterator[tuple[int, Entry | None]]:
    for sequence in sequences:
        yield sequence, entry_at(partition, sequence)
        rest()


def _difference_of_many(
    many: Many,
    views: Connection,
    number: int,
    entries: Iterable[tuple[int, Entry | None]],
    corrections: Mapping[int, Sequence[Entry]],
) -> str | None:
    """The first row that is not what an entry, with what corrects it, comes to."""
    own = many.table.c
    shown = _Shown(many.table, own.sequence, many.document, lambda it: it)
    for sequence, entry in entries:
        wanted: dict[int, str] = {}
        if entry is not None and entry.event.stored_as == many.event.stored_as:
            wanted[sequence] = recorded_document(entry, many.kind)
            if sequence in corrections:
                wanted[sequence] = reduce(corrected, corrections[sequence], recorded(entry)).to_json()
        here = and_(own.session == number, own.sequence == sequence)
        if difference := _difference(shown, views, here, wanted):
            return difference
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


class _Tiles:
    """The complete tiles over leaves, as these come: of each the root by its level and number."""

    def __init__(self) -> None:
        self.complete: dict[tuple[int, int], bytes] = {}
        self._begun: dict[int, tuple[int, list[bytes]]] = {}
        """By level: the number of the tile that is not complete, and what there is of it."""

    def add(self, hashed: bytes, level: int = 1) -> None:
        number, hashes = self._begun.setdefault(level, (0, []))
        hashes.append(hashed)
        if len(hashes) == TILE:
            self.complete[level, number] = root = _root_of(hashes)
            self._begun[level] = (number + 1, [])
            self.add(root, level + 1)


def _root_of(hashes: Sequence[bytes]) -> bytes:
    """Of a complete tree, each half of which is one."""
    if len(hashes) == 1:
        return hashes[0]
    half = len(hashes) // 2
    return sha256(b"\x01" + _root_of(hashes[:half]) + _root_of(hashes[half:])).digest()


def _difference_of_tree(views: Connection, tree: str, wanted: Mapping[tuple[int, int], bytes]) -> str | None:
    """The first complete tile that is not kept as it must be."""
    kept = TILES.c
    rows = views.execute(select(kept.level, kept.number, kept.root).where(kept.tree == tree))
    found = {(level, number): bytes(root) for level, number, root in rows}
    for level, number in sorted(found.keys() | wanted.keys()):
        these, those = found.get((level, number)), wanted.get((level, number))
        if these != those:
            how = "is missing" if these is None else "should not be there" if those is None else "differs in root"
            return f"the row of level {level}, number {number} {how}"
    return None
