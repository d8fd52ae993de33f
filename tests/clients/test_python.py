"""PyPI `convex` as it comes, on a real server in a process of its own: it holds the interpreter while it waits."""

import signal
from pathlib import Path
from typing import Any

import pytest
from convex import ConvexClient, ConvexError

from ledger.api.server import bind
from tests.serving import Serving

pytestmark = pytest.mark.long


@pytest.fixture
def client(serving: Serving) -> Any:
    return ConvexClient(serving.url)


def _of(error: ConvexError) -> Any:
    return error.data


def test_what_it_records_is_what_it_reads(client: Any):
    session_id = client.mutation("production:startProductionSession", {"sessionType": "music_demo"})
    metadata = {"whole": 5, "part": 0.5, "list": [None, True, "é"]}
    client.mutation("production:updateProductionSession", {"sessionId": session_id, "metadata": metadata})
    session = client.query("production:getProductionSession", {"sessionId": session_id})
    assert session["metadata"] == metadata


def test_a_subscription_shows_what_changes(client: Any):
    session_id = client.mutation("production:startProductionSession", {"sessionType": "music_demo"})
    shown = client.subscribe("production:getProductionTimeline", {"sessionId": session_id})
    assert next(shown)["directorEvents"] == []
    told = {"sessionId": session_id, "timestampMs": 1, "eventType": "cut"}
    event_id = client.mutation("production:appendDirectorEvent", told)
    assert [event["_id"] for event in next(shown)["directorEvents"]] == [event_id]


def test_an_error_has_its_data(client: Any):
    told = {"sessionId": "s9", "timestampMs": 1, "eventType": "cut"}
    with pytest.raises(ConvexError) as refused:
        client.mutation("production:appendDirectorEvent", told)
    assert _of(refused.value)["code"] == "not_found"
    with pytest.raises(ConvexError) as failed:
        client.query("production:getProductionTimeline", {"sessionId": "s9"})
    assert _of(failed.value)["field"] == "sessionId"


def test_it_goes_on_after_the_servers_death(tmp_path: Path):
    with bind("127.0.0.1", 0) as free:
        port = str(free.getsockname()[1])
    server = Serving(tmp_path / "ledger", PORT=port)
    client: Any = ConvexClient(server.url)
    session_id = client.mutation("production:startProductionSession", {"sessionType": "music_demo"})
    shown = client.subscribe("production:getProductionSession", {"sessionId": session_id})
    next(shown)
    server.restart(signal.SIGKILL)
    client.mutation("production:updateProductionSession", {"sessionId": session_id, "title": "after"})
    while next(shown).get("title") != "after":
        pass
    server.stop()
