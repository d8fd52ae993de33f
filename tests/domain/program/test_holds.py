"""Holds are ranges beside the program."""

from typing import Any

import pytest

from ledger.domain.program import fold
from tests.domain.program.shoots import audited, holds_of, on_air, shoot
from tests.recordings import Recording


def test_a_hold_is_a_range_beside_the_program_on_the_camera_on_air():
    recording = shoot().cut("A", 1000).hold(1500, called="hold").release(1800).ended(3000)
    assert holds_of(recording) == [("A", 1500, 1800, "released")]
    assert fold(recording.entries).holds[0].hold_id == recording.id_of("hold")
    assert fold(recording.entries).holds[0].held_by == "multicam"
    assert on_air(fold(recording.entries)) == [("A", 1000, 3000)]


def test_a_hold_that_was_released_can_no_longer_be_broken():
    recording = shoot().cut("A", 1000).hold(1500).release(1800).cut("B", 2000).ended(3000)
    assert holds_of(recording) == [("A", 1500, 1800, "released")]


def test_a_hold_before_the_beginning_is_on_the_camera_that_the_program_will_begin_with():
    declared = Recording().started(0, metadata={"initialCamera": "B"}).cameras("A", "B").cut("A", 500).hold(600)
    assert holds_of(declared.rolling(1000).ended(2000)) == [("B", 600, 2000, "open_at_end")]
    undeclared = Recording().started(0).cameras("A", "B").cut("A", 500).hold(600)
    assert holds_of(undeclared.rolling(1000).ended(2000)) == [("A", 600, 2000, "open_at_end")]


def test_a_hold_may_name_a_camera_and_overlap_another():
    recording = shoot().cut("A", 1000).hold(1100).hold(1200, "B").release(1300, "A").release(1400, "B").ended(3000)
    assert holds_of(recording) == [("A", 1100, 1300, "released"), ("B", 1200, 1400, "released")]


def test_a_cut_away_from_a_held_camera_happens_and_breaks_the_hold():
    recording = shoot().cut("A", 1000).hold(1500).hold(1500, "B").cut("B", 2000, "away").release(2500, "B").ended(3000)
    assert on_air(fold(recording.entries)) == [("A", 1000, 2000), ("B", 2000, 3000)]
    assert holds_of(recording) == [("A", 1500, 2000, "broken"), ("B", 1500, 2500, "released")]
    assert audited(recording) == [("hold_broken", "away", 2000)]


def test_a_superseded_cut_breaks_no_hold():
    recording = shoot().cut("A", 1000).hold(1500).cut("B", 2000).cut("A", 2000).release(2500).ended(3000)
    assert holds_of(recording) == [("A", 1500, 2500, "released")]
    assert audited(recording, "hold_broken") == []


def test_a_release_goes_by_hold_id_then_by_camera_then_to_the_latest():
    recording = shoot().cut("A", 1000).hold(1100, "A", "one").hold(1200, "A", "two").hold(1300, "B", "three")
    recording.release(1400, "B", "one").release(1500, "A").release(1600).ended(3000)
    assert [(hold.hold_id, hold.out_ms) for hold in fold(recording.entries).holds] == [
        ("one", 1400),
        ("two", 1500),
        ("three", 1600),
    ]


@pytest.mark.parametrize("release", [{}, {"camera": "B"}, {"hold_id": "other"}], ids=str)
def test_a_release_without_its_hold_is_audited(release: dict[str, Any]):
    recording = shoot().cut("A", 1000)
    if release:
        recording.hold(1100, "A", "one")
    recording.release(1200, called="alone", **release).release(1300, "A", "one").ended(2000)
    assert ("release_without_hold", "alone", 1200) in audited(recording)


def test_holds_of_one_id_are_released_the_latest_first():
    recording = shoot().cut("A", 1000).hold(1100, hold_id="pose").hold(1200, hold_id="pose")
    recording.release(1300, hold_id="pose").release(1400, hold_id="pose").ended(3000)
    assert holds_of(recording) == [("A", 1100, 1400, "released"), ("A", 1200, 1300, "released")]


def test_a_hold_without_an_id_of_its_own_goes_by_its_events():
    recording = shoot().cut("A", 1000).hold(1100, called="hold").hold(1200, "B")
    recording.release(1300, hold_id=recording.id_of("hold")).ended(3000)
    assert holds_of(recording) == [("A", 1100, 1300, "released"), ("B", 1200, 3000, "open_at_end")]


def test_a_hold_that_nobody_releases_is_open_at_the_end():
    recording = shoot().cut("A", 1000).hold(1500, called="hold").ended(3000)
    assert holds_of(recording) == [("A", 1500, 3000, "open_at_end")]
    assert audited(recording) == [("hold_open_at_end", "hold", 1500)]
