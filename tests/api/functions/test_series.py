"""Mutations that come together, at a real server: in their order, each by itself, once under its key, and none behind a failure."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw
from sqlalchemy import Connection

from ledger import bootstrap
from ledger.api.carrier import Carrier
from ledger.api.functions import series
from ledger.api.functions.calls import Write, parse_writes
from ledger.api.functions.series import Series
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Mutation
from ledger.application.ledger import Answer, Ledger
from ledger.domain.refusals import Refusal, SessionNotFound
from ledger.domain.values import Frozen
from ledger.domain.vocabulary import Vocabulary
from ledger.log import group, waiting
from ledger.log.requests import AnsweredRequest, Decision, LogUnavailableError, Under, answered_requests
from ledger.log.stream import Stream
from tests.api.locked import Locked
from tests.log.opened import together
from tests.serving import Serving

EVENT = "production:appendDirectorEvent"
MOMENT = "production:appendMusicMoment"
START = Write(path="production:startProductionSession", args=Raw(b'{"sessionType":"music_demo"}'))


def cut(session: str, number: float, **more: Any) -> dict[str, Any]:
    args = {"sessionId": session, "timestampMs": number, "eventType": "cut"}
    return {"path": EVENT, "args": args, "format": "json", **more}


def send(serving: Serving, *writes: dict[str, Any], **headers: str) -> Any:
    answer = serving.client.post("/api/mutation_batch", json={"mutations": writes}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def times(serving: Serving, session: str) -> list[float]:
    page = serving.ask("session/history", sessionId=session, numItems=1_000)["page"]
    return [entry["body"]["timestampMs"] for entry in page[1:]]


def test_each_is_carried_out_in_order_and_a_refused_one_harms_no_other(serving: Serving):
    session, other = serving.session(), serving.session()
    moment = {"path": MOMENT, "args": {"sessionId": session, "timestampMs": 2}}
    results = send(
        serving,
        cut(session, 1),
        moment,
        cut("nowhere", 3),
        {"path": EVENT, "args": {"sessionId": session}},
        {"path": "nothing:at", "args": {}},
        {"path": "production:getProductionSession", "args": {"sessionId": session}},
        cut(other, 4),
        cut(session, 5),
    )
    codes = [result.get("errorData", {}).get("code") for result in results]
    assert codes == [None, None, "not_found", "invalid", "not_found", "invalid", None, None]
    assert results[3]["errorData"]["field"] == "timestampMs"
    assert [results[place]["value"] for place in (0, 1, 6, 7)] == [
        *(f"{session}-e2", f"{session}-m3"),
        *(f"{other}-e2", f"{session}-e4"),
    ]
    assert (times(serving, session), times(serving, other)) == ([1, 2, 5], [4])


def test_sent_again_each_is_what_it_was_under_its_key(serving: Serving):
    session = serving.session()
    writes = [cut(session, number, idempotencyKey=f"series-{number}") for number in range(3)]
    first = send(serving, *writes[:2])
    again = send(serving, *writes)
    assert again[:2] == first
    assert times(serving, session) == [0, 1, 2]
    reused = send(serving, cut(session, 9, idempotencyKey="series-1"), cut(session, 3, idempotencyKey="series-3"))
    assert [result["status"] for result in reused] == ["error", "success"]
    assert reused[0]["errorData"]["code"] == "conflict"
    assert times(serving, session) == [0, 1, 2, 3]


def test_what_came_by_its_own_route_is_the_same_among_others(serving: Serving):
    session = serving.session()
    event = {"timestampMs": 5.0, "eventType": "cut", "score": 1.0, "metadata": {"b": [0.5, -0.0, 1e16], "a": "5.0,"}}
    batch = {"sessionId": session, "events": [event, event | {"timestampMs": 6.5, "reason": None}]}
    alone = serving.post("event/batch", batch, Idempotency_Key="by either way")
    assert alone.status_code == 200
    among = {"path": "production:appendDirectorEventsBatch", "args": batch, "format": "json"}
    (again, _) = send(serving, among | {"idempotencyKey": "by either way", "required": True}, cut(session, 7))
    assert again["value"] == alone.json()["result"]
    assert times(serving, session) == [5, 6.5, 7]


def test_the_args_of_each_are_read_by_themselves(serving: Serving):
    session = serving.session()
    batch = {"path": "production:appendDirectorEventsBatch", "args": {"sessionId": session, "events": []}}
    event = {"timestampMs": 1, "eventType": "cut", "metadata": {"$integer": "AAAAAAAAAAA="}}
    wrapped = {**batch, "args": [{"sessionId": session, "events": [event]}]}
    told = json.dumps({"mutations": [cut(session, 1), wrapped, {**batch, "args": "?"}, cut(session, 2)]}).encode()
    headers = {"Content-Type": "application/json"}
    answer = serving.client.post("/api/mutation_batch", content=told.replace(b'"?"', b'"\xff"'), headers=headers)
    results = answer.json()["results"]
    assert [result.get("errorData", {}).get("field") for result in results] == [
        None,
        "events[0].metadata",
        "args",
        None,
    ]
    assert times(serving, session) == [1, 2]


def test_behind_a_refused_one_that_is_required_nothing_is_tried(serving: Serving):
    session = serving.session()
    results = send(serving, cut(session, 1, required=True), cut("nowhere", 2, required=True), cut(session, 3))
    assert [result["status"] for result in results] == ["success", "error"]
    results = send(serving, {"path": "nothing:at", "args": {}, "required": True}, cut(session, 4))
    assert [result["status"] for result in results] == ["error"]
    assert times(serving, session) == [1]
    send(serving, cut(session, 5, idempotencyKey="required"))
    reused = cut(session, 6, idempotencyKey="required", required=True)
    assert [result["status"] for result in send(serving, reused, cut(session, 7))] == ["error"]
    assert times(serving, session) == [1, 5]


def test_each_is_for_its_keys(locked: Locked):
    session = locked.record("session/start", sessionType="music_demo")
    moment = {"path": MOMENT, "args": {"sessionId": session, "timestampMs": 2}}
    body = {"mutations": [moment, cut(session, 1), moment]}
    nobody = locked.server.client.post("/api/mutation_batch", json=body)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthorized")
    headers = locked.key("music series", "write:music")
    results = locked.server.client.post("/api/mutation_batch", json=body, headers=headers).json()["results"]
    assert [result.get("errorData", {}).get("code") for result in results] == [None, "forbidden", None]


def test_who_has_written_reads_all_of_it(serving: Serving):
    session = serving.session()
    body = {"mutations": [cut(session, number) for number in range(50)]}
    written = serving.client.post("/api/mutation_batch", json=body)
    at_least = {"Ledger-At-Least": written.headers["Ledger-Position"]}
    page = serving.client.get("/production/events", params={"sessionId": session, "numItems": 100}, headers=at_least)
    assert len(page.json()["result"]["page"]) == 50
    assert "Ledger-Position" not in serving.client.post("/api/mutation_batch", json={"mutations": []}).headers


@pytest.mark.parametrize(
    ("changed", "headers", "message"),
    [
        ({"idempotencyKey": ""}, {}, "mutations[0].idempotencyKey: must be 1 to 255 printable characters"),
        ({"idempotencyKey": 5}, {}, "body: is no call"),
        ({"ts": "AAAAAAAAAAA="}, {}, "mutations[0].ts: has no meaning here"),
        ({}, {"Idempotency-Key": "k"}, "Idempotency-Key: has no meaning here"),
    ],
)
def test_what_is_no_series_says_why_and_nothing_is_recorded(
    serving: Serving, changed: dict[str, Any], headers: dict[str, str], message: str
):
    session = serving.session()
    body = {"mutations": [cut(session, 1) | changed]}
    answer = serving.client.post("/api/mutation_batch", json=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith(message)
    assert times(serving, session) == []


def test_there_are_a_thousand_at_most(serving: Serving):
    answer = serving.client.post("/api/mutation_batch", json={"mutations": [{}] * 1_001})
    assert (answer.status_code, answer.json()["message"]) == (422, "mutations: must be 1,000 at most, not 1,001")


@pytest.mark.parametrize("together", [1, 1_000])
def test_what_the_log_cannot_take_has_nothing_recorded_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int
):
    monkeypatch.setattr(waiting, "GROUP_EVENTS_MAX", 3)  # what is asked for at once is carried out in several groups
    monkeypatch.setattr(series, "_TOGETHER", together)

    def events(session: str, reason: str) -> list[Write]:
        stated = [{"timestampMs": n, "eventType": "cut", "reason": reason if n == 4 else "well"} for n in range(9)]
        return [
            Write(path=EVENT, args=Raw(json.dumps({"sessionId": session, **args})), idempotency_key=f"k{place}")
            for place, args in enumerate(stated)
        ]

    async def shoot(ledger: Ledger) -> None:
        carrier = Carrier(ledger)
        (answer,) = await Series(carrier, Caller()).carry_out([START])
        assert isinstance(answer, Answer)
        session = json.loads(answer.json)
        with closing(sqlite3.connect(tmp_path / bootstrap.LOG_FILE)) as connection:
            connection.execute(
                "CREATE TRIGGER refusing BEFORE INSERT ON events WHEN instr(NEW.body, 'poison') > 0"
                " BEGIN SELECT RAISE(ABORT, 'not today'); END"
            )
            with pytest.raises(LogUnavailableError, match="not today"):
                await Series(carrier, Caller()).carry_out(events(session, "poison"))
            assert sum(ledger.log.heads()) <= 1 + 4, "what came before it, at most, and the start"
            connection.execute("DROP TRIGGER refusing")
        results = await Series(carrier, Caller()).carry_out(events(session, "poison"))
        assert [json.loads(it.json) for it in results if isinstance(it, Answer)] == [
            f"{session}-e{n}" for n in range(2, 11)
        ], "in order, each once"

    with bootstrap.open_for_writing(tmp_path, Vocabulary()) as ledger:
        asyncio.run(shoot(ledger))


def test_of_what_follows_a_refused_one_that_is_required_nothing_is_told(tmp_path: Path):
    """Though it is read, and refused for a reason of its own, before it is known what came of that one."""

    async def carry_out(ledger: Ledger) -> list[Answer | Refusal]:
        carrier = Carrier(ledger)
        (begun,) = await Series(carrier, Caller()).carry_out([START])
        assert isinstance(begun, Answer)
        session = json.loads(begun.json)
        batch = {"path": "production:appendDirectorEventsBatch", "format": "json", "required": True}
        nowhere, here = (
            batch
            | {"args": {"sessionId": name, "events": [{"timestampMs": at, "eventType": "cut"} for at in range(1_000)]}}
            for name in ("nowhere", session)
        )
        unknown = {"path": "nothing:at", "args": {}}
        told = [nowhere, cut(session, 1), here, unknown, cut(session, 2)]
        with together(ledger.log):
            carrying = asyncio.create_task(
                Series(carrier, Caller()).carry_out(parse_writes(json.dumps({"mutations": told}).encode()))
            )
            for _ in range(100):
                await asyncio.sleep(0.001)
        return await carrying

    with bootstrap.open_for_writing(tmp_path, Vocabulary()) as ledger:
        (refusal,) = asyncio.run(carry_out(ledger))
    assert isinstance(refusal, SessionNotFound)


def test_behind_one_whose_key_cannot_be_looked_up_nothing_is_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    looked_up, failures = answered_requests, [sqlite3.OperationalError("disk I/O error")]

    def failing_once(connection: Connection, asked: Sequence[Under]) -> dict[Under, AnsweredRequest]:
        if any(key == "k3" for _, _, key in asked) and failures:
            raise failures.pop()
        return looked_up(connection, asked)

    monkeypatch.setattr(group, "answered_requests", failing_once)

    async def carry_out(ledger: Ledger) -> list[float]:
        carrier = Carrier(ledger)
        (begun,) = await Series(carrier, Caller()).carry_out([START])
        assert isinstance(begun, Answer)
        session = json.loads(begun.json)
        cuts = parse_writes(
            json.dumps({"mutations": [cut(session, at, idempotencyKey=f"k{at}") for at in range(2, 6)]}).encode()
        )
        with pytest.raises(LogUnavailableError, match="disk I/O error"):
            await Series(carrier, Caller()).carry_out(cuts)
        await Series(carrier, Caller()).carry_out(cuts)
        return [json.loads(entry.body).get("timestampMs", 1) for entry in ledger.log.read_stream(session)]

    with bootstrap.open_for_writing(tmp_path, Vocabulary()) as ledger:
        assert asyncio.run(carry_out(ledger)) == [1, 2, 3, 4, 5]


def test_behind_a_fault_of_ours_nothing_is_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Nothing(Frozen):
        pass

    def fail(_: Nothing, __: Stream, ___: Vocabulary) -> Decision:
        raise RuntimeError("not my day")

    broken = Mutation("test:broken", None, Nothing, "null", fail, None, "", scope="write:images", about="file")
    monkeypatch.setitem(BY_NAME, "test:broken", broken)

    async def carry_out(ledger: Ledger) -> None:
        await Series(Carrier(ledger), Caller()).carry_out([START, Write(path="test:broken"), START])

    with bootstrap.open_for_writing(tmp_path, Vocabulary()) as ledger:
        with pytest.raises(RuntimeError, match="not my day"):
            asyncio.run(carry_out(ledger))
        assert sum(ledger.log.heads()) == 1, "what came before it"
