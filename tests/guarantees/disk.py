"""A disk that keeps what was synced, and of all else what chance decides: it loses writes, tears them, fills up and fails.

While a ledger runs on it, the disk takes notes. Afterwards it can be asked what a power cut would have left behind at
any moment: a fresh folder with files such as a real disk might hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from tests.guarantees.interception import FULL, SYNC_FAILED, WRITE_FAILED, Refused

SECTOR: Final = 512
"""What is written of a sector is written whole, if at all."""


class Note(NamedTuple):
    """One thing that happened to a file, or that its users were told (``told``)."""

    kind: str
    file: str = ""
    offset: int = 0
    content: bytes = b""
    told: Any = None


class Trouble(NamedTuple):
    """From which call on a file and up to which the disk refuses, and how."""

    file: str
    code: int
    first: int
    last: int


class FakeDisk:
    """Notes of all that is done to the files of one folder; everything succeeds but what its troubles speak of."""

    def __init__(self, chance: Random) -> None:
        self.notes: list[Note] = []
        self._chance = chance
        self._troubles: list[Trouble] = []
        self._calls: dict[str, int] = {}

    def trouble(self, troubles: Iterable[Trouble]) -> None:
        """From now on there are these; their calls are counted from here."""
        self._calls.clear()
        self._troubles = list(troubles)

    def opened(self, path: Path, *, is_new: bool) -> None:
        self.notes.append(Note("created", path.name))

    def deleted(self, path: Path, *, entry_synced: bool) -> None:
        self.notes.append(Note("deleted", path.name))
        if entry_synced:
            self.notes.append(Note("folder synced", path.name))

    def written(self, path: Path, offset: int, content: bytes) -> Refused | None:
        refused = self._refused(path, FULL, WRITE_FAILED)
        if refused is not None:
            kept = self._chance.randrange(len(content))
            refused = refused._replace(kept_bytes=kept)
            content = content[:kept]
        self.notes.append(Note("written", path.name, offset, content))
        return refused

    def truncated(self, path: Path, size: int) -> Refused | None:
        self.notes.append(Note("truncated", path.name, size))
        return None

    def synced(self, path: Path, *, with_entry: bool) -> Refused | None:
        refused = self._refused(path, SYNC_FAILED)
        self.notes.append(Note("sync failed" if refused else "synced", path.name))
        if with_entry and not refused:
            self.notes.append(Note("folder synced", path.name))
        return refused

    def tell(self, what: Any) -> None:
        """Note what a user was told, among what was done to the files until then."""
        self.notes.append(Note("told", told=what))

    def _refused(self, path: Path, *codes: int) -> Refused | None:
        call = self._calls[path.name] = self._calls.get(path.name, 0) + 1
        for trouble in self._troubles:
            if trouble.file == path.name and trouble.code in codes and trouble.first <= call <= trouble.last:
                return Refused(trouble.code)
        return None


@dataclass
class _File:
    """What of a file is on the disk for certain, and what may be."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Note] = field(default_factory=list)

    def apply(self, note: Note) -> None:
        if note.kind == "truncated":
            del self.durable[note.offset :]
            return
        end = note.offset + len(note.content)
        self.durable.extend(bytes(max(0, end - len(self.durable))))
        self.durable[note.offset : end] = note.content

    def settle(self, chance: Random) -> None:
        """Have chance decide of every pending change whether it came to be, as a whole, in parts or not at all.

        Quite often all of them did, or none.
        """
        fates = chance.choice((("kept",), ("lost",), ("kept", "lost", "torn")))
        for note in self.pending:
            match chance.choice(fates):
                case "kept":
                    self.apply(note)
                case "torn" if note.kind == "written":
                    for sector in _sectors(note):
                        if chance.random() < 0.5:
                            self.apply(sector)
        self.pending.clear()

    def sync(self) -> None:
        for note in self.pending:
            self.apply(note)
        self.pending.clear()


def _sectors(note: Note) -> Iterable[Note]:
    """A write, cut where sectors meet."""
    start, end = note.offset, note.offset + len(note.content)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield note._replace(offset=start, content=note.content[start - note.offset : stop - note.offset])
        start = stop


def power_cut(notes: Iterable[Note], chance: Random, folder: Path) -> None:
    """Leave in an empty folder what a disk might hold that lost its power after these notes were taken.

    A file that was made or deleted since its folder was last synced may be there or not. After a failed sync the kernel
    believes its pages to be clean: whatever of them did not reach the disk then never will, unless it is written again.
    """
    files: dict[str, _File] = {}
    entries: dict[str, _File] = {}
    for note in notes:
        match note.kind:
            case "created":
                files[note.file] = _File()
            case "deleted":
                files.pop(note.file, None)
            case "folder synced":
                entries = dict(files)
            case "synced":
                files[note.file].sync()
            case "sync failed":
                files[note.file].settle(chance)
            case "written" | "truncated":
                files[note.file].pending.append(note)
    for name in sorted(files.keys() | entries.keys()):
        certain, maybe = entries.get(name), files.get(name)
        kept = certain if certain is maybe else chance.choice((certain, maybe))
        if kept is not None:
            kept.settle(chance)
            (folder / name).write_bytes(kept.durable)
