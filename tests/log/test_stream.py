"""A stream is always what a replay of its partition would give, the entries that are not yet committed included."""

from typing import Any, ClassVar

import msgspec
import pytest

from ledger.domain import cameras
from ledger.domain.cameras import CameraRegistered, CameraUpdated
from ledger.domain.director import DirectorEventRecorded
from ledger.domain.entries import EVENT_LENGTH_MAX, Entry
from ledger.domain.music import MusicMomentRecorded
from ledger.domain.refusals import EventTooLarge
from ledger.log.codec import encode
from ledger.log.reading import Head
from ledger.log.stream import Stream
from tests.log.opened import NOW, OpenLog, fact

registered = CameraRegistered(camera_id="c", source_type="iphone", role="hero", priority_weight=1, is_active=True)
ENTITY = cameras.entity_of("c")


class Outline(msgspec.Struct, rename="camel", omit_defaults=True):
    """A director event that is stored as it stands, and is no model."""

    stored_as: ClassVar[str] = DirectorEventRecorded.stored_as
    entity = DirectorEventRecorded.entity
    timestamp_ms: int
    event_type: str
    metadata: Any
    camera_id: str | None = None
    reason: str | None = None
    score: float | None = None


def record(stream: Stream, *events: Any) -> list[Entry]:
    return stream.record(events, position=stream.position, recorded_at=NOW, actor="ann", key=None)


def role_in(stream: Stream) -> str | None:
    camera = stream.state_of(ENTITY, cameras.evolve)
    return camera.role if camera else None


def test_a_partition_that_is_not_there_is_empty(opened: OpenLog):
    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        assert (stream.sequence, stream.position, role_in(stream), stream.event_at(1)) == (0, 0, None, None)


def test_a_state_asked_for_early_follows_what_is_recorded_later(opened: OpenLog):
    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        assert role_in(stream) is None
        entries = record(stream, fact(), registered, CameraUpdated(camera_id="c", role="wide"))
        assert [entry.sequence for entry in entries] == [1, 2, 3]
        assert role_in(stream) == "wide"


def test_a_state_asked_for_late_joins_what_is_stored_and_what_is_not_yet(opened: OpenLog):
    opened.append(registered)
    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        record(stream, CameraUpdated(camera_id="c", role="wide"))
        assert role_in(stream) == "wide"
        assert stream.event_at(1) == registered
        assert stream.event_at(2) == CameraUpdated(camera_id="c", role="wide")


def test_an_event_is_found_by_its_sequence_alone(opened: OpenLog):
    opened.append(fact(1), fact(2), fact(3))
    opened.append(fact(9), partition="s2")
    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        assert [stream.event_at(sequence) for sequence in range(5)] == [None, fact(1), fact(2), fact(3), None]


def test_an_event_that_came_in_as_an_outline_is_found_and_measured_as_the_event_that_it_is(opened: OpenLog):
    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        record(stream, Outline(1_000, "cut", {"bar": 1}))
        assert stream.event_at(1) == DirectorEventRecorded(timestamp_ms=1_000, event_type="cut", metadata={"bar": 1})
        with pytest.raises(EventTooLarge, match=r"^metadata: "):
            record(stream, Outline(1_000, "cut", {"said": "x" * EVENT_LENGTH_MAX}))


def test_a_field_that_is_too_large_is_named_as_callers_name_it(opened: OpenLog):
    long = MusicMomentRecorded(timestamp_ms=1, audio_snapshot="x" * EVENT_LENGTH_MAX)
    with opened.log.snapshot() as connection, pytest.raises(EventTooLarge, match=r"^audioSnapshot: "):
        record(Stream("s1", connection), long)


def test_what_cannot_be_written_down_leaves_the_stream_as_it_was(opened: OpenLog):
    opened.append(registered)
    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        assert role_in(stream) == "hero"
        with pytest.raises(NotImplementedError):
            record(stream, CameraUpdated(camera_id="c", role="wide", metadata=[object()]))
        assert (stream.sequence, stream.position, role_in(stream)) == (1, 1, "hero")


def test_what_cannot_be_folded_leaves_no_half_of_it_behind(opened: OpenLog):
    opened.append(registered)

    def evolve(state: int | None, entry: Entry) -> int:
        if state == 2:
            raise ZeroDivisionError
        return (state or 0) + 1

    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        assert stream.state_of(ENTITY, evolve) == 1
        with pytest.raises(ZeroDivisionError):
            record(stream, *[CameraUpdated(camera_id="c", role="wide")] * 2)
        assert stream.sequence == 1
        assert stream.state_of(ENTITY, evolve) == 1


def test_an_event_that_is_too_large_names_its_largest_field_and_its_place(opened: OpenLog):
    long = fact(metadata={"said": "x" * EVENT_LENGTH_MAX})
    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        with pytest.raises(EventTooLarge) as alone:
            record(stream, long)
        with pytest.raises(EventTooLarge) as second:
            record(stream, fact(), long)
        assert stream.sequence == 0
    length = len(encode(long))
    assert str(alone.value) == str(EventTooLarge("metadata", length, EVENT_LENGTH_MAX, None))
    assert str(second.value) == str(EventTooLarge("metadata", length, EVENT_LENGTH_MAX, 1))


def test_what_was_committed_before_anybody_said_so_is_folded_once(opened: OpenLog):
    def count(before: int | None, _: Entry) -> int:
        return (before or 0) + 1

    with opened.log.recorders[0].appending() as append:
        stream = Stream("s1", append.connection)
        first = record(stream, registered)
        append.insert(first)
    with opened.log.snapshot() as connection:
        stream.connection = connection
        record(stream, CameraUpdated(camera_id="c", role="wide"))
        assert stream.state_of(ENTITY, count) == 2
        stream.committed(Head(1, 1))
        assert stream.event_at(2) == CameraUpdated(camera_id="c", role="wide"), "this one is not"


def test_what_is_taken_back_was_never_there_and_what_was_recorded_before_it_is(opened: OpenLog):
    with opened.log.snapshot() as connection:
        stream = Stream("s1", connection)
        record(stream, registered)
        assert role_in(stream) == registered.role
        before = stream.head
        record(stream, CameraUpdated(camera_id="c", role="wide"), fact(1))
        assert (stream.head, role_in(stream)) == (Head(3, 3), "wide")
        stream.take_back(before)
        assert (stream.head, role_in(stream), stream.event_at(2)) == (before, registered.role, None)
        record(stream, fact(2))
        assert (stream.sequence, stream.event_at(2)) == (2, fact(2))
