"""Who is told of what becomes of facts."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.client.contents import Aside

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hearing:
    """Who is told of what becomes of facts. Called on threads of the sender's, and must not keep them."""

    acknowledged: Callable[[int, Sequence[str | None]], None] | None = None
    """The first number of a batch that the ledger has taken, and the Ids of all its facts. After a crash perhaps once more."""
    set_aside: Callable[[Aside], None] | None = None
    """The ledger refused a fact; the others go on without it."""
    dropped: Callable[[Sequence[int]], None] | None = None
    """Numbers of facts that a full spool has dropped; told on the thread that recorded what there was no room for."""
    trouble: Callable[[str], None] | None = None
    """A batch could not be sent; it is tried again and again."""


def tell(told: Callable[..., None] | None, *what: Any) -> None:
    """Tell somebody, if there is anybody. Who cannot be told must not keep facts from the ledger."""
    if told is not None:
        try:
            told(*what)
        except Exception:
            _logger.exception("could not tell what became of a fact")
