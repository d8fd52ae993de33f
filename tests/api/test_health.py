"""Whether it is alive, whether it is ready, and its numbers."""

import re

from tests.conftest import Serve
from tests.serving import Serving


def test_alive(serving: Serving):
    answer = serving.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_ready_says_how_far_the_log_is_and_how_far_the_views_are_behind(serving: Serving):
    written = serving.post("session/start", {"sessionType": "music_demo"})
    serving.ask("session", sessionId=written.json()["result"])
    answer = serving.client.get("/readyz")
    position = written.headers["Ledger-Position"]
    ready = {"ok": True, "epoch": position.partition(".")[0], "position": position, "halted": None, "parked": 0}
    ready |= {"lag": 0, "lagMs": 0, "backlog": [0], "rate": answer.json()["rate"]}
    assert (answer.status_code, answer.json()) == (200, ready)


def _number(metrics: str, name: str) -> float:
    found = re.search(rf"^{name}(?:{{.*}})? (\S+)$", metrics, re.MULTILINE)
    assert found is not None, f"{name} is not in:\n{metrics}"
    return float(found[1])


def test_metrics_count_entries_and_commits(serve: Serve):
    server = serve()
    session_id = server.session()
    events = [{"timestampMs": at, "eventType": "cut"} for at in range(10)]
    server.record("event/batch", sessionId=session_id, events=events)
    server.ask("events", sessionId=session_id)
    answer = server.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert "# HELP ledger_log_entries " in answer.text
    assert _number(answer.text, "ledger_log_entries") == 11
    assert _number(answer.text, "ledger_log_commits_total") == 2
    assert _number(answer.text, "ledger_views_lag_entries") == 0
    assert _number(answer.text, "ledger_views_lag_ms") == 0
    assert _number(answer.text, "ledger_views_backlog_entries") == 0
    assert _number(answer.text, "ledger_views_rate") >= 0
    assert _number(answer.text, "ledger_views_halted") == 0
