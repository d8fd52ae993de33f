"""A session's entries as they land: its history, from wherever a reader has come to, and then what follows."""

import base64
import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from ledger.api.carrier import Carrier
from ledger.api.streams.sending import Stream, event, lacking
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Query
from ledger.application.ledger import Answer, StaleError
from ledger.application.live.registry import NOTHING, Lack
from ledger.domain.refusals import Refusal
from ledger.log.positions import Position

HISTORY: Final = "production:listSessionHistory"
ENTRIES_A_READ: Final = 200


class Line(msgspec.Struct):
    """Of a line, what its cursor needs."""

    sequence: int


class _Told(msgspec.Struct, rename="camel"):
    page: list[msgspec.Raw]
    is_done: bool
    continue_cursor: str


class Page:
    """A page of the history, its lines unread."""

    def __init__(self, answer: Answer) -> None:
        self._told = _page.decode(answer.json)
        self.answer = answer

    @property
    def is_done(self) -> bool:
        return self._told.is_done

    @property
    def continue_cursor(self) -> str:
        return self._told.continue_cursor

    @property
    def lack(self) -> Lack:
        """The history lacks nothing; the session's views may."""
        return Lack(parked=self.answer.parked)

    def lines(self) -> list[tuple[str, str]]:
        """Each line as JSON, with the cursor that goes on after it."""
        return [(bytes(raw).decode(), self._cursor_after(raw)) for raw in self._told.page]

    def _cursor_after(self, raw: msgspec.Raw) -> str:
        epoch, _, text = self.continue_cursor.partition(".")
        asked, pinned, *_ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        place = json.dumps([asked, pinned, _line.decode(raw).sequence, 0], separators=(",", ":"))
        return f"{epoch}.{base64.urlsafe_b64encode(place.encode()).decode().rstrip('=')}"


_line: Final = msgspec.json.Decoder(Line)
_page: Final = msgspec.json.Decoder(_Told)


async def read_page(
    carrier: Carrier, arguments: dict[str, Any], caller: Caller, cursor: str | None, at_least: Position | None = None
) -> Page:
    """The next page of a session's history. Raises as the function does, or StaleError where it lacks ``at_least``."""
    history = BY_NAME[HISTORY]
    assert isinstance(history, Query)
    asked = {**arguments, "numItems": ENTRIES_A_READ, "cursor": cursor}
    return Page(await carrier.read(history, asked, caller, at_least))


async def follow(
    stream: Stream,
    carrier: Carrier,
    arguments: dict[str, Any],
    caller: Caller,
    cursor: str | None,
    at_least: Position | None,
    check: Callable[[], None],
) -> None:
    """Send what there is after a cursor, say that it is all, and go on. ``check`` raises where the caller may not any more."""
    is_behind, lack = True, NOTHING
    try:
        while True:
            check()
            page = await read_page(carrier, arguments, caller, cursor, at_least if is_behind else None)
            if page.lack != lack:
                lack = page.lack
                await stream.send(lacking(lack))
            lines = page.lines()
            if lines:
                await stream.send("".join(event("entry", line, after) for line, after in lines))
            cursor = page.continue_cursor or cursor
            if not page.is_done:
                if stream.is_over:
                    break
                continue
            if is_behind:
                is_behind = False
                await stream.send(event("caught-up", "{}"))
            if not await stream.wait():
                break
    except (Refusal, StaleError) as refusal:
        await stream.end(refusal)
        return
    await stream.end()
