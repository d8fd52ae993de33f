"""What one connection asks for: in order, once, and with an end to how much of it waits."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.api.carrier import Carrier
from ledger.api.sync.messages import CallAction, CallMutation
from ledger.api.sync.requests import Requests
from ledger.application.functions import Caller
from ledger.application.live.registry import Registry
from ledger.application.live.timestamps import Timestamps
from ledger.bootstrap import open_for_writing
from ledger.domain.refusals import Unauthorized
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asking]:
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        yield Asking(ledger)


def requests_on(ask: Asking, identify: Any = Caller) -> Requests:
    timestamps = Timestamps()
    requests = Requests(Carrier(ask.ledger), Registry(1, timestamps), timestamps, identify, lambda: None)
    requests.session_id = "client-1"
    return requests


async def _answered(requests: Requests, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        while len(requests.responses) < count:  # noqa: ASYNC110  # what it waits for is a list that it may only look at
            await asyncio.sleep(0.001)
    return [json.loads(response) for response in requests.responses]


def start(request_id: int, **arguments: Any) -> CallMutation:
    return CallMutation(request_id, "production:startProductionSession", [{"sessionType": "music_demo"} | arguments])


def test_a_refused_mutation_keeps_those_after_it_from_nothing(ask: Asking):
    async def speak() -> list[dict[str, Any]]:
        requests = requests_on(ask)
        for number, arguments in enumerate(({}, {"sessionType": "nonsense"}, {"title": "x"})):
            await requests.mutate(start(number, **arguments))
        return await _answered(requests, 3)

    told = asyncio.run(speak())
    assert [response["requestId"] for response in told] == [0, 1, 2]
    assert [response["success"] for response in told] == [True, False, True]


def test_whoever_may_not_write_is_told_so(ask: Asking):
    def nobody() -> Caller:
        raise Unauthorized("this ledger asks for a key")

    async def speak() -> list[dict[str, Any]]:
        requests = requests_on(ask, nobody)
        await requests.mutate(start(0))
        return await _answered(requests, 1)

    (told,) = asyncio.run(speak())
    assert told["errorData"]["code"] == "unauthorized"


def test_a_mutation_is_no_action_and_a_query_no_mutation(ask: Asking):
    async def speak() -> list[dict[str, Any]]:
        requests = requests_on(ask)
        requests.act(CallAction(0, "production:startProductionSession", {}))
        await requests.mutate(CallMutation(1, "production:getProductionSession", {}))
        return await _answered(requests, 2)

    told = {response["requestId"]: response for response in asyncio.run(speak())}
    assert told[0]["result"].startswith("path: production:startProductionSession is a mutation")
    assert told[1]["result"].startswith("path: production:getProductionSession is a query")


def test_what_was_recorded_waits_for_a_transition_that_shows_it(ask: Asking):
    async def speak() -> Requests:
        requests = requests_on(ask)
        await requests.mutate(start(0))
        await _answered(requests, 1)
        return requests

    requests = asyncio.run(speak())
    (written,) = requests.written
    assert (written.shard, written.position) == (0, ask.ledger.log.heads()[0])
    assert requests.round_before is None
