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
from ledger.domain.values import Frozen, Whole
from ledger.log import answers
from ledger.log.epochs import Epochs, OfAnotherEpoch
from ledger.log.positions import Position
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT, ANSWER_LENGTH_MAX

Limit = Annotated[Whole, Field(ge=1, le=ANSWER_LENGTH_MAX)]
_CURSOR_LENGTH_MAX: Final = 1_024
_NUMBER_MAX: Final = 2**53


class PaginationOptions(Frozen):
    num_items: Limit = ANSWER_LENGTH_DEFAULT
    cursor: Annotated[str, Field(max_length=_CURSOR_LENGTH_MAX)] | None = None


class Pages(Frozen):
    """Arguments of a function that answers in pages: ``paginationOpts``, or its two fields flat."""

    pagination_opts: PaginationOptions | None = None
    num_items: Limit | None = None
    cursor: Annotated[str, Field(max_length=_CURSOR_LENGTH_MAX)] | None = None

    @property
    def count(self) -> int:
        """How many items the caller wants at most."""
        return self.num_items or (self.pagination_opts or PaginationOptions()).num_items

    @property
    def token(self) -> str | None:
        """The cursor that the caller handed back, None for the first page."""
        return self.cursor or (self.pagination_opts or PaginationOptions()).cursor


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


class Cursor(NamedTuple):
    """Where the next page goes on: what was asked, the head that the first page saw, and the place of the last item."""

    epoch: str
    asked: str
    pinned: int | None
    place: tuple[Any, ...] | None

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
    ) -> Self:
        """The cursor handed back, whose place has so many parts, or that of a first page, which pins ``pinned``.

        Raises Invalid where it is not ours, CursorOfAnotherEpoch where it is of another life of this ledger.
        """
        asked = sha256(json.dumps([scope, *filters]).encode()).hexdigest()[:12]
        present = epochs.present.name
        if pages.token is None:
            return cls(present, asked, pinned, None)
        epoch, _, text = pages.token.partition(".")
        try:
            padded = text + "=" * (-len(text) % 4)
            their_asked, their_pinned, *place = json.loads(base64.urlsafe_b64decode(padded.encode()))
        except (ValueError, TypeError, RecursionError):
            raise Invalid("cursor", "is not a cursor of this ledger; hand back what continueCursor said") from None
        if isinstance(their_asked, str) and len(their_asked) == len(asked) and their_asked != asked:
            raise Invalid("cursor", "belongs to another question; keep the session and the filters while paging")
        numbers = place if their_pinned is None else [their_pinned, *place]
        ours = their_asked == asked and type(their_pinned) in (int, NoneType) and len(place) == parts
        if not ours or not all(type(number) in (int, float) and 0 <= number <= _NUMBER_MAX for number in numbers):
            raise Invalid("cursor", "is not a cursor of this ledger; hand back what continueCursor said")
        cursor = cls(present, asked, their_pinned, tuple(place))
        if epoch != present:
            raise CursorOfAnotherEpoch(epoch, cursor, epochs.parting(epoch))
        return cursor

    def at(self, place: Sequence[Any]) -> str:
        """The token for going on after ``place``."""
        text = json.dumps([self.asked, self.pinned, *place], separators=(",", ":"))
        return f"{self.epoch}.{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


def page(
    found: Sequence[tuple[str, Sequence[Any]]], count: int, cursor: Cursor, *, through: Sequence[Any] | None = None
) -> str:
    """``{page, isDone, continueCursor}`` of what was found with one item more than wanted, as much of it as an answer holds.

    ``through`` is the place up to which all was found, where there is more after it whatever the count says.
    """
    shown = found[: _fitting(found[:count])]
    is_whole = len(shown) == len(found)
    is_done = is_whole and through is None
    last = through if is_whole and through is not None else shown[-1][1] if shown else cursor.place
    token = json.dumps(cursor.at(last)) if last is not None else '""'
    documents = array([document for document, _ in shown])
    return f'{{"page":{documents},"isDone":{"true" if is_done else "false"},"continueCursor":{token}}}'


def _fitting(found: Sequence[tuple[str, Sequence[Any]]]) -> int:
    """How many documents one answer holds; one, whatever its length."""
    length = 0
    for number, (document, _) in enumerate(found):
        length += len(document)
        if length > answers.ANSWER_CHARACTERS_MAX and number:
            return number
    return len(found)
