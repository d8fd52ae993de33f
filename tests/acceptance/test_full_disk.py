"""The disk fills up under a running server: it says so, loses nothing, and goes on as soon as there is room."""

import resource
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import pytest

from ledger.log.backup import BackupError, back_up
from tests.acceptance.look import assert_gapless, log_rows
from tests.cli.terminal import done
from tests.log.opened import NOW, OpenLog, fact
from tests.serving import ROOT, Serving
from tests.shared import Serve

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit the files of a running process")

CUT: Final = {"timestampMs": 1, "eventType": "cut"}


def _let_files_grow_to(server: Serving, size: int) -> None:
    """Past this size a write of the server's fails, as on a full disk."""
    _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, hard))


def _caught_up(server: Serving) -> bool:
    ready = server.client.get("/readyz")
    return ready.status_code == 200 and ready.json()["lag"] == 0


def _wait_until_caught_up(server: Serving) -> None:
    deadline = monotonic() + 60
    while not _caught_up(server):
        assert monotonic() < deadline, server.client.get("/readyz").text
        sleep(0.05)


def test_a_log_that_cannot_grow_refuses_and_heals(serve: Serve):
    server = serve()
    session_id = server.session()
    first = server.record("event", sessionId=session_id, **CUT)
    _wait_until_caught_up(server)
    head = server.head()
    _let_files_grow_to(server, (server.directory / "log.sqlite-wal").stat().st_size)
    for route, arguments in (
        ("event", CUT),
        ("event/batch", {"events": [CUT] * 500}),
        ("session/update", {"title": "t"}),
    ):
        answer = server.post(route, {"sessionId": session_id, **arguments}, Idempotency_Key="k")
        assert answer.status_code == 503, answer.text
        assert answer.json()["error"]["code"] == "unavailable"
        assert "nothing was recorded" in answer.json()["error"]["message"]
        assert "Retry-After" in answer.headers
    assert server.head() == head
    assert server.ask("events", sessionId=session_id)["page"][0]["_id"] == first
    _let_files_grow_to(server, resource.RLIM_INFINITY)
    answer = server.post("event", {"sessionId": session_id, **CUT}, Idempotency_Key="k")
    assert answer.status_code == 200, answer.text
    server.restart()
    assert [event["_id"] for event in server.ask("events", sessionId=session_id)["page"]] == [
        first,
        answer.json()["result"],
    ]
    assert server.stop() == 0
    rows = log_rows(server.directory)
    assert len(rows) == 3
    assert_gapless(rows)


@pytest.mark.long
def test_views_that_cannot_grow_are_red_and_heal_by_themselves(serve: Serve):
    server = serve()
    session_id = server.session()
    for _ in range(20):
        server.record("event", sessionId=session_id, **CUT)
        _wait_until_caught_up(server)
    log, views = ((server.directory / f"{name}.sqlite-wal").stat().st_size for name in ("log", "views"))
    assert log + 100_000 < views, "there is room for the log only"
    _let_files_grow_to(server, views)
    made = server.record("event", sessionId=session_id, **CUT)
    behind = server.get("events", sessionId=session_id)
    assert (behind.status_code, behind.headers["Ledger-Stale"]) == (200, "true")
    red = server.client.get("/readyz")
    assert red.status_code == 503
    assert "OperationalError" in red.json()["halted"]
    _let_files_grow_to(server, resource.RLIM_INFINITY)
    _wait_until_caught_up(server)
    assert server.ask("events", sessionId=session_id)["page"][-1]["_id"] == made


def _with_files_no_larger_than(size: int, *command: object) -> subprocess.CompletedProcess[str]:
    """``ledger`` on a disk that is full once a file has this size."""

    def fill_up() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    ledger = [sys.executable, "-m", "ledger.cli", *map(str, command)]
    return subprocess.run(ledger, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=fill_up)


@pytest.mark.long
def test_a_backup_that_does_not_fit_fails_clearly_and_leaves_nothing(serve: Serve, tmp_path: Path):
    server = serve()
    server.record("event/batch", sessionId=server.session(), events=[CUT] * 2_000)
    backing_up = ("backup", tmp_path / "backups" / "today", "--data", server.directory)
    said = _with_files_no_larger_than(100_000, *backing_up)
    assert said.returncode == 1
    assert "today: the backup failed and has left nothing behind: " in said.stderr
    assert "Traceback" not in said.stderr
    assert list((tmp_path / "backups").iterdir()) == []
    assert done(*backing_up).status == 0
    before = (tmp_path / "backups" / "today" / "manifest.json").read_bytes()
    assert _with_files_no_larger_than(100_000, *backing_up, "--replace").returncode == 1
    assert (tmp_path / "backups" / "today" / "manifest.json").read_bytes() == before
    restoring = ("restore", tmp_path / "backups" / "today", "--data", tmp_path / "restored")
    said = _with_files_no_larger_than(100_000, *restoring)
    assert said.returncode == 1
    assert "restored: nothing was restored: " in said.stderr
    assert not (tmp_path / "restored").exists()
    assert done(*restoring).status == 0
    assert server.record("session/start", sessionType="music_demo"), "nothing of this is the server's concern"


def test_a_disk_that_is_really_full_is_said_to_be(tmp_path: Path):
    """On a file system of its own, one megabyte in memory; skipped where none may be mounted."""
    small = tmp_path / "small"
    small.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        pytest.skip("nothing may be mounted here")
    try:
        log = OpenLog(tmp_path / "log.sqlite")
        log.append(*(fact(reason="x" * 1_000) for _ in range(1_000)))
        log.close()
        with pytest.raises(BackupError, match="is full"):
            back_up(log.path, small / "backup", NOW)
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
