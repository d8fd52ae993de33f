"""The mutations and actions of one connection: mutations one after another and exactly once, actions side by side."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, NamedTuple

from ledger.api.carrier import Carrier
from ledger.api.functions.calls import ACTION, MUTATION, arguments_of, function_of
from ledger.api.sync.messages import CallAction, CallMutation, responded, responded_failure
from ledger.application.functions import Action, Caller, Mutation, on_origin
from ledger.application.ledger import Answer
from ledger.application.live.registry import Registry
from ledger.application.live.timestamps import Timestamps
from ledger.domain.refusals import TooManyActions

ACTIONS_MAX: Final = 32
MUTATIONS_WAITING_MAX: Final = 1_000
"""Above it nothing more is read from the connection until some of them are done."""
ANSWERED_KEPT_MAX: Final = 1_000

Identify = Callable[[], Caller]


class Written(NamedTuple):
    """A write that was acknowledged, and which a transition at its timestamp or later has to show."""

    timestamp: int
    shard: int
    position: int


class Requests:
    """Carries out what one client asks for, and keeps the responses until they are sent."""

    def __init__(
        self,
        carrier: Carrier,
        registry: Registry,
        timestamps: Timestamps,
        identify: Identify,
        on_response: Callable[[], None],
    ) -> None:
        """``identify`` says who the client is now, or raises a Refusal."""
        self._carrier = carrier
        self._registry = registry
        self._timestamps = timestamps
        self._identify = identify
        self._on_response = on_response
        self._waiting: deque[CallMutation] = deque()
        self._room = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._acting: set[asyncio.Task[None]] = set()
        self._taken: OrderedDict[int, None] = OrderedDict()
        self.session_id = ""
        self.responses: list[str] = []
        self.written: list[Written] = []
        """What was acknowledged, and was in no transition yet."""
        self.is_owed = False
        """Whether the client waits for a transition, whatever it shows."""
        self.round_before: int | None = None
        """The registry's round when the mutation that is under way was handed in; None while there is none."""

    async def mutate(self, call: CallMutation) -> None:
        """Take up a mutation. Waits where too many are waiting already."""
        if not self._is_new(call.request_id):
            return
        self._waiting.append(call)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        while len(self._waiting) > MUTATIONS_WAITING_MAX:
            self._room.clear()
            await self._room.wait()

    def act(self, call: CallAction) -> None:
        if not self._is_new(call.request_id):
            return
        if len(self._acting) >= ACTIONS_MAX:
            self._respond(responded_failure("Action", call.request_id, TooManyActions(ACTIONS_MAX)))
            return
        task = asyncio.create_task(self._act(call))
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)

    def close(self) -> None:
        """Nobody hears the answers any more. What was handed in is carried out all the same."""
        for task in (self._writing, *self._acting):
            if task is not None:
                task.cancel()

    def _is_new(self, request_id: int) -> bool:
        """Whether this connection has not asked it before: no request is answered twice."""
        if request_id in self._taken:
            return False
        self._taken[request_id] = None
        if len(self._taken) > ANSWERED_KEPT_MAX + MUTATIONS_WAITING_MAX:
            self._taken.popitem(last=False)
        return True

    async def _write(self) -> None:
        try:
            while self._waiting:
                call = self._waiting.popleft()
                self._room.set()
                await self._write_one(call)
        finally:
            self._writing = None

    async def _write_one(self, call: CallMutation) -> None:
        self.round_before = self._registry.rounds
        try:
            answer = await self._mutation(call)
        except Exception as failure:  # noqa: BLE001  # told to the client, whatever it was, and logged where nobody foresaw it
            self.round_before = None
            self.is_owed = True
            self._respond(responded_failure("Mutation", call.request_id, failure))
        else:
            self.round_before = None
            timestamp = self._timestamps.next()
            ((shard, position),) = answer.position.shards
            self.written.append(Written(timestamp, shard, position))
            self._respond(responded("Mutation", call.request_id, answer.json, timestamp))

    async def _mutation(self, call: CallMutation) -> Answer:
        function = function_of(call.call, MUTATION)
        assert isinstance(function, Mutation)
        caller = self._identify()._replace(key=f"{self.session_id}/{call.request_id}")
        return await self._carrier.write(function, arguments_of(call.call), caller)

    async def _act(self, call: CallAction) -> None:
        try:
            function = function_of(call.call, ACTION)
            assert isinstance(function, Action)
            caller = self._identify()
            answer = await self._carrier.act(function, arguments_of(call.call), caller)
            self._respond(responded("Action", call.request_id, on_origin(answer.json, caller.origin), None))
        except Exception as failure:  # noqa: BLE001  # as above
            self._respond(responded_failure("Action", call.request_id, failure))

    def _respond(self, response: str) -> None:
        self.responses.append(response)
        self._on_response()
