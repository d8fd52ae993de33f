"""What each event is about, told from the event and its sequence alone."""

import pytest

from ledger.domain.entries import Event
from tests.domain.grammar import assets, cameras, director, music, sessions, started, stills
from tests.domain.test_assets import registered as asset
from tests.domain.test_cameras import registered as camera
from tests.domain.test_director import cut, said
from tests.domain.test_music import fact as moment
from tests.domain.test_stills import favourited
from tests.domain.test_stills import recorded as still


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
