import json

from tests.api.streams.reading import reading
from tests.serving import Serving
from tests.shared import Serve


def test_a_whole_history_is_one_line_an_entry(serving: Serving):
    session_id = serving.session()
    events = [{"timestampMs": at, "eventType": "cut"} for at in range(450)]
    serving.record("event/batch", sessionId=session_id, events=events)
    asked = {"sessionId": session_id}
    answer = serving.client.get("/production/session/history", params=asked, headers={"Accept": "application/x-ndjson"})
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1, 452))
    page = serving.ask("session/history", sessionId=session_id, numItems=451)["page"]
    assert lines == page


def test_a_history_of_nobody_has_a_status(serving: Serving):
    answer = serving.client.get(
        "/production/session/history", params={"sessionId": "nobody"}, headers={"Accept": "application/x-ndjson"}
    )
    assert answer.status_code == 404


def test_whoever_takes_anything_is_answered_once(serving: Serving):
    answer = serving.client.get("/captures", headers={"Accept": "*/*"})
    assert answer.headers["Content-Type"] == "application/json"


def test_one_stream_too_many_is_told_to_come_back(serve: Serve):
    server = serve(LEDGER_LIVE_CONNECTIONS_MAX="1")
    with reading(server, "/captures") as reader:
        assert reader.next().value == []
        answer = server.client.get("/captures", headers={"Accept": "text/event-stream"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert answer.json()["error"]["message"].startswith("1 streams are read already")
