"""The contract's functions on their routes, straight on ASGI: raw bytes in, prebuilt bytes out."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.api.asgi import BodyTooLargeError, CallerLeftError, Header, body_of, header, respond, respond_problem
from ledger.api.keys import access_of
from ledger.api.problems import Problem, problem_of
from ledger.application.arguments import arguments_from_text
from ledger.application.functions import Caller, Function, Mutation, Query
from ledger.application.ledger import WAIT_SECONDS_MAX, Answer, Ledger, Place
from ledger.domain.refusals import ActorNotYours, Invalid
from ledger.log.positions import Position
from ledger.log.writer import Outcome

READERS: Final = 8
"""Threads that answer queries; each holds a connection for as long as its answer takes."""
ACTOR_LENGTH_MAX: Final = 128
KEY_LENGTH_MAX: Final = 255

_decode = msgspec.json.decode


class Mailbox:
    """Outcomes on their way from the writers' threads to the event loop: a whole group with one wake-up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._delivered: deque[tuple[asyncio.Future[Any], Any]] = deque()

    def deliver_to(self, future: asyncio.Future[Any]) -> Callable[[Any], None]:
        """What to call, on any thread, with the future's result; it arrives after the next ``wake``."""
        return lambda result: self._delivered.append((future, result))

    def wake(self) -> None:
        """Have what was delivered arrive. On any thread."""
        if self._delivered:
            with suppress(RuntimeError):  # the loop has closed: nobody waits any longer
                self._loop.call_soon_threadsafe(self._empty)

    def _empty(self) -> None:
        while self._delivered:
            future, result = self._delivered.popleft()
            if not future.done():
                future.set_result(result)


class ContractDoor:
    """ASGI middleware that answers the contract's routes, and passes on everything else."""

    def __init__(self, app: ASGIApp, ledger: Ledger, functions: Iterable[Function], body_bytes_max: int) -> None:
        self._app = app
        self._ledger = ledger
        self._mutations = {function.path: function for function in functions if isinstance(function, Mutation)}
        self._queries = {function.path: function for function in functions if isinstance(function, Query)}
        self._body_bytes_max = body_bytes_max
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._mailbox: Mailbox | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (scope["path"] in self._mutations or scope["path"] in self._queries):
            await self._app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        try:
            if method == "POST" and path in self._mutations:
                await self._mutate(self._mutations[path], scope, receive, send)
            elif method == "GET" and path in self._queries:
                await self._ask(self._queries[path], scope, send)
            else:
                wanted = "POST" if path in self._mutations else "GET"
                problem = Problem("invalid", f"{path} takes {wanted}, not {method}", {"allow": wanted})
                await respond(send, 405, problem.to_json(), [(b"allow", wanted.encode())])
        except CallerLeftError:
            return
        except BodyTooLargeError:
            message = f"the body is larger than {self._body_bytes_max} bytes; send it in smaller batches"
            await respond_problem(send, Problem("too_large", message, {"bytesMax": self._body_bytes_max}))
        except Exception as failure:  # noqa: BLE001  # what nobody foresaw is told as "internal", its trace logged
            await respond_problem(send, problem_of(failure))

    async def _mutate(self, function: Mutation, scope: Scope, receive: Receive, send: Send) -> None:
        _require_json(scope)
        caller = _caller(scope)
        arguments = _decoded(await body_of(scope, receive, self._body_bytes_max))
        loop = asyncio.get_running_loop()
        if self._mailbox is None:
            self._mailbox = Mailbox(loop)
            self._ledger.log.on_answered(self._mailbox.wake)
        outcome: asyncio.Future[Outcome] = loop.create_future()
        self._ledger.submit(function, arguments, caller, self._mailbox.deliver_to(outcome))
        answer = self._ledger.answer_of(await outcome)
        body = f'{{"ok":true,"result":{answer.json},"sequence":{answer.sequence}}}'
        await respond(send, 200, body.encode(), [_position(answer.position)])

    async def _ask(self, function: Query, scope: Scope, send: Send) -> None:
        parameters = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        token = parameters.pop("atLeast", None) or header(scope, b"ledger-at-least")
        at_least = Position.parse(token) if token else None
        arguments = arguments_from_text(function.arguments, parameters)
        asked = self._ledger.parse_question(function, arguments, _asker(scope))
        loop = asyncio.get_running_loop()
        in_time = True
        if self._ledger.may_be_behind(at_least):
            missing = await loop.run_in_executor(self._readers, self._ledger.missing, function, asked, at_least)
            in_time = await self._reached(missing)

        def answered() -> Answer:
            return self._ledger.answer(function, asked, at_least, in_time=in_time)

        answer = await loop.run_in_executor(self._readers, answered)
        headers = [_position(answer.position)]
        if answer.stale:
            headers.append((b"ledger-stale", b"true"))
        await respond(send, 200, f'{{"ok":true,"result":{answer.json}}}'.encode(), headers)

    async def _reached(self, missing: list[Place]) -> bool:
        """Wait, without a thread, until the views show what is missing; whether they did in time."""
        loop = asyncio.get_running_loop()
        arrivals = [asyncio.Event() for _ in missing]
        telling = [_setting(loop, arrived) for arrived in arrivals]
        for (shard, position), tell in zip(missing, telling, strict=True):
            self._ledger.runner.when_reached(shard, position, tell)
        try:
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                for arrived in arrivals:
                    await arrived.wait()
        except TimeoutError:
            return False
        finally:
            if not all(arrived.is_set() for arrived in arrivals):
                for tell in telling:
                    self._ledger.runner.forget(tell)
        return True


def _setting(loop: asyncio.AbstractEventLoop, arrived: asyncio.Event) -> Callable[[], None]:
    def set_it() -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody waits any longer
            loop.call_soon_threadsafe(arrived.set)

    return set_it


def _position(position: Position) -> Header:
    return (b"ledger-position", str(position).encode())


def _decoded(body: bytes) -> Any:
    try:
        return _decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Invalid("body", f"is not JSON: {error}") from None


def _require_json(scope: Scope) -> None:
    kind = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Invalid("Content-Type", f"must be application/json, not {kind or 'absent'}")


def _caller(scope: Scope) -> Caller:
    actor = header(scope, b"ledger-actor")
    key = header(scope, b"idempotency-key")
    if actor is not None and not (0 < len(actor) <= ACTOR_LENGTH_MAX and actor.isprintable()):
        raise Invalid("Ledger-Actor", f"must be 1 to {ACTOR_LENGTH_MAX} printable characters")
    if key is not None and not (0 < len(key) <= KEY_LENGTH_MAX and key.isprintable()):
        raise Invalid("Idempotency-Key", f"must be 1 to {KEY_LENGTH_MAX} printable characters")
    access = access_of(scope)
    if access is None:
        return Caller(actor or Caller().actor, key)
    if actor not in (None, access.name):
        raise ActorNotYours(access.name)
    return Caller(access.name, key, access)


def _asker(scope: Scope) -> Caller:
    """A question is recorded nowhere: of its caller only the key counts."""
    return Caller(access=access_of(scope))
