"""How much one answer holds: rows are taken from the database until there are enough, however many were asked for."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

Row = TypeVar("Row")

ANSWER_CHARACTERS_MAX: Final = 32 * 1024 * 1024
"""In characters of JSON. A hundred of the longest events fit, so that what is asked for without a limit is always answered."""


def enough(rows: Iterable[Row], length_of: Callable[[Row], int]) -> Iterator[Row]:
    """Rows up to the first with which they are more than one answer holds; that one too, so that it is seen."""
    length = 0
    for row in rows:
        yield row
        length += length_of(row)
        if length > ANSWER_CHARACTERS_MAX:
            return


def is_too_much(texts: Iterable[str]) -> bool:
    """Whether these are more than one answer holds."""
    return sum(map(len, texts)) > ANSWER_CHARACTERS_MAX
