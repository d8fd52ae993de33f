"""The best stills of a stretch of video: the frames with the best measures, no two of which look the same."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from ledger.pictures.measures import Grey, Measures, difference, fingerprint, measure
from ledger.pictures.video import Frame, frames, picture_at

ALIKE_BITS_MAX: Final = 6
"""Of the 64 of their fingerprints: up to so many differing two frames are the same picture."""
APART_MS_MIN: Final = 200.0
"""Two stills of one stretch are at least so far apart: frames next to each other differ by nothing that anybody would see."""


class Candidate(NamedTuple):
    """A frame that may become a still."""

    ms: float
    measures: Measures
    fingerprint: int


def candidates(shown: Iterable[Frame]) -> Iterator[Candidate]:
    """Every frame with its measures, in order; three are in memory at a time."""
    held: deque[Frame | None] = deque([None], maxlen=3)
    for frame in shown:
        held.append(frame)
        if len(held) == 3:
            yield _candidate(held)
    held.append(None)
    if len(held) == 3:
        yield _candidate(held)


def best(found: Iterable[Candidate], count: int) -> list[Candidate]:
    """At most so many, best first; of frames that look the same, or are next to each other, only the best."""
    picked: list[Candidate] = []
    for candidate in sorted(found, key=lambda one: (-one.measures.score, one.ms)):
        if len(picked) == count:
            break
        if not any(_is_alike(candidate, other) for other in picked):
            picked.append(candidate)
    return picked


def _is_alike(one: Candidate, other: Candidate) -> bool:
    return abs(one.ms - other.ms) < APART_MS_MIN or difference(one.fingerprint, other.fingerprint) <= ALIKE_BITS_MAX


def _candidate(held: "deque[Frame | None]") -> Candidate:
    before, frame, after = held
    assert frame is not None, "the middle one is what is measured"
    return Candidate(frame.ms, measure(_grey(before), frame.grey, _grey(after)), fingerprint(frame.grey))


def _grey(frame: Frame | None) -> Grey | None:
    return frame.grey if frame is not None else None


class Stretch(NamedTuple):
    """A stretch of video in which stills are wanted, in milliseconds since its first frame."""

    name: str
    start_ms: float
    end_ms: float


class Picked(NamedTuple):
    """A still that was found in a stretch."""

    stretch: Stretch
    candidate: Candidate
    picture: bytes
    """The frame, whole, as a JPEG."""


def extract(path: Path, stretches: Iterable[Stretch], count: int) -> Iterator[list[Picked]]:
    """The best stills of each stretch of a video, at most ``count`` of each, best first; no frame for two of them.

    Raises VideoUnreadableError.
    """
    taken: list[float] = []
    for stretch in stretches:
        found = candidates(frames(path, stretch.start_ms, stretch.end_ms))
        free = [one for one in found if all(abs(one.ms - ms) >= APART_MS_MIN for ms in taken)]
        picked = best(free, count)
        taken += [one.ms for one in picked]
        yield [Picked(stretch, one, picture_at(path, one.ms)) for one in picked]
