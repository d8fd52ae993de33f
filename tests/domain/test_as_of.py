"""A session as of a point in its history. That the views agree with it at every point is in tests/projections."""

import gc
import json
import weakref
from typing import Any

from ledger.domain.as_of import SessionAsOf, as_of
from ledger.domain.assets import AssetRegistered
from ledger.domain.stills import StillFavourited
from tests.recordings import SESSION, Recording


def timeline(recording: Recording, up_to: int | None = None, newest: int = 100) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(as_of(recording.entries[:up_to]).timeline(newest).to_json())
    return shown


def events(recording: Recording, up_to: int | None = None, newest: int = 100) -> list[tuple[Any, ...]]:
    shown = timeline(recording, up_to, newest)["directorEvents"]
    return [(recording.name_of(event["_id"]), event["timestampMs"]) for event in shown]


def test_it_shows_nothing_that_came_later():
    recording = Recording().started(0, title="One").camera("A").cut("A", 1, "cut").updated(title="Two").camera_lost("A")
    assert timeline(recording, 1)["session"]["title"] == "One"
    assert timeline(recording, 1)["cameras"] == []
    assert timeline(recording, 4)["session"]["title"] == "Two"
    assert [camera["isActive"] for camera in timeline(recording, 4)["cameras"]] == [True]
    assert [camera["isActive"] for camera in timeline(recording, 5)["cameras"]] == [False]


def test_before_its_first_entry_there_is_no_session():
    shown = timeline(Recording())
    assert shown == {"session": None, "cameras": [], "directorEvents": [], "stillCandidates": [], "musicMoments": []}


def test_the_newest_are_shown_in_the_order_of_their_time_and_equals_as_they_were_recorded():
    recording = Recording().started().cut("A", 5, "b").cut("A", 1.5, "a").cut("A", 5, "c").cut("A", 9, "d")
    assert events(recording) == [("a", 1.5), ("b", 5), ("c", 5), ("d", 9)]
    assert events(recording, newest=2) == [("c", 5), ("d", 9)]


def test_a_correction_counts_from_where_it_was_recorded():
    recording = Recording().started().cut("A", 5, "a").cut("A", 6, "b").corrected("a", "fix", timestamp_ms=7)
    recording.voided("b").corrected("b", reason="it was real")
    assert events(recording, 3) == [("a", 5), ("b", 6)]
    assert events(recording, 4) == [("b", 6), ("a", 7)]
    assert events(recording, 5) == [("a", 7)]
    assert events(recording, 6) == [("b", 6), ("a", 7)]
    (corrected,) = (it for it in timeline(recording, 4)["directorEvents"] if "correctedBy" in it)
    assert (corrected["_id"], corrected["correctedBy"]) == (recording.id_of("a"), recording.id_of("fix"))


def test_corrections_add_up():
    recording = Recording().started().cut("A", 5, "cut", reason="x").corrected("cut", camera_id="B")
    (event,) = timeline(recording.corrected("cut", unset=("reason",), timestamp_ms=6))["directorEvents"]
    assert (event["cameraId"], event["timestampMs"], "reason" in event) == ("B", 6, False)


def test_everything_of_a_session_is_there_by_its_sequence():
    recording = Recording().started().cut("A", 5, "slip").voided("slip").music(3, section="drop").still("A", 4)
    session = as_of(recording.entries)
    assert {at: json.loads(document).get("void") for at, document in session.director_events.items()} == {2: True}
    assert {at: json.loads(document)["_id"] for at, document in session.music_moments.items()} == {4: f"{SESSION}-m4"}
    assert {at: still.timestamp_ms for at, still in session.stills.items()} == {5: 4}


def test_music_stills_and_assets_are_there_as_they_were_by_then():
    recording = Recording().started().music(3, section="drop").still("A", 4).music(1)
    recording.record(StillFavourited(still=3)).record(AssetRegistered(asset_type="raw", path="/a"))
    shown = timeline(recording)
    assert [moment["_id"] for moment in shown["musicMoments"]] == [f"{SESSION}-m4", f"{SESSION}-m2"]
    assert [still["isFavorite"] for still in timeline(recording, 4)["stillCandidates"]] == [False]
    assert [still["isFavorite"] for still in shown["stillCandidates"]] == [True]
    assert as_of(recording.entries[:5]).assets == {}
    assert [asset.path for asset in as_of(recording.entries).assets.values()] == ["/a"]


def test_a_session_that_nobody_holds_is_gone_at_once():
    gc.disable()
    try:
        session = weakref.ref(SessionAsOf())
        assert session() is None, "it waits for no collector"
    finally:
        gc.enable()
