"""The cut log as it is asked for: at any point of a session's history, in milliseconds or in an editor's frames."""

from typing import Any

import pytest

from ledger.domain.refusals import Invalid, SessionNotFound
from tests.application.asking import Asking


@pytest.fixture
def shoot(ask: Asking) -> str:
    """On air: A from 1000, B from 2000, to the end at 3000; five entries."""
    session_id = ask.start(status="rolling", timestampMs=1000)
    ask.cut(session_id, 1000, cameraId="A")
    ask.cut(session_id, 2000, cameraId="B")
    ask.write("completeProductionSession", sessionId=session_id, timestampMs=3000)
    return session_id


def cameras(log: dict[str, Any]) -> list[tuple[str, int]]:
    return [(segment["cameraId"], segment["outMs"]) for segment in log["segments"]]


def test_without_a_point_the_whole_history_counts(ask: Asking, shoot: str):
    log = ask.read("getCutLog", sessionId=shoot)
    assert (log["sessionId"], log["sequence"], log["provisional"]) == (shoot, 4, False)
    assert cameras(log) == [("A", 2000), ("B", 3000)]
    assert "frames" not in log


@pytest.mark.parametrize(("sequence", "expected"), [(2, [("A", 1000)]), (3, [("A", 2000), ("B", 2000)])])
def test_at_a_sequence_nothing_after_it_is_known(ask: Asking, shoot: str, sequence: int, expected: list[Any]):
    log = ask.read("getCutLog", sessionId=shoot, atSequence=sequence)
    assert (log["sequence"], log["provisional"]) == (sequence, True)
    assert cameras(log) == expected


def test_it_is_read_from_the_log_and_so_does_not_wait_for_a_view(ask: Asking, shoot: str):
    answer = ask.answered("getCutLog", sessionId=shoot)
    assert not answer.stale


@pytest.mark.parametrize("rate", ["25", 25, 25.0], ids=repr)
def test_a_rate_may_come_as_text_or_as_the_number_that_it_is(ask: Asking, shoot: str, rate: Any):
    frames = ask.read("getCutLog", sessionId=shoot, rate=rate)["frames"]
    assert [(shot["cameraId"], shot["recordInFrame"], shot["recordOutFrame"]) for shot in frames] == [
        ("A", 0, 25),
        ("B", 25, 50),
    ]


def test_timecode_begins_where_it_is_told_to(ask: Asking, shoot: str):
    (first, _) = ask.read("getCutLog", sessionId=shoot, rate="29.97df", startTimecode="10:00:00;00")["frames"]
    assert first["recordIn"] == "10:00:00;00"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"startTimecode": "01:00:00:00"}, "startTimecode"),
        ({"rate": "29.97"}, "rate"),
        ({"rate": True}, "rate"),
        ({"rate": "25", "startTimecode": "nonsense"}, "startTimecode"),
        ({"atSequence": 5}, "atSequence"),
        ({"atSequence": 0}, "atSequence"),
        ({"atSequence": 1, "atMs": 1}, "atMs"),
    ],
    ids=str,
)
def test_what_makes_no_cut_log_is_told_by_its_field(ask: Asking, shoot: str, asked: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        ask.read("getCutLog", sessionId=shoot, **asked)
    assert refused.value.detail["field"] == field


def test_a_session_that_does_not_exist_has_none(ask: Asking):
    with pytest.raises(SessionNotFound):
        ask.read("getCutLog", sessionId="nobody")
