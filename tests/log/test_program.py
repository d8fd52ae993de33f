"""What a replay reads is what the log holds: entry by entry as any other way of reading it, and the same cut log."""

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import ResourceClosedError

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import Entry, History
from ledger.domain.program import fold
from ledger.log.codec import UnreadableEventError
from ledger.log.direct import Direct
from ledger.log.program import FEW, read_program, read_replay
from ledger.log.reading import read_stream
from tests.domain.program.shoots import changes, director_events, recorded
from tests.log.old_events import CUT_OF_OLD, STILL_OF_OLD, teach
from tests.log.opened import OpenLog, fact, record_stored

READERS: Final = (read_program, read_replay)


def _told(entry: Entry) -> dict[str, Any]:
    """All that an entry says, whether its event is in outline or not."""
    said = {name: getattr(entry.event, name) for name in BY_STORED_NAME[entry.event.stored_as].model_fields}
    return entry._asdict() | {"event": (entry.event.stored_as, said)}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=st.lists(director_events | changes, max_size=12), up_to=st.integers(1, 20), by_key=st.booleans())
def test_a_program_is_the_stream_and_has_the_same_cut_log(
    opened: OpenLog, happened: list[tuple[Any, ...]], up_to: int, by_key: bool
):
    shoot = f"s{opened.log.heads()[0]}"
    receipt = opened.append(
        *(entry.event for entry in recorded(happened).entries), partition=shoot, key="k" if by_key else None
    )
    with opened.log.snapshot() as connection:
        stream = read_stream(connection, shoot)
        for read in READERS:
            program = read(connection, shoot)
            assert len(program) == receipt.sequence
            assert fold(program, shoot) == fold(stream, shoot)
            assert list(map(_told, program)) == list(map(_told, stream))
            begun = read(connection, shoot, up_to)
            assert list(map(_told, begun)) == list(map(_told, stream[:up_to]))
            assert fold(begun, shoot) == fold(program[:up_to], shoot) == fold(stream[:up_to], shoot)


def test_what_old_versions_stored_is_replayed_as_the_events_of_today(opened: OpenLog, monkeypatch: pytest.MonkeyPatch):
    teach(monkeypatch)
    opened.append(fact(1000, camera_id="A"))
    record_stored(opened.log, "s1", CUT_OF_OLD, STILL_OF_OLD)
    with opened.log.snapshot() as connection:
        stream = read_stream(connection, "s1")
        for read in READERS:
            program = read(connection, "s1")
            assert list(map(_told, program)) == list(map(_told, stream))
            assert [entry.stored for entry in program][1:] == [CUT_OF_OLD, STILL_OF_OLD]
            assert [segment.camera_id for segment in fold(program).segments] == ["A", "é"]


def test_a_session_that_nobody_recorded_has_no_program(opened: OpenLog):
    with opened.log.snapshot() as connection:
        for read in READERS:
            assert len(read(connection, "nobody")) == 0
            assert fold(read(connection, "nobody"), "nobody").sequence == 0


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("director-event-recorded.1", '{"timestampMs":"soon","eventType":"cut"}'),
        ("session-ended.1", '{"status":5}'),
        ("wish-granted.1", "{}"),
    ],
)
def test_an_event_that_cannot_be_read_says_which_it_is(opened: OpenLog, name: str, body: str):
    opened.append(fact(1), fact(2))
    opened.change(f"UPDATE events SET type = '{name}', body = '{body}' WHERE sequence = 2")
    with opened.log.snapshot() as connection:
        for read in READERS:
            assert isinstance(read(connection, "s1", 1), History)
            with pytest.raises(UnreadableEventError, match=name):
                read(connection, "s1")


def test_of_a_replay_few_entries_are_asked_for_by_themselves_and_many_together(
    opened: OpenLog, monkeypatch: pytest.MonkeyPatch
):
    for actor in ("ann", "ben"):
        opened.append(*map(fact, range(FEW)), actor=actor)
    asked: list[Direct] = []
    rows = Direct.rows

    def counted(self: Direct, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        asked.append(self)
        return rows(self, connection, **values)

    monkeypatch.setattr(Direct, "rows", counted)
    with opened.log.snapshot() as connection:
        replay = read_replay(connection, "s1")
        assert len(asked) == 1
        assert [replay[index].actor for index in range(FEW)] == ["ann"] * FEW
        assert len(asked) == 1 + FEW
        assert [entry.actor for entry in replay] == ["ann"] * FEW + ["ben"] * FEW
        assert len(asked) == 1 + FEW + 1


def test_what_is_read_for_a_replay_lasts_as_long_as_it_may_be_asked_for_the_rest(opened: OpenLog):
    opened.append(fact(1000, camera_id="A"), actor="ann")
    with opened.log.snapshot() as connection:
        replay = read_replay(connection, "s1")
        assert replay[0].actor == "ann"
    assert (replay.sequence_at(0), replay.events[0].stored_as) == (1, "director-event-recorded.1")
    with pytest.raises(ResourceClosedError):
        _ = replay[0]
