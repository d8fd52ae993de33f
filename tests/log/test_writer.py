"""Group commit: many ask at once, each gets its own outcome, and all of it is durable before anyone is answered."""

import json
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random
from shutil import copy
from typing import Any

import pytest

from ledger.domain import cameras
from ledger.domain.cameras import CameraRegistered
from ledger.domain.refusals import SessionNotFound
from ledger.log import database
from ledger.log.requests import Decision, LogUnavailableError, OutcomeUnknownError, Receipt, Request
from ledger.log.stream import Stream
from ledger.log.waiting import GROUP_EVENTS_MAX
from tests.guarantees.disk import FakeDisk, Trouble
from tests.guarantees.interception import SYNC_FAILED, intercepting, why_not
from tests.log.opened import NOW, OpenLog, fact, recording, refusing
from tests.places import place


def failing(_stream: Stream) -> Decision:
    raise ZeroDivisionError("a fault of ours")


def upserting(stream: Stream) -> Decision:
    """Registers a camera where the stream has none."""
    known = stream.state_of(cameras.entity_of("cam-1"), cameras.evolve)
    new = CameraRegistered(camera_id="cam-1", source_type="iphone", role="hero", priority_weight=1, is_active=True)
    return Decision([] if known else [new], lambda first: known.id if known else str(first))


def answers(outcomes: list[Future[Receipt]]) -> list[str]:
    return [outcome.result(60).answer for outcome in outcomes]


def test_what_is_recorded_is_answered_with_its_place(opened: OpenLog):
    assert opened.append(fact(1), fact(2)) == Receipt("1", 0, 2, 2)
    assert opened.append(fact(1), partition="s2") == Receipt("1", 0, 3, 1)
    assert opened.append(fact(3)) == Receipt("3", 0, 4, 3)
    assert opened.append() == Receipt("4", 0, 4, 3)


def test_many_at_once_leave_no_gap_and_keep_the_order_of_each(opened: OpenLog):
    def one_writer(number: int) -> None:
        waiting = [
            opened.submit(recording(*[fact(at)] * (at % 3)), f"s{number % 3}", actor=str(number)) for at in range(40)
        ]
        for outcome in waiting:
            outcome.result(60)

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(one_writer, range(8)))
    assert opened.log.commits() < 8 * 40
    rows = opened.rows("SELECT position, partition, sequence, actor, body FROM events ORDER BY position")
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    sequences, told = defaultdict(list), defaultdict(list)
    for _, partition, sequence, actor, body in rows:
        sequences[partition].append(sequence)
        told[actor].append(json.loads(body)["timestampMs"])
    assert all(found == list(range(1, len(found) + 1)) for found in sequences.values())
    assert all(found == sorted(found) and len(found) == 39 for found in told.values())
    assert opened.log.heads() == [len(rows)]


@pytest.mark.parametrize(
    ("decide", "error"), [(refusing, SessionNotFound), (failing, ZeroDivisionError)], ids=["refused", "failing"]
)
def test_one_that_is_not_carried_out_harms_nobody(opened: OpenLog, decide: Any, error: type[Exception]):
    before = opened.log.commits()
    with opened.together():
        outcomes = [opened.submit(recording(fact(1))), opened.submit(decide), opened.submit(recording(fact(2)))]
    with pytest.raises(error):
        outcomes[1].result(60)
    assert answers([outcomes[0], outcomes[2]]) == ["1", "2"]
    assert opened.log.commits() == before + 2


@pytest.mark.parametrize("decide", [
    recording(fact(1), fact(2, metadata={"x": object()})),
    recording(fact(1), fact(2, metadata="\ud800")),
    lambda _stream: Decision([fact(1)], lambda first: str(1 // 0)),
], ids=["no JSON", "no UTF-8", "no answer"])  # fmt: skip
def test_one_that_cannot_be_written_down_harms_nobody_and_leaves_nothing(opened: OpenLog, decide: Any):
    with opened.together():
        outcomes = [opened.submit(recording(fact(1))), opened.submit(decide), opened.submit(recording(fact(2)))]
    assert isinstance(outcomes[1].exception(10), Exception)
    assert answers([outcomes[0], outcomes[2]]) == ["1", "2"]
    assert opened.rows("SELECT sequence FROM events ORDER BY position") == [(1,), (2,)]


def test_two_upserts_of_one_camera_in_one_group_register_it_once(opened: OpenLog):
    opened.append(fact())
    with opened.together():
        outcomes = [opened.submit(upserting) for _ in range(5)]
    assert answers(outcomes) == ["2", *["s1-c2"] * 4]
    assert opened.rows("SELECT count(*) FROM events WHERE entity = 'camera:cam-1'") == [(1,)]


def test_what_was_recorded_earlier_in_the_group_is_found_by_its_sequence(opened: OpenLog):
    found: list[Any] = []

    def looking(stream: Stream) -> Decision:
        found.extend((stream.event_at(2), stream.event_at(3)))
        return Decision((), str)

    opened.append(fact(1))
    with opened.together():
        outcomes = [opened.submit(recording(fact(2))), opened.submit(looking)]
    answers(outcomes)
    assert found == [fact(2), None]


def test_a_commit_that_fails_is_told_to_all_who_waited_and_leaves_nothing(opened: OpenLog):
    opened.append(fact(1))
    opened.place.refuse("poison", "the disk is full")
    with opened.together():
        outcomes = [
            opened.submit(upserting, key="k"),
            opened.submit(recording(fact(2, reason="poison"))),
            opened.submit(recording(fact(3)), "s2"),
        ]
    for outcome in outcomes:
        with pytest.raises(LogUnavailableError, match=r"nothing was recorded: .*the disk is full"):
            outcome.result(60)
    assert opened.rows("SELECT count(*) FROM events") == [(1,)]
    assert opened.rows("SELECT position FROM shards") == [(1,)]
    assert opened.rows("SELECT count(*) FROM requests") == [(0,)]
    assert opened.log.heads() == [1]


def test_after_a_failed_commit_the_writer_goes_on_from_what_really_stands(opened: OpenLog):
    opened.append(fact(1))
    opened.place.refuse("poison", "the disk is full")
    with opened.together():
        lost = [opened.submit(upserting), opened.submit(recording(fact(2, reason="poison")))]
    assert all(isinstance(outcome.exception(10), LogUnavailableError) for outcome in lost)
    assert opened.submit(upserting).result(60).answer == "2", "the camera of the failed group was never registered"
    assert opened.append(fact(3)).position == 3


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_a_sync_that_fails_leaves_it_open_whether_anything_was_recorded(tmp_path: Path):
    disk = FakeDisk(Random(1))
    with intercepting(disk):
        opened = OpenLog(tmp_path / "log.sqlite")
        opened.append(fact(1))
        disk.trouble([Trouble("log.sqlite-wal", SYNC_FAILED, first=1, last=1_000)])
        with pytest.raises(OutcomeUnknownError, match="not known: disk I/O error; send it again under the same"):
            opened.append(fact(2), key="k")
        for file in ("log.sqlite", "log.sqlite-wal"):
            copy(tmp_path / file, tmp_path / f"killed-{file}")
        disk.trouble([])
        assert opened.append(fact(3)).sequence == 2, "in this life it was not recorded"
        opened.close()
    killed = OpenLog(tmp_path / "killed-log.sqlite")
    assert killed.append(fact(2), key="k").repeated, "one that was killed then finds it recorded"
    killed.close()


def test_a_locked_file_is_told_and_outlived(embedded: OpenLog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    embedded.reopen()
    with embedded.writing.begin(), pytest.raises(LogUnavailableError, match="locked"):
        embedded.append(fact(1))
    assert embedded.append(fact(1)).sequence == 1


def test_what_others_appended_is_seen_before_deciding(opened: OpenLog):
    opened.submit(upserting).result(60)
    assert opened.append(fact(1)).sequence == 2
    with opened.log.recorders[0].appending() as append:
        stream = Stream("s1", append.connection)
        recorded = stream.record([fact(9)], position=append.position, recorded_at=NOW, actor="other", key=None)
        append.insert(recorded)
    assert opened.append(fact(1)) == Receipt("4", 0, 4, 4)


def test_recorded_time_never_runs_backwards(opened: OpenLog):
    for now in (NOW + 5, NOW - 1_000, NOW + 3, NOW + 9):
        opened.now = now
        opened.append(fact())
    opened.reopen()
    opened.now = NOW
    opened.append(fact())
    times = [entry.recorded_at for entry in opened.log.read(0, 0, 10)]
    assert times == [NOW + 5, NOW + 5, NOW + 5, NOW + 9, NOW + 9]
    assert all(earlier <= later for earlier, later in pairwise(times))


def test_an_outcome_that_cannot_be_delivered_stops_nobody(opened: OpenLog, caplog: pytest.LogCaptureFixture):
    def broken(_outcome: Any) -> None:
        raise RuntimeError("the one who asked has gone")

    with opened.together():
        request = opened.submit(recording(fact(1)))
        opened.log.submit(_undeliverable(broken))
        after = opened.submit(recording(fact(3)))
    assert answers([request, after]) == ["1", "3"]
    assert opened.append(fact(4)).sequence == 4
    assert "the one who asked has gone" in caplog.text


def test_a_listener_that_fails_stops_nobody(opened: OpenLog, caplog: pytest.LogCaptureFixture):
    def broken() -> None:
        raise RuntimeError("nobody home")

    opened.log.on_append(broken)
    assert opened.append(fact(1)).sequence == 1
    assert opened.append(fact(2)).sequence == 2
    assert "nobody home" in caplog.text


def _undeliverable(deliver: Any) -> Any:
    return Request("s1", "ann", recording(fact(2)), deliver)


def test_a_group_holds_no_more_than_it_may_and_one_that_is_larger_goes_alone(opened: OpenLog):
    before = opened.log.commits()
    with opened.together():
        outcomes = [
            opened.submit(recording(fact()), weight=weight) for weight in (1, GROUP_EVENTS_MAX, GROUP_EVENTS_MAX + 1, 1)
        ]
    assert answers(outcomes) == ["1", "2", "3", "4"]
    assert opened.log.commits() - before == 5


def test_closing_carries_out_what_is_waiting_and_takes_nothing_more(opened: OpenLog):
    with opened.together():
        waiting = opened.submit(recording(fact(1)))
    opened.log.close()
    assert waiting.result(60).sequence == 1
    with pytest.raises(LogUnavailableError, match="closing"):
        opened.submit(recording(fact(2)))
    opened.reopen()


CUT_AT_COMMIT = """
CREATE FUNCTION cut_the_line() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.body LIKE '%poison%') EXECUTE FUNCTION cut_the_line()
"""


def test_a_database_that_goes_away_at_the_commit_leaves_the_outcome_unknown(tmp_path: Path):
    with place("postgresql", tmp_path) as shared:
        opened = OpenLog(shared)
        shared.change(CUT_AT_COMMIT)
        with pytest.raises(OutcomeUnknownError, match="is not known"):
            opened.append(fact(reason="poison"), key="k")
        assert opened.append(fact(1), key="k").sequence == 1, "it connects anew, and goes on from what stands"
        opened.close()
