"""An outline says of an event what the event says, its open-ended JSON where it is looked into."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import Event
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.vocabulary import EVENT_TYPES
from ledger.log.codec import UnreadableEventError, decode, encode
from ledger.log.outline import decode_outline

numbers = st.integers(0, 2**53) | st.floats(0, 8.64e15)
texts = st.none() | st.text(min_size=1)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
# From dictionaries: given the class, hypothesis would add the fields again under the names that they have in JSON.
decisions = st.fixed_dictionaries(
    {
        "timestamp_ms": numbers,
        "event_type": st.sampled_from(sorted(EVENT_TYPES)),
        "camera_id": texts,
        "reason": texts,
        "score": st.none() | numbers,
        "metadata": json_values,
    }
).map(DirectorEventRecorded.model_validate)
moments = st.fixed_dictionaries(
    {
        "timestamp_ms": numbers,
        "section": texts,
        "tempo": st.none() | numbers,
        "audio_snapshot": json_values,
        "metadata": json_values,
    }
).map(MusicMomentRecorded.model_validate)


def _says(event: Event, outline: Any) -> None:
    assert outline.stored_as == event.stored_as
    assert {name: getattr(outline, name) for name in type(event).model_fields} == event.__dict__


@given(decisions | moments)
def test_an_outline_says_what_the_event_says(event: Event):
    body = encode(event)
    _says(decode(event.stored_as, body), decode_outline(event.stored_as, body))


def test_an_outline_is_as_immutable_as_the_event():
    outline = decode_outline("director-event-recorded.1", '{"timestampMs":1,"eventType":"cut"}')
    with pytest.raises(AttributeError, match="immutable"):
        outline.event_type = "hold"  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_open_ended_json_that_cannot_be_read_is_unreadable_where_it_is_looked_into(number: str):
    outline: Any = decode_outline(
        "director-event-recorded.1", f'{{"timestampMs":1,"eventType":"cut","metadata":{number}}}'
    )
    assert outline.event_type == "cut"
    with pytest.raises(UnreadableEventError, match=r"director-event-recorded\.1"):
        _ = outline.metadata


@pytest.mark.parametrize(
    "body",
    ["", "{}", '{"timestampMs":"1","eventType":"cut"}', '{"timestampMs":1,"eventType":"cut","colour":"red"}', "[1]"],
)
def test_a_body_that_does_not_fit_is_unreadable(body: str):
    with pytest.raises(UnreadableEventError, match=r"director-event-recorded\.1"):
        decode_outline("director-event-recorded.1", body)
