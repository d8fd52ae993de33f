"""Mutations that come together: carried out in their order, each by itself and under a key of its own."""

import asyncio
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
"""About how many facts the writer is handed at once, and has to do at a time: others who record something meanwhile wait behind
no more than these. What comes behind them is read while they are written down."""
_TOGETHER_WHILE_QUIET: Final = 2_000
"""As many where nobody else records anything: every time costs a commit, and the views a pass."""


class _Begun(NamedTuple):
    """A mutation that was asked for, and what will have come of it."""

    write: Write
    function: Mutation
    outcome: asyncio.Future[Outcome]


class Series:
    """What one request asks for. What one shard is asked for is decided part by part, each in one go, and shares its syncs.

    Nothing is carried out behind what has failed: it will be asked for again, and is to come first then as well.
    """

    def __init__(self, carrier: Carrier, caller: Caller) -> None:
        self._carrier = carrier
        self._caller = caller
        self._results: list[Answer | Refusal] = []
        self._gathered: list[_Begun | Refusal] = []
        self._requests: list[Request] = []
        """What is to be handed to the writer of what was gathered."""
        self._under_way: list[_Begun | Refusal] = []
        self._shard: int | None = None
        self._is_over = False
        """Whether nothing more is to be carried out, because of what has failed, or was refused and is required."""

    async def carry_out(self, writes: Sequence[Write]) -> list[Answer | Refusal]:
        """What came of each; of what follows a refused one that is required, nothing came.

        Raises what one has failed with that was neither carried out nor refused.
        """
        weight = fact_count = 0
        for write in writes:
            if weight >= _PAUSE_AFTER:
                weight = 0
                await asyncio.sleep(0)
            weight += _A_MUTATION
            try:
                begun, request = self._request(write)
            except Refusal as refusal:
                self._gathered.append(refusal)
                if write.required:
                    break
                continue
            weight += request.weight
            shard = self._carrier.ledger.log.shard_of(request.partition)
            if shard != self._shard:
                await self._hand_over()
                await self._settle()
            self._shard = shard
            if self._is_over:
                break
            self._gathered.append(begun)
            self._requests.append(request)
            fact_count += request.weight
            if fact_count >= (_TOGETHER_WHILE_QUIET if self._carrier.is_quiet() else _TOGETHER):
                fact_count = 0
                await self._hand_over()
        await self._hand_over()
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
        return _Begun(write, function, outcome), request._replace(
            decide=partial(self._decide, request.decide),
            on_refused=self._end if write.required else request.on_refused,
            on_failed=self._end,
        )

    def _end(self) -> None:
        self._is_over = True

    def _decide(self, decide: Callable[[Stream], Decision], stream: Stream) -> Decision:
        if self._is_over:
            raise LogUnavailableError("what was to be recorded before it was not; nothing was recorded")
        return decide(stream)

    async def _hand_over(self) -> None:
        """Have carried out what was gathered, once it is known what came of what was handed over before."""
        await self._settle()
        if self._is_over:
            return
        for request in self._requests:
            self._carrier.ledger.log.submit(request)
        self._requests.clear()
        self._under_way, self._gathered = self._gathered, []

    async def _settle(self) -> None:
        """Learn what came of what was handed over."""
        under_way, self._under_way = self._under_way, []
        for each in under_way:
            result = each if isinstance(each, Refusal) else await self._result(each)
            self._results.append(result)
            if isinstance(result, Refusal) and isinstance(each, _Begun) and each.write.required:
                self._is_over = True
                return

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
