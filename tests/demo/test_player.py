"""Playing a shoot: the same cut log every time, however the writers interleave."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Mutation, Query
from ledger.application.ledger import Ledger
from ledger.bootstrap import open_for_writing
from ledger.demo.player import Send, play
from ledger.demo.script import MULTICAM, POST, SESSION, WRITERS, Call
from ledger.demo.shoot import Shoot, sample_shoot
from ledger.domain.cutlog import CutLog
from ledger.domain.vocabulary import Vocabulary


def sending(ledger: Ledger, writer: str, random: Random | None = None) -> Send:
    """A writer's way in; with ``random`` over a line that is slow now and then."""

    def send(function: str, arguments: dict[str, Any], key: str) -> Any:
        if random is not None and random.random() < 0.1:
            time.sleep(random.random() / 200)
        mutation = BY_NAME[function]
        assert isinstance(mutation, Mutation)
        return json.loads(ledger.write(mutation, arguments, Caller(writer, key)).json)

    return send


def cut_log(ledger: Ledger, session_id: str) -> CutLog:
    query = BY_NAME["production:getCutLog"]
    assert isinstance(query, Query)
    return CutLog.model_validate_json(ledger.read(query, {"sessionId": session_id}).json)


def without_ids(log: CutLog) -> dict[str, Any]:
    """A cut log less what says at which sequence something arrived."""
    told = log.model_dump(exclude={"sequence"})
    for part in ("segments", "audit"):
        told[part] = [
            {name: value for name, value in item.items() if not name.endswith("event_id")} for item in told[part]
        ]
    return told


class Played(NamedTuple):
    """A ledger that the sample shoot was played into."""

    ledger: Ledger
    session_id: str


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with open_for_writing(tmp_path_factory.mktemp("played"), Vocabulary()) as ledger:
        stage = play(sample_shoot(), {writer: sending(ledger, writer) for writer in WRITERS})
        yield Played(ledger, stage.id_of(SESSION))


@pytest.mark.long
def test_the_cut_log_is_the_same_over_slow_lines(played: Played, tmp_path: Path):
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        lines = {writer: sending(ledger, writer, Random(place)) for place, writer in enumerate(WRITERS)}
        session_id = play(sample_shoot(), lines).id_of(SESSION)
        slow = cut_log(ledger, session_id)
        slow_order = [(entry.actor, entry.event) for entry in ledger.log.read_stream(session_id)]
    fast_order = [(entry.actor, entry.event) for entry in played.ledger.log.read_stream(played.session_id)]
    assert fast_order != slow_order
    assert session_id == played.session_id
    assert without_ids(slow) == without_ids(cut_log(played.ledger, played.session_id))


def test_the_sample_shoot_shows_what_a_cut_log_is_for(played: Played):
    log = cut_log(played.ledger, played.session_id)
    kinds: list[str] = [entry.kind for entry in log.audit]
    once = (
        "superseded",
        "source_lost",
        "unregistered",
        "hold_broken",
        "hold_open_at_end",
        "shadow",
        "voided",
        "before_start",
    )
    assert {kind: kinds.count(kind) for kind in once} == dict.fromkeys(once, 1)
    assert kinds.count("same_camera") == 2  # pressed twice; and the way back from the cut that was taken back
    assert 3 <= kinds.count("late") <= 12
    assert kinds.count("after_end") == 1
    assert set(kinds) == {*once, "same_camera", "late", "after_end"}
    assert sum(segment.transition is not None for segment in log.segments) >= 3
    assert [segment.reason for segment in log.segments if segment.camera_id is None] == ["pause"]
    assert not log.provisional


@pytest.mark.long
def test_playing_it_again_adds_nothing(played: Played):
    heads = played.ledger.log.heads()
    play(sample_shoot(), {writer: sending(played.ledger, writer) for writer in WRITERS})
    assert played.ledger.log.heads() == heads


def test_a_failure_stops_everybody_and_is_raised():
    class Broken(Exception):
        pass

    def broken(function: str, arguments: dict[str, Any], key: str) -> Any:
        raise Broken

    def working(function: str, arguments: dict[str, Any], key: str) -> Any:
        return "id"

    calls = {
        MULTICAM: [Call(5, "production:markHeroPose", {}, (SESSION.name,))],
        POST: [Call(9, "production:createProductionAsset", {"sessionId": SESSION})],
    }
    with pytest.raises(Broken):
        play(Shoot(calls, []), {MULTICAM: broken, POST: working})


def test_progress_is_told_of_every_call():
    told: list[str] = []
    calls = {MULTICAM: [Call(ms, "production:markHeroPose", {}) for ms in (1, 2)], POST: [Call(1, "x", {})]}
    play(Shoot(calls, []), dict.fromkeys(calls, lambda *_: None), told.append)
    assert sorted(told) == [MULTICAM, MULTICAM, POST]
