"""Pose windows: the stills of one camera and pose that belong together, the best of them, and what they fall in.

Folded from a session's facts whenever it is asked for: how far apart two stills may be is the question's, not the ledger's.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Final, NamedTuple

from ledger.domain.as_of import SessionAsOf
from ledger.domain.director import DirectorEvent
from ledger.domain.ids import parse_id
from ledger.domain.program.metadata import as_name, first_number, member
from ledger.domain.stills import Still
from ledger.domain.values import Frozen, Number

GAP_MS_DEFAULT: Final = 2_000
MARKERS: Final = ("hero_pose_marker", "still_candidate_marker")


class Bar(Frozen):
    """The bar that was playing."""

    event_id: str
    timestamp_ms: Number
    number: Number | None = None
    """What its writer counts it as, where it says so."""


class PoseWindow(Frozen):
    camera_id: str
    pose_label: str | None = None
    start_ms: Number
    end_ms: Number
    """When its last still is: a window of one still begins and ends with it."""
    best_still: Still
    still_ids: tuple[str, ...]
    """All of its stills, in time order."""
    markers: tuple[DirectorEvent, ...]
    """What its stills came of, and what else its camera's pose logic marked in it, in time order."""
    section: str | None = None
    """The music's, where it begins."""
    bar: Bar | None = None

    def to_json(self) -> str:
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True).decode()


def pose_windows(session: SessionAsOf, gap_ms: float, camera_id: str | None = None) -> list[PoseWindow]:
    """The windows of one camera, or of all, by when they begin; stills more than ``gap_ms`` apart are in different ones."""
    kept = [still for still in session.stills.values() if camera_id in (None, still.camera_id)]
    spans = sorted(_spans(kept, gap_ms), key=lambda span: (span.start_ms, span.camera_id, span.pose_label or ""))
    markers = _markers_of(spans, session.decisions(*MARKERS), gap_ms)
    sections, bars = _sections(session), session.decisions("bar_fire")
    return [
        PoseWindow(
            camera_id=span.camera_id,
            pose_label=span.pose_label,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
            best_still=min(span.stills, key=_preference),
            still_ids=tuple(still.id for still in span.stills),
            markers=tuple(found),
            section=sections.at(span.start_ms),
            bar=_bar_at(bars, span.start_ms),
        )
        for span, found in zip(spans, markers, strict=True)
    ]


class _Span(NamedTuple):
    camera_id: str
    pose_label: str | None
    stills: Sequence[Still]

    @property
    def start_ms(self) -> float:
        return self.stills[0].timestamp_ms

    @property
    def end_ms(self) -> float:
        return self.stills[-1].timestamp_ms

    def distance(self, timestamp_ms: float) -> float:
        """How long before or after it a moment is; nothing for one inside it."""
        return max(self.start_ms - timestamp_ms, timestamp_ms - self.end_ms, 0)


def _preference(still: Still) -> tuple[Any, ...]:
    """A person's choice outranks a score, and of equals the earliest is taken, then the one that was recorded first."""
    return (not still.is_favorite, not still.selected_for_edit, -still.score, still.timestamp_ms)


def _spans(stills: Iterable[Still], gap_ms: float) -> Iterator[_Span]:
    by_pose: dict[tuple[str, str | None], list[Still]] = {}
    for still in stills:
        by_pose.setdefault((still.camera_id, still.pose_label), []).append(still)
    for (camera_id, label), found in by_pose.items():
        found.sort(key=lambda still: still.timestamp_ms)
        begin = 0
        for place in range(1, len(found) + 1):
            if place == len(found) or found[place].timestamp_ms - found[place - 1].timestamp_ms > gap_ms:
                yield _Span(camera_id, label, found[begin:place])
                begin = place


def _markers_of(spans: Sequence[_Span], markers: Iterable[DirectorEvent], gap_ms: float) -> list[list[DirectorEvent]]:
    """The markers of each span: those that its stills name, and those nearest to it that no still names."""
    named: dict[str, list[int]] = {}
    by_camera: dict[str, list[int]] = {}
    for place, span in enumerate(spans):
        by_camera.setdefault(span.camera_id, []).append(place)
        for event_id in {still.source_event_id for still in span.stills if still.source_event_id}:
            named.setdefault(event_id, []).append(place)
    nearby = {camera_id: _Nearby(spans, places, gap_ms) for camera_id, places in by_camera.items()}
    found: list[list[DirectorEvent]] = [[] for _ in spans]
    for marker in markers:
        # One without a camera speaks of all of them.
        cameras = [nearby[name] for name in nearby if marker.camera_id in (None, name)]
        near = (camera.nearest(marker.timestamp_ms) for camera in cameras)
        for place in named.get(marker.id) or [place for place in near if place is not None]:
            found[place].append(marker)
    return found


class _Nearby:
    """The spans of one camera, those of different poses perhaps one inside the other, for the question which is nearest."""

    def __init__(self, spans: Sequence[_Span], places: Sequence[int], gap_ms: float) -> None:
        """``places`` are those of its spans, by when they begin."""
        self._spans = spans
        self._places = places
        self._gap_ms = gap_ms
        self._starts = [spans[place].start_ms for place in places]
        self._last_ends = list(accumulate((spans[place].end_ms for place in places), max))

    def nearest(self, timestamp_ms: float) -> int | None:
        """The place of the nearest span, the later one where two are; None where none is near enough."""
        found, distance_min = None, self._gap_ms
        for number in range(bisect_right(self._starts, timestamp_ms + self._gap_ms) - 1, -1, -1):
            if self._last_ends[number] < timestamp_ms - distance_min:
                break  # all that are left ended before
            distance = self._spans[self._places[number]].distance(timestamp_ms)
            if distance < distance_min or (found is None and distance <= distance_min):
                found, distance_min = self._places[number], distance
        return found


class _Sections:
    """Which section of the music was playing when."""

    def __init__(self, begun: Iterable[tuple[float, int, str]]) -> None:
        self._begun = sorted(begun)
        self._times = [timestamp_ms for timestamp_ms, _, _ in self._begun]

    def at(self, timestamp_ms: float) -> str | None:
        place = bisect_right(self._times, timestamp_ms)
        return self._begun[place - 1][2] if place else None


def _sections(session: SessionAsOf) -> _Sections:
    """Told by music moments, and by the phrases that name theirs, whichever came last: as a cut log has it."""
    phrases = (
        (phrase.timestamp_ms, _sequence_of(phrase), as_name(member(phrase.metadata, "section")))
        for phrase in session.decisions("music_phrase_start")
    )
    begun = [*phrases, *session.sections()]
    return _Sections((timestamp_ms, sequence, section) for timestamp_ms, sequence, section in begun if section)


def _sequence_of(event: DirectorEvent) -> int:
    named = parse_id(event.id)
    assert named is not None, f"{event.id} is an Id of ours"
    return named.sequence


def _bar_at(bars: Sequence[DirectorEvent], timestamp_ms: float) -> Bar | None:
    place = bisect_right(bars, timestamp_ms, key=lambda bar: bar.timestamp_ms)
    if not place:
        return None
    bar = bars[place - 1]
    number = first_number(member(bar.metadata, "bar"), member(bar.metadata, "number"))
    return Bar(event_id=bar.id, timestamp_ms=bar.timestamp_ms, number=number)
