"""How a cut log is said as JSON: what a reader relies on is always there, what is optional only where it says something."""

import json
from typing import get_args

import pytest
from pydantic import ValidationError

from ledger.domain.cutlog import AuditEntry, AuditKind, Context, CutLog, Hold, Segment, Shot, Transition

GAP = Segment(camera_id=None, in_ms=0, out_ms=5, reason="no_camera", context=Context())
CUT = Segment(
    camera_id="A",
    in_ms=5,
    out_ms=9,
    reason="pose",
    cause_event_id="s1-e3",
    transition=Transition(type="dissolve", duration_ms=2.5),
    context=Context(mode="pose", priorities={"A": 1}, section="drop", tempo=120, score=0.5),
    flags=("late:5 ms",),
)


def said(**more: object) -> dict[str, object]:
    log = CutLog(session_id="s1", sequence=3, provisional=True, segments=(GAP, CUT), holds=(), audit=())
    document: dict[str, object] = json.loads(log.model_copy(update=more).to_json())
    return document


def test_a_gap_names_no_camera_and_says_so():
    assert said()["segments"][0] == {  # type: ignore[index]  # JSON
        "cameraId": None,
        "inMs": 0,
        "outMs": 5,
        "reason": "no_camera",
        "context": {"mode": None, "priorities": {}, "section": None, "tempo": None},
        "flags": [],
    }


def test_a_cut_says_all_that_is_known_of_it():
    assert said()["segments"][1] == {  # type: ignore[index]  # JSON
        "cameraId": "A",
        "inMs": 5,
        "outMs": 9,
        "reason": "pose",
        "causeEventId": "s1-e3",
        "transition": {"type": "dissolve", "durationMs": 2.5},
        "context": {"mode": "pose", "priorities": {"A": 1}, "section": "drop", "tempo": 120, "score": 0.5},
        "flags": ["late:5 ms"],
    }


def test_frames_are_there_where_a_rate_was_given():
    assert list(said()) == ["sessionId", "sequence", "provisional", "segments", "holds", "audit"]
    shot = Shot(camera_id="A", record_in_frame=0, record_out_frame=1, record_in="00:00:00:00", record_out="00:00:00:01")
    assert said(frames=(shot,))["frames"] == [
        {
            "cameraId": "A",
            "recordInFrame": 0,
            "recordOutFrame": 1,
            "recordIn": "00:00:00:00",
            "recordOut": "00:00:00:01",
        }
    ]


def test_holds_and_oddities_are_said_in_full():
    hold = Hold(hold_id="h", camera_id=None, in_ms=1, out_ms=2, status="released")
    held = hold.model_copy(update={"held_by": "ann"})
    odd = AuditEntry(event_id=None, timestamp_ms=1, kind="open_end", note="n")
    document = said(holds=(hold, held), audit=(odd,))
    plain = {"holdId": "h", "cameraId": None, "inMs": 1, "outMs": 2, "status": "released"}
    assert document["holds"] == [plain, plain | {"heldBy": "ann"}]
    assert document["audit"] == [{"eventId": None, "timestampMs": 1, "kind": "open_end", "note": "n"}]


def test_kinds_of_oddities_are_closed_and_each_comes_once():
    kinds = get_args(AuditKind)
    assert len(kinds) == len(set(kinds))
    with pytest.raises(ValidationError):
        AuditEntry(event_id=None, timestamp_ms=1, kind="curious", note="n")  # type: ignore[arg-type]  # what is tried
