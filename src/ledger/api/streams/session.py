"""A session's entries as they land: its history, from wherever a reader has come to, and then what follows."""

import base64
import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from ledger.api.carrier import Carrier
from ledger.api.streams.sending import Stream, event
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Query
from ledger.domain.refusals import Refusal

HISTORY: Final = "production:listSessionHistory"
ENTRIES_A_READ: Final = 200


class Line(msgspec.Struct):
    """Of a line, what its cursor needs."""

    sequence: int


class Page(msgspec.Struct, rename="camel"):
    """A page of the history, its lines unread."""

    page: list[msgspec.Raw]
    is_done: bool
    continue_cursor: str

    def lines(self) -> list[tuple[str, str]]:
        """Each line as JSON, with the cursor that goes on after it."""
        return [(bytes(raw).decode(), self._cursor_after(raw)) for raw in self.page]

    def _cursor_after(self, raw: msgspec.Raw) -> str:
        epoch, _, text = self.continue_cursor.partition(".")
        asked, pinned, *_ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        place = json.dumps([asked, pinned, _line.decode(raw).sequence, 0], separators=(",", ":"))
        return f"{epoch}.{base64.urlsafe_b64encode(place.encode()).decode().rstrip('=')}"


_line: Final = msgspec.json.Decoder(Line)
_page: Final = msgspec.json.Decoder(Page)


async def read_page(carrier: Carrier, arguments: dict[str, Any], caller: Caller, cursor: str | None) -> Page:
    """The next page of a session's history. Raises as the function does."""
    history = BY_NAME[HISTORY]
    assert isinstance(history, Query)
    asked = {**arguments, "numItems": ENTRIES_A_READ, "cursor": cursor}
    return _page.decode((await carrier.read(history, asked, caller)).json)


async def follow(
    stream: Stream,
    carrier: Carrier,
    arguments: dict[str, Any],
    caller: Caller,
    cursor: str | None,
    check: Callable[[], None],
) -> None:
    """Send what there is after a cursor, say that it is all, and go on. ``check`` raises where the caller may not any more."""
    is_behind = True
    try:
        while True:
            check()
            page = await read_page(carrier, arguments, caller, cursor)
            lines = page.lines()
            if lines:
                await stream.send("".join(event("entry", line, after) for line, after in lines))
            cursor = page.continue_cursor or cursor
            if not page.is_done:
                if stream.has_left or stream.is_stopping:
                    break
                continue
            if is_behind:
                is_behind = False
                await stream.send(event("caught-up", "{}"))
            if not await stream.wait():
                break
    except Refusal as refusal:
        await stream.end(refusal)
        return
    await stream.end()
