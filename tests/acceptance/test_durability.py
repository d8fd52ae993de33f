"""Durable means synced before it is answered, and one sync serves many: both as the kernel saw them."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.acceptance.syscalls import Call, acknowledged_without_sync, read_trace, tracing, why_not
from tests.acceptance.wire import closed_loop, request
from tests.shared import Serve

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

CUT: Final = {"timestampMs": 1_000.5, "eventType": "cut", "cameraId": "cam-1", "reason": "pose", "score": 0.5}
SYNCS_AN_EVENT_MAX: Final = 0.2


def _writers(sessions: list[str], batch: int) -> list[Callable[[int], bytes]]:
    def writing(session_id: str) -> Callable[[int], bytes]:
        single = request("event", {"sessionId": session_id, **CUT})
        several = request("event/batch", {"sessionId": session_id, "events": [CUT] * batch})
        return lambda left: several if left % 5 == 0 else single

    return [writing(session_id) for session_id in sessions]


def _traced_calls(serve: Serve, trace: Path, rounds: int, **build: str) -> list[Call]:
    calls = ("read", "write", "pwrite64", "fsync", "fdatasync")
    server = serve(wrapper=tracing(trace, *calls), **build)
    sessions = [server.session() for _ in range(4)]
    answers = closed_loop(server.port, _writers(sessions, batch=50), rounds)
    assert all(answer.status == 200 for answer in answers)
    assert server.stop() == 0
    return list(read_trace(trace.read_text("utf-8", "replace").splitlines()))


def test_nothing_is_acknowledged_before_it_is_synced(serve: Serve, tmp_path: Path):
    calls = _traced_calls(serve, tmp_path / "trace", rounds=20)
    answered = [call for call in calls if call.name == "write" and '"HTTP/1.1 200' in call.rest]
    assert len(answered) >= 84
    assert acknowledged_without_sync(calls) == []


@pytest.mark.long
def test_a_server_that_does_not_sync_is_found_out(serve: Serve, tmp_path: Path):
    calls = _traced_calls(serve, tmp_path / "trace", rounds=5, module="tests.careless", CARELESS="unsynced")
    assert len(acknowledged_without_sync(calls)) == 24


def test_a_sync_that_comes_too_late_or_was_of_something_else_does_not_count():
    def found(*lines: str) -> list[int]:
        return acknowledged_without_sync(read_trace(lines))

    received, answered = (
        '1 read(9<socket:[5]>, "POST /production/ev"..., 9) = 9',
        '1 write(9<socket:[5]>, "HTTP/1.1 200 O"..., 9) = 9',
    )
    written, synced = '2 pwrite64(6</a/log.sqlite-wal>, "x"..., 9, 9) = 9', "2 fdatasync(6</a/log.sqlite-wal>) = 0"
    assert found(received, written, synced, answered) == []
    assert found(received, written, answered, synced) == [2]
    assert found(written, synced, received, answered) == [3]
    assert found(received, synced, written, answered) == [3]
    assert found(received, written, synced.replace("log", "views"), answered) == [3]
    assert found(received, written, synced.replace("= 0", "= -1 EIO"), answered) == [3]
    begun, done = synced.replace(") = 0", " <unfinished ...>"), "2 <... fdatasync resumed>) = 0"
    assert found(received, written, begun, done, answered) == []
    assert found(written, begun, received, done, answered) == [4]
    assert found(received, written, begun, answered, done) == [3]


@pytest.mark.long
def test_one_sync_serves_many_writers(serve: Serve, tmp_path: Path):
    trace = tmp_path / "trace"
    server = serve(wrapper=tracing(trace, "fsync", "fdatasync"))
    sessions = [server.session() for _ in range(8)]
    before = len(list(read_trace(trace.read_text("utf-8").splitlines())))
    answers = closed_loop(server.port, _writers(sessions, batch=1), rounds=100)
    assert all(answer.status == 200 for answer in answers)
    assert server.ask("session/timeline", sessionId=sessions[0])["directorEvents"], "the views have done their part"
    assert server.stop() == 0
    syncs = list(read_trace(trace.read_text("utf-8").splitlines()))[before:]
    of_files = {name: sum(sync.file.endswith(name) for sync in syncs) for name in {Path(s.file).name for s in syncs}}
    assert len(syncs) / len(answers) <= SYNCS_AN_EVENT_MAX, of_files
