import json

from ledger.domain.director import DirectorEvent, DirectorEventRecorded
from ledger.domain.documents import recorded_document, recorded_documents
from tests.recordings import RECORDED_AT, SESSION, Recording

fact = DirectorEventRecorded(timestamp_ms=1.0, event_type="cut", reason='"é\u2028', metadata={"a": None, "b": [1.50]})
entry = Recording().record(fact).entries[0]


def test_a_recorded_document_is_the_stored_body_with_the_servers_fields_first():
    document = json.loads(recorded_document(entry, "event"))
    assert list(document)[:4] == ["_id", "_creationTime", "sessionId", "createdAt"]
    assert document == {
        "_id": f"{SESSION}-e1",
        "_creationTime": RECORDED_AT + 1_000,
        "sessionId": SESSION,
        "createdAt": RECORDED_AT + 1_000,
        **json.loads(entry.body),
    }


def test_documents_of_many_are_those_of_each_one_wherever_and_whenever_it_was_recorded():
    places = [("s1", 5), ("s1", 5), ("s1", 6), ("s2", 6), ("s1", 6), ("s1", 5)]
    entries = [
        entry._replace(partition=partition, recorded_at=at, sequence=sequence)
        for sequence, (partition, at) in enumerate(places, 1)
    ]
    assert recorded_documents(entries, "music") == [recorded_document(each, "music") for each in entries]
    for each, document in zip(entries, recorded_documents(entries, "event"), strict=True):
        shown = json.loads(document)
        assert shown["_id"] == f"{each.partition}-e{each.sequence}"
        assert shown["sessionId"] == each.partition
        assert shown["createdAt"] == shown["_creationTime"] == each.recorded_at


def test_a_document_is_read_back_as_it_was_written_and_null_inside_metadata_stays():
    event = DirectorEvent.from_json(recorded_document(entry, "event"))
    assert event.metadata == {"a": None, "b": [1.5]}
    assert DirectorEvent.from_json(event.to_json()) == event
    assert json.loads(event.to_json()) == json.loads(recorded_document(entry, "event"))
    assert "cameraId" not in event.to_json()
