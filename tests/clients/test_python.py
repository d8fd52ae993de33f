"""PyPI `convex` as it comes, on a real server in a process of its own: it holds the interpreter while it waits."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from convex import ConvexClient, ConvexError, ConvexInt64
from convex.http_client import ConvexHttpClient

from ledger.api.server import bind
from tests.api.locked import Locked
from tests.serving import Serving
from tests.shared import Serve

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


def test_a_key_is_shown_as_scripts_show_it(serve: Serve):
    locked = Locked(serve())
    key = locked.key("pipeline", "read", "write:captures")["Authorization"].removeprefix("Bearer ")
    capture = {"capture_id": "frame-1", "source": "telegram"}
    for made in (ConvexClient, ConvexHttpClient):
        client: Any = made(locked.server.url)
        with pytest.raises(Exception, match=r"Authorization: this ledger asks for a key"):
            client.mutation("captures:store", {"data": capture})
        client.set_auth(key)
        client.mutation("captures:store", {"data": capture})
        (known,) = client.query("captures:listRecent")
        assert known["imageUrl"] == "frame-1"
        with pytest.raises(ConvexError) as refused:
            client.mutation("production:startProductionSession", {"sessionType": "music_demo"})
        assert _of(refused.value)["code"] == "forbidden"


@pytest.mark.parametrize("odd", [ConvexInt64(1), b"bytes", float("nan"), -0.0])
def test_what_json_has_no_word_for_is_refused_by_the_name_of_its_field(client: Any, odd: Any):
    with pytest.raises(ConvexError) as refused:
        client.mutation("production:startProductionSession", {"sessionType": "music_demo", "metadata": {"odd": odd}})
    assert (_of(refused.value)["code"], _of(refused.value)["field"]) == ("invalid", "metadata.odd")


PIPELINE = """
import sys
from convex import ConvexClient

ledger = ConvexClient(sys.argv[1])
for number in range(300):
    capture = {"capture_id": f"frame-{number}", "source": "glasses_stream"}
    for status in ("identifying", "identified"):
        ledger.mutation("captures:store", {"data": capture | {"status": status}})
    print(number, flush=True)
"""


def test_a_pipeline_whose_server_dies_stores_each_frame_once(tmp_path: Path):
    with bind("127.0.0.1", 0) as free:
        port = str(free.getsockname()[1])
    server = Serving(tmp_path / "ledger", PORT=port)
    command = [sys.executable, "-c", PIPELINE, server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pipeline:
        assert pipeline.stdout is not None
        for until in ("20\n", "120\n"):
            while pipeline.stdout.readline() != until:
                pass
            server.restart(signal.SIGKILL)
        assert pipeline.wait(50) == 0
    said = [entry["message"] for entry in server.client.get("/activity", params={"limit": 10_000}).json()["result"]]
    assert said.count("New face captured via glasses_stream") == 300
    newest = server.client.get("/captures").json()["result"]
    assert [capture["imageUrl"] for capture in newest] == [f"frame-{number}" for number in range(299, 279, -1)]
    assert {capture["status"] for capture in newest} == {"identified"}
    server.stop()
