"""Captures on their routes, and by Python's own client, on a real server."""

from typing import Any

from convex.http_client import ConvexHttpClient

from tests.serving import Serving


def test_one_path_takes_a_capture_and_lists_the_newest(serving: Serving):
    answer = serving.client.post("/captures", json={"imageUrl": "https://f/route.jpg", "source": "telegram"})
    assert answer.json()["ok"], answer.text
    capture_id = answer.json()["result"]
    told = {"id": capture_id, "status": "identifying"}
    assert serving.client.post("/captures/status", json=told).json()["result"] is None
    newest = serving.client.get("/captures").json()["result"][0]
    assert (newest["_id"], newest["status"]) == (capture_id, "identifying")
    activity = serving.client.get("/activity", params={"limit": 1}).json()["result"]
    assert [line["message"] for line in activity] == ["Capture is identifying"]
    refused = serving.client.put("/captures", json={})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, POST")
    back = serving.client.post("/captures/status", json={"id": capture_id, "status": "pending"})
    assert (back.status_code, back.json()["error"]["code"]) == (409, "refused")


def test_a_pipeline_stores_by_pythons_own_client(serving: Serving):
    client = ConvexHttpClient(serving.url)
    new: dict[str, Any] = {"capture_id": "f-api", "source": "glasses_stream"}
    first = client.mutation("captures:store", {"data": new})
    report: dict[str, Any] = {"capture_id": "f-api", "status": "identified", "person_id": "p"}
    again = client.mutation("captures:store", {"data": report})
    assert first == again
    newest = client.query("captures:listRecent")[0]
    assert (newest["_id"], newest["status"], newest["personId"]) == (first, "identified", "p")


def test_a_captures_partition_is_no_session(serving: Serving):
    capture_id = serving.client.post("/captures", json={"imageUrl": "no-session", "source": "s"}).json()["result"]
    partition = capture_id.partition("-")[0]
    for route in ("session/history", "session/head", "cameras", "session/cut-log"):
        answer = serving.get(route, sessionId=partition)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), route
