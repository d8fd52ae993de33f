"""``ledger rebuild``: beside a running server, and on a folder that nobody has open."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.cli.embedded import writable
from ledger.cli.rebuild import VIEWS
from ledger.domain.vocabulary import Vocabulary
from ledger.projections.projection import METADATA
from ledger.projections.views import PROJECTIONS
from tests.api.streams.reading import reading
from tests.cli.terminal import done, run
from tests.shared import Serve


def test_a_folder_is_rebuilt_and_goes_back(tmp_path: Path):
    with writable(tmp_path, Vocabulary()):
        pass
    place = ("--data", tmp_path)
    refused = run("rebuild", "--back", *place)
    assert (refused.status, "no other build" in refused.err) == (1, True)
    assert done("rebuild", "--json", *place).answer["number"] == 2
    assert (tmp_path / "views.shown").read_text() == "2"
    back = done("rebuild", "--back", *place)
    assert "build 1 of the views is shown; every row is as it was before" in back.err
    assert "director_events" in back.out
    assert "`ledger rebuild --back` shows it again" in " ".join(back.err.split())


def test_one_view_can_be_told_of_alone(tmp_path: Path):
    with writable(tmp_path, Vocabulary()):
        pass
    place = ("--data", tmp_path)
    said = run("rebuild", "still", *place)
    assert (said.status, "the views are sessions, cameras, director_events" in " ".join(said.err.split())) == (1, True)
    assert not (tmp_path / "views.shown").exists(), "nothing was begun"
    assert "every row of stills is as it was before" in " ".join(done("rebuild", "stills", *place).err.split())
    told = done("rebuild", "recordings", "--json", *place).answer
    assert {it["table"] for it in told["tables"]} == {"recordings", "screenshots", "ocr_results", "documentation"}


def test_every_view_is_known_by_its_name_with_all_its_tables():
    assert list(VIEWS) == [projection.name for projection in PROJECTIONS]
    assert {table for tables in VIEWS.values() for table in tables} == set(METADATA.tables)


@pytest.mark.long
def test_through_a_server_nobody_who_reads_notices(serve: Serve):
    server = serve()
    session_id = server.session()
    server.record(
        "event/batch", sessionId=session_id, events=[{"timestampMs": at, "eventType": "cut"} for at in range(500)]
    )
    found = done("rebuild", "--json", "--url", server.url).answer
    assert (found["state"], found["done"]) == ("done", 501)
    assert all(table["difference"] is None for table in found["tables"])
    assert len(server.ask("events", sessionId=session_id, numItems=1_000)["page"]) == 500
    server.restart()
    _touch_up(server.directory / "views-2.sqlite", "only in the views")
    with reading(server, "/production/session", sessionId=session_id) as reader:
        assert reader.next().value["title"] == "only in the views"
        mended = done("rebuild", "--url", server.url)
        assert "others than before are sessions" in mended.err
        assert "title" not in reader.next().value, "whoever watches is told, though nothing was recorded"
        done("rebuild", "--back", "--url", server.url)
        assert reader.next().value["title"] == "only in the views"
    assert len(server.ask("events", sessionId=session_id, numItems=1_000)["page"]) == 500


def _touch_up(views: Path, title: str) -> None:
    """Give every session of a build a title that was never recorded."""
    with closing(sqlite3.connect(views)) as rows, rows:
        rows.execute("UPDATE sessions SET document = json_set(document, '$.title', ?)", (title,))
