"""What was stored under an old name is read as the event of today, and stays what it was: shown with names that never were."""

from typing import Any

import pytest

from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.director import DirectorEventRecorded
from ledger.domain.stills import StillRecorded
from ledger.domain.stills import evolve as evolve_still
from ledger.log.codec import UnreadableEventError, decode, encode
from ledger.log.integrity import leaf_hash
from ledger.log.outline import decode_outline
from ledger.log.program import read_program
from ledger.log.reading import read_entity, read_history, read_shard, read_stream
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.log.upcasts import UPCASTS, Upcast, upcast
from tests.log.old_events import CUT_OF_OLD, CUT_OF_TODAY, STILL_OF_OLD, teach
from tests.log.opened import OpenLog, fact, record_stored


def faults_of(upcasts: dict[str, Upcast], today: set[str]) -> list[str]:
    """What is wrong with the chains of upcasts: each must end, and at a name that events have today."""
    faults = [f"{name} has an upcast, and is a name of today" for name in sorted(upcasts.keys() & today)]
    for name in upcasts:
        passed: list[str] = []
        reached = name
        while reached in upcasts and reached not in passed:
            passed.append(reached)
            reached = upcasts[reached].becomes
        if reached not in today:
            faults.append(f"{name} ends at {reached}, which no event of today has")
    return faults


def test_every_upcast_leads_to_an_event_of_today():
    assert faults_of(UPCASTS, set(BY_STORED_NAME)) == []


def _as_is(said: dict[str, Any]) -> dict[str, Any]:
    return said


@pytest.mark.parametrize(
    "upcasts",
    [
        {"a.1": Upcast("a.2", _as_is)},
        {"a.1": Upcast("a.2", _as_is), "a.2": Upcast("a.1", _as_is)},
        {"a.3": Upcast("b.1", _as_is)},
    ],
)
def test_a_chain_that_ends_nowhere_or_begins_today_is_found(upcasts: dict[str, Upcast]):
    assert len(faults_of(upcasts, {"a.3", "b.1"})) == len(upcasts)


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> None:
    teach(monkeypatch)


@pytest.mark.usefixtures("taught")
class TestTaught:
    def test_a_chain_is_walked_step_by_step(self):
        name, body = upcast(*CUT_OF_OLD)
        assert name == "director-event-recorded.1"
        assert encode(decode(name, body)) == CUT_OF_TODAY

    def test_whole_and_in_outline_it_is_the_event_of_today(self):
        event = decode(*CUT_OF_OLD)
        assert type(event) is DirectorEventRecorded
        assert encode(event) == CUT_OF_TODAY
        assert decode_outline(*CUT_OF_OLD) == event
        assert decode(*STILL_OF_OLD) == StillRecorded(camera_id="é", timestamp_ms=1400, score=0)

    @pytest.mark.parametrize("body", ["", "[]", "{}", "5", '{"seconds":"x"}', '{"seconds":1}', '{"seconds":1e400}'])
    def test_a_body_that_no_upcast_understands_is_unreadable(self, body: str):
        with pytest.raises(UnreadableEventError, match=r"switcher-cut\.1|director-event-recorded\.1"):
            decode(CUT_OF_OLD.name, body)

    def test_every_way_of_reading_the_log_gives_the_event_of_today_with_its_body_and_what_is_stored(
        self, opened: OpenLog
    ):
        opened.append(fact(1))
        record_stored(opened.log, "s1", CUT_OF_OLD, STILL_OF_OLD)
        with opened.log.snapshot() as connection:
            ways = {
                "shard": read_shard(connection, 0, 1, 1)[0],
                "stream": read_stream(connection, "s1", after=1, up_to=2),
                "program": read_program(connection, "s1", 2)[1:],
                "history": read_history(connection, "s1", after=0, limit=9, stored_name="switcher-cut.1"),
            }
            (still,) = read_entity(connection, "s1", "still:3")
        for way, (entry,) in ways.items():
            assert entry.sequence == 2, way
            assert entry.event == decode("director-event-recorded.1", CUT_OF_TODAY), way
            assert entry.body == CUT_OF_TODAY, way
            assert entry.stored == CUT_OF_OLD, way
        assert still.stored == STILL_OF_OLD
        assert still.entity == still.event.entity(still.sequence) == "still:3"

    def test_an_event_of_today_is_stored_as_it_is(self, opened: OpenLog):
        opened.append(fact(1))
        (read,) = opened.log.read_stream("s1")
        (kept,) = opened.log.read(0, 0, 9)
        assert read.older is kept.older is None
        assert read.stored == kept.stored == ("director-event-recorded.1", read.body)

    def test_the_row_and_its_leaf_stay_as_they_were(self, opened: OpenLog):
        record_stored(opened.log, "s1", CUT_OF_OLD)
        columns = "type, body, partition, sequence, recorded_at, actor, key, salt, leaf"
        before = opened.rows(f"SELECT {columns} FROM events")
        opened.reopen()
        assert opened.log.read_stream("s1")[0].event == decode("director-event-recorded.1", CUT_OF_TODAY)
        assert opened.rows(f"SELECT {columns} FROM events") == before
        ((name, body, partition, sequence, recorded_at, actor, key, salt, leaf),) = before
        assert (name, body) == CUT_OF_OLD
        assert leaf == leaf_hash(partition, sequence, name, recorded_at, actor, key, salt, body)

    def test_a_decision_is_made_on_the_state_that_old_events_amount_to(self, opened: OpenLog):
        record_stored(opened.log, "s1", STILL_OF_OLD)

        def decide(stream: Stream) -> Decision:
            still = stream.state_of("still:1", evolve_still)
            assert still is not None
            assert stream.event_at(1) == decode(*STILL_OF_OLD)
            return Decision((), lambda _first: still.to_json())

        assert '"score":0' in opened.submit(decide).result(60).answer
