"""The domain alone bears witness to what views should show, whoever has built them and however wrongly."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Executable, delete, insert, update

from ledger.domain.captures import CaptureReported, CaptureStatusMoved
from ledger.domain.director import DirectorEventChanges, DirectorEventCorrected
from ledger.domain.entries import Event
from ledger.domain.images import ImageGenerated
from ledger.domain.jobs import Job, JobFailed
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.recordings import DocumentationWritten, RecordingCompleted, ScreenshotAdded, ScreenshotRead
from ledger.domain.videos import VideoResultsRecorded
from ledger.log.merkle import TILE, root_of
from ledger.projections import jobs, trees, witness
from ledger.projections.activity import ActivityProjection
from ledger.projections.cameras import CAMERAS
from ledger.projections.captures import CapturesProjection
from ledger.projections.comparison import tables_of_partitions
from ledger.projections.digests import OF_MANY
from ledger.projections.director import DIRECTOR_EVENTS, DirectorEventsProjection
from ledger.projections.drift import Drift
from ledger.projections.images import ImagesProjection
from ledger.projections.jobs import JobsProjection
from ledger.projections.music import MUSIC_MOMENTS
from ledger.projections.projection import Batch
from ledger.projections.recordings import RecordingsProjection
from ledger.projections.refold import every_partition, look
from ledger.projections.sessions import SESSIONS
from ledger.projections.stills import STILLS
from ledger.projections.trees import TILES
from ledger.projections.videos import VideosProjection
from ledger.projections.views import PROJECTIONS
from ledger.projections.witness import Witness
from tests.log.opened import OpenLog, fact
from tests.projections.histories import STARTED
from tests.projections.test_cameras import _camera
from tests.projections.test_golden import told
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")

__all__ = ["told"]
CAMERA: Event = _camera("a")
STILL: Final[dict[str, Any]] = {
    "session": 1,
    "sequence": 9,
    "timestamp_ms": 1,
    "score": 1,
    "camera_id": "a",
    "is_favorite": False,
    "document": "{}",
}
MOMENT_TOO_MANY: Final[dict[str, Any]] = {"session": 1, "sequence": 70, "timestamp_ms": 1, "document": "{}"}
_decision: Final = DIRECTOR_EVENTS.c.sequence
TILE_TOO_MANY: Final[dict[str, Any]] = {"tree": "s1", "level": 1, "number": 0, "root": b"?"}


def complaints(viewed: Viewed, *, after: Callable[[Connection], Any] | None = None) -> list[Drift]:
    """What the witness says of the views of the one session, once somebody has been at them."""
    viewed.runner.catch_up()
    if after is not None:
        with viewed._writing.begin() as rows:
            after(rows)
    bearing, log = Witness(), viewed.opened.log
    entries = log.read(0, 0, 1_000)
    bearing.carry(entries, log.leaves(0, 0, len(entries)))
    by_sequence = {entry.sequence: entry for entry in entries}
    with viewed.views.snapshot() as snapshot:
        return list(bearing.drifts(snapshot.connection, {"s1": 1}, lambda _, it: by_sequence.get(it), lambda: None))


def test_it_agrees_with_views_that_are_right(opened: OpenLog, viewed: Viewed):
    opened.append(STARTED, CAMERA, *map(fact, range(TILE)))
    assert complaints(viewed) == []


def test_it_knows_all_views_that_show_something_of_a_partition():
    shown = {it.table.name for it in (*witness._OF_A_SHOOT, *witness._OF_THINGS)}
    shown |= {many.table.name for many in OF_MANY.values()}
    assert shown | {TILES.name} == {table.name for table in tables_of_partitions()}


def test_it_sees_what_a_projection_has_never_taken_up(opened: OpenLog, viewed: Viewed):
    viewed.reopen([it for it in PROJECTIONS if it.name != "cameras"])
    opened.append(STARTED, CAMERA)
    (drift,) = complaints(viewed)
    assert (drift.view, drift.partition) == ("cameras", "s1")
    assert drift.difference == "the row of camera_id 'a' is missing (by the domain's own fold of its events)"


@pytest.mark.parametrize(
    ("touch", "view", "how"),
    [
        (lambda rows: rows.execute(update(SESSIONS).values(document='{"status":"paused"}')), "sessions", "differs in "),
        (lambda rows: rows.execute(update(SESSIONS).values(status="paused")), "sessions", "differs in status ("),
        (lambda rows: rows.execute(update(CAMERAS).values(is_active=False)), "cameras", "differs in is_active ("),
        (lambda rows: rows.execute(update(CAMERAS).values(document="not json")), "cameras", "holds no document"),
        (lambda rows: rows.execute(update(CAMERAS).values(document="[]")), "cameras", "holds no document"),
        (lambda rows: rows.execute(insert(STILLS).values(STILL)), "stills", "should not be there"),
        (lambda rows: rows.execute(insert(TILES).values(TILE_TOO_MANY)), "tiles", "should not be there"),
    ],
    ids=range(7),
)
def test_it_sees_what_somebody_has_touched(
    opened: OpenLog, viewed: Viewed, touch: Callable[[Connection], Any], view: str, how: str
):
    opened.append(STARTED, CAMERA)
    (drift,) = complaints(viewed, after=touch)
    assert (drift.view, how in drift.difference) == (view, True)


def test_of_a_partition_with_too_many_things_it_says_nothing(
    opened: OpenLog, viewed: Viewed, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(witness, "KEPT_MAX", 2)
    opened.append(STARTED, CAMERA, CAMERA)
    assert complaints(viewed, after=lambda rows: rows.execute(update(CAMERAS).values(document="{}"))) == []


@pytest.mark.parametrize(
    ("touch", "view", "how"),
    [
        (update(DIRECTOR_EVENTS).where(_decision == 2).values(document="{}"), "director_events", "2 differs in _c"),
        (update(DIRECTOR_EVENTS).where(_decision == 3).values(event_type="x"), "director_events", "3 differs in event"),
        (delete(DIRECTOR_EVENTS).where(_decision == 5), "director_events", "5 is missing ("),
        (insert(MUSIC_MOMENTS).values(MOMENT_TOO_MANY), "music_moments", "70 should not be there ("),
    ],
    ids=range(4),
)
def test_of_decisions_and_moments_it_holds_none_and_knows_each(
    opened: OpenLog,
    viewed: Viewed,
    monkeypatch: pytest.MonkeyPatch,
    touch: Executable,
    view: str,
    how: str,
):
    monkeypatch.setattr(witness, "KEPT_MAX", 2)
    correction = DirectorEventCorrected(corrects=3, changes=DirectorEventChanges(void=True), reason="slip")
    opened.append(STARTED, *map(fact, range(4)), correction, MusicMomentRecorded(timestamp_ms=1))
    assert complaints(viewed) == []
    (drift,) = complaints(viewed, after=lambda rows: rows.execute(touch))
    assert (drift.view, f"sequence {how}" in drift.difference) == (view, True)


Plant = Callable[[pytest.MonkeyPatch], None]


def overlooks(projection: type[Any], *kinds: type[Event]) -> Plant:
    """A projection into which no event of some kinds ever comes, whoever folds."""
    apply = projection.apply

    def apply_the_rest(self: Any, batch: Batch, rows: Connection) -> None:
        kept = [it for it in zip(batch.entries, batch.positions, strict=True) if not isinstance(it[0].event, kinds)]
        entries, positions = [entry for entry, _ in kept], [position for _, position in kept]
        rest = Batch(entries, batch.numbers, shard=batch.shard, first=batch.first, log=batch._log, positions=positions)
        apply(self, rest, rows)

    return lambda monkeypatch: monkeypatch.setattr(projection, "apply", apply_the_rest)


def _without_lease(job: Job) -> tuple[Any, ...]:
    return (job.id, job.kind, job.status, job.created_at, job.lease_until, job.due_at, job.to_json())


def _backwards(leaves: Sequence[bytes]) -> bytes:
    return root_of(leaves[::-1])


PLANTED: Final[dict[str, tuple[str, Plant]]] = {
    "a correction that changes nothing": (
        "director_events",
        overlooks(DirectorEventsProjection, DirectorEventCorrected),
    ),
    "a report that comes to nothing": ("captures", overlooks(CapturesProjection, CaptureReported)),
    "a move that is no activity": ("activity", overlooks(ActivityProjection, CaptureStatusMoved)),
    "a failed job that runs on": ("jobs", overlooks(JobsProjection, JobFailed)),
    "a lease in the wrong column": ("jobs", lambda patch: patch.setattr(jobs, "_row", _without_lease)),
    "a result that is no image": ("images", overlooks(ImagesProjection, ImageGenerated)),
    "a video without its results": ("videos", overlooks(VideosProjection, VideoResultsRecorded)),
    "a recording that never ends": ("recordings", overlooks(RecordingsProjection, RecordingCompleted)),
    "a screenshot that is not listed": ("screenshots", overlooks(RecordingsProjection, ScreenshotAdded)),
    "a text that is lost": ("ocr_results", overlooks(RecordingsProjection, ScreenshotRead)),
    "a document that is lost": ("documentation", overlooks(RecordingsProjection, DocumentationWritten)),
    "a tree that grows backwards": ("tiles", lambda patch: patch.setattr(trees, "root_of", _backwards)),
}


@pytest.mark.parametrize(
    ("view", "plant"),
    [
        pytest.param(
            *it, id=name, marks=() if it[0] in ("director_events", "captures", "jobs", "tiles") else pytest.mark.long
        )
        for name, it in PLANTED.items()
    ],
)
def test_a_projection_that_is_always_wrong_agrees_with_itself_and_not_with_the_witness(
    view: str, plant: Plant, told: OpenLog, viewed: Viewed, monkeypatch: pytest.MonkeyPatch
):
    told.append(STARTED, *map(fact, range(TILE)), partition="s0long")
    plant(monkeypatch)
    viewed.runner.catch_up()
    found = look(told.log, viewed.views, list(every_partition(told.log)))
    assert {drift.view for drift in found.drifts} == {view}
    assert all(" (by " in drift.difference for drift in found.drifts)
    monkeypatch.setattr(Witness, "drifts", lambda *_: iter(()))
    assert look(told.log, viewed.views, found.partitions).drifts == []
