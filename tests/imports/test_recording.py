import json

from ledger.imports import atem
from tests.imports.projects import SATURDAY, change, header, project


def recording(*changes):
    return atem.read(project(header("10:00:00:00"), *changes), SATURDAY)


def test_calls_are_the_contracts_in_their_order_and_plain_json():
    planned = recording(change("10:00:01:00", source=2), change("10:00:02:00", onAir=False))
    calls = [planned.opening_call(), *planned.following_calls("s1")]
    assert [call.function for call in calls] == [
        "production:startProductionSession",
        *["production:upsertProductionCamera"] * 3,
        "production:appendDirectorEventsBatch",
        "production:completeProductionSession",
    ]
    assert json.loads(json.dumps([call.args for call in calls])) == [call.args for call in calls]
    assert "sessionId" not in calls[0].args
    assert {call.args["sessionId"] for call in calls[1:]} == {"s1"}
    assert calls[-1].args == {"sessionId": "s1", "timestampMs": planned.start.timestamp_ms + 2000}


def test_more_events_than_a_batch_takes_are_several():
    planned = recording(*(change("10:00:00:00", source=1 + number % 2) for number in range(10_001)))
    batches = [call.args["events"] for call in planned.following_calls("s1") if "events" in call.args]
    assert [len(batch) for batch in batches] == [10_000, 1]


def test_a_recording_that_breaks_off_has_no_end():
    planned = recording(change("10:00:01:00", source=2))
    assert planned.ended_at_ms is None
    assert "production:completeProductionSession" not in [call.function for call in planned.following_calls("s1")]


def test_the_key_is_that_of_the_file_and_the_date():
    content = project(header("10:00:00:00"))
    key = atem.read(content, SATURDAY).key
    assert atem.read(content, SATURDAY).key == key
    assert atem.read(content, SATURDAY.replace(day=15)).key != key
    assert atem.read(content + b"\n", SATURDAY).key != key
