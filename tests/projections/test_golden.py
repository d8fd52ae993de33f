"""The rows that a fixed history comes to are kept beside each view's version: rows of another kind are another version's.

Views that were built by an earlier version are taken for those of today as long as the version says so: a projection whose rows
change without it would go on from rows that it never wrote.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from ledger.domain.entries import Stored
from ledger.domain.keys import KEYS_PARTITION
from ledger.projections.projection import METADATA, Projection
from ledger.projections.views import PROJECTIONS
from tests.log.opened import OpenLog, record_stored
from tests.projections.viewed import Viewed

GOLDEN: Final = Path(__file__).parent / "golden"
SAMPLES: Final = Path(__file__).parents[1] / "log" / "samples"

# The samples speak of one another by their sequence, and are recorded in the order in which they make sense.
SHOOT: Final = (
    "session-started.1",
    "camera-registered.1",
    "director-event-recorded.1",
    "camera-updated.1",
    "music-moment-recorded.1",
    "asset-registered.1",
    "director-event-recorded.1",  # 7, which is corrected
    "director-event-corrected.1",
    "still-recorded.1",  # 9, which is changed
    "still-unfavourited.1",
    "still-favourited.1",
    "still-selected.1",
    "still-deselected.1",
    "still-updated.1",
    "session-updated.1",
    "session-status-moved.1",
    "session-ended.1",
    "session-reopened.1",
)
# What the samples do not say: events with nothing but what is required, and the corners of corrections and of patches.
SPARSE: Final = (
    Stored("session-started.1", '{"sessionType":"music_demo","status":"setup"}'),
    Stored(
        "camera-registered.1",
        '{"cameraId":"b","sourceType":"x","role":"wide","priorityWeight":0.5,"isActive":true,"metadata":{"a":1}}',
    ),
    Stored("camera-updated.1", '{"cameraId":"b","unset":["metadata"]}'),
    Stored("director-event-recorded.1", '{"timestampMs":5,"eventType":"cut"}'),
    Stored("director-event-recorded.1", '{"timestampMs":4,"eventType":"hold","cameraId":"b","score":1}'),
    Stored("director-event-corrected.1", '{"corrects":4,"changes":{"void":true},"reason":"slip"}'),
    Stored("director-event-corrected.1", '{"corrects":5,"changes":{"unset":["score"]},"reason":"slip"}'),
    Stored("director-event-corrected.1", '{"corrects":5,"changes":{"timestampMs":6},"reason":"late"}'),
    Stored("still-recorded.1", '{"cameraId":"b","timestampMs":7,"score":2}'),
    Stored("still-selected.1", '{"still":9}'),
    Stored("music-moment-recorded.1", '{"timestampMs":8}'),
    Stored("asset-registered.1", '{"assetType":"clip","path":"c.mov"}'),
    Stored("session-updated.1", '{"title":"é","timestampMs":9}'),
    Stored("session-status-moved.1", '{"status":"rolling"}'),
    Stored("session-ended.1", '{"status":"complete","timestampMs":10.5}'),
)
# What belongs to no session has a partition of its own: a video and its job …
VIDEO: Final = (
    "video-created.1",
    "job-scheduled.1",
    "job-started.1",
    "job-handed-over.1",
    "job-progressed.1",
    "job-lease-lost.1",
    "job-retried.1",
    "job-started.1",
    "job-answered-late.1",
    "video-results-recorded.1",
    "job-completed.1",
)
# … an image whose generation failed, and one that was called off …
IMAGE: Final = ("image-added.1", "job-scheduled.1", "job-started.1", "image-generated.1", "job-failed.1")
CALLED_OFF: Final = ("image-added.1", "job-scheduled.1", "job-cancelled.1")
# … a file that somebody was let bring, and brought …
FILE: Final = ("upload-granted.1", "file-stored.1")
# … a frame, and what was said of it …
CAPTURE: Final = ("capture-recorded.1", "capture-status-moved.1", "capture-reported.1")
# … and a recording.
RECORDING: Final = (
    "recording-started.1",
    "screenshot-added.1",
    "screenshot-read.1",
    "screenshot-unreadable.1",
    "recording-completed.1",
    "documentation-written.1",
)
APART: Final = {
    "v1m7xy2k40c9ez51s6qpbk1ge": VIDEO,
    "i1m7xy2k40c9ez51s6qpbk1ge": IMAGE,
    "i1m7xy2k40c9ez51s6qpbk2hf": CALLED_OFF,
    "f1m7xy2k40c9ez51s6qpbk1ge": FILE,
    "r1m7xy2k40c9ez51s6qpbk1ge": RECORDING,
    "c1m7xy2k40c9ez51s6qpbk1ge": CAPTURE,
}
# Of no session, and of no view either.
KEYS: Final = ("key-added.1", "key-revoked.1")
# Kept for an audit that reads the log itself.
UNSEEN: Final = ("facts-lost.1",)


def _samples(names: Iterable[str]) -> list[Stored]:
    return [Stored(name, (SAMPLES / f"{name}.json").read_text("utf-8")) for name in names]


@pytest.fixture
def told(opened: OpenLog) -> OpenLog:
    """A log that holds the fixed history, and is read back from its file."""
    shoot, keys = _samples(SHOOT), _samples(KEYS)
    apart = [(partition, _samples(names)) for partition, names in APART.items()]
    for session_id, events in (("s0shoot", shoot), ("s0sparse", SPARSE), (KEYS_PARTITION, keys), *apart):
        for event in events:
            opened.now += 1
            record_stored(opened.log, session_id, event)
    # Salts are random, and so are the leaves that the trees are made of: here they are the same every time.
    leaf = (
        "convert_to(lpad(position::text, 32, '0'), 'UTF8')"
        if opened.place.is_shared
        else "CAST(printf('%032d', position) AS BLOB)"
    )
    opened.change(f"UPDATE events SET leaf = {leaf}")
    opened.reopen()
    return opened


def rows_of(projections: Sequence[Projection], told: OpenLog, path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row that projections write of the history, table by table."""
    viewed = Viewed(told, path, projections)
    viewed.step(1_000)
    with viewed.views.snapshot() as snapshot:
        found = {
            table.name: [
                {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
                for row in snapshot.connection.execute(select(table)).mappings()
            ]
            for table in METADATA.sorted_tables
        }
    viewed.close()
    return {table: sorted(rows, key=repr) for table, rows in found.items() if rows}


def golden_of(projection: Projection) -> Path:
    return GOLDEN / f"{projection.name}.{projection.version}.json"


def test_all_views_together_have_the_rows_of_their_versions(told: OpenLog, tmp_path: Path):
    golden = [json.loads(golden_of(projection).read_text("utf-8")) for projection in PROJECTIONS]
    assert rows_of(PROJECTIONS, told, tmp_path / "views.sqlite") == {
        table: rows for tables in golden for table, rows in tables.items()
    }


@pytest.mark.long_on("postgresql")
@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_a_view_has_the_rows_of_its_version(projection: Projection, told: OpenLog, tmp_path: Path):
    golden = golden_of(projection)
    renewed = tmp_path / golden.name
    rows = rows_of([projection], told, tmp_path / "views.sqlite")
    renewed.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert golden.exists(), f"a new view, or a new version: read its rows, then\ncp {renewed} {golden}"
    assert rows == json.loads(golden.read_text("utf-8")), (
        f"the rows of {projection.name} are not those of its version {projection.version}: raise the view's version,"
        f" then renew the golden rows:\ngit rm {golden}; then run this again and copy what it says"
    )


def test_every_view_has_golden_rows_of_one_version():
    assert {path.name for path in GOLDEN.glob("*")} == {golden_of(view).name for view in PROJECTIONS}


def test_the_history_tells_every_event_that_has_a_sample():
    assert {path.stem for path in SAMPLES.glob("*.json")} == {*SHOOT, *KEYS, *UNSEEN, *chain(*APART.values())}, (
        "add the new event where it makes sense"
    )


@pytest.mark.long_on("postgresql")
def test_other_rows_are_found(told: OpenLog, tmp_path: Path):
    """The control: one number that an event is read with comes out differently, and so do the rows."""
    stills = [view for view in PROJECTIONS if view.name == "stills"]
    before = rows_of(stills, told, tmp_path / "before.sqlite")
    assert rows_of(stills, told, tmp_path / "again.sqlite") == before
    told.change("UPDATE events SET body = replace(body, '\"score\": 0.75', '\"score\": 0.76')")
    assert rows_of(stills, told, tmp_path / "after.sqlite") != before
