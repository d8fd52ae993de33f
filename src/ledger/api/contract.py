"""The contract's functions on their routes, straight on ASGI: raw bytes in, prebuilt bytes out."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.api.asgi import (
    BodyTooLargeError,
    CallerLeftError,
    Header,
    Reply,
    body_of,
    reply_of,
    require_json_content,
    respond,
    respond_problem,
)
from ledger.api.callers import asker_of, caller_of
from ledger.api.carrier import Carrier, Told
from ledger.api.positions import AT_LEAST, at_least_said, shown_by
from ledger.api.problems import Problem, problem_of
from ledger.application.arguments import arguments_from_text
from ledger.application.functions import Action, Function, Mutation, Query
from ledger.application.ledger import Answer
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen
from ledger.log.positions import Position
from ledger.log.requests import Outcome

_decode: Final = msgspec.json.decode


class ContractDoor:
    """ASGI middleware that answers the contract's routes, and passes on everything else."""

    def __init__(self, app: ASGIApp, carrier: Carrier, functions: Iterable[Function], body_bytes_max: int) -> None:
        self._app = app
        self._carrier = carrier
        self._routes: dict[str, dict[str, Function]] = {}
        for function in functions:
            if function.path is not None:
                self._routes.setdefault(function.path, {})[method_of(function)] = function
        self._body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (routes := self._routes.get(scope["path"])) is None:
            await self._app(scope, receive, send)
            return
        try:
            match routes.get(scope["method"]):
                case Mutation() as function:
                    await self._mutate(function, scope, receive, send)
                case Query() as function:
                    await self._ask(function, scope, send)
                case Action() as function:
                    await self._act(function, scope, receive, send)
                case None:
                    wanted = ", ".join(sorted(routes))
                    message = f"{scope['path']} takes {wanted}, not {scope['method']}"
                    problem = Problem("invalid", message, {"allow": wanted})
                    await respond(send, 405, problem.to_json(), [(b"allow", wanted.encode())])
        except CallerLeftError:
            return
        except BodyTooLargeError:
            message = f"the body is larger than {self._body_bytes_max} bytes; send it in smaller batches"
            await respond_problem(send, Problem("too_large", message, {"bytesMax": self._body_bytes_max}))
        except Exception as failure:  # noqa: BLE001  # what nobody foresaw is told as "internal", its trace logged
            await respond_problem(send, problem_of(failure))

    async def _mutate(self, function: Mutation, scope: Scope, receive: Receive, send: Send) -> None:
        require_json_content(scope)
        caller = caller_of(scope)
        arguments, command = _stated(function, await body_of(scope, receive, self._body_bytes_max))
        await respond(send, *_written(await self._carrier.write(function, arguments, caller, command)))

    def mutation_paths(self) -> Iterator[str]:
        """Where mutations are asked for."""
        return (path for path, routes in self._routes.items() if isinstance(routes.get("POST"), Mutation))

    def begin(self, scope: Scope, body: bytes, answer: Callable[[Reply], None]) -> None:
        """Begin the mutation of a path, with the whole body at hand; ``answer`` is called on the event loop when it is over.

        Raises what it is refused with, and then nothing was begun.
        """
        function = self._routes[scope["path"]]["POST"]
        assert isinstance(function, Mutation)
        require_json_content(scope)
        caller = caller_of(scope)

        def receive(outcome: Outcome) -> None:
            answer(_reply(lambda: _written(self._carrier.answer_of(function, outcome, caller))))

        arguments, command = _stated(function, body)
        self._carrier.begin(function, arguments, caller, receive, command)

    async def _ask(self, function: Query, scope: Scope, send: Send) -> None:
        arguments, at_least = _asked(function, scope)
        await respond(send, *_answered(await self._carrier.read(function, arguments, asker_of(scope), at_least)))

    def brief_paths(self) -> Iterator[str]:
        """Where questions are asked that an event loop may answer, and that hand out no URL on what a proxy before it is called."""
        found = ((path, routes.get("GET")) for path, routes in self._routes.items())
        brief = ((path, it) for path, it in found if isinstance(it, Query) and it.is_brief)
        return (path for path, function in brief if not function.hands_out_urls)

    def ask(self, scope: Scope, answer: Callable[[Reply], None]) -> bool:
        """Whether the brief question of a path is asked; ``answer`` is then called on the event loop, perhaps at once.

        Raises what it is refused with, and then nothing was asked.
        """
        function = self._routes[scope["path"]]["GET"]
        assert isinstance(function, Query)
        arguments, at_least = _asked(function, scope)
        if not self._carrier.ledger.answers_on_the_spot(function, at_least):
            return False

        def receive(outcome: Told) -> None:
            answer(_reply(lambda: _answered(outcome)) if isinstance(outcome, Answer) else reply_of(problem_of(outcome)))

        self._carrier.glance(function, arguments, asker_of(scope), at_least, receive)
        return True

    async def _act(self, function: Action, scope: Scope, receive: Receive, send: Send) -> None:
        require_json_content(scope)
        caller = caller_of(scope)
        arguments = _decoded(await body_of(scope, receive, self._body_bytes_max))
        answer = await self._carrier.act(function, arguments, caller)
        await respond(send, 200, f'{{"ok":true,"result":{answer.json}}}'.encode(), [_position(answer.position)])


def method_of(function: Function) -> str:
    """The method that a function's route takes."""
    return "GET" if isinstance(function, Query) else "POST"


def _written(answer: Answer) -> Reply:
    body = f'{{"ok":true,"result":{answer.json},"sequence":{answer.sequence}}}'
    return Reply(200, body.encode(), [_position(answer.position)])


def _reply(tell: Callable[[], Reply]) -> Reply:
    """What is told, or why it cannot be."""
    try:
        return tell()
    except Exception as failure:  # noqa: BLE001  # as everywhere, what nobody foresaw is told as "internal"
        return reply_of(problem_of(failure))


def _answered(answer: Answer) -> Reply:
    return Reply(200, f'{{"ok":true,"result":{answer.json}}}'.encode(), shown_by([answer]))


def _asked(function: Query, scope: Scope) -> tuple[object, Position | None]:
    """The arguments of a question, and what its answer must show. Raises Invalid."""
    parameters = _parameters(scope)
    at_least = parameters.pop(AT_LEAST, None)
    return arguments_from_text(function.arguments, parameters), at_least_said(scope, at_least)


def _position(position: Position) -> Header:
    return (b"ledger-position", str(position).encode())


def _parameters(scope: Scope) -> dict[str, str]:
    """Raises Invalid where one is given more than once: nobody could know which of them counts."""
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    parameters = dict(given)
    if len(parameters) != len(given):
        names = [name for name, _ in given]
        raise Invalid(next(name for name in names if names.count(name) > 1), "is given more than once")
    return parameters


def _stated(function: Mutation, body: bytes) -> tuple[object, Frozen | None]:
    """The arguments of a mutation, or their text and the command that it comes to where there is a shorter way to that."""
    command = function.read_text(body)
    return (_decoded(body), None) if command is None else (body, command)


def _decoded(body: bytes) -> Any:
    try:
        return _decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Invalid("body", f"is not JSON: {error}") from None
