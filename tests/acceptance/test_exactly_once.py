"""A request under a key is carried out once, whoever sends it how often, and whatever dies in between."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Final

import pytest

from tests.acceptance.dying import LAST_WORDS
from tests.acceptance.look import assert_gapless, log_rows, rows_of
from tests.acceptance.wire import Line, LineClosedError, request
from tests.serving import ROOT, Serving
from tests.shared import Serve

PROCESSES: Final = 4
ROUNDS: Final = 25
Asked = tuple[str, dict[str, Any], str]
"""A route, the arguments, and the key."""


class Senders:
    """Four processes that send the same requests in the same order, all at once."""

    def __init__(self, port: int) -> None:
        command = [sys.executable, "-m", "tests.acceptance.keyed", str(port)]
        self._running = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(PROCESSES)
        ]
        for sender in self._running:
            assert sender.stdout is not None
            assert sender.stdout.readline() == "ready\n"

    def told(self, requests: Sequence[Asked]) -> list[list[Any]]:
        """What each of them is answered."""
        lines = "".join(f"{json.dumps(asked)}\n" for asked in requests)
        for sender in self._running:
            assert sender.stdin is not None
            sender.stdin.write(lines)
            sender.stdin.flush()
        return [[json.loads(sender.stdout.readline()) for _ in requests] for sender in self._running if sender.stdout]

    def close(self) -> None:
        for sender in self._running:
            sender.communicate()


@pytest.fixture(scope="module")
def senders(serving: Serving) -> Iterator[Senders]:
    with closing(Senders(serving.port)) as four:
        yield four


def test_four_processes_that_send_the_same_keys_are_told_the_same(serving: Serving, senders: Senders):
    start: Asked = ("session/start", {"sessionType": "music_demo", "title": "one of four"}, "start")
    answers = senders.told([start])
    assert all(answer == answers[0] for answer in answers)
    (status, body, _), *_ = answers[0]
    assert status == 200
    session_id = body["result"]
    requests: list[Asked] = [start]
    for number in range(ROUNDS):
        cut = {"timestampMs": number, "eventType": "cut"}
        requests.append(("event", {"sessionId": session_id, **cut}, f"cut-{number}"))
        requests.append(("event/batch", {"sessionId": session_id, "events": [cut, cut]}, f"cuts-{number}"))
    told, *others = senders.told(requests)
    assert all(other == told for other in others), "one Id, one sequence and one position for all of them"
    assert told[0] == answers[0][0], "the first session is the session"
    assert {status for status, *_ in told} == {200}
    rows = rows_of(serving, session_id)
    assert [row.body.get("timestampMs") for row in rows].count(7) == 3
    assert len(rows) == 1 + 3 * ROUNDS, "each fact once"
    sequences = {f"{session_id}-e{row.sequence}": row for row in rows}
    for (_, arguments, _), (_, body, position) in zip(requests[1:], told[1:], strict=True):
        ids = body["result"] if "events" in arguments else [body["result"]]
        last = sequences[ids[-1]]
        assert (body["sequence"], int(position.rpartition("-")[2])) == (last.sequence, last.position)


def test_four_processes_that_send_other_bodies_under_one_key_are_told_of_the_conflict(
    serving: Serving, senders: Senders
):
    session_id = serving.session()
    first: Asked = ("event", {"sessionId": session_id, "timestampMs": 0, "eventType": "cut"}, "k")
    others: list[Asked] = [(first[0], first[1] | {"timestampMs": at}, "k") for at in range(1, 5)]
    told, *same = senders.told([first, *others, first])
    assert all(other == told for other in same)
    assert [status for status, *_ in told] == [200, 409, 409, 409, 409, 200]
    assert told[-1] == told[0]
    assert {body["error"]["code"] for status, body, _ in told if status == 409} == {"conflict"}
    assert len(rows_of(serving, session_id)) == 2


@pytest.mark.parametrize("what", ["session/start", pytest.param("event/batch", marks=pytest.mark.long)])
def test_killed_between_commit_and_answer_the_retry_gets_the_first_result(serve: Serve, what: str):
    server = serve(module="tests.acceptance.dying")
    session_id = server.session()
    cut: dict[str, Any] = {"timestampMs": 1, "eventType": "cut"}
    batch = {"sessionId": session_id, "events": [cut, {**cut, "reason": LAST_WORDS}]}
    arguments = {"sessionType": "music_demo", "title": LAST_WORDS} if what == "session/start" else batch
    line = Line(server.port)
    with pytest.raises(LineClosedError):
        line.ask(request(what, arguments, key="k"))
    line.close()
    assert server.stop() == -signal.SIGKILL
    _, *written = log_rows(server.directory)
    assert written, "it was recorded, and nobody was told"
    server.start()
    server.record("event", sessionId=session_id, **cut)
    retried = server.post(what, arguments, Idempotency_Key="k")
    ids = [f"{session_id}-e{row.sequence}" for row in written]
    result = written[0].partition if what == "session/start" else ids
    assert retried.json() == {"ok": True, "result": result, "sequence": written[-1].sequence}
    assert retried.headers["Ledger-Position"].endswith(f".0-{written[-1].position}")
    assert server.stop() == 0
    rows = log_rows(server.directory)
    assert len(rows) == 1 + len(written) + 1
    assert_gapless(rows)
