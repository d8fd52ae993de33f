import json
from pathlib import Path

import pytest

from ledger.client.functions import call_of
from ledger.client.requests import DamagedFactError, IdOf, Prepared, UnknownReferenceError, prepare, state
from ledger.client.spool import Spool
from tests.client.spools import SESSION, cut, moment, open_spool

KNOWN: dict[int, str] = {}
NOBODY = KNOWN.get


def prepared(spool: Spool, id_of: IdOf = NOBODY) -> Prepared:
    """The request that sends the oldest facts of a spool."""
    return prepare([state("cam-2", spool.name, batch, id_of) for batch in spool.take()])


def test_a_fact_by_itself_goes_to_its_own_route(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([moment(5)])
    path, body, key = prepared(spool)
    assert (path, json.loads(body)) == ("/production/music-moment", {"sessionId": SESSION, "timestampMs": 5})
    assert key == f"device:cam-2:{spool.name}:1"


def test_director_events_go_as_one_batch(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([cut(5), cut(6, reason="ü")])
    path, body, key = prepared(spool)
    events = [{"eventType": "cut", "timestampMs": 5}, {"eventType": "cut", "timestampMs": 6, "reason": "ü"}]
    assert (path, json.loads(body)) == ("/production/event/batch", {"sessionId": SESSION, "events": events})
    assert key == f"device:cam-2:{spool.name}:1-2"


def test_a_reopening_and_a_start_have_hardly_any_arguments(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([call_of("updateProductionSession", {"sessionId": "s", "timestampMs": 0}, lambda: 0)])
    _, body, _ = prepared(spool)
    assert json.loads(body) == {"sessionId": "s", "timestampMs": 0}


def test_a_function_without_a_route_is_called_by_its_name(tmp_path: Path):
    spool = open_spool(tmp_path)
    screenshot = {"sessionId": SESSION, "filename": "1.png", "fileId": "f"}
    spool.append([call_of("screenshots:createScreenshot", screenshot, lambda: 0)])
    path, body, key = prepared(spool)
    called = {"path": "screenshots:createScreenshot", "format": "json", "args": screenshot}
    assert (path, json.loads(body)) == ("/api/mutation", called)
    assert key == f"device:cam-2:{spool.name}:1"


def test_references_become_ids_and_only_where_ids_belong(tmp_path: Path):
    spool = open_spool(tmp_path)
    still = {"sessionId": "~x-1", "cameraId": "~x-2", "score": 1, "sourceEventId": "~x-2", "metadata": {"a": "~x-2"}}
    spool.append([call_of("createStillCandidate", still, lambda: 3)])
    ids = {1: SESSION, 2: f"{SESSION}-e2"}
    _, body, _ = prepared(spool, ids.get)
    told = json.loads(body)
    assert told == still | {"timestampMs": 3, "sessionId": SESSION, "sourceEventId": f"{SESSION}-e2"}
    with pytest.raises(UnknownReferenceError, match="sourceEventId: names fact 2") as unknown:
        prepared(spool, {1: SESSION}.get)
    assert unknown.value.field == "sourceEventId"


def test_what_shares_a_request_has_keys_of_its_own_and_nothing_overtakes_a_batch(tmp_path: Path):
    spool = open_spool(tmp_path)
    screenshot = {"sessionId": SESSION, "filename": "1.png", "fileId": "f"}
    spool.append([moment(5), cut(6), cut(7), call_of("screenshots:createScreenshot", screenshot, lambda: 0), cut(8)])
    path, body, key = prepared(spool)
    assert (path, key) == ("/api/mutation_batch", None)
    cuts = [{"eventType": "cut", "timestampMs": number} for number in (6, 7)]
    named = f"device:cam-2:{spool.name}"
    assert json.loads(body) == {
        "mutations": [
            {
                "path": "production:appendMusicMoment",
                "format": "json",
                "args": {"sessionId": SESSION, "timestampMs": 5},
                "idempotencyKey": f"{named}:1",
            },
            {
                "path": "production:appendDirectorEventsBatch",
                "format": "json",
                "args": {"sessionId": SESSION, "events": cuts},
                "idempotencyKey": f"{named}:2-3",
                "required": True,
            },
            {
                "path": "screenshots:createScreenshot",
                "format": "json",
                "args": screenshot,
                "idempotencyKey": f"{named}:4",
            },
        ]
    }, "and the one that still grows goes out with no other"


def test_bytes_that_the_disk_has_changed_are_not_sent(tmp_path: Path):
    spool = open_spool(tmp_path)
    spool.append([cut(5), cut(6)])
    spool.connection.execute("UPDATE facts SET arguments = replace(arguments, '6', '7')")
    with pytest.raises(DamagedFactError, match="the disk has changed them") as damaged:
        prepared(spool)
    assert damaged.value.place == 1
