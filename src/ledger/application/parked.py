"""What the views have set aside, and how it is taken up again."""

import json
from typing import Any, ClassVar, Final

from ledger.application.functions import Acting, Action, Query, Reading
from ledger.domain.refusals import Code, Refusal
from ledger.domain.values import Frozen, Name
from ledger.projections.parked import list_parked

PARKED_NAMED_MAX: Final = 100
"""How many sessions are named at most that an answer shows incompletely."""


class NothingParked(Refusal):
    code: ClassVar[Code] = "not_found"

    def __init__(self, session_id: str) -> None:
        message = f"sessionId: nothing of {session_id!r} is parked; `ledger parked list` shows what is"
        super().__init__(message, field="sessionId")


class ListParked(Frozen):
    pass


class ReplayParked(Frozen):
    session_id: Name | None = None


def _list(_: ListParked, reading: Reading) -> str:
    return _json(
        [
            {
                "sessionId": parked.partition,
                "sequence": parked.sequence,
                "error": parked.error,
                "entries": parked.entries,
                "parkedAt": parked.parked_at,
            }
            for parked in list_parked(reading.views)
        ]
    )


def _replay(asked: ReplayParked, acting: Acting) -> str:
    parked = acting.runner.parked()
    if asked.session_id is not None and asked.session_id not in parked:
        raise NothingParked(asked.session_id)
    wanted = sorted(parked) if asked.session_id is None else [asked.session_id]
    replayed = [acting.runner.replay(partition) for partition in wanted]
    return _json([{"sessionId": it.partition, "applied": it.applied} | _error(it.error) for it in replayed])


def _error(error: str | None) -> dict[str, str]:
    return {} if error is None else {"error": error}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parked_in(text: str, function: Query, asked: Frozen, parked: frozenset[str]) -> tuple[str, ...]:
    """Which of the parked sessions an answer shows: the one that it is about, or those whose Ids are in it.

    Of very many the first, and ``more``: whoever is told has only so much room for it.
    """
    if not parked:
        return ()
    about = function.session(asked) if function.session else None
    shown = sorted(named for named in parked if named == about or f'"{named}"' in text)
    return (*shown[:PARKED_NAMED_MAX], "more") if len(shown) > PARKED_NAMED_MAX else tuple(shown)


FUNCTIONS: Final = (
    Query(
        "ledger:listParked",
        "/ledger/parked",
        ListParked,
        _list,
        None,
        "The sessions of which events are set aside, since the first of them cannot be applied to the views, and why.",
        "Parked",
        scope="read",
        # The trees grow with every entry, the parked ones among them.
        views=frozenset({"trees"}),
    ),
    Action(
        "ledger:replayParked",
        "/ledger/parked/replay",
        ReplayParked,
        _replay,
        None,
        "Applies what is parked of a session, or of all, in order; what still cannot be applied stays parked, and says why.",
        "Replayed",
        scope="admin",
    ),
)
