"""Carries out functions for the doors on the event loop, which none of them ever holds up."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from math import inf
from time import monotonic
from typing import Any, Final

from ledger.application.functions import Action, Caller, Mutation, Query, on_origin
from ledger.application.ledger import WAIT_SECONDS_MAX, Answer, Ledger, Place, StaleError
from ledger.application.live.instants import Instants
from ledger.application.live.timestamps import Timestamps
from ledger.application.past import answer_at, places_of
from ledger.domain.refusals import Refusal
from ledger.domain.values import Frozen
from ledger.log.positions import Position
from ledger.log.requests import Outcome
from ledger.projections.runner import Runner

Told = Answer | Exception
"""What comes of a question."""
Question = tuple[Query, object]
"""A query and the arguments that it is asked with."""
READERS: Final = 8
"""Threads that answer queries; each holds a connection for as long as its answer takes."""
ACTORS: Final = 32
"""Threads that carry out actions, which wait for others most of the time."""
QUIET_SECONDS: Final = 1.0

_logger = logging.getLogger(__name__)


class Mailbox:
    """Outcomes on their way from the writer's thread, and others, to the event loop: a whole group with one wake-up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._delivered: deque[tuple[Callable[[Any], None], Any]] = deque()
        self._is_woken = False

    def deliver_to(self, receive: Callable[[Any], None]) -> Callable[[Any], None]:
        """What to call, on any thread, with what is for ``receive``; it arrives on the loop after the next ``wake``."""
        return lambda outcome: self._delivered.append((receive, outcome))

    def send(self, receive: Callable[[Any], None], outcome: Any) -> None:
        """Have something arrive that is no part of a group. On any thread."""
        self._delivered.append((receive, outcome))
        self.wake()

    def wake(self) -> None:
        """Have what was delivered arrive. On any thread."""
        if self._delivered and not self._is_woken:
            self._is_woken = True
            with suppress(RuntimeError):  # the loop has closed: nobody waits any longer
                self._loop.call_soon_threadsafe(self._empty)

    def _empty(self) -> None:
        self._is_woken = False  # first: what is delivered from here on may not be seen below
        while self._delivered:
            receive, outcome = self._delivered.popleft()
            try:
                receive(outcome)
            except Exception:
                _logger.exception("an outcome could not be told")


class Arrival:
    """A wait on the event loop until the views show what is missing, or it has taken too long: without a task or a thread."""

    def __init__(self, runner: Runner, mailbox: Mailbox, tell: Callable[[bool], None]) -> None:
        """``tell`` is called once, on the event loop, with whether it came in time."""
        self._runner = runner
        self._mailbox = mailbox
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None
        self._reached: Callable[[], None] | None = None

    def begin(self, missing: Sequence[Place]) -> None:
        """Tell at once where nothing is missing."""
        if not missing:
            self._tell(True)
            return
        self._timer = asyncio.get_running_loop().call_later(WAIT_SECONDS_MAX, self._give_up)
        self._await(missing)

    def _await(self, missing: Sequence[Place]) -> None:
        """Wait for the first of what is still missing."""
        if self._timer is None:
            return  # given up in the moment in which it came
        self._reached = None
        if missing:
            self._reached = partial(self._mailbox.send, self._await, missing[1:])
            self._runner.when_reached(*missing[0], self._reached)
        else:
            self.end()
            self._tell(True)

    def _give_up(self) -> None:
        self.end()
        self._tell(False)

    def end(self) -> None:
        """Nobody waits any longer."""
        if self._timer is not None:
            self._timer.cancel()
        if self._reached is not None:
            self._runner.forget(self._reached)
        self._timer = self._reached = None  # they lead back here, and would be left to the garbage collector


class Carrier:
    """One ledger, as the doors of one server share it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._actors = ThreadPoolExecutor(ACTORS, thread_name_prefix="actor")
        self._mailbox: Mailbox | None = None
        self._instants = Instants(ledger.log, Timestamps())
        self._asked_at = -inf
        """When something was last to be written by itself, and not as one of many."""

    async def write(
        self, function: Mutation, arguments: object, caller: Caller, command: Frozen | None = None
    ) -> Answer:
        """Carry out a mutation. Raises as ``Ledger.write`` does."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.begin(function, arguments, caller, partial(settle, outcome), command)
        return self.answer_of(function, await outcome, caller)

    def begin(
        self,
        function: Mutation,
        arguments: object,
        caller: Caller,
        receive: Callable[[Outcome], None],
        command: Frozen | None = None,
    ) -> None:
        """Have a mutation carried out; ``receive`` is called with its outcome, on the event loop. Raises as ``Ledger.request``."""
        self._asked_at = monotonic()
        deliver = self.mail().deliver_to(receive)
        self.ledger.log.submit(self.ledger.request(function, arguments, caller, deliver, command))

    def is_quiet(self) -> bool:
        """Whether nobody has had anything written by itself for a while."""
        return monotonic() - self._asked_at > QUIET_SECONDS

    def mail(self) -> Mailbox:
        """By which what other threads tell comes to the event loop, which is the one that asks for it."""
        if self._mailbox is None:
            self._mailbox = Mailbox(asyncio.get_running_loop())
            self.ledger.log.on_answered(self._mailbox.wake)
        return self._mailbox

    def answer_of(self, function: Mutation, outcome: Outcome, caller: Caller) -> Answer:
        """The answer of an outcome. Raises it, where it is a failure."""
        return _told(function, self.ledger.answer_of(outcome), caller)

    async def read(
        self, function: Query, arguments: object, caller: Caller, at_least: Position | None = None
    ) -> Answer:
        """Ask a question, and wait for what its answer must show. Raises as ``Ledger.read`` does."""
        loop = asyncio.get_running_loop()
        if self.ledger.answers_on_the_spot(function, at_least):
            told: asyncio.Future[Told] = loop.create_future()
            self.glance(function, arguments, caller, at_least, partial(settle, told))
            if isinstance(outcome := await told, Exception):
                raise outcome
            return outcome
        asked = self.ledger.parse_question(function, arguments, caller)
        in_time = True
        if self.ledger.may_be_behind(at_least):
            in_time = await self._reached(await self._missing([(function, asked)], at_least))

        def answered() -> Answer:
            return self.ledger.answer(function, asked, at_least, in_time=in_time)

        return _told(function, await loop.run_in_executor(self._readers, answered), caller)

    def glance(
        self,
        function: Query,
        arguments: object,
        caller: Caller,
        at_least: Position | None,
        receive: Callable[[Told], None],
    ) -> None:
        """Ask what ``Ledger.answers_on_the_spot``; ``receive`` is called on the event loop, with the answer or why there is none.

        Raises Invalid, or what the caller's key is refused with, and then nothing was asked.
        """
        asked = self.ledger.parse_question(function, arguments, caller)

        def answer(in_time: bool) -> None:
            try:
                found = self.ledger.answer(function, asked, at_least, in_time=in_time, on_the_spot=True)
            except Exception as failure:  # noqa: BLE001  # whatever it was, the caller must hear of it
                receive(failure)
            else:
                receive(_told(function, found, caller))

        is_behind = self.ledger.may_be_behind(at_least)
        missing = self.ledger.missing(function, asked, at_least) if is_behind else []
        Arrival(self.ledger.runner, self.mail(), answer).begin(missing)

    async def now(self) -> int:
        """A timestamp of everything that has been acknowledged by now."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._instants.now)

    async def read_at(self, function: Query, arguments: object, caller: Caller, timestamp: int) -> Answer:
        """Ask what would have been answered at a timestamp. Raises as ``Instants.heads_at``, ``answer_at`` and ``read`` do."""
        asked = self.ledger.parse_question(function, arguments, caller)
        loop = asyncio.get_running_loop()
        heads = await loop.run_in_executor(self._readers, self._instants.heads_at, timestamp)
        if not await self._reached(places_of(self.ledger, function, asked, heads)):
            wanted = Position(self.ledger.log.epoch, tuple(enumerate(heads)))
            raise StaleError(wanted, Position(wanted.epoch, tuple(enumerate(self.ledger.views.checkpoints))))
        answer = await loop.run_in_executor(self._readers, answer_at, self.ledger, function, asked, heads)
        return _told(function, answer, caller)

    async def read_together(
        self, asked: Sequence[Question | Refusal], caller: Caller, at_least: Position | None = None
    ) -> list[Answer | Exception]:
        """Ask questions of one moment of the views, each answered by itself; a refusal among them stays what it is.

        Raises StaleError where the views did not come to ``at_least`` in time.
        """
        parsed: list[tuple[Query, Frozen] | Exception] = []
        for question in asked:
            try:
                parsed.append(question if isinstance(question, Refusal) else self._parsed(*question, caller))
            except Refusal as refusal:
                parsed.append(refusal)
        loop = asyncio.get_running_loop()
        in_time = True
        if self.ledger.may_be_behind(at_least):
            wanted = [it for it in parsed if not isinstance(it, Exception)]
            in_time = await self._reached(await self._missing(wanted, at_least))
        answers = await loop.run_in_executor(
            self._readers, partial(self.ledger.answers, parsed, at_least, in_time=in_time)
        )
        return [
            _told(question[0], answer, caller)
            if isinstance(answer, Answer) and not isinstance(question, Exception)
            else answer
            for question, answer in zip(parsed, answers, strict=True)
        ]

    def _parsed(self, function: Query, arguments: object, caller: Caller) -> tuple[Query, Frozen]:
        return function, self.ledger.parse_question(function, arguments, caller)

    async def act(self, function: Action, arguments: object, caller: Caller) -> Answer:
        """Carry out an action. Raises as ``Ledger.act`` does."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._actors, self.ledger.act, function, arguments, caller)

    async def _missing(self, asked: Sequence[tuple[Query, Frozen]], at_least: Position | None) -> list[Place]:
        def missing() -> list[Place]:
            return [place for it in asked for place in self.ledger.missing(*it, at_least)]

        if self.ledger.knows_what_is_missing(at_least, of_log=any(function.is_from_log for function, _ in asked)):
            return missing()
        return await asyncio.get_running_loop().run_in_executor(self._readers, missing)

    async def _reached(self, missing: list[Place]) -> bool:
        """Wait, without a thread, until the views show what is missing; whether they did in time."""
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        arrival = Arrival(self.ledger.runner, self.mail(), partial(settle, told))
        arrival.begin(missing)
        try:
            return await told
        finally:
            arrival.end()


def settle(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _told(function: Mutation | Query, answer: Answer, caller: Caller) -> Answer:
    """An answer as its caller may use it: with the URLs of this server on the origin by which that is reached."""
    return answer._replace(json=on_origin(answer.json, caller.origin)) if function.hands_out_urls else answer
