"""A restore drill passes on a sound ledger, beside its writer, and finds what a restore would stumble over."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from eventsourcing.persistence import StoredEvent

from ledger.application.drill import FolderDrill, Report
from ledger.bootstrap import LOG_FILE, VIEWS_FILE, now_ms, open_for_writing
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking

STEPS = [
    "copy the live views",
    "back up",
    "restore",
    "verify",
    "build the views anew",
    "compare the views",
    "build the rest",
]


@contextmanager
def unwatched(_step: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


def drilled(directory: Path, scratch: Path) -> Report:
    scratch.mkdir()
    return FolderDrill(directory / LOG_FILE, directory / VIEWS_FILE, scratch, now_ms, unwatched).run()


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """The folder of a small ledger that nobody has open."""
    with open_for_writing(tmp_path / "ledger", Vocabulary()) as ledger:
        ask = Asking(ledger)
        session_id = ask.start()
        for at in range(30):
            ask.cut(session_id, at)
        ask.read("getProductionTimeline", sessionId=session_id)
    return tmp_path / "ledger"


def change(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        assert connection.execute(statement).rowcount >= 1
    connection.close()


def test_a_sound_ledger_passes(shot: Path, tmp_path: Path):
    before = {name: (shot / name).read_bytes() for name in (LOG_FILE, VIEWS_FILE)}
    report = drilled(shot, tmp_path / "scratch")
    assert report.fault is None
    assert [step.name for step in report.steps] == STEPS
    assert all(step.seconds >= 0 for step in report.steps)
    assert {table.table: table.rows for table in report.tables}["director_events"] == 30
    assert {name: (shot / name).read_bytes() for name in before} == before


def test_a_ledger_that_is_being_written_passes(embedded_ask: Asking, tmp_path: Path):
    session_id = embedded_ask.start()
    stop = Event()

    def write() -> None:
        at = 0
        while not stop.is_set():
            embedded_ask.cut(session_id, at := at + 1)

    writing = Thread(target=write)
    writing.start()
    try:
        for n in range(3):
            before = sum(embedded_ask.ledger.log.heads())
            report = drilled(tmp_path, tmp_path / f"scratch-{n}")
            assert report.fault is None
            assert sum(embedded_ask.ledger.log.heads()) > before, "the writer went on"
    finally:
        stop.set()
        writing.join()


def test_views_that_are_behind_are_compared_where_they_are(embedded_ask: Asking, tmp_path: Path):
    session_id = embedded_ask.start()
    embedded_ask.cut(session_id, 1)
    embedded_ask.read("getProductionTimeline", sessionId=session_id)
    embedded_ask.ledger.runner.stop()
    for at in range(5):
        embedded_ask.cut(session_id, at)
    report = drilled(tmp_path, tmp_path / "scratch")
    assert report.fault is None
    assert {table.table: table.rows for table in report.tables}["director_events"] == 1
    assert [step.found for step in report.steps if step.name == "build the rest"] == ["5 entries"]


def test_a_ledger_without_views_passes(shot: Path, tmp_path: Path):
    for file in shot.glob("views*"):
        file.unlink()
    report = drilled(shot, tmp_path / "scratch")
    assert (report.fault, report.tables) == (None, [])
    assert report.steps[0].found == "there are none yet"
    assert report.steps[-1].found == "31 entries"
    assert not list(shot.glob("views*")), "a drill makes nothing in the ledger's folder"


@pytest.mark.parametrize(
    ("file", "statement", "step", "fault"),
    [
        (
            LOG_FILE,
            "UPDATE events SET body = replace(body, 'cut', 'hold') WHERE position = 7",
            3,
            "sequence 7, position 7: the leaf hash",
        ),
        (LOG_FILE, "UPDATE events SET actor = 'eve' WHERE position = 31", 3, "position 31: the leaf hash"),
        (LOG_FILE, "DELETE FROM events WHERE position = 5", 3, "position 5 is missing"),
        (LOG_FILE, "UPDATE shards SET position = 40", 3, "position 32 is missing"),
        (
            VIEWS_FILE,
            "UPDATE director_events SET document = '{}' WHERE sequence = 9",
            5,
            "sequence 9 differs in document",
        ),
        (VIEWS_FILE, "DELETE FROM sessions", 5, "is in those views only"),
        (VIEWS_FILE, "UPDATE checkpoints SET epoch = 'lost'", 0, "another epoch"),
        (VIEWS_FILE, "UPDATE view_versions SET version = 0", 0, "another version"),
    ],
)
def test_what_is_wrong_is_found_and_named(shot: Path, tmp_path: Path, file: str, statement: str, step: int, fault: str):
    change(shot / file, statement)
    report = drilled(shot, tmp_path / "scratch")
    assert report.fault is not None
    assert fault in report.fault
    assert [step.name for step in report.steps] == STEPS[: step + 1]
    assert report.steps[-1].found == "failed"


def test_an_event_that_cannot_be_read_any_more_is_found(shot: Path, tmp_path: Path):
    """Its leaf is right: somebody recorded what this version cannot read."""
    with open_for_writing(shot, Vocabulary()) as ledger:
        ledger.runner.stop()
        ledger.log.recorders[0].insert_events([StoredEvent("s1", 1, "never-heard-of.1", b"{}")])
    report = drilled(shot, tmp_path / "scratch")
    assert report.fault is not None
    assert "never-heard-of.1" in report.fault
    assert report.steps[-1].name == "verify"
