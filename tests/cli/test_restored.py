"""``ledger restored``: a database that was dumped and restored is another life of its ledger, and knows it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.bootstrap import open_database
from ledger.domain.vocabulary import Vocabulary
from ledger.log.epochs import OfAnotherEpoch
from ledger.log.positions import Position
from tests.application.asking import Asking
from tests.cli.terminal import done, run
from tests.postgres import empty_database, programs


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as empty:
        yield empty


@pytest.fixture
def other() -> Iterator[str]:
    with empty_database() as empty:
        yield empty


def move(url: str, other: str, scratch: Path, *options: str) -> None:
    """A dump, restored elsewhere by PostgreSQL's own tools."""
    folder = programs()
    assert folder is not None
    if not (folder / "pg_dump").exists():
        pytest.skip("there is no pg_dump here")
    dump = str(scratch / "dump")
    subprocess.run([str(folder / "pg_dump"), "--format=custom", *options, f"--file={dump}", url], check=True)
    subprocess.run([str(folder / "pg_restore"), "--no-owner", f"--dbname={other}", dump], check=True)


@pytest.mark.long
def test_a_restored_database_sends_back_whoever_has_seen_what_is_lost(url: str, other: str, tmp_path: Path):
    with open_database(url, Vocabulary(), shards=4) as ledger:
        ask = Asking(ledger)
        session_id = ask.start(title="kept")
        early = ask.written("appendDirectorEvent", sessionId=session_id, timestampMs=1, eventType="cut").position
    move(url, other, tmp_path)
    with open_database(url, Vocabulary(), shards=4) as ledger:
        lost = Asking(ledger).written("appendDirectorEvent", sessionId=session_id, timestampMs=2, eventType="cut")
    told = done("restored", "--database", other, "--json").answer
    assert (told["sessions"], sum(told["heads"]), told["restoredFrom"]) == (1, 2, early.epoch)
    with open_database(other, Vocabulary(), shards=4) as ledger:
        ask = Asking(ledger)
        assert ledger.log.epoch == told["epoch"] != early.epoch
        assert ledger.views.discarded == "the views are of another epoch of the log"
        for at in range(5):
            ask.cut(session_id, at)
        for token in (lost.position, early):
            with pytest.raises(OfAnotherEpoch) as refused:
                ask.answered("listProductionSessions", at_least=token)
            back = Position.parse(refused.value.detail["position"])
            assert back == Position(told["epoch"], ((early.shards[0][0], 2),))
        assert ask.read("getProductionTimeline", sessionId=session_id)["session"]["title"] == "kept"
    assert "nothing was touched" in done("verify", "--database", other).out


@pytest.mark.long
def test_a_database_that_was_restored_without_its_views_shows_them_all(url: str, other: str, tmp_path: Path):
    with open_database(url, Vocabulary(), shards=4) as ledger:
        session_id = Asking(ledger).start(title="kept")
    move(url, other, tmp_path, "--schema=ledger")
    done("restored", "--database", other)
    assert [session["_id"] for session in done("sessions", "--json", "--database", other).answer] == [session_id]


@pytest.mark.long
def test_epochs_of_the_database_that_gave_way_are_known(url: str, other: str, tmp_path: Path):
    with open_database(url, Vocabulary(), shards=1) as ledger:
        Asking(ledger).start()
    move(url, other, tmp_path)
    later = done("restored", "--database", url, "--json").answer["epoch"]
    told = done("restored", "--database", other, "--instead-of", url, "--json").answer
    with open_database(other, Vocabulary(), shards=1) as ledger:
        assert [epoch.name for epoch in ledger.log.epochs] == [told["restoredFrom"], later, told["epoch"]]
        assert ledger.log.epochs.shared_with(later) == (1,)


@pytest.mark.long
def test_a_database_that_somebody_has_open_goes_on_as_it_is(url: str):
    with open_database(url, Vocabulary(), shards=1) as ledger:
        said = run("restored", "--database", url)
        assert said.status == 1
        assert "stop its servers" in said.err
        epoch = ledger.log.epoch
    assert epoch in done("restored", "--database", url).out


def test_where_there_is_no_ledger_nothing_begins(url: str, tmp_path: Path):
    said = run("restored", "--database", url)
    assert said.status == 1
    assert "there is no ledger" in said.err
    assert "name a --database" in run("restored", "--data", tmp_path).err
    assert "--database" in run("restored", "--url", "http://127.0.0.1:1").err
    assert "--database: " in run("restored", "--database", "mysql://nobody/none").err
