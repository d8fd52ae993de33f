"""What each event is about, told from the event and its sequence alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.entries import Event, History
from tests.domain.grammar import assets, cameras, director, music, sessions, started, stills
from tests.domain.test_assets import registered as asset
from tests.domain.test_cameras import registered as camera
from tests.domain.test_director import cut, said
from tests.domain.test_music import fact as moment
from tests.domain.test_stills import favourited
from tests.domain.test_stills import recorded as still
from tests.recordings import Recording


@pytest.mark.parametrize(
    ("event", "entity"),
    [
        (started, "session"),
        (camera, "camera:cam-1"),
        (still, "still:7"),
        (favourited, "still:2"),
        (asset, "asset:7"),
        (said(void=True), "event:2"),
        (cut, None),
        (moment, None),
    ],
    ids=lambda value: value.stored_as if isinstance(value, Event) else str(value),
)
def test_an_event_knows_its_entity(event: Event, entity: str | None):
    assert event.entity(7) == entity


def test_histories_of_all_nouns_begin_alike():
    nouns = (assets, cameras, director, music, sessions, stills)
    assert {noun.given(started).entries[0].body for noun in nouns} == {
        '{"timestampMs":1000,"sessionType":"music_demo","status":"setup"}'
    }


places = st.none() | st.integers(-9, 9)


@given(st.integers(0, 6), places, places, st.sampled_from([None, 1, 2, 3, -1, -2]))
def test_a_part_of_a_history_is_a_history(length: int, start: int | None, stop: int | None, step: int | None):
    recording = Recording()
    for at in range(length):
        recording.music(at)
    whole, part = History.of(iter(recording.entries)), slice(start, stop, step)
    assert list(whole) == recording.entries
    assert list(reversed(whole)) == recording.entries[::-1]
    assert list(whole[part]) == recording.entries[part]
    assert whole[part].events == [entry.event for entry in recording.entries[part]]
    assert list(whole[part][1:]) == recording.entries[part][1:]
    assert History.of(whole) is whole


@pytest.mark.parametrize("index", [2, -3])
def test_there_is_nothing_before_or_after_a_history(index: int):
    history = History.of(Recording().music(1).music(2).entries)
    assert (history[1], history[-2]) == (list(history)[1], next(iter(history)))
    with pytest.raises(IndexError):
        history[index]
