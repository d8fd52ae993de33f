"""A restored ledger cannot be mistaken for the lost one: whatever the lost one gave out is told where to go back to."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, Final

import httpx2
import pytest

from tests.acceptance.look import assert_gapless, assert_kept, log_rows
from tests.acceptance.writers import Writer, Writing
from tests.cli.terminal import done
from tests.serving import Serving
from tests.shared import Serve

CUT: Final = {"timestampMs": 1, "eventType": "cut", "cameraId": "a"}
PAGES: Final = ("events", "session/history", "sessions")


@pytest.fixture
def server(serve: Serve) -> Serving:
    return serve()


def _restore(server: Serving, backup: Path) -> None:
    server.stop()
    done("restore", backup, "--data", server.directory, "--replace")
    server.start()


def _record(server: Serving, session_id: str, count: int) -> str:
    """Record events; answers the position of the last."""
    answer = server.post("event/batch", {"sessionId": session_id, "events": [CUT] * count})
    return answer.headers["Ledger-Position"]


def _conflict(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 409, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == "conflict"
    return error


def _sent_back(server: Serving, token: str) -> str:
    return str(_conflict(server.get("sessions", {"Ledger-At-Least": token}))["detail"]["position"])


def _cursor(server: Serving, route: str, session_id: str) -> str:
    asked = {} if route == "sessions" else {"sessionId": session_id}
    return str(server.ask(route, numItems=1_000, **asked)["continueCursor"])


def test_tokens_of_the_lost_future_are_sent_back_also_once_the_ledger_has_grown_past_them(
    server: Serving, tmp_path: Path
):
    session_id = server.session()
    early = _record(server, session_id, 2)
    _record(server, session_id, 3)
    done("backup", tmp_path / "backup", "--data", server.directory)
    lost = _record(server, session_id, 4)
    _restore(server, tmp_path / "backup")
    epoch = server.client.get("/readyz").json()["epoch"]
    assert epoch != lost.partition(".")[0]
    backs = [_sent_back(server, token) for token in (lost, early)]
    assert backs == [f"{epoch}.0-6", f"{epoch}.0-3"]
    late = _record(server, session_id, 10)
    assert [_sent_back(server, token) for token in (lost, early)] == backs
    _restore(server, tmp_path / "backup")
    newest = server.client.get("/readyz").json()["epoch"]
    assert [_sent_back(server, token) for token in (late, lost, early)] == [
        f"{newest}.0-6",
        f"{newest}.0-6",
        f"{newest}.0-3",
    ]
    assert server.get("sessions", {"Ledger-At-Least": f"{newest}.0-6"}).status_code == 200


def test_cursors_of_the_lost_future_are_sent_back(server: Serving, tmp_path: Path):
    session_id = server.session()
    _record(server, session_id, 2)
    early = {route: _cursor(server, route, session_id) for route in PAGES}
    _record(server, session_id, 2)
    done("backup", tmp_path / "backup", "--data", server.directory)
    _record(server, session_id, 2)
    late = {route: _cursor(server, route, session_id) for route in PAGES}
    gone = server.session()
    of_gone = _cursor(server, "session/history", gone)
    _restore(server, tmp_path / "backup")
    _record(server, session_id, 9)
    epoch = server.client.get("/readyz").json()["epoch"]
    for cursors, sequence in ((early, 3), (late, 5)):
        for route, cursor in cursors.items():
            asked = {} if route == "sessions" else {"sessionId": session_id}
            error = _conflict(server.get(route, cursor=cursor, **asked))
            assert error["detail"]["position"] == f"{epoch}.0-5"
            assert "begin again without a cursor" in error["message"]
            assert error["detail"].get("sequence") == (None if route == "sessions" else sequence)
            assert ("continueCursor" in error["detail"]) == (route == "session/history")
        detail = _conflict(server.get("session/history", cursor=cursors["session/history"], sessionId=session_id))
        going_on = server.ask("session/history", sessionId=session_id, cursor=detail["detail"]["continueCursor"])
        assert [line["sequence"] for line in going_on["page"]] == list(range(sequence + 1, 15))
    detail = _conflict(server.get("session/history", cursor=of_gone, sessionId=gone))["detail"]
    assert detail["sequence"] == 0
    assert server.get("session/history", cursor=detail["continueCursor"], sessionId=gone).status_code == 404


def test_what_was_lost_can_be_sent_again_under_its_keys_and_what_was_kept_is_not_repeated(
    server: Serving, tmp_path: Path
):
    session_id = server.session()

    def send(key: str) -> tuple[str, str]:
        answer = server.post("event", {"sessionId": session_id, **CUT}, Idempotency_Key=key)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"], answer.headers["Ledger-Position"].partition(".")[2]

    kept = send("kept")
    done("backup", tmp_path / "backup", "--data", server.directory)
    lost = send("lost")
    _restore(server, tmp_path / "backup")
    assert (send("kept"), send("lost")) == (kept, lost)
    assert len(server.ask("events", sessionId=session_id)["page"]) == 2


def test_a_backup_under_load_holds_all_that_was_acknowledged_before_it_began(server: Serving, tmp_path: Path):
    writers = [Writer(f"writer-{n}", server.session()) for n in range(2)]
    writing = Writing(writers, server.port)
    try:
        while not all(len(writer.acknowledged) > 50 for writer in writers):
            assert all(writer.failure is None for writer in writers)
        before = [list(writer.acknowledged) for writer in writers]
        done("backup", tmp_path / "backup", "--data", server.directory)
        after = [len(writer.acknowledged) for writer in writers]
    finally:
        writing.end()
    assert all(len(acknowledged) < count for acknowledged, count in zip(before, after, strict=True)), "they went on"
    done("restore", tmp_path / "backup", "--data", tmp_path / "restored")
    rows = log_rows(tmp_path / "restored")
    assert_gapless(rows)
    for writer, acknowledged in zip(writers, before, strict=True):
        assert_kept(Writer(writer.name, writer.session_id, acknowledged), rows)


@pytest.mark.long
def test_a_drill_beside_writers_that_never_rest_passes(server: Serving):
    writers = [Writer(f"writer-{n}", server.session()) for n in range(4)]
    writing = Writing(writers, server.port)
    try:
        for _ in range(3):
            before = server.head()
            assert done("drill", "--json", "--data", server.directory).answer["ok"]
            assert server.head() > before
    finally:
        writing.end()
    assert [writer.failure for writer in writers] == [None] * 4


@contextmanager
def _following(session_id: str, *place: str) -> Iterator[Any]:
    """``ledger tail`` at work, as a process with both its pipes open; ended where it says nothing for too long."""
    command = [sys.executable, "-m", "ledger.cli", "tail", session_id, "--json", *place]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as following:
        overdue = Timer(30, following.kill)
        overdue.start()
        try:
            yield following
        finally:
            overdue.cancel()
            following.kill()


@pytest.mark.long
def test_who_follows_a_session_through_a_server_is_told_in_words_and_goes_on(serve: Serve, tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    server = serve(PORT=port)
    session_id = server.session()
    done("backup", tmp_path / "backup", "--data", server.directory)
    _record(server, session_id, 1)
    with _following(session_id, "--url", server.url) as following:
        assert [json.loads(following.stdout.readline())["sequence"] for _ in range(2)] == [1, 2]
        _restore(server, tmp_path / "backup")
        server.record("music-moment", sessionId=session_id, timestampMs=2)
        entry = json.loads(following.stdout.readline())
        assert (entry["sequence"], entry["type"]) == (2, "music-moment-recorded.1")
        following.send_signal(signal.SIGINT)
        warnings = following.stderr.read()
    assert "restored from a backup: what this session had recorded after sequence 1 is lost" in warnings


@pytest.mark.long
def test_who_follows_a_session_in_the_folder_is_told_in_words(server: Serving, tmp_path: Path):
    session_id = server.session()
    done("backup", tmp_path / "backup", "--data", server.directory)
    with _following(session_id, "--data", str(server.directory)) as following:
        assert json.loads(following.stdout.readline())["sequence"] == 1
        _restore(server, tmp_path / "backup")
        assert "another ledger is there now, restored from a backup perhaps" in following.stderr.read()
        assert following.wait() == 1
