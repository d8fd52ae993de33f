"""Several servers on one PostgreSQL database: as if they were one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL
from uuid import uuid4

import pytest

from tests.postgres import empty_database
from tests.serving import Serving

START = {"sessionType": "music_demo", "status": "rolling"}
FACTS = 60
"""That each of four writers records while one of the servers is killed."""
Pair = tuple[Serving, Serving]


@contextmanager
def _pair(folder: Path) -> Iterator[Pair]:
    with empty_database() as url:
        one, other = (Serving(folder / name, LEDGER_DATABASE=url, LEDGER_SHARDS="4") for name in ("one", "other"))
        yield one, other
        for server in (one, other):
            server.stop()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Pair]:
    with _pair(tmp_path) as pair:
        yield pair


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two that several tests share: each makes sessions of its own."""
    with _pair(tmp_path_factory.mktemp("shared")) as pair:
        yield pair


def cut(session: str, at: float) -> dict[str, object]:
    return {"sessionId": session, "timestampMs": at, "eventType": "cut", "cameraId": f"cam-{at % 3}"}


def test_what_one_has_recorded_the_other_shows_at_once(shared: Pair):
    one, other = shared
    session = one.record("session/start", **START)
    for at in range(20):
        writer, reader = (one, other) if at % 2 else (other, one)
        event = writer.record("event", **cut(session, at))
        shown = reader.ask("session/timeline", sessionId=session)["directorEvents"]
        assert [shown[-1]["_id"], len(shown)] == [event, at + 1]
    assert one.ask("session/cut-log", sessionId=session) == other.ask("session/cut-log", sessionId=session)


def test_a_key_is_one_key_for_all_of_them(shared: Pair):
    key = str(uuid4())
    start = START | {"projectSlug": key}
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: shared[n % 2].post("session/start", start, Idempotency_Key=key), range(8)))
    assert [answer.status_code for answer in told] == [200] * 8
    assert len({(answer.json()["result"], answer.json()["sequence"]) for answer in told}) == 1
    assert len(shared[0].ask("sessions", projectSlug=key)["page"]) == 1


@pytest.mark.long
def test_what_was_acknowledged_is_there_once_whichever_of_them_is_killed(servers: Pair):
    sessions = [servers[0].record("session/start", **START) for _ in range(4)]
    acknowledged: dict[int, set[str]] = {n: set() for n in range(4)}

    def write(writer: int) -> None:
        for at in range(FACTS):
            server = servers[writer % 2]
            try:
                answer = server.post("event", cut(sessions[writer], at), Idempotency_Key=f"{writer}-{at}")
            except Exception:  # noqa: BLE001  # it was killed; the other one takes over
                server = servers[1 - writer % 2]
                answer = server.post("event", cut(sessions[writer], at), Idempotency_Key=f"{writer}-{at}")
            assert answer.status_code == 200, answer.text
            acknowledged[writer].add(answer.json()["result"])
            if (writer, at) == (0, FACTS // 3):
                servers[1].running.send_signal(SIGKILL)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    for writer, session in enumerate(sessions):
        history = servers[0].ask("session/history", sessionId=session, numItems=1_000)["page"]
        events = [line["entityId"] for line in history if line["type"] == "director-event-recorded.1"]
        assert sorted(events) == sorted(acknowledged[writer])
        assert [line["sequence"] for line in history] == list(range(1, FACTS + 2))
        shown = servers[0].ask("events", sessionId=session, numItems=1_000)["page"]
        assert [event["_id"] for event in shown] == events
