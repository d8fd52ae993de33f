"""``ledger explain``: one decision, told as somebody would tell it."""

import json

from ledger.cli.explain import sentences
from ledger.domain.program import explain
from ledger.domain.program.explain import MARKERS_BEFORE_MS
from tests.cli.terminal import Studio, done, run
from tests.domain.program.shoots import shoot
from tests.recordings import Recording


def told(recording: Recording, called: str) -> list[str]:
    """The sentences about the event that was called so."""
    explanation = json.loads(explain(recording.entries, recording.id_of(called)).to_json())
    return list(sentences(explanation))


def test_a_cut_is_told_in_words():
    recording = (
        shoot().cut("A", 1000).decided("mode_change", 1100, reason="pose").music(1200, section="drop", tempo=128)
    )
    recording.hold(1300, "A", "look").decided("bar_fire", 1400).decided("bar_fire", 1450)
    recording.decided("hero_pose_marker", 1475, "B", score=0.9)
    recording.cut("B", 1500, "cut", reason="the jump", score=0.82).ended(3000)
    before = f"In the {MARKERS_BEFORE_MS // 1000} s before"
    assert told(recording, "cut") == [
        "At 00:00:01.500 the director cut from A to B, because: the jump, score 0.82.",
        "In force: mode pose, section drop, 128 bpm, priorities A 1, B 1, C 1.",
        "Active cameras: A, B, C.",
        "Held: A since 00:00:01.300 by multicam.",
        f"{before}: hero pose marker on B (0.9) 0.025 s before; bar fire 0.050 s before, 2 in all.",
        "It put B on air from 00:00:01.500 to 00:00:03.000, 1.500 s.",
        "The hold look on A, 00:00:01.300 to 00:00:01.500: broken.",
        "Odd: hold broken: hold look on A, from 1300, was broken by a cut away.",
        "Recorded by multicam as entry 13 at 2023-11-14 22:13:33.000 UTC, +19675 days, 22:13:32 from its own time.",
    ]


def test_a_cut_that_was_no_edit_says_so_and_when_it_was():
    recording = shoot().cut("A", 1000).paused(2000).cut("B", 2500, "cut").ended(3000)
    first, *rest = told(recording, "cut")
    assert first == "At 00:00:02.500 the director cut to B, while the program was paused."
    assert "It is no edit of the program." in rest
    assert "Odd: shadow: a cut to B while paused." in rest


def test_what_is_no_cut_is_told_too():
    recording = shoot().cut("A", 1000).decided("mode_change", 1100, called="mode", reason="pose").ended(2000)
    recording.hold(1500, called="hold").decided("hero_pose_marker", 1600, "C", "pose")
    first, _, after, *_ = told(recording, "mode")
    assert first == "At 00:00:01.100 mode change, because: pose."
    assert after == "From then on: mode pose, priorities A 1, B 1, C 1."
    assert told(recording, "hold")[0] == "At 00:00:01.500 the director held the camera."
    assert told(recording, "pose")[0] == "At 00:00:01.600 hero pose marker on C."


def test_who_put_it_right_and_how_it_was_before_is_told_at_the_end():
    recording = shoot().cut("A", 1000).cut("B", 2000, "cut", score=1)
    recording.actor = "ann"
    recording.corrected("cut", camera_id="C", unset=("score",)).voided("cut")
    first, *_, original, corrected, voided = told(recording, "cut")
    assert first.startswith("Voided, it never happened: at 00:00:02.000 the director cut from A to C")
    assert [original, corrected, voided] == [
        "It was first recorded as: cut at 00:00:02.000, cameraId B, score 1.",
        "Corrected by ann as entry 8 at 2023-11-14 22:13:28.000 UTC: cameraId C, no score; because: a slip of the hand.",
        "Corrected by ann as entry 9 at 2023-11-14 22:13:29.000 UTC: it never happened; because: a slip of the hand.",
    ]


def test_an_event_is_named_by_its_sequence_or_its_id(studio: Studio):
    by_sequence = done("explain", studio.finished, "4", "--url", studio.url).out
    assert by_sequence.startswith("At 19:30:10.000 the director cut from wide to close, because: to close.\n")
    assert done("explain", studio.finished, f"{studio.finished}-e4", "--url", studio.url).out == by_sequence
    answer = done("explain", studio.finished, "4", "--json", "--url", studio.url).answer
    assert answer["segment"]["cameraId"] == "close"
    assert "eventId: the session has no director event" in run("explain", "latest", "1", "--url", studio.url).err
