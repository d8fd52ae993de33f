"""The timeline: one coherent snapshot of a session, for operators and for tools."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger.domain.refusals import Invalid, SessionNotFound
from ledger.projections import timeline
from tests.application.asking import Asking

TIMED = ("directorEvents", "stillCandidates", "musicMoments")


def record(ask: Asking, session: str, at: float) -> None:
    ask.cut(session, at)
    ask.write("createStillCandidate", sessionId=session, cameraId="a", timestampMs=at, score=1)
    ask.write("appendMusicMoment", sessionId=session, timestampMs=at)


def times(shown: dict[str, Any]) -> list[list[float]]:
    return [[thing["timestampMs"] for thing in shown[name]] for name in TIMED]


def test_it_holds_everything_of_a_session_in_time_order(ask: Asking):
    session = ask.start()
    camera = {"cameraId": "a", "sourceType": "x", "role": "hero", "priorityWeight": 1, "isActive": True}
    ask.write("upsertProductionCamera", sessionId=session, **camera)
    for at in (3, 1, 2):
        record(ask, session, at)
    record(ask, ask.start(), 9)
    shown = ask.read("getProductionTimeline", sessionId=session)
    assert list(shown) == ["session", "cameras", *TIMED]
    assert (shown["session"]["_id"], shown["cameras"][0]["cameraId"]) == (session, "a")
    assert times(shown) == [[1, 2, 3]] * 3


@pytest.mark.parametrize(
    ("window", "seen"),
    [
        ({"windowStartMs": 2}, [2, 3, 4]),
        ({"windowEndMs": 2}, [1, 2]),
        ({"windowStartMs": 2, "windowEndMs": 3}, [2, 3]),
        ({"windowStartMs": 2.5, "windowEndMs": 2.5}, []),
        ({"windowStartMs": 0}, [1, 2, 3, 4]),
    ],
    ids=str,
)
def test_a_window_includes_both_its_ends(ask: Asking, window: dict[str, float], seen: list[float]):
    session = ask.start()
    for at in (3, 1, 4, 2):
        record(ask, session, at)
    shown = ask.read("getProductionTimeline", sessionId=session, **window)
    assert times(shown) == [seen] * 3
    assert "truncated" not in shown


def test_a_window_that_holds_too_much_says_so(ask: Asking, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(timeline, "ANSWER_LENGTH_MAX", 2)
    session = ask.start()
    for at in (1, 2, 3):
        record(ask, session, at)
    shown = ask.read("getProductionTimeline", sessionId=session, windowStartMs=0)
    assert (times(shown), shown["truncated"]) == ([[1, 2]] * 3, True)
    assert "truncated" not in ask.read("getProductionTimeline", sessionId=session, windowStartMs=2)


def test_a_window_that_ends_before_it_begins_is_refused(ask: Asking):
    with pytest.raises(Invalid, match="windowEndMs"):
        ask.read("getProductionTimeline", sessionId=ask.start(), windowStartMs=2, windowEndMs=1)


def test_a_session_that_is_not_there_is_not_found(ask: Asking):
    with pytest.raises(SessionNotFound):
        ask.read("getProductionTimeline", sessionId="nobody")


def test_what_it_shows_belongs_together_while_writers_go_on(ask: Asking):
    """Each cut is recorded before its still: a timeline with the still and without the cut would show no moment there was."""
    session = ask.start()

    def writing() -> None:
        for at in range(40):
            record(ask, session, at)

    with ThreadPoolExecutor(1) as writer:
        written = writer.submit(writing)
        while not written.done():
            cuts, stills, moments = map(len, times(ask.read("getProductionTimeline", sessionId=session)))
            assert cuts >= stills >= moments >= cuts - 1
    written.result()
