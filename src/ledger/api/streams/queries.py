"""A live question as a stream: its answer, and every new one as soon as there is one; who is slow is told the newest."""

import json
from collections.abc import Callable

from ledger.api.streams.sending import Stream, event
from ledger.application.functions import Caller, Query, on_origin
from ledger.application.live.registry import LiveQuery, Registry
from ledger.application.live.rounds import Rounds
from ledger.domain.refusals import Refusal
from ledger.domain.values import Frozen


class Watching:
    """A watcher of one question, told on the event loop."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.must_check = False

    def moved(self) -> None:
        self._stream.wake()

    def keys_changed(self) -> None:
        self.must_check = True
        self._stream.wake()


async def watch(
    stream: Stream,
    registry: Registry,
    rounds: Rounds,
    function: Query,
    asked: Frozen,
    caller: Caller,
    check: Callable[[], None],
) -> None:
    """Send a question's answers until the caller leaves. ``check`` raises where the caller may not know them any more."""
    watching = Watching(stream)
    registry.join(watching)
    live = registry.watch(function, asked, None, watching)
    rounds.wake()
    shown: bytes | None = None
    try:
        while True:
            if watching.must_check:
                watching.must_check = False
                check()
            if live.answer is not None and live.answer.digest != shown:
                shown = live.answer.digest
                await stream.send(_told(live, caller))
            if not await stream.wait():
                break
    except Refusal as refusal:
        await stream.end(refusal)
    else:
        await stream.end()
    finally:
        registry.unwatch(live, watching)
        registry.leave(watching)


def _told(live: LiveQuery, caller: Caller) -> str:
    answer = live.answer
    assert answer is not None, "it has been answered"
    if isinstance(answer.failure, Refusal):
        failure = {"code": answer.failure.code, "message": answer.failure.message, **answer.failure.detail}
        return event("problem", json.dumps(failure, ensure_ascii=False))
    if answer.failure is not None:
        return event("problem", '{"code":"internal","message":"the server failed; its log says why"}')
    text = on_origin(answer.json, caller.origin) if live.function.hands_out_urls else answer.json
    return event("answer", text)
