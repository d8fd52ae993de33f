"""Carrying functions out on an event loop, which is never held up."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from weakref import ReferenceType, ref

import pytest
from msgspec import Raw

from ledger import bootstrap
from ledger.api import carrier as module
from ledger.api.carrier import Carrier, Mailbox, Told
from ledger.api.functions import series
from ledger.api.functions.calls import Write
from ledger.api.functions.series import Series
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import ORIGIN, Acting, Action, Caller, Mutation, Query, Reading
from ledger.application.ledger import Answer
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log import garbage
from ledger.log.requests import Decision
from ledger.log.stream import Stream


class Nothing(Frozen):
    pass


class Named(Frozen):
    name: Name


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    with bootstrap.open_for_writing(tmp_path, Vocabulary()) as ledger:
        yield Carrier(ledger)


def test_an_action_that_waits_holds_nobody_up(carrier: Carrier):
    may_go = Event()

    def wait(_: Nothing, __: Acting) -> str:
        assert may_go.wait(60)
        return '"done"'

    waiting = Action("test:wait", None, Nothing, wait, None, "Waits.", "Text", scope="write:videos")

    async def both() -> str:
        action = asyncio.create_task(carrier.act(waiting, {}, Caller()))
        await asyncio.sleep(0.05)
        assert not action.done()
        may_go.set()
        return (await action).json

    assert asyncio.run(both()) == '"done"'


def test_urls_are_handed_out_on_the_origin_that_the_caller_used(carrier: Carrier):
    def decide(_: Nothing, __: Stream, ___: Vocabulary) -> Decision:
        return Decision([], lambda _: json.dumps(f"{ORIGIN}/upload"))

    def answer(asked: Named, _: Reading) -> str:
        return json.dumps({"url": f"{ORIGIN}/file", "name": asked.name})

    upload = Mutation("test:upload", None, Nothing, "url", decide, None, "", scope="write:images", about="file")
    files = Query(
        "test:files", None, Named, answer, None, "", "Files", scope="read", views=frozenset({"x"}), hands_out_urls=True
    )

    async def asked(origin: str) -> tuple[str, str]:
        caller = Caller(origin=origin)
        # What a caller makes up itself is left as it is.
        theirs = '"\\u0000origin'
        told = [carrier.write(upload, {}, caller), carrier.read(files, {"name": theirs}, caller)]
        url, shown = [json.loads((await answer).json) for answer in told]
        assert shown["name"] == theirs
        return url, shown["url"]

    assert asyncio.run(asked("http://stage:8000")) == ("http://stage:8000/upload", "http://stage:8000/file")


def test_what_was_asked_and_answered_is_no_work_for_the_garbage_collector(carrier: Carrier):
    """Looking for what a few thousand of them had left behind stopped the server for 80 ms."""
    start, session = BY_NAME["production:startProductionSession"], BY_NAME["production:getProductionSession"]
    assert isinstance(start, Mutation)
    assert isinstance(session, Query)

    class Receiver:
        def __init__(self, answered: asyncio.Future[Told]) -> None:
            self._answered = answered

        def __call__(self, told: Told) -> None:
            self._answered.set_result(told)

    async def asked() -> ReferenceType[Receiver]:
        answered: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        receiver = Receiver(answered)
        with carrier.ledger.runner.resting():
            position = carrier.ledger.write(start, {"sessionType": "music_demo"}, Caller()).position
            carrier.glance(session, {"sessionId": "x"}, Caller(), position, receiver)
            assert not answered.done()
        await asyncio.wait_for(answered, 10)
        return ref(receiver)

    with garbage.paused():
        receiver, deadline = asyncio.run(asked()), monotonic() + 60
        while receiver() is not None:  # whoever told it may have it in hand for a moment yet
            assert monotonic() < deadline
            sleep(0.001)


@pytest.mark.parametrize("name", ["production:getProductionSession", "production:getProductionTimeline"])
def test_a_question_waits_for_what_it_must_show_and_is_forgotten_where_nobody_waits_for_its_answer(
    carrier: Carrier, name: str
):
    start, question = BY_NAME["production:startProductionSession"], BY_NAME[name]
    assert isinstance(start, Mutation)
    assert isinstance(question, Query)
    runner = carrier.ledger.runner

    async def both_waited_for() -> None:
        deadline = monotonic() + 60
        while len(runner._waiting) < 2:
            assert monotonic() < deadline
            await asyncio.sleep(0.001)

    async def asked() -> Answer:
        with runner.resting():
            begun = carrier.ledger.write(start, {"sessionType": "music_demo"}, Caller())
            arguments = {"sessionId": json.loads(begun.json)}
            given_up, kept = (
                asyncio.create_task(carrier.read(question, arguments, Caller(), begun.position)) for _ in range(2)
            )
            await both_waited_for()
            given_up.cancel()
            await asyncio.wait([given_up])
            if not question.is_brief:  # what is answered on the spot is no task's
                assert len(runner._waiting) == 1
            assert not kept.done()
        return await kept

    answer = asyncio.run(asked())
    assert "music_demo" in answer.json
    assert not answer.stale
    assert runner._waiting == []


def test_outcomes_that_come_after_the_loop_has_closed_are_dropped():
    loop = asyncio.new_event_loop()
    mailbox = Mailbox(loop)
    deliver = mailbox.deliver_to(loop.create_future().set_result)
    loop.close()
    deliver("too late")
    mailbox.wake()


def test_a_whole_group_arrives_with_one_wake_up():
    async def wait_for_two() -> list[str]:
        loop = asyncio.get_running_loop()
        mailbox = Mailbox(loop)
        futures = [loop.create_future() for _ in range(2)]
        for future, result in zip(futures, ("first", "second"), strict=True):
            mailbox.deliver_to(future.set_result)(result)
        await asyncio.sleep(0)
        assert not any(future.done() for future in futures)
        mailbox.wake()
        return list(await asyncio.gather(*futures))

    assert asyncio.run(wait_for_two()) == ["first", "second"]


def test_where_somebody_writes_less_of_a_series_is_handed_over_at_a_time(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(series, "_TOGETHER", 2)
    monkeypatch.setattr(series, "_TOGETHER_WHILE_QUIET", 4)
    handed: list[int] = []
    hand_over = Series._hand_over

    async def watched(self: Series) -> None:
        handed.append(len(self._requests))
        await hand_over(self)

    monkeypatch.setattr(Series, "_hand_over", watched)
    start, record = BY_NAME["production:startProductionSession"], BY_NAME["production:appendDirectorEvent"]
    assert isinstance(start, Mutation)
    assert isinstance(record, Mutation)

    async def carry_out() -> None:
        begun = await carrier.write(start, {"sessionType": "music_demo"}, Caller())
        cut = {"sessionId": json.loads(begun.json), "timestampMs": 1, "eventType": "cut"}
        cuts = [Write(path=record.name, args=Raw(json.dumps(cut).encode())) for _ in range(7)]
        await Series(carrier, Caller()).carry_out(cuts)
        monkeypatch.setattr(module, "QUIET_SECONDS", 0)
        await Series(carrier, Caller()).carry_out(cuts)

    asyncio.run(carry_out())
    assert [size for size in handed if size] == [2, 2, 2, 1, 4, 3]
