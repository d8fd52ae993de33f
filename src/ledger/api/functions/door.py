"""The door of the HTTP function API, straight on ASGI.

What a function says no to is an answer, with status 200 and its code in ``errorData``: Python's client takes nothing else. A
request that is none, or that the server cannot carry out now, has a status of its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.api.asgi import (
    BodyTooLargeError,
    CallerLeftError,
    Header,
    body_of,
    require_json_content,
    respond,
    respond_problem,
)
from ledger.api.callers import asker_of, caller_of
from ledger.api.carrier import Carrier, Question
from ledger.api.functions.answers import Style, told, told_failure
from ledger.api.functions.calls import (
    ACTION,
    ANY,
    MUTATION,
    QUERY,
    Call,
    Kinds,
    arguments_of,
    call_of_parameters,
    function_of,
    parse_batch,
    parse_call,
    parse_writes,
    timestamp_of,
)
from ledger.api.functions.pages import PAGES, page_at
from ledger.api.functions.series import Series, reached
from ledger.api.positions import AT_LEAST, at_least_of, shown_by
from ledger.api.problems import CLIENTS_PATHS, Problem, problem_of
from ledger.application.functions import Action, Function, Mutation, Query
from ledger.application.ledger import Answer
from ledger.application.live.timestamps import encoded_timestamp
from ledger.domain.refusals import Invalid, Refusal

PREFIX: Final = CLIENTS_PATHS
Carry = Callable[[Scope, Receive, Send], Awaitable[None]]


class FunctionDoor:
    """ASGI middleware that answers ``/api/…``, what it knows of it, and passes on everything else."""

    def __init__(self, app: ASGIApp, carrier: Carrier, body_bytes_max: int) -> None:
        self._app = app
        self._carrier = carrier
        self._body_bytes_max = body_bytes_max
        self._routes: dict[str, dict[str, Carry]] = {
            "query": {"GET": self._get, "POST": self._calling(QUERY)},
            "query_ts": {"POST": self._now},
            "query_at_ts": {"POST": self._at},
            "query_batch": {"POST": self._batch},
            "mutation": {"POST": self._calling(MUTATION)},
            "mutation_batch": {"POST": self._series},
            "action": {"POST": self._calling(ACTION)},
            "function": {"POST": self._calling(ANY)},
            "run": {"POST": self._run},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in PAGES:
            await _show(scope, send)
            return
        carry = self._route(scope)
        if carry is None:
            await self._app(scope, receive, send)
            return
        try:
            await carry(scope, receive, send)
        except CallerLeftError:
            return
        except BodyTooLargeError:
            message = f"the body is larger than {self._body_bytes_max} bytes; send less at a time"
            problem = Problem("too_large", message, {"bytesMax": self._body_bytes_max})
            await respond_problem(send, problem, path=scope["path"])
        except Exception as failure:  # noqa: BLE001  # what nobody foresaw is told as "internal", its trace logged
            await respond_problem(send, problem_of(failure), path=scope["path"])

    def _route(self, scope: Scope) -> Carry | None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            return None
        name = scope["path"].removeprefix(PREFIX)
        routes = self._routes.get("run" if name.startswith("run/") else name)
        if routes is None:
            return None
        return routes.get(scope["method"]) or _refusing(sorted(routes))

    def _calling(self, kinds: Kinds) -> Carry:
        async def carry(scope: Scope, receive: Receive, send: Send) -> None:
            await self._answer(parse_call(await self._body(scope, receive)), kinds, scope, send)

        return carry

    async def _get(self, scope: Scope, _: Receive, send: Send) -> None:
        parameters = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        parameters.pop(AT_LEAST, None)
        await self._answer(call_of_parameters(parameters), QUERY, scope, send)

    async def _now(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, 200, f'{{"ts":"{encoded_timestamp(await self._carrier.now())}"}}'.encode())

    async def _at(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = parse_call(await self._body(scope, receive))
        if call.ts is None:
            raise Invalid("ts", "is required: what /api/query_ts answers")
        await self._answer(call, QUERY, scope, send)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        module, _, name = scope["path"].removeprefix(f"{PREFIX}run/").rpartition("/")
        call = parse_call(await self._body(scope, receive))
        call.path, call.format = f"{module}:{name}", "json"
        await self._answer(call, ANY, scope, send)

    async def _batch(self, scope: Scope, receive: Receive, send: Send) -> None:
        style = Style.of(scope)
        calls = parse_batch(await self._body(scope, receive))
        asked: list[Question | Refusal] = []
        for call in calls:
            try:
                function = function_of(call, QUERY)
                assert isinstance(function, Query), "nothing else is asked in a batch"
                asked.append((function, arguments_of(call)))
            except Refusal as refusal:
                asked.append(refusal)
        results = await self._carrier.read_together(asked, asker_of(scope), at_least_of(scope))
        shown = shown_by([result for result in results if isinstance(result, Answer)])
        await respond(send, 200, _told_each(calls, results, style), shown)

    async def _series(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = caller_of(scope)
        if caller.key is not None:
            raise Invalid("Idempotency-Key", "has no meaning here: each mutation has an idempotencyKey of its own")
        writes = parse_writes(await self._body(scope, receive))
        results = await Series(self._carrier, caller).carry_out(writes)
        position = reached(results)
        shown = [] if position is None else [(b"ledger-position", str(position).encode())]
        await respond(send, 200, _told_each(writes, results, Style.of(scope)), shown)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        require_json_content(scope)
        return await body_of(scope, receive, self._body_bytes_max)

    async def _answer(self, call: Call, kinds: Kinds, scope: Scope, send: Send) -> None:
        style = Style.of(scope)
        headers: list[Header] = []
        try:
            answer = await self._carried(function_of(call, kinds), arguments_of(call), timestamp_of(call), scope)
        except Exception as failure:  # noqa: BLE001  # what is no answer of a function's is raised again
            text = told_failure(failure, style)
        else:
            text = told(answer, style, call.format)
            headers = shown_by([answer])
        await respond(send, 200, text.encode(), headers)

    async def _carried(self, function: Function, arguments: object, timestamp: int | None, scope: Scope) -> Answer:
        match function:
            case Query() if timestamp is not None:
                return await self._carrier.read_at(function, arguments, asker_of(scope), timestamp)
            case _ if timestamp is not None:
                raise Invalid("ts", f"only questions are asked as of a time, and {function.name} is none")
            case Query():
                return await self._carrier.read(function, arguments, asker_of(scope), at_least_of(scope))
            case Mutation():
                return await self._carrier.write(function, arguments, caller_of(scope))
            case Action():
                return await self._carrier.act(function, arguments, caller_of(scope))


def _told_each(calls: Sequence[Call], results: Sequence[Answer | Exception], style: Style) -> bytes:
    """What came of each call; of the last ones perhaps nothing."""
    texts = [
        told(result, style, call.format) if isinstance(result, Answer) else told_failure(result, style)
        for call, result in zip(calls, results, strict=False)
    ]
    return f'{{"results":[{",".join(texts)}]}}'.encode()


async def _show(scope: Scope, send: Send) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        await _refusing(["GET"])(scope, _nothing, send)
        return
    kind, body = page_at(scope["path"])
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _refusing(methods: list[str]) -> Carry:
    """What another method is told than those that a path takes."""

    async def refuse(scope: Scope, _: Receive, send: Send) -> None:
        wanted = ", ".join(methods)
        problem = Problem("invalid", f"{scope['path']} takes {wanted}, not {scope['method']}", {"allow": wanted})
        await respond(send, 405, problem.to_json(scope["path"]), [(b"allow", wanted.encode())])

    return refuse
