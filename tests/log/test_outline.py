"""An outline says of an event what the event says, but for the open-ended JSON that nobody who reads outlines looks at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.director import DirectorEventRecorded
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.program.metadata import TYPES_READ_WITH_METADATA
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


@given(decisions)
def test_a_decision_in_outline_lacks_at_most_the_metadata_that_no_replay_reads(decision: DirectorEventRecorded):
    body = encode(decision)
    whole, outline = decode(decision.stored_as, body), decode_outline(decision.stored_as, body)
    if decision.event_type in TYPES_READ_WITH_METADATA:
        assert outline == whole
    else:
        assert outline == whole.model_copy(update={"metadata": None})


@given(moments)
def test_a_moment_in_outline_lacks_only_its_open_ended_json(moment: MusicMomentRecorded):
    body = encode(moment)
    whole, outline = decode(moment.stored_as, body), decode_outline(moment.stored_as, body)
    assert outline == whole.model_copy(update={"metadata": None, "audio_snapshot": None})


def test_an_outline_is_as_immutable_as_the_event():
    outline = decode_outline("director-event-recorded.1", '{"timestampMs":1,"eventType":"cut"}')
    with pytest.raises(ValueError, match="frozen"):
        outline.event_type = "hold"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body",
    ["", "{}", '{"timestampMs":"1","eventType":"cut"}', '{"timestampMs":1,"eventType":"cut","colour":"red"}', "[1]"],
)
def test_a_body_that_does_not_fit_is_unreadable(body: str):
    with pytest.raises(UnreadableEventError, match=r"director-event-recorded\.1"):
        decode_outline("director-event-recorded.1", body)
