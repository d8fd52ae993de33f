"""What changes a row is in the tags, and what an answer is made of is in its views: between them nothing is missed."""

import re
import sqlite3
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings

from ledger.application.catalogue import FUNCTIONS
from ledger.application.functions import ANYWHERE, LOG, Query, Reading
from ledger.application.live.tags import tags_of, views_of
from ledger.domain.refusals import Refusal
from ledger.domain.values import Frozen
from ledger.projections.projection import METADATA
from ledger.projections.views import PROJECTIONS
from tests.application.asking import Asking
from tests.log.opened import OpenLog
from tests.projections.histories import Told, histories
from tests.projections.viewed import Viewed

VIEW_OF: Final = {name: name for name in METADATA.tables} | {
    "tiles": "trees",
    "edges": "trees",
    "screenshots": "recordings",
    "ocr_results": "recordings",
    "documentation": "recordings",
}


def test_every_table_is_some_views():
    assert set(VIEW_OF.values()) == {projection.name for projection in PROJECTIONS}


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())
def test_an_entry_changes_rows_of_no_other_view_than_its_tags_say(history: list[Told], tmp_path_factory: Any):
    folder: Path = tmp_path_factory.mktemp("told")
    opened = OpenLog(folder / "log.sqlite")
    viewed = Viewed(opened, folder / "views.sqlite")
    before = viewed.rows()
    for partition, event in history:
        opened.append(event, partition=partition)
        viewed.step(1)
        after = viewed.rows()
        changed = {VIEW_OF[table] for table in after if after[table] != before[table]}
        entries = opened.log.read_stream(partition)[-1:]
        tags = tags_of(entries)
        assert {(view, partition) for view in changed} <= tags
        assert {(view, ANYWHERE) for view in changed | LOG} <= tags
        before = after
    viewed.close()
    opened.close()


def test_an_event_of_no_view_still_changes_the_log_and_its_trees():
    assert views_of("key-added.1") == {"log", "trees"}
    assert views_of("still-recorded.1") == {"log", "trees", "stills"}


@pytest.fixture
def shoot(embedded_ask: Asking) -> tuple[Asking, dict[str, Any]]:
    """A shoot in which everything is, and arguments that fit whatever is asked about it."""
    ask = embedded_ask
    session = ask.start(status="rolling", timestampMs=0)
    event = ask.cut(session, 1, cameraId="a")
    ask.read("getProductionTimeline", sessionId=session)
    about = {"sessionId": session, "eventId": event, "fromSequence": 1, "fromPosition": 1}
    about |= dict.fromkeys(("imageId", "videoId", "jobId"), "nothing")
    return ask, about


QUERIES: Final = [function for function in FUNCTIONS if isinstance(function, Query)]


def test_no_query_reads_another_view_than_it_says(shoot: tuple[Asking, dict[str, Any]]):
    for function in QUERIES:
        _read_what_it_says(function, *shoot)


def _read_what_it_says(function: Query, ask: Asking, about: dict[str, Any]) -> None:
    fields = {field.alias or name for name, field in function.arguments.model_fields.items()}
    asked: Frozen = function.arguments.model_validate(
        {name: about[name] for name in fields & about.keys()}, by_alias=True
    )
    said: list[str] = []
    with ask.ledger.views.snapshot() as snapshot:
        driver: Any = snapshot.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(said.append)
        try:
            function.answer(asked, Reading(snapshot.connection, ask.ledger.log, snapshot.position))
        except Refusal:
            pass
        finally:
            driver.set_trace_callback(None)
    tables = {word for statement in said for word in re.findall(r"\w+", statement)} & METADATA.tables.keys()
    read = {VIEW_OF[table] for table in tables}
    # A session's own row is looked at to know that there is such a session: it is there for ever once it was found.
    assert read - {"sessions"} <= function.views, function.name
