"""What holds of every program, however odd its history."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cutlog import CutLog
from ledger.domain.program import fold
from tests.domain.program.shoots import changes, director_events, holds_of, recorded, shoot
from tests.recordings import SESSION, Recording


@given(st.lists(director_events | changes, max_size=40))
def test_segments_tile_the_program_and_every_cut_is_in_it_or_audited(happenings: list[tuple[Any, ...]]):
    recording = recorded(happenings)
    cut_log = fold(recording.entries)
    boundaries = [(segment.in_ms, segment.out_ms) for segment in cut_log.segments]
    assert all(before[1] == after[0] for before, after in pairwise(boundaries))
    empty = [segment for segment in cut_log.segments if segment.in_ms >= segment.out_ms]
    assert empty in ([], [*cut_log.segments[-1:]])
    assert not empty or cut_log.provisional
    accounted = {segment.cause_event_id for segment in cut_log.segments} | {entry.event_id for entry in cut_log.audit}
    cuts = [entry.sequence for entry in recording.entries if getattr(entry.event, "event_type", None) == "cut"]
    assert {f"{SESSION}-e{sequence}" for sequence in cuts} <= accounted


@given(st.lists(director_events | changes, max_size=40))
def test_holds_end_and_none_before_it_began(happenings: list[tuple[Any, ...]]):
    recording = recorded(happenings)
    holds = fold(recording.entries).holds
    assert all(hold.in_ms <= hold.out_ms for hold in holds)


@given(st.lists(director_events, max_size=20, unique_by=lambda happening: happening[1]), st.randoms())
def test_the_program_does_not_depend_on_the_order_in_which_facts_arrive(happenings: list[tuple[Any, ...]], random: Any):
    shuffled = list(happenings)
    random.shuffle(shuffled)
    assert as_it_looks(recorded(shuffled).ended(1100)) == as_it_looks(recorded(happenings).ended(1100))


def as_it_looks(recording: Recording) -> list[Any]:
    return [
        (segment.camera_id, segment.in_ms, segment.out_ms, segment.reason, segment.context)
        for segment in fold(recording.entries).segments
    ] + holds_of(recording)


@given(st.lists(director_events | changes, max_size=30))
def test_a_cut_log_reads_back_as_it_was_written(happenings: list[tuple[Any, ...]]):
    cut_log = fold(recorded(happenings).entries)
    assert CutLog.model_validate_json(cut_log.to_json()) == cut_log


def test_a_cut_log_is_written_as_the_contract_says():
    recording = shoot().cut("A", 2000).hold(2100, "A", "h").release(2200).ended(3000)
    assert fold(recording.entries).to_json() == (
        f'{{"sessionId":"{SESSION}","sequence":9,"provisional":false,"segments":['
        '{"cameraId":null,"inMs":1000,"outMs":2000,"reason":"no_camera",'
        '"context":{"mode":null,"priorities":{"A":1,"B":1,"C":1},"section":null,"tempo":null},"flags":[]},'
        f'{{"cameraId":"A","inMs":2000,"outMs":3000,"reason":"cut","causeEventId":"{SESSION}-e6",'
        '"context":{"mode":null,"priorities":{"A":1,"B":1,"C":1},"section":null,"tempo":null},"flags":[]}],'
        '"holds":[{"holdId":"h","cameraId":"A","inMs":2100,"outMs":2200,"status":"released","heldBy":"multicam"}],'
        '"audit":[]}'
    )
