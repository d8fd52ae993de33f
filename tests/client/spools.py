"""Spools for tests, and facts to put into them."""

import itertools
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from ledger.client.batches import Batch
from ledger.client.functions import Call, call_of
from ledger.client.spool import Spool

SESSION: Final = "s0000000000000000000000000"
OPENED: Final[list[Spool]] = []


def cut(number: int = 0, session: str = SESSION, **more: Any) -> Call:
    """A director event that says which one it is."""
    stated = {"sessionId": session, "eventType": "cut", "timestampMs": number, **more}
    return call_of("appendDirectorEvent", stated, lambda: 0)


def moment(number: int = 0, session: str = SESSION, **more: Any) -> Call:
    """A fact that never joins a batch."""
    return call_of("appendMusicMoment", {"sessionId": session, "timestampMs": number, **more}, lambda: 0)


def open_spool(folder: Path, **options: Any) -> Spool:
    """A spool that is closed after the test, if not before."""
    OPENED.append(Spool(folder, "cam-2", **options))
    return OPENED[-1]


def batches(spool: Spool) -> list[list[int]]:
    """The numbers of all that waits, by batch, in the order in which it would go out."""
    waiting = "SELECT batch, number FROM facts WHERE number > ? ORDER BY number"
    rows = spool.connection.execute(waiting, (spool.leftovers.last,))
    return [[number for _, number in group] for _, group in itertools.groupby(rows, itemgetter(0))]


def numbers(taken: Sequence[Batch]) -> list[int]:
    """The numbers of what was taken up to be sent."""
    return [number for batch in taken for number in batch.numbers]
