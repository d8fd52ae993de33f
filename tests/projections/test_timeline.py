import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.as_of import SessionAsOf
from ledger.domain.entries import Event
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.stills import StillRecorded
from ledger.projections import timeline
from ledger.projections.projection import ANSWER_LENGTH_MAX
from tests.log.opened import OpenLog, fact, recording
from tests.projections.histories import STARTED, Told, histories
from tests.projections.viewed import Viewed

KINDS: dict[str, Callable[[float], Event]] = {
    "directorEvents": fact,
    "stillCandidates": lambda at: StillRecorded(camera_id="a", timestamp_ms=at, score=1),
    "musicMoments": lambda at: MusicMomentRecorded(timestamp_ms=at),
}


def record(opened: OpenLog, viewed: Viewed, kind: str, count: int) -> None:
    events: list[Event] = [KINDS[kind](at) for at in range(count)]
    opened.append(STARTED, *events)
    viewed.step(20_000)


@pytest.mark.long_on("postgresql")
@pytest.mark.parametrize("kind", KINDS)
def test_the_newest_hundred_of_each_are_shown_in_time_order(opened: OpenLog, viewed: Viewed, kind: str):
    record(opened, viewed, kind, 103)
    with viewed.views.snapshot() as snapshot:
        shown = timeline.newest(snapshot.connection, "s1")
    times = [json.loads(document)["timestampMs"] for document in shown.timed[kind]]
    assert times == list(range(3, 103))
    assert [len(shown.timed[other]) for other in KINDS if other != kind] == [0, 0]
    assert not shown.truncated


@pytest.mark.long_on("postgresql")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("end", "truncated"), [(4, False), (5, True)])
def test_a_window_shows_so_many_of_each_and_says_where_there_are_more(
    opened: OpenLog, viewed: Viewed, kind: str, end: int, truncated: bool, monkeypatch: pytest.MonkeyPatch
):
    assert ANSWER_LENGTH_MAX == 10_000
    monkeypatch.setattr(timeline, "ANSWER_LENGTH_MAX", 5)
    record(opened, viewed, kind, 7)
    with viewed.views.snapshot() as snapshot:
        shown = timeline.window(snapshot.connection, "s1", 0, end)
    assert (len(shown.timed[kind]), shown.truncated) == (5, truncated)


counts = st.sampled_from([1, 2, 3, 100])


@settings(max_examples=10)
@given(histories(), counts)
def test_at_every_head_the_views_show_what_a_fold_of_the_history_up_to_there_does(told: list[Told], newest: int):
    require_equal_at_every_head(told, newest)


@pytest.mark.long
@settings(max_examples=500)
@given(histories(), counts)
def test_at_every_head_of_very_many_histories_the_views_show_what_a_fold_does(told: list[Told], newest: int):
    require_equal_at_every_head(told, newest)


def require_equal_at_every_head(told: list[Told], newest: int) -> None:
    with TemporaryDirectory() as folder:
        opened = OpenLog(Path(folder) / "log.sqlite")
        with opened.together():
            for session, event in told:
                opened.submit(recording(event), session)
        viewed = Viewed(opened, Path(folder) / "views.sqlite")
        folded = {"s1": SessionAsOf(), "s2": SessionAsOf()}
        for entry in opened.log.read(0, 0, 1_000):
            folded[entry.partition].carry(entry)
            viewed.step(1)
            with viewed.views.snapshot() as snapshot:
                for session, as_of in folded.items():
                    shown = timeline.newest(snapshot.connection, session, newest)
                    assert json.loads(shown.to_json()) == json.loads(as_of.timeline(newest).to_json())
        for each in (viewed, opened):
            each.close()
