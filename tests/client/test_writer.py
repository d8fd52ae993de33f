"""A writer and a real ledger: a call returns when the fact is safe, and the ledger has it once as soon as it can be reached."""

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from ledger.client import AsyncWriter, NotAcknowledgedError, SpoolInUseError, Writer, WriterClosedError
from ledger.domain.refusals import Invalid
from tests.client.cable import Cable
from tests.serving import Serving

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def cable(serving: Serving) -> Iterator[Cable]:
    cable = Cable(serving.port)
    yield cable
    cable.close()


def _history(serving: Serving, session_id: str) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = serving.ask("session/history", sessionId=session_id, numItems=10_000)["page"]
    return page


def test_a_whole_shoot_is_recorded_before_the_ledger_can_be_reached(serving: Serving, cable: Cable, tmp_path: Path):
    cable.become("pulled")
    with Writer(cable.url, spool=tmp_path / "pose", retry_seconds_max=0.2) as pose:
        session = pose.start_session("photoshoot_performance", status="rolling")
        pose.upsert_camera(session, "hero", source_type="iphone", role="hero", priority_weight=1, is_active=True)
        marker = pose.mark_hero_pose(session, camera_id="hero", score=0.9)
        still = pose.create_still(session, "hero", score=0.9, source_event_id=marker)
        pose.update_still(still, is_favorite=True)
        pose.correct_director_event(session, marker, changes={"score": 0.8}, reason="recounted")
        pose.complete_session(session)
        assert pose.pending == 7
        with pytest.raises(NotAcknowledgedError, match="on its way"):
            pose.id_of(marker, timeout=0)
        cable.become("whole")
        assert pose.flush(10)
        assert pose.pending == 0
        (shown,) = serving.ask("stills", sessionId=session)
        assert shown["sourceEventId"] == pose.id_of(marker) == f"{session}-e3"
        assert shown["_id"] == pose.id_of(still)
        assert shown["isFavorite"]
    types = [entry["type"].partition(".")[0] for entry in _history(serving, session)]
    assert types[:4] == ["session-started", "camera-registered", "director-event-recorded", "still-recorded"]
    assert {entry["actor"] for entry in _history(serving, session)} == {"pose"}


def test_what_a_crashed_writer_recorded_its_successor_sends(serving: Serving, tmp_path: Path):
    spool = tmp_path / "cam-2"
    session = serving.session()
    with Writer(NOBODY, spool=spool) as first:
        for number in range(20):
            first.append_director_event(session, "cut", timestamp_ms=number)
        first.close(timeout=0)
    with Writer(serving.url, spool=spool) as second:
        assert second.flush(10)
    cuts = [entry["body"]["timestampMs"] for entry in _history(serving, session)[1:]]
    assert cuts == list(range(20))


def test_an_answer_that_is_lost_makes_nothing_twice(serving: Serving, cable: Cable, tmp_path: Path):
    session = serving.session()
    cable.become("deaf")
    with Writer(cable.url, spool=tmp_path / "cam-2", retry_seconds_max=0.1) as writer:
        for number in range(10):
            if number % 3 == 2:
                writer.append_music_moment(session, timestamp_ms=number)
            else:
                writer.append_director_event(session, "cut", timestamp_ms=number)
        deadline = monotonic() + 60
        while not (writer.trouble and len(_history(serving, session)) > 1):
            assert monotonic() < deadline, writer.trouble
            sleep(0.02)
        assert writer.pending == 10, "nobody has acknowledged anything"
        cable.become("whole")
        assert writer.flush(10)
    assert [entry["body"]["timestampMs"] for entry in _history(serving, session)[1:]] == list(range(10))


def test_two_writers_on_one_spool_are_refused(serving: Serving, tmp_path: Path):
    with Writer(serving.url, spool=tmp_path), pytest.raises(SpoolInUseError):
        Writer(serving.url, spool=tmp_path)


def test_a_closed_writer_says_so_and_a_wrong_argument_is_told_at_once(serving: Serving, tmp_path: Path):
    writer = Writer(serving.url, spool=tmp_path)
    with pytest.raises(Invalid, match="score: must be a number"):
        writer.mark_hero_pose("s", score="high")  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="sourceEventId: ~other-1 was given out by another writer"):
        writer.create_still("s", "hero", score=1, source_event_id="~other-1")
    assert writer.pending == 0
    writer.close()
    with pytest.raises(WriterClosedError):
        writer.mark_hero_pose("s")


def _public(writer: type) -> dict[str, Any]:
    """What can be asked of a writer: the parameters of its methods, None where it is a property."""
    shown = {name: inspect.getattr_static(writer, name) for name in dir(writer) if not name.startswith("_")}
    return {
        name: None if isinstance(it, property) else list(inspect.signature(it).parameters.values())
        for name, it in shown.items()
    }


def test_those_who_await_can_ask_for_whatever_those_who_wait_can():
    assert _public(AsyncWriter) == _public(Writer)
    assert list(inspect.signature(AsyncWriter).parameters.values()) == list(
        inspect.signature(Writer).parameters.values()
    )
    for name in ("id_of", "aside", "retry", "discard", "flush", "close"):
        assert inspect.iscoroutinefunction(getattr(AsyncWriter, name)), f"{name} would hold up the loop"


def test_those_who_await_see_what_was_set_aside_and_send_it_once_more(serving: Serving, tmp_path: Path):
    async def shoot() -> None:
        async with AsyncWriter(serving.url, spool=tmp_path / "awaiting") as writer:
            await writer.append_director_event("nowhere", "cut")
            await writer.append_director_event("nowhere", "hold")
            assert await writer.flush(10)
            assert [aside.code for aside in await writer.aside()] == ["not_found", "not_found"]
            assert await writer.retry([1]) == 1
            assert await writer.flush(10)
            assert await writer.discard() == 2
            assert await writer.aside() == []

    asyncio.run(shoot())


def test_those_who_await_are_served_alike(serving: Serving, tmp_path: Path):
    async def shoot() -> str:
        async with AsyncWriter(serving.url, spool=tmp_path / "music") as music:
            session = await music.start_session("music_demo")
            waiting = [music.append_director_event(session, "bar_fire", timestamp_ms=n) for n in range(200)]
            moment = await music.append_music_moment(session, tempo=120)
            bars = await asyncio.gather(*waiting)
            assert await music.flush(10)
            assert [await music.id_of(bar) for bar in bars] == [f"{session}-e{n}" for n in range(2, 202)]
            assert await music.id_of(moment) == f"{session}-m202"
            with pytest.raises(Invalid, match="tempo"):
                music.append_music_moment(session, tempo="fast")  # type: ignore[arg-type]
            return session

    session = asyncio.run(shoot())
    assert [entry["body"]["timestampMs"] for entry in _history(serving, session)[1:201]] == list(range(200))
