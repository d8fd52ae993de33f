import json
from pathlib import Path

import pytest

from ledger.client.functions import call_of
from ledger.client.requests import UnknownReferenceError, prepare
from tests.client.spools import SESSION, cut, moment, open_spool

KNOWN: dict[int, str] = {}
NOBODY = KNOWN.get


def test_a_fact_by_itself_goes_to_its_own_route(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([moment(5)])
    path, body, key = prepare("cam-2", spool.name, spool.take(), NOBODY)
    assert (path, json.loads(body)) == ("/production/music-moment", {"sessionId": SESSION, "timestampMs": 5})
    assert key == f"device:cam-2:{spool.name}:1"


def test_director_events_go_as_one_batch(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([cut(5), cut(6, reason="ü")])
    path, body, key = prepare("cam-2", spool.name, spool.take(), NOBODY)
    events = [{"eventType": "cut", "timestampMs": 5}, {"eventType": "cut", "timestampMs": 6, "reason": "ü"}]
    assert (path, json.loads(body)) == ("/production/event/batch", {"sessionId": SESSION, "events": events})
    assert key == f"device:cam-2:{spool.name}:1-2"


def test_a_reopening_and_a_start_have_hardly_any_arguments(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([call_of("updateProductionSession", {"sessionId": "s", "timestampMs": 0}, lambda: 0)])
    _, body, _ = prepare("cam-2", spool.name, spool.take(), NOBODY)
    assert json.loads(body) == {"sessionId": "s", "timestampMs": 0}


def test_a_function_without_a_route_is_called_by_its_name(tmp_path: Path):
    spool = open_spool(tmp_path)
    screenshot = {"sessionId": SESSION, "filename": "1.png", "fileId": "f"}
    spool.append([call_of("screenshots:createScreenshot", screenshot, lambda: 0)])
    path, body, key = prepare("cam-2", spool.name, spool.take(), NOBODY)
    called = {"path": "screenshots:createScreenshot", "format": "json", "args": screenshot}
    assert (path, json.loads(body)) == ("/api/mutation", called)
    assert key == f"device:cam-2:{spool.name}:1"


def test_references_become_ids_and_only_where_ids_belong(tmp_path: Path):
    spool = open_spool(tmp_path)
    still = {"sessionId": "~x-1", "cameraId": "~x-2", "score": 1, "sourceEventId": "~x-2", "metadata": {"a": "~x-2"}}
    spool.append([call_of("createStillCandidate", still, lambda: 3)])
    ids = {1: SESSION, 2: f"{SESSION}-e2"}
    _, body, _ = prepare("cam-2", spool.name, spool.take(), ids.get)
    told = json.loads(body)
    assert told == still | {"timestampMs": 3, "sessionId": SESSION, "sourceEventId": f"{SESSION}-e2"}
    with pytest.raises(UnknownReferenceError, match="sourceEventId: names fact 2") as unknown:
        prepare("cam-2", spool.name, spool.take(), {1: SESSION}.get)
    assert unknown.value.field == "sourceEventId"
