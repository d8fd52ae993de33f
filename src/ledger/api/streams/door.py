"""The door of the streams: a question that is asked for as an event stream goes on being answered."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.api.asgi import LAST_WORDS, header, respond_problem
from ledger.api.callers import asker_of
from ledger.api.carrier import Carrier
from ledger.api.passes import PARAMETER
from ledger.api.positions import AT_LEAST, at_least_of, shown_by
from ledger.api.problems import Problem, problem_of
from ledger.api.streams.landing import Landing
from ledger.api.streams.queries import Question, watch
from ledger.api.streams.sending import Stream, last_words
from ledger.api.streams.session import HISTORY, follow, read_page
from ledger.application.arguments import arguments_from_text
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Function, Query
from ledger.application.live.registry import Registry
from ledger.application.live.rounds import Rounds
from ledger.domain.refusals import Refusal
from ledger.log.positions import Position

SESSION_PATH: Final = "/production/session/stream"
EVENTS: Final = "text/event-stream"
NDJSON: Final = "application/x-ndjson"


class Lives:
    """What live questions need; the door of the live clients has it, and starts it with its first caller."""

    def __init__(self, registry: Registry, rounds: Rounds, begin: Callable[[], None]) -> None:
        self.registry = registry
        self.rounds = rounds
        self.begin = begin


class StreamDoor:
    """ASGI middleware that answers what is asked for as a stream, and passes on everything else."""

    def __init__(
        self,
        app: ASGIApp,
        carrier: Carrier,
        functions: Iterable[Function],
        streams_max: int,
    ) -> None:
        self._app = app
        self._carrier = carrier
        self._queries = {it.path: it for it in functions if isinstance(it, Query) and it.path is not None}
        self._streams_max = streams_max
        self._check: Callable[[Scope], None] = lambda _: None
        self._streams: set[Stream] = set()
        self._landing = Landing(carrier.ledger.log)
        self._lives: Lives | None = None

    def share(self, lives: Lives, check: Callable[[Scope], None]) -> None:
        """What stands before this door: ``check`` raises where a caller's key is good no longer."""
        self._lives = lives
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.takes(scope):
            await self._app(scope, receive, send)
            return
        try:
            await self._route(scope)(scope, receive, send)
        except Exception as failure:  # noqa: BLE001  # nothing was sent yet: it is told as everywhere
            await respond_problem(send, problem_of(failure), path=scope["path"])

    def takes(self, scope: Scope) -> bool:
        """Whether what is asked for is to be answered as a stream."""
        return scope["method"] == "GET" and self._route(scope) is not None

    def stop(self) -> None:
        """Say goodbye to every reader."""
        for stream in list(self._streams):
            stream.stop()

    def _route(self, scope: Scope) -> Any:
        path = scope["path"]
        if path == SESSION_PATH:
            return self._follow
        function = self._queries.get(path)
        if function is None:
            return None
        accepted = header(scope, b"accept") or ""
        if NDJSON in accepted and function.name == HISTORY:
            return self._export
        return self._watch if EVENTS in accepted else None

    async def _follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        parameters = _parameters(scope)
        cursor = header(scope, b"last-event-id") or parameters.pop("cursor", None)
        history = BY_NAME[HISTORY]
        arguments = arguments_from_text(history.arguments, parameters)

        async def following(stream: Stream) -> None:
            session_id = str(arguments.get("sessionId"))
            await self._landing.follow(session_id, stream)
            try:
                check = self._checking(scope)
                caller = asker_of(scope)
                await follow(stream, self._carrier, arguments, caller, cursor or None, at_least_of(scope), check)
            finally:
                self._landing.leave(session_id, stream)

        await self._streaming(scope, receive, send, following)

    async def _watch(self, scope: Scope, receive: Receive, send: Send) -> None:
        function, caller = self._queries[scope["path"]], asker_of(scope)
        arguments = arguments_from_text(function.arguments, _parameters(scope))
        asked = self._carrier.ledger.parse_question(function, arguments, caller)
        assert self._lives is not None, "the live clients' door is there"
        lives = self._lives
        at_least = at_least_of(scope)
        if at_least is not None:
            self._carrier.ledger.require_known(at_least)
        question = Question(function, asked, caller, at_least, self._seen(scope))
        lives.begin()

        async def watching(stream: Stream) -> None:
            await watch(stream, lives.registry, lives.rounds, question, self._checking(scope))

        await self._streaming(scope, receive, send, watching)

    def _seen(self, scope: Scope) -> Position | None:
        """What a caller that comes back was shown last; none where that was of another life of the ledger, or is no position."""
        try:
            seen = Position.parse(header(scope, b"last-event-id") or "")
            self._carrier.ledger.require_known(seen)
        except Refusal:
            return None
        return seen

    async def _streaming(self, scope: Scope, receive: Receive, send: Send, carry: Callable[[Stream], Any]) -> None:
        if len(self._streams) >= self._streams_max:
            message = f"{self._streams_max} streams are read already; try again in a moment"
            await respond_problem(send, Problem("unavailable", message, {"streamsMax": self._streams_max}))
            return
        stream = Stream(receive, send)
        scope.setdefault("state", {})[LAST_WORDS] = last_words
        self._streams.add(stream)
        leaving = asyncio.create_task(stream.watch_caller())
        try:
            await carry(stream)
        finally:
            self._streams.discard(stream)
            leaving.cancel()

    async def _export(self, scope: Scope, _: Receive, send: Send) -> None:
        """The whole history, a line an entry, a page in memory at a time. What lands meanwhile is in it as well."""
        parameters = _parameters(scope)
        cursor = parameters.pop("cursor", None) or None
        parameters.pop("numItems", None)
        arguments = arguments_from_text(BY_NAME[HISTORY].arguments, parameters)
        page = await read_page(self._carrier, arguments, asker_of(scope), cursor, at_least_of(scope))
        headers = [(b"content-type", NDJSON.encode()), *shown_by([page.answer])]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while True:
            text = "".join(f"{line}\n" for line, _ in page.lines())
            await send({"type": "http.response.body", "body": text.encode(), "more_body": not page.is_done})
            if page.is_done:
                return
            page = await read_page(self._carrier, arguments, asker_of(scope), page.continue_cursor)

    def _checking(self, scope: Scope) -> Callable[[], None]:
        return lambda: self._check(scope)


def _parameters(scope: Scope) -> dict[str, str]:
    parameters = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    for name in (PARAMETER, AT_LEAST):
        parameters.pop(name, None)
    return parameters
