"""Whether it is alive, whether it is ready, and its numbers."""

import re
import sqlite3
from contextlib import closing
from time import monotonic, sleep
from typing import Any

from tests.cli.terminal import done
from tests.serving import Serving
from tests.shared import Serve


def test_alive(serving: Serving):
    answer = serving.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_ready_says_how_far_the_log_is_and_how_far_the_views_are_behind(serving: Serving):
    written = serving.post("session/start", {"sessionType": "music_demo"})
    serving.ask("session", sessionId=written.json()["result"])
    answer = serving.client.get("/readyz")
    position = written.headers["Ledger-Position"]
    ready = {
        "ok": True,
        "epoch": position.partition(".")[0],
        "position": position,
        "halted": None,
        "parked": 0,
        "drifts": [],
    }
    ready |= {"rebuild": answer.json()["rebuild"], "lag": 0, "lagMs": 0, "backlog": [0], "rate": answer.json()["rate"]}
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


def test_views_that_show_something_else_than_was_recorded_make_it_red_until_they_are_mended(serve: Serve):
    server = serve(LEDGER_PATROL_SECONDS="1")
    session_id = server.session(title="ours")
    server.ask("session", sessionId=session_id)
    views = server.directory / "views.sqlite"

    def title(old: str, new: str) -> None:
        with closing(sqlite3.connect(views, timeout=60)) as connection, connection:
            connection.execute("UPDATE sessions SET document = replace(document, ?, ?)", (old, new))

    def ready(status: int) -> Any:
        deadline = monotonic() + 60
        while (answer := server.client.get("/readyz")).status_code != status:
            assert monotonic() < deadline, answer.text
            sleep(0.05)
        return answer.json()

    title("ours", "theirs")
    (drift,) = ready(503)["drifts"]
    assert (drift["view"], drift["sessionId"]) == ("sessions", session_id)
    assert "differs in document" in drift["difference"]
    metrics = server.client.get("/metrics").text
    assert _number(metrics, "ledger_views_drifts") == 1
    assert _number(metrics, "ledger_views_refolded_total") >= 1
    assert f"sessions, session {session_id}" in done("status", "--url", server.url, "--json").answer["drifts"][0]
    assert "drifted" in done("status", "--url", server.url).out
    title("theirs", "ours")
    assert ready(200)["drifts"] == []


def test_how_far_a_rebuild_has_come_is_told(serve: Serve):
    server = serve()
    server.ask("session", sessionId=server.session())
    assert server.client.get("/readyz").json()["rebuild"] is None
    done("rebuild", "--url", server.url)
    assert server.client.get("/readyz").json()["rebuild"] == {"state": "done", "done": 1, "total": 1}
    metrics = server.client.get("/metrics").text
    assert _number(metrics, "ledger_views_rebuild_running") == 0
    assert _number(metrics, "ledger_views_rebuild_done_entries") == 1
    assert done("status", "--url", server.url, "--json").answer["rebuild"]["state"] == "done"
