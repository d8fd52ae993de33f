"""A drill on a database passes beside its writer, finds what a restore would stumble over, and leaves no database behind."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.application.drill import Report
from ledger.bootstrap import open_database
from ledger.domain.vocabulary import Vocabulary
from ledger.openings import drill_of_database
from tests.application.asking import Asking
from tests.application.test_drill import STEPS, unwatched
from tests.places import Database
from tests.postgres import empty_database

pytestmark = pytest.mark.skipif(shutil.which("pg_dump") is None, reason="there is no pg_dump here")


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as empty:
        yield empty


def drilled(url: str, scratch: Path) -> Report:
    scratch.mkdir()
    return drill_of_database(url, scratch, unwatched).run()


def databases(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


@pytest.mark.long
def test_a_database_that_is_being_written_passes(url: str, tmp_path: Path):
    with open_database(url, Vocabulary(), shards=4) as ledger:
        ask = Asking(ledger)
        sessions = [ask.start(title=title) for title in ("one", "two")]
        for at in range(10):
            ask.cut(sessions[at % 2], at)
        ask.read("listProductionSessions")
        before = databases(url)
        report = drilled(url, tmp_path / "scratch")
        assert report.fault is None
        assert [step.name for step in report.steps] == STEPS
        assert {table.table: table.rows for table in report.tables}["director_events"] == 10
        assert databases(url) == before
        assert ask.cut(sessions[0], 99), "it goes on, in its own epoch"


@pytest.mark.long
@pytest.mark.parametrize(
    ("statement", "step", "fault"),
    [
        ("UPDATE ledger.events SET actor = 'eve' WHERE sequence = 3", "verify", "sequence 3"),
        ("UPDATE ledger_views.director_events SET timestamp_ms = 7", "compare the views", "differs in timestamp_ms"),
    ],
)
def test_what_is_wrong_is_found_and_named(url: str, tmp_path: Path, statement: str, step: str, fault: str):
    with open_database(url, Vocabulary(), shards=2) as ledger:
        ask = Asking(ledger)
        session_id = ask.start()
        for at in range(3):
            ask.cut(session_id, at)
        ask.read("getProductionTimeline", sessionId=session_id)
    before = databases(url)
    Database(url).change(statement)
    report = drilled(url, tmp_path / "scratch")
    assert report.fault is not None
    assert fault in report.fault
    assert report.steps[-1].name == step
    assert databases(url) == before
