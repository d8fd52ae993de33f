"""What was stored stays readable for ever: one sample of each stored name is read, and those of today are written back."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.director import DirectorEventChanges, DirectorEventCorrected, DirectorEventRecorded
from ledger.domain.sessions import SessionUpdated
from ledger.log.codec import UnreadableEventError, decode, encode
from tests.careless import careless

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
OF_TODAY = [path for path in SAMPLES if path.stem in BY_STORED_NAME]
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
each_sample_of_today = pytest.mark.parametrize("sample", OF_TODAY, ids=lambda path: path.stem)


@each_sample
def test_a_sample_is_an_event_of_today(sample: Path):
    event = decode(sample.stem, sample.read_text("utf-8"))
    assert type(event) is BY_STORED_NAME[event.stored_as]


@pytest.mark.parametrize("fault", ["rule-tightened"])
def test_a_version_that_cannot_read_its_past_is_found_out(fault: str):
    (sample,) = (sample for sample in SAMPLES if sample.stem == "still-recorded.1")
    with careless(fault), pytest.raises(UnreadableEventError, match="poseLabel"):
        test_a_sample_is_an_event_of_today(sample)


@each_sample_of_today
def test_a_sample_is_written_back_as_it_was(sample: Path):
    stored = sample.read_text("utf-8")
    event = decode(sample.stem, stored)
    assert event.stored_as == sample.stem
    assert encode(event) == json.dumps(json.loads(stored), separators=(",", ":"), ensure_ascii=False)


@each_sample_of_today
def test_a_sample_fills_every_field(sample: Path):
    event = decode(sample.stem, sample.read_text("utf-8"))
    assert all(value is not None for value in event.model_dump().values())


def test_a_body_with_a_rule_broken_since_is_still_read():
    read = decode("director-event-recorded.1", '{"timestampMs":-5,"eventType":"","cameraId":"\\u0000"}')
    assert read == DirectorEventRecorded(timestamp_ms=-5, event_type="", camera_id="\x00")


@pytest.mark.parametrize(
    ("stored_name", "body"),
    [
        ("session-vanished.1", "{}"),
        ("session-reopened.1", "{}"),
        ("session-reopened.1", '{"reason": 5}'),
        ("session-reopened.1", '{"reason": "x", "mood": "good"}'),
        ("session-reopened.1", "not json"),
        ("session-reopened.1", ""),
    ],
)
def test_what_cannot_be_read_says_so(stored_name: str, body: str):
    with pytest.raises(UnreadableEventError, match=stored_name):
        decode(stored_name, body)


def test_of_a_body_that_does_not_fit_only_its_fields_are_told():
    with pytest.raises(UnreadableEventError) as unreadable:
        decode("session-reopened.1", '{"mood": "a secret"}')
    assert str(unreadable.value) == "session-reopened.1: the stored body does not fit it, in mood, reason"


def test_unset_fields_are_absent_and_null_inside_metadata_stays():
    assert encode(SessionUpdated(metadata={"a": None})) == '{"metadata":{"a":null}}'
    nested = DirectorEventCorrected(corrects=1, changes=DirectorEventChanges(metadata=[None]), reason="x")
    assert encode(nested) == '{"corrects":1,"changes":{"metadata":[null]},"reason":"x"}'


json_values = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(st.none() | inner, max_size=3) | st.dictionaries(st.text(), st.none() | inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.floats(0, 8.64e15) | st.integers(0, 8_640_000_000_000_000))
def test_any_json_comes_back_as_it_went_in(metadata: Any, timestamp_ms: float):
    event = DirectorEventRecorded(timestamp_ms=timestamp_ms, event_type="cut", metadata=metadata)
    read = decode(event.stored_as, encode(event))
    assert read == event
    assert repr(read) == repr(event)
