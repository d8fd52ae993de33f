"""Pages: how a long answer is asked for piece by piece, and what a cursor keeps between the pieces."""

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from types import NoneType
from typing import Annotated, Any, Final, NamedTuple, Self

from pydantic import Field

from ledger.application.functions import array
from ledger.domain.refusals import Invalid
from ledger.domain.values import Frozen, Json, Whole
from ledger.log import answers
from ledger.log.epochs import Epochs, OfAnotherEpoch
from ledger.log.positions import Position
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT, ANSWER_LENGTH_MAX

Limit = Annotated[Whole, Field(ge=1, le=ANSWER_LENGTH_MAX)]
_CURSOR_LENGTH_MAX: Final = 1_024
_NUMBER_MAX: Final = 2**53
Token = Annotated[str, Field(max_length=_CURSOR_LENGTH_MAX)]
LAST: Final = _NUMBER_MAX
"""Not less than any part of a place."""


class PaginationOptions(Frozen):
    num_items: Limit = ANSWER_LENGTH_DEFAULT
    cursor: Token | None = None
    end_cursor: Token | None = None
    """Where the page ends for good, however much there is up to there."""
    id: Json | None = Field(default=None, exclude=True)
    """A client's own counter; nothing depends on it."""


class Pages(Frozen):
    """Arguments of a function that answers in pages: ``paginationOpts``, or its two fields flat."""

    pagination_opts: PaginationOptions | None = None
    num_items: Limit | None = None
    cursor: Token | None = None

    @property
    def count(self) -> int:
        """How many items the caller wants at most."""
        return self.num_items or (self.pagination_opts or PaginationOptions()).num_items

    @property
    def token(self) -> str | None:
        """The cursor that the caller handed back, None for the first page."""
        return self.cursor or (self.pagination_opts or PaginationOptions()).cursor

    @property
    def end_token(self) -> str | None:
        """The cursor at which the page ends for good."""
        return (self.pagination_opts or PaginationOptions()).end_cursor

    def ending_at(self, token: str) -> Self:
        """The same question about what comes up to a cursor, and no further."""
        opts = (self.pagination_opts or PaginationOptions(num_items=self.count, cursor=self.cursor)).model_copy(
            update={"end_cursor": token}
        )
        return self.model_copy(update={"pagination_opts": opts})


class CursorOfAnotherEpoch(OfAnotherEpoch):
    """The pages that it goes through may hold facts that were lost with another life of this ledger."""

    def __init__(self, theirs: str, cursor: "Cursor", parting: Position) -> None:
        super().__init__("cursor", theirs, parting, advice="begin again without a cursor")
        self.cursor = cursor
        """Where it would go on, had nothing been lost."""
        self.parting = parting

    def told(self, sequence: int, *, going_on: Sequence[Any] | None = None) -> Self:
        """The same, about one session: what was read of it stands up to ``sequence``. From a place one can also go on."""
        self.detail["sequence"] = sequence
        if going_on is not None:
            self.message += f", or go on after sequence {sequence} with detail.continueCursor"
            self.detail["continueCursor"] = self.cursor.at(going_on)
        return self


class PageText(str):
    """A page as JSON, and what keeps it the same page when it is asked again."""

    __slots__ = ("end",)
    end: str
    """The cursor at which it ends for good; a last page's is after all that is still to come."""


class Cursor(NamedTuple):
    """Where the next page goes on: what was asked, the head that the first page saw, and the place of the last item."""

    epoch: str
    asked: str
    pinned: int | None
    place: tuple[Any, ...] | None
    parts: int = 2
    """How many numbers a place has."""
    grows_up: bool = True
    """Whether items come in the order of their places, and not in the reverse."""
    until: tuple[Any, ...] | None = None
    """The place where the page ends for good."""
    is_live: bool = False
    """Whether the page is watched: it keeps its ends, and grows and shrinks between them."""

    @classmethod
    def of(
        cls,
        pages: Pages,
        epochs: Epochs,
        *,
        scope: str,
        filters: Sequence[str | None],
        pinned: int | None = None,
        parts: int = 2,
        grows_up: bool = True,
        is_live: bool = False,
    ) -> Self:
        """The cursor handed back, whose place has so many parts, or that of a first page, which pins ``pinned``.

        Raises Invalid where it is not ours, CursorOfAnotherEpoch where it is of another life of this ledger.
        """
        asked = sha256(json.dumps([scope, *filters]).encode()).hexdigest()[:12]
        first = cls(epochs.present.name, asked, pinned, None, parts, grows_up)
        cursor = first if pages.token is None else first._handed_back(pages.token, epochs)
        if pages.end_token is None:
            return cursor._replace(is_live=is_live)
        until = first._handed_back(pages.end_token, epochs).place
        return cursor._replace(is_live=True, until=until)

    def _handed_back(self, token: str, epochs: Epochs) -> Self:
        epoch, _, text = token.partition(".")
        try:
            padded = text + "=" * (-len(text) % 4)
            their_asked, their_pinned, *place = json.loads(base64.urlsafe_b64decode(padded.encode()))
        except (ValueError, TypeError, RecursionError):
            raise Invalid("cursor", "is not a cursor of this ledger; hand back what continueCursor said") from None
        if isinstance(their_asked, str) and len(their_asked) == len(self.asked) and their_asked != self.asked:
            raise Invalid("cursor", "belongs to another question; keep the session and the filters while paging")
        numbers = place if their_pinned is None else [their_pinned, *place]
        ours = their_asked == self.asked and type(their_pinned) in (int, NoneType) and len(place) == self.parts
        if not ours or not all(type(number) in (int, float) and 0 <= number <= _NUMBER_MAX for number in numbers):
            raise Invalid("cursor", "is not a cursor of this ledger; hand back what continueCursor said")
        cursor = self._replace(pinned=their_pinned, place=tuple(place))
        if epoch != self.epoch:
            raise CursorOfAnotherEpoch(epoch, cursor, epochs.parting(epoch))
        return cursor

    def wanted(self, count: int) -> int:
        """How many items to look for: one more than are shown. A page whose end is known shows all up to there."""
        return (count if self.until is None else ANSWER_LENGTH_MAX) + 1

    def at(self, place: Sequence[Any]) -> str:
        """The token for going on after ``place``."""
        text = json.dumps([self.asked, self.pinned, *place], separators=(",", ":"))
        return f"{self.epoch}.{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


Found = Sequence[tuple[str, Sequence[Any]]]


def page(found: Found, count: int, cursor: Cursor, *, through: Sequence[Any] | None = None) -> str:
    """``{page, isDone, continueCursor}`` of what was found with one item more than wanted, as much of it as an answer holds.

    ``through`` is the place up to which all was found, where there is more after it whatever the count says.
    """
    if cursor.is_live:
        return _live_page(found, count, cursor, is_all=through is None)
    shown = found[: _fitting(found[:count])]
    is_whole = len(shown) == len(found)
    is_done = is_whole and through is None
    last = through if is_whole and through is not None else shown[-1][1] if shown else cursor.place
    return _page_text(shown, cursor.at(last) if last is not None else "", is_done=is_done)


def _live_page(found: Found, count: int, cursor: Cursor, *, is_all: bool) -> PageText:
    """A page between two ends. One that has grown too long says where it is to be divided."""
    shown = found[: _fitting(found[: cursor.wanted(count) - 1])]
    is_whole = is_all and len(shown) == len(found)
    last = tuple([LAST if cursor.grows_up else 0] * cursor.parts)
    until = cursor.until or (last if is_whole else shown[-1][1])
    extras = {"splitCursor": cursor.at(shown[(len(shown) - 1) // 2][1])} if len(shown) > 1 else {}
    if cursor.until is not None and not is_whole:
        extras["pageStatus"] = "SplitRequired"
    text = PageText(_page_text(shown, cursor.at(until), is_done=is_whole and tuple(until) == last, **extras))
    text.end = cursor.at(until)
    return text


def _page_text(shown: Found, continue_cursor: str, *, is_done: bool, **extras: str) -> str:
    more = "".join(f',"{name}":{json.dumps(value)}' for name, value in extras.items())
    return (
        f'{{"page":{array([document for document, _ in shown])},"isDone":{"true" if is_done else "false"},'
        f'"continueCursor":{json.dumps(continue_cursor)}{more}}}'
    )


def _fitting(found: Sequence[tuple[str, Sequence[Any]]]) -> int:
    """How many documents one answer holds; one, whatever its length."""
    length = 0
    for number, (document, _) in enumerate(found):
        length += len(document)
        if length > answers.ANSWER_CHARACTERS_MAX and number:
            return number
    return len(found)
