"""Who has written reads what they wrote, or is told that they cannot yet."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ledger.application import ledger as module
from ledger.application.arguments import former_digest_of
from ledger.application.functions import Caller
from ledger.application.ledger import StaleError
from ledger.bootstrap import VIEWS_FILE, open_for_following, open_for_writing
from ledger.domain.ids import partition_for
from ledger.domain.refusals import Invalid, KeyReused, SessionNotFound
from ledger.domain.vocabulary import Vocabulary
from ledger.log.epochs import OfAnotherEpoch
from ledger.log.positions import Position
from ledger.log.requests import LogUnavailableError
from tests.application.asking import Asking

KEYED = Caller("ann", "take-1")


@pytest.fixture
def behind(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes the views stand still from here on, and reads wait no longer than they must."""

    def stand_still() -> None:
        ask.ledger.runner.stop()
        monkeypatch.setattr("ledger.application.ledger.WAIT_SECONDS_MAX", 0.0)

    return stand_still


def test_whoever_has_waited_in_vain_is_waited_for_no_longer(ask: Asking, behind: Callable[[], None]):
    session = ask.start()
    behind()
    ask.cut(session, 1)
    for _ in range(3):
        assert ask.answered("getProductionTimeline", sessionId=session).stale
    assert ask.ledger.runner._waiting == []


def test_whoever_writes_reads_it_back_at_once(ask: Asking):
    def one_writer(_number: int) -> None:
        session = ask.start()
        for at in range(5):
            event = ask.cut(session, at)
            answer = ask.answered("exportProductionEventPage", sessionId=session)
            assert json.loads(answer.json)["page"][-1]["_id"] == event
            assert not answer.stale

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(one_writer, range(4)))


def test_a_write_answers_with_its_sequence_and_a_position_that_a_read_can_wait_for(ask: Asking):
    session = ask.start()
    told: dict[str, Any] = {"sessionId": session, "timestampMs": 1, "eventType": "cut"}
    written = ask.written("appendDirectorEvent", **told)
    assert written.sequence == 2
    assert written.position == Position(ask.ledger.log.epoch, ((0, 2),))
    read = ask.answered("exportProductionEventPage", sessionId=session, at_least=written.position)
    assert read.position.shards >= written.position.shards
    assert ask.written("appendDirectorEventsBatch", sessionId=session, events=[]).sequence == 2


def test_a_read_waits_for_its_own_sessions_head_only(ask: Asking, behind: Callable[[], None]):
    session, other = ask.start(), ask.start()
    ask.read("getProductionSession", sessionId=other)
    behind()
    ask.cut(other, 1)
    assert not ask.answered("getProductionTimeline", sessionId=session).stale
    assert ask.answered("getProductionTimeline", sessionId=other).stale
    assert ask.answered("listProductionSessions").stale, "a question about all sessions waits for all"


def test_an_answer_that_may_lack_something_says_so(ask: Asking, behind: Callable[[], None]):
    session = ask.start()
    ask.read("getProductionSession", sessionId=session)
    behind()
    ask.write("updateProductionSession", sessionId=session, title="new")
    answer = ask.answered("getProductionSession", sessionId=session)
    assert answer.stale
    assert "title" not in json.loads(answer.json)
    assert answer.position.shards == ((0, 1),)
    ask.ledger.runner.catch_up()
    assert ask.read("getProductionSession", sessionId=session)["title"] == "new"


@pytest.mark.parametrize(
    "name",
    ["getCutLog", "getSessionAsOf", "compareCutLogs", "explainCut", "listWriterClocks", "listSessionHistory"],
)
def test_what_is_answered_from_the_log_lacks_nothing(ask: Asking, behind: Callable[[], None], name: str):
    session = ask.start()
    behind()
    event = ask.cut(session, 1)
    needed: dict[str, dict[str, Any]] = {"compareCutLogs": {"fromSequence": 1}, "explainCut": {"eventId": event}}
    named = needed.get(name, {})
    head = ask.ledger.log.position()
    for at_least in (None, head):
        answer = ask.answered(name, sessionId=session, at_least=at_least, **named)
        assert (answer.stale, answer.position) == (False, head)
    with pytest.raises(StaleError):
        ask.answered(name, sessionId=session, at_least=Position(head.epoch, ((0, 99),)), **named)


def test_a_session_that_the_views_have_not_seen_yet_is_not_said_to_be_missing(ask: Asking, behind: Callable[[], None]):
    behind()
    session = ask.start()
    assert ask.read("listProductionSessionCameras", sessionId=session) == []
    with pytest.raises(SessionNotFound):
        ask.read("listProductionSessionCameras", sessionId="nobody")


def test_who_asks_for_at_least_a_position_is_refused_rather_than_shown_less(ask: Asking, behind: Callable[[], None]):
    session = ask.start()
    shown = ask.answered("getProductionSession", sessionId=session).position
    behind()
    written = ask.written("updateProductionSession", sessionId=session, title="new").position
    with pytest.raises(StaleError, match=f"come to {shown}, not yet to {written}"):
        ask.answered("getProductionSession", sessionId=session, at_least=written)
    assert not ask.answered("getProductionSession", sessionId=session, at_least=shown).stale


def test_a_position_of_another_epoch_is_a_conflict_that_says_where_to_go_back_to(ask: Asking):
    ask.start()
    with pytest.raises(OfAnotherEpoch) as refused:
        ask.answered("listProductionSessions", at_least=Position("unknown", ((0, 1),)))
    assert refused.value.code == "conflict"
    assert refused.value.detail["position"] == f"{ask.ledger.log.epoch}.0-0"


def test_a_position_of_a_shard_that_is_not_there_is_invalid(ask: Asking):
    with pytest.raises(Invalid, match="Ledger-At-Least"):
        ask.answered("listProductionSessions", at_least=Position(ask.ledger.log.epoch, ((7, 1),)))


def test_a_session_started_under_a_key_is_found_by_who_starts_it_again(ask: Asking):
    first = ask.written("startProductionSession", caller=KEYED, sessionType="music_demo")
    again = ask.written("startProductionSession", caller=KEYED, sessionType="music_demo", title=None)
    assert again == first
    assert json.loads(first.json) == partition_for("session", "ann", "take-1")
    assert len(ask.read("listProductionSessions")["page"]) == 1
    other = ask.written("startProductionSession", caller=Caller("ben", "take-1"), sessionType="music_demo")
    assert other.json != first.json


def test_another_session_under_the_same_key_is_refused(ask: Asking):
    ask.written("startProductionSession", caller=KEYED, sessionType="music_demo")
    with pytest.raises(KeyReused):
        ask.written("startProductionSession", caller=KEYED, sessionType="music_demo", title="Another")


def test_what_was_written_before_an_update_is_not_written_again_after_it(ask: Asking, monkeypatch: pytest.MonkeyPatch):
    session = ask.start()
    told: dict[str, Any] = {"sessionId": session, "timestampMs": 5, "eventType": "cut"}
    with monkeypatch.context() as before:
        before.setattr(module, "request_digest", lambda function, told: former_digest_of(function.name, told))
        first = ask.written("appendDirectorEvent", caller=KEYED, **told)
    assert ask.written("appendDirectorEvent", caller=KEYED, **{**told, "timestampMs": 5.0}) == first
    with pytest.raises(KeyReused):
        ask.written("appendDirectorEvent", caller=KEYED, **{**told, "timestampMs": 6})


def test_a_write_under_a_key_happens_once_even_after_more_has_happened(ask: Asking):
    session = ask.start()
    told: dict[str, Any] = {"sessionId": session, "timestampMs": 5, "eventType": "cut"}
    first = ask.written("appendDirectorEvent", caller=KEYED, **told)
    ask.cut(session, 9)
    assert ask.written("appendDirectorEvent", caller=KEYED, **told, reason=None) == first
    assert ask.written("appendDirectorEvent", caller=KEYED, **{**told, "timestampMs": 5.0}) == first
    with pytest.raises(KeyReused):
        ask.written("appendDirectorEvent", caller=KEYED, **{**told, "timestampMs": 6})
    with pytest.raises(KeyReused):
        ask.written("markHeroPose", caller=KEYED, sessionId=session, timestampMs=5)
    assert len(ask.read("exportProductionEventPage", sessionId=session)["page"]) == 2


def test_a_ledger_that_was_closed_and_opened_answers_as_before(tmp_path: Path):
    vocabulary = Vocabulary()
    with open_for_writing(tmp_path, vocabulary) as ledger:
        ask = Asking(ledger)
        session = json.loads(ask.written("startProductionSession", caller=KEYED, sessionType="music_demo").json)
        event = ask.cut(session, 1)
        shown = ask.read("getProductionTimeline", sessionId=session)
    with pytest.raises(LogUnavailableError):
        ask.cut(session, 2)
    (tmp_path / VIEWS_FILE).unlink()
    with open_for_writing(tmp_path, vocabulary) as ledger:
        ask = Asking(ledger)
        assert ask.read("getProductionTimeline", sessionId=session) == shown
        again = ask.written("startProductionSession", caller=KEYED, sessionType="music_demo")
        assert json.loads(again.json) == session
        assert ask.cut(session, 2) == event.replace("-e2", "-e3")


def test_a_reader_beside_the_writer_sees_what_was_written(embedded_ask: Asking, tmp_path: Path):
    session = embedded_ask.start()
    embedded_ask.read("getProductionSession", sessionId=session)
    with open_for_following(tmp_path, Vocabulary()) as ledger:
        beside = Asking(ledger)
        assert beside.read("getProductionSession", sessionId=session)["_id"] == session
        event = embedded_ask.cut(session, 1)
        embedded_ask.read("getProductionSession", sessionId=session)
        assert beside.read("exportProductionEventPage", sessionId=session)["page"][0]["_id"] == event
