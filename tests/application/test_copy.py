"""A ledger that moved house answers as before: sessions, keys, requests under keys, views; and it is told what it is."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from ledger.application.copy import Copying, From, Report, To
from ledger.application.functions import Caller
from ledger.application.ledger import Ledger
from ledger.application.pages import CursorOfAnotherEpoch
from ledger.application.verify import verify
from ledger.bootstrap import VIEWS_FILE, now_ms, open_database, open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.log.copying import CopyError
from ledger.log.epochs import OfAnotherEpoch
from ledger.log.positions import Position
from ledger.openings import log_to_copy_to, openings
from tests.application.asking import Asking
from tests.postgres import empty_database


class House:
    """A place that a ledger lives in, or moves to."""

    def __init__(self, at: Path | str, shards: int = 1) -> None:
        self.at, self.shards = at, shards

    def open(self) -> AbstractContextManager[Ledger]:
        if isinstance(self.at, str):
            return open_database(self.at, Vocabulary(), shards=self.shards)
        return open_for_writing(self.at, Vocabulary())

    def faults(self) -> list[Any]:
        return verify(*openings(self.at)).faults


@pytest.fixture
def folder(tmp_path: Path) -> House:
    return House(tmp_path / "folder")


@pytest.fixture
def database() -> Iterator[House]:
    with empty_database() as url:
        yield House(url, shards=4)


@contextmanager
def unwatched(_step: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


def moved(source: House, target: House) -> Report:
    to = To(partial(log_to_copy_to, target.at), target.open, target.shards)
    return Copying(From(*openings(source.at)), to, now_ms, unwatched).run()


ANN = Caller("ann", "k")
START: dict[str, Any] = {"sessionType": "music_demo", "title": "by ann"}
CAMERA = {"cameraId": "a", "sourceType": "iphone", "role": "hero", "priorityWeight": 1, "isActive": True}


def furnish(ledger: Ledger) -> list[str]:
    """Two sessions with everything in them, one of them begun under a key, and a key to come in with."""
    ask = Asking(ledger)
    sessions = [json.loads(ask.written("startProductionSession", caller=ANN, **START).json), ask.start(title="other")]
    for session_id in sessions:
        ask.write("upsertProductionCamera", sessionId=session_id, **CAMERA)
        first = ask.cut(session_id, 5, cameraId="a", reason="é")
        ask.write("correctDirectorEvent", sessionId=session_id, eventId=first, changes={"score": 1}, reason="x")
        ask.write("createStillCandidate", sessionId=session_id, cameraId="a", timestampMs=1, score=1)
        ask.write("appendMusicMoment", sessionId=session_id, timestampMs=3.5, section="drop", tempo=124)
        ask.write("createProductionAsset", sessionId=session_id, assetType="clip", path="a.mov")
    for image in ("one", "two", "three"):
        ask.write("captures:create", imageUrl=image, source="telegram")
    ask.write("ledger:addKey", name="cam", sha256="0" * 64, scopes=["read"])
    return sessions


def answers(ledger: Ledger, sessions: list[str]) -> Any:
    """What a ledger says of its sessions, less what is its own: epoch, shard and position."""
    ask = Asking(ledger)
    heads = [ask.read("getSessionHead", sessionId=session_id) for session_id in sessions]
    listed = ask.read("listProductionSessions")
    return [
        *([ask.read(name, sessionId=it) for it in sessions] for name in ("getProductionTimeline", "getCutLog")),
        [ask.read("listSessionHistory", sessionId=session_id)["page"] for session_id in sessions],
        [ask.read("listProductionAssets", sessionId=session_id) for session_id in sessions],
        [{name: head[name] for name in ("sequence", "root", "recordedAt")} for head in heads],
        # What came in one millisecond has no order between shards.
        *(sorted(them, key=itemgetter("_id")) for them in (listed["page"], ask.read("captures:listRecent"))),
        ask.read("ledger:listKeys"),
    ]


def test_a_ledger_moves_into_a_database_and_back(folder: House, database: House, tmp_path: Path):
    with folder.open() as ledger:
        sessions = furnish(ledger)
        before = answers(ledger, sessions)
    back = House(tmp_path / "back")
    for source, target in ((folder, database), (database, back)):
        report = moved(source, target)
        assert (report.entries, report.partitions, report.came_since) == (18, 6, 0)
        assert {table.table for table in report.tables} >= {"sessions", "stills", "director_events", "tiles"}
        assert target.faults() == []
        with target.open() as ledger:
            assert answers(ledger, sessions) == before
            assert json.loads(Asking(ledger).written("startProductionSession", caller=ANN, **START).json) == sessions[0]
            assert sum(ledger.log.heads()) == 18, "nothing was begun again"
    with back.open() as ledger:
        ask = Asking(ledger)
        assert ask.cut(sessions[0], 9) == f"{sessions[0]}-e8", "it goes on where it was"
    assert back.faults() == []


@pytest.mark.long
def test_whoever_comes_with_what_the_other_ledger_gave_out_is_told(folder: House, database: House, tmp_path: Path):
    with folder.open() as ledger:
        sessions = furnish(ledger)
        ask = Asking(ledger)
        position = ask.answered("listProductionSessions").position
        asked = {"sessionId": sessions[0], "numItems": 2}
        cursor = ask.read("listSessionHistory", **asked)["continueCursor"]
    same = House(tmp_path / "same")
    for target, known in ((database, 0), (same, 18)):
        moved(folder, target)
        with target.open() as ledger:
            with pytest.raises(OfAnotherEpoch) as refused:
                Asking(ledger).answered("listProductionSessions", at_least=position)
            back = Position.parse(refused.value.detail["position"])
            assert (back.epoch, dict(back.shards)[0]) == (ledger.log.epoch, known)
            with pytest.raises(CursorOfAnotherEpoch):
                Asking(ledger).read("listSessionHistory", cursor=cursor, **asked)


@pytest.mark.long
def test_a_ledger_that_is_written_meanwhile_is_copied_as_it_was_and_the_rest_later(folder: House, database: House):
    with folder.open() as ledger:
        sessions = furnish(ledger)
        answers(ledger, sessions)

        @contextmanager
        def writing(step: str) -> Iterator[Callable[[int, int], None]]:
            if step == "build the views":
                Asking(ledger).cut(sessions[1], 77)
            yield lambda done, total: None

        to = To(partial(log_to_copy_to, database.at), database.open, database.shards)
        report = Copying(From(*openings(folder.at)), to, now_ms, writing).run()
        assert (report.entries, report.came_since) == (18, 1)
        Asking(ledger).read("getProductionTimeline", sessionId=sessions[1])
        before = answers(ledger, sessions)
    assert moved(folder, database).entries == 19
    with database.open() as ledger:
        assert answers(ledger, sessions) == before
        Asking(ledger).cut(sessions[0], 1)
    with pytest.raises(CopyError, match="facts of its own"):
        moved(folder, database)


@pytest.mark.long
def test_views_that_are_not_those_of_the_log_are_found_out(folder: House, database: House):
    with folder.open() as ledger:
        answers(ledger, furnish(ledger))
    assert isinstance(folder.at, Path)
    with closing(sqlite3.connect(folder.at / VIEWS_FILE)) as views, views:
        views.execute("UPDATE stills SET score = 0.25")
    with pytest.raises(CopyError, match=r"stills: the row of id .* differs in score"):
        moved(folder, database)
