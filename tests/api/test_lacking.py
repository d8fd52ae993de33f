"""Every door that shows a session says what its answer lacks: facts that the views are behind with, and events that are parked."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple

import httpx2
import pytest

from ledger.bootstrap import VIEWS_FILE
from tests.api.streams.reading import reading
from tests.api.sync.speaking import add, speaks
from tests.cli.terminal import run
from tests.serving import Serving
from tests.shared import Serve
from tests.unreadable import rename, with_an_event_that_nobody_can_read

NAME: Final = "production:getProductionSession"
STARTED: Final = "session-started.1"
"""All that is asked of the history: what nobody can read, it cannot show either."""


class Said(NamedTuple):
    """What a door says beside an answer."""

    stale: bool
    parked: bool


def _of_headers(answer: httpx2.Response, session_id: str) -> Said:
    assert answer.status_code == 200, answer.text
    return Said(answer.headers.get("Ledger-Stale") == "true", answer.headers.get("Ledger-Parked") == session_id)


def _of_lines(lines: list[str], session_id: str) -> Said:
    said = "\n".join(lines)
    return Said("views are behind the log" in said, f"events of {session_id}, which are parked" in said)


def route(server: Serving, session_id: str) -> Said:
    return _of_headers(server.get("session", sessionId=session_id), session_id)


def history(server: Serving, session_id: str) -> Said:
    return _of_headers(server.get("session/history", sessionId=session_id, type=STARTED), session_id)


def lines_of_history(server: Serving, session_id: str) -> Said:
    asked = {"Accept": "application/x-ndjson"}
    return _of_headers(server.get("session/history", asked, sessionId=session_id, type=STARTED), session_id)


def function(server: Serving, session_id: str) -> Said:
    answer = server.client.post("/api/query", json={"path": NAME, "args": {"sessionId": session_id}})
    told = _of_headers(answer, session_id)
    assert told == _of_lines(answer.json()["logLines"], session_id)
    return told


def batch(server: Serving, session_id: str) -> Said:
    queries = [{"path": NAME, "args": {"sessionId": session_id}}, {"path": "videos:getVideo", "args": {"videoId": "v"}}]
    answer = server.client.post("/api/query_batch", json={"queries": queries})
    about, other = answer.json()["results"]
    assert "which are parked" not in str(other["logLines"]), "each is told its own"
    assert _of_headers(answer, session_id) == _of_lines(about["logLines"], session_id)
    return _of_headers(answer, session_id)


def stream(server: Serving, session_id: str) -> Said:
    with reading(server, "/production/session", sessionId=session_id) as reader:
        told = reader.until("answer")
    lack: dict[str, Any] = told[0].value if told[0].name == "lacking" else {"stale": False, "parked": []}
    return Said(lack["stale"], session_id in lack["parked"])


def stream_of_session(server: Serving, session_id: str) -> Said:
    with reading(server, "/production/session/stream", sessionId=session_id, type=STARTED) as reader:
        told = reader.until("caught-up")
    return Said(False, told[0].name == "lacking" and session_id in told[0].value["parked"])


def client_protocol(server: Serving, session_id: str) -> Said:
    with speaks(server) as client:
        client.modify(add(0, NAME, sessionId=session_id))
        while not (heard := client.hear()).get("modifications"):
            pass
    return _of_lines(heard["modifications"][0]["logLines"], session_id)


def terminal(server: Serving, session_id: str) -> Said:
    said = run("as-of", session_id, "--url", server.url).err + run("sessions", "--url", server.url).err
    return _of_lines([said], session_id)


VIEWS: Final[tuple[Callable[[Serving, str], Said], ...]] = (
    route,
    function,
    batch,
    stream,
    client_protocol,
    terminal,
)
"""Doors to what is answered from the views."""
LOG: Final[tuple[Callable[[Serving, str], Said], ...]] = (history, lines_of_history, stream_of_session)
"""And from the log, which is never behind."""


@pytest.mark.long
def test_where_its_events_are_parked_every_door_says_so_until_they_are_replayed(serve: Serve):
    server, session_id = with_an_event_that_nobody_can_read(serve, LEDGER_POISON="park")
    told = {door.__name__: door(server, session_id) for door in (*VIEWS, *LOG)}
    assert told == dict.fromkeys(told, Said(stale=False, parked=True))
    with reading(server, "/production/session", sessionId=session_id) as reader, speaks(server) as client:
        reader.until("answer")
        client.watch(0, NAME, sessionId=session_id)
        rename(server.directory, session_id, "director-event-recorded.1")
        assert server.client.post("/ledger/parked/replay", json={}).status_code == 200
        mended = reader.next()
        assert (mended.name, mended.value) == ("lacking", {"stale": False, "parked": []})
        assert client.hear()["modifications"][0]["logLines"] == []
    told = {door.__name__: door(server, session_id) for door in (*VIEWS, *LOG)}
    assert told == dict.fromkeys(told, Said(stale=False, parked=False))


@pytest.mark.long
def test_where_the_views_stand_still_every_door_waits_for_a_while_and_says_that_its_answer_is_stale(serve: Serve):
    server, session_id = with_an_event_that_nobody_can_read(serve)
    began = monotonic()
    with ThreadPoolExecutor(len(VIEWS)) as at_once:
        said = at_once.map(lambda door: door(server, session_id), VIEWS)
        told = {door.__name__: it for door, it in zip(VIEWS, said, strict=True)}
    assert told == dict.fromkeys(told, Said(stale=True, parked=False))
    assert 1.5 < monotonic() - began < 25
    assert [door(server, session_id).stale for door in LOG] == [False] * len(LOG), "nor does anybody wait"


@pytest.mark.long
def test_who_watches_is_told_when_the_views_have_stopped(serve: Serve):
    server = serve()
    session_id = server.session()
    with reading(server, "/production/session", sessionId=session_id) as reader, speaks(server) as client:
        reader.until("answer")
        client.watch(0, NAME, sessionId=session_id)
        with _views_that_nobody_can_write(server.directory):
            server.record("session/update", sessionId=session_id, title="unseen for a while")
            behind = reader.next()
            assert (behind.name, behind.value) == ("lacking", {"stale": True, "parked": []})
            assert "views are behind" in client.hear()["modifications"][0]["logLines"][0]
        there = reader.until("answer")
        assert (there[0].value["stale"], there[-1].value["title"]) == (False, "unseen for a while")
        told = client.hear()["modifications"][0]
        assert (told["value"]["title"], told["logLines"]) == ("unseen for a while", [])


@contextmanager
def _views_that_nobody_can_write(folder: Path) -> Iterator[None]:
    """Somebody holds their file, and lets it be read."""
    with closing(sqlite3.connect(folder / VIEWS_FILE, isolation_level=None)) as holding:
        holding.execute("BEGIN IMMEDIATE")
        yield
        holding.execute("ROLLBACK")
