"""A live question as a stream: its answer, and every new one as soon as there is one; who is slow is told the newest."""

import asyncio
import json
from collections.abc import Callable

from ledger.api.streams.sending import Stream, event, lacking
from ledger.application.functions import Caller, Query, on_origin
from ledger.application.ledger import WAIT_SECONDS_MAX, StaleError
from ledger.application.live.registry import NOTHING, LiveAnswer, Registry
from ledger.application.live.rounds import Rounds
from ledger.domain.refusals import Refusal
from ledger.domain.values import Frozen
from ledger.log.positions import Position


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


class Question:
    """What is asked, by whom, and what the first answer must show."""

    def __init__(
        self, function: Query, asked: Frozen, caller: Caller, at_least: Position | None, seen: Position | None
    ) -> None:
        """``at_least`` is insisted upon; ``seen`` is what the caller was shown before, and better not less than that."""
        self.function = function
        self.asked = asked
        self.caller = caller
        self.at_least = at_least
        self.seen = seen

    def told(self, answer: LiveAnswer, before: LiveAnswer | None) -> str:
        """What a caller is told of an answer who has the one ``before``."""
        was_lacking = before.lack if before is not None else NOTHING
        lack = lacking(answer.lack) if answer.lack != was_lacking else ""
        return lack if before is not None and answer.said == before.said else lack + self._told(answer)

    def _told(self, answer: LiveAnswer) -> str:
        if isinstance(answer.failure, Refusal):
            failure = {"code": answer.failure.code, "message": answer.failure.message, **answer.failure.detail}
            return event("problem", json.dumps(failure, ensure_ascii=False))
        if answer.failure is not None:
            return event("problem", '{"code":"internal","message":"the server failed; its log says why"}')
        text = on_origin(answer.json, self.caller.origin) if self.function.hands_out_urls else answer.json
        return event("answer", text, str(answer.position) if answer.position is not None else None)


async def watch(
    stream: Stream, registry: Registry, rounds: Rounds, question: Question, check: Callable[[], None]
) -> None:
    """Send a question's answers until the caller leaves. ``check`` raises where the caller may not know them any more.

    Raises StaleError where they do not come to show what is insisted upon.
    """
    watching = Watching(stream)
    registry.join(watching)
    live = registry.watch(question.function, question.asked, None, watching)
    rounds.wake()
    shown: LiveAnswer | None = None
    try:
        await _until_shown(stream, registry, rounds, watching, question)
        while True:
            if watching.must_check:
                watching.must_check = False
                check()
            if live.answer is not None and (shown is None or live.answer.digest != shown.digest):
                text = question.told(live.answer, shown)
                shown = live.answer
                await stream.send(text)
            if not await stream.wait():
                break
    except (Refusal, StaleError) as refusal:
        await stream.end(refusal)
    else:
        await stream.end()
    finally:
        registry.unwatch(live, watching)
        registry.leave(watching)


async def _until_shown(
    stream: Stream, registry: Registry, rounds: Rounds, watching: Watching, question: Question
) -> None:
    """Wait until answers show what they must, at most WAIT_SECONDS_MAX. Raises StaleError."""
    wanted = question.at_least or question.seen
    if wanted is None:
        return
    if registry.await_place(watching):
        rounds.wake()
    try:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while not all(registry.shows(*place) for place in wanted.shards) and not stream.is_over:
                await stream.woken.wait()
                stream.woken.clear()
    except TimeoutError:
        if question.at_least is not None:
            raise StaleError(wanted, Position(wanted.epoch, tuple(enumerate(registry.shards)))) from None
    finally:
        registry.has_seen(watching)
        stream.wake()
