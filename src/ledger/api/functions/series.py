"""Mutations that come together: carried out in their order, each by itself and under a key of its own."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from ledger.api.carrier import Carrier, settle
from ledger.api.functions.calls import MUTATION, Write, function_of, stated_by
from ledger.application.functions import Caller, Mutation
from ledger.application.ledger import Answer
from ledger.domain.refusals import Refusal
from ledger.log.positions import Position
from ledger.log.requests import Decision, LogUnavailableError, Outcome, Request
from ledger.log.stream import Stream

_PAUSE_AFTER: Final = 1_000
"""To read a thousand mutations takes as long as some hundred others take altogether: they are let pass in between."""
_A_MUTATION: Final = 20
"""What one weighs beside the events that it brings."""
_TOGETHER: Final = 1_000
"""About how many facts are handed to the writer at once. While it writes them down as many more are read and handed over, and no
more: so nobody else who records something meanwhile waits for more than these."""


class _Begun(NamedTuple):
    """A mutation that was asked for, about how many facts it brings, and what will have come of it."""

    write: Write
    function: Mutation
    fact_count: int
    outcome: asyncio.Future[Outcome]


class Series:
    """What one request asks for. What one shard is asked for together is decided in one go, and shares its syncs; while that goes
    on, what follows is read.

    Nothing is carried out behind what has failed: it will be asked for again, and is to come first then as well.
    """

    def __init__(self, carrier: Carrier, caller: Caller) -> None:
        self._carrier = carrier
        self._caller = caller
        self._results: list[Answer | Refusal] = []
        self._begun: deque[_Begun | Refusal] = deque()
        self._requests: list[Request] = []
        self._gathered = self._under_way = 0
        """About how many facts are to be handed to the writer, and were handed to it and have not been heard of again."""
        self._shard: int | None = None
        self._is_over = False
        """Whether nothing more is to be carried out, because of what has failed, or was refused and is required."""

    async def carry_out(self, writes: Sequence[Write]) -> list[Answer | Refusal]:
        """What came of each; of what follows a refused one that is required, nothing came.

        Raises what one has failed with that was neither carried out nor refused.
        """
        weight = 0
        for write in writes:
            if weight >= _PAUSE_AFTER:
                weight = 0
                await asyncio.sleep(0)
            weight += _A_MUTATION
            try:
                begun, request = self._request(write)
            except Refusal as refusal:
                self._begun.append(refusal)
                if write.required:
                    break
                continue
            weight += request.weight
            shard = self._carrier.ledger.log.shard_of(request.partition)
            if shard != self._shard:
                await self._settle()
            self._shard = shard
            if self._is_over:
                break
            self._begun.append(begun)
            self._requests.append(request)
            self._gathered += request.weight
            if self._gathered >= _TOGETHER:
                await self._settle(but=_TOGETHER)
        await self._settle()
        return self._results

    def _request(self, write: Write) -> tuple[_Begun, Request]:
        function = function_of(write, MUTATION)
        assert isinstance(function, Mutation), "nothing else is wanted"
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        arrive = self._carrier.mail().deliver_to(partial(settle, outcome))

        def deliver(told: Outcome) -> None:
            if isinstance(told, Exception) and not isinstance(told, Refusal):
                self._end()
            arrive(told)

        caller = self._caller._replace(key=write.idempotency_key)
        arguments, command = stated_by(write, function)
        request = self._carrier.ledger.request(function, arguments, caller, deliver, command)
        request = request._replace(decide=partial(self._decide, request.decide), on_failed=self._end)
        begun = _Begun(write, function, request.weight, outcome)
        return begun, request._replace(on_refused=self._end) if write.required else request

    def _end(self) -> None:
        self._is_over = True

    def _decide(self, decide: Callable[[Stream], Decision], stream: Stream) -> Decision:
        if self._is_over:
            raise LogUnavailableError("what was to be recorded before it was not; nothing was recorded")
        return decide(stream)

    async def _settle(self, but: int = 0) -> None:
        """Have carried out what was asked for until now, and learn what came of it, but perhaps of about so many facts of it."""
        for request in self._requests:
            self._carrier.ledger.log.submit(request)
        self._requests.clear()
        self._under_way += self._gathered
        self._gathered = 0
        while self._begun and (not but or self._under_way > but):
            begun = self._begun.popleft()
            result = begun if isinstance(begun, Refusal) else await self._result(begun)
            self._results.append(result)
            if isinstance(begun, Refusal):
                continue
            self._under_way -= begun.fact_count
            if isinstance(result, Refusal) and begun.write.required:
                self._is_over = True
                self._begun.clear()

    async def _result(self, begun: _Begun) -> Answer | Refusal:
        try:
            return self._carrier.answer_of(begun.function, await begun.outcome, self._caller)
        except Refusal as refusal:
            return refusal


def reached(results: Sequence[Answer | Refusal]) -> Position | None:
    """How far the ledger has come with all that was recorded; None where nothing was."""
    answers = [result for result in results if isinstance(result, Answer)]
    furthest: dict[int, int] = {}
    for answer in answers:
        for shard, position in answer.position.shards:
            furthest[shard] = max(position, furthest.get(shard, position))
    return Position(answers[0].position.epoch, tuple(sorted(furthest.items()))) if answers else None
