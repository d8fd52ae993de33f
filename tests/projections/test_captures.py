import json

import pytest

from ledger.domain.captures import (
    Capture,
    CaptureEvent,
    CaptureRecorded,
    CaptureReported,
    CaptureStatusMoved,
    evolve,
    partition_of,
)
from ledger.projections import captures
from ledger.projections.captures import newest_question
from tests.log.opened import OpenLog
from tests.projections.viewed import Viewed

pytestmark = pytest.mark.long_on("postgresql")


def shown(viewed: Viewed, limit: int = 20) -> list[tuple[str, str]]:
    with viewed.views.snapshot() as snapshot:
        found = map(json.loads, captures.newest(snapshot.connection, limit))
        return [(document["imageUrl"], document["status"]) for document in found]


def record(opened: OpenLog, name: str, event: CaptureEvent | None = None) -> None:
    recorded = CaptureRecorded(image_url=name, source="telegram", status="pending")
    opened.append(event or recorded, partition=partition_of(name))


def test_the_newest_are_found_by_an_index(embedded_viewed: Viewed):
    plan = embedded_viewed.plan(newest_question(20))
    assert "USING INDEX captures_by_time" in plan
    assert "TEMP B-TREE" not in plan


def test_the_newest_come_first_those_of_one_millisecond_too(opened: OpenLog, viewed: Viewed):
    for name in "abcdef":
        record(opened, name)
    opened.now += 1
    record(opened, "g")
    viewed.step(100)
    assert [name for name, _ in shown(viewed)] == list("gfedcba")
    assert [name for name, _ in shown(viewed, 2)] == ["g", "f"]


@pytest.mark.long_on("postgresql")
def test_a_capture_that_moves_stays_where_it_is(opened: OpenLog, viewed: Viewed):
    for name in "ab":
        record(opened, name)
    viewed.step(100)
    record(opened, "a", CaptureStatusMoved(capture=1, status="identified", person_id="ann"))
    record(opened, "b", CaptureReported(capture=1, said="enhancing"))
    viewed.step(100)
    assert shown(viewed) == [("b", "pending"), ("a", "identified")]


@pytest.mark.long_on("postgresql")
@pytest.mark.parametrize("size", [1, 2, 100])
def test_the_view_is_the_fold_in_batches_of_any_size(opened: OpenLog, viewed: Viewed, size: int):
    moved = CaptureStatusMoved(capture=1, status="failed")
    retried = CaptureReported(capture=1, said="identified", status="identified", person_id="ann")
    told: list[tuple[str, CaptureEvent | None]] = [
        *(("a", None), ("a", moved), ("b", None), ("a", retried), ("b", moved), ("c", None), ("c", moved))
    ]
    for name, event in told:
        record(opened, name, event)
    while viewed.step(size):
        pass
    folded: dict[str, Capture] = {}
    for entry in opened.log.read(0, 0, 100):
        folded[entry.partition] = evolve(folded.get(entry.partition), entry)
    assert viewed.documents("captures") == sorted(capture.to_json() for capture in folded.values())
