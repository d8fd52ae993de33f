"""Which session is meant: an Id, the beginning of one, or ``latest``."""

from collections.abc import Iterator
from typing import Any, Final

from ledger.cli.door import Door, DoorError

LATEST: Final = "latest"
_PAGE: Final = 1_000
_TOLD_MAX: Final = 5


def sessions_of(door: Door, page_length: int = _PAGE, **filters: str | None) -> Iterator[dict[str, Any]]:
    """All sessions, newest first, fetched as they are needed."""
    cursor: str | None = None
    while True:
        asked = {"numItems": page_length, "cursor": cursor, **filters}
        found = door.ask("production:listProductionSessions", asked)
        yield from found["page"]
        if found["isDone"]:
            return
        cursor = found["continueCursor"]


def chosen(door: Door, wanted: str) -> dict[str, Any]:
    """The session that somebody typed. Raises DoorError where there is none, or more than one."""
    if wanted == LATEST:
        return newest(door)
    session: dict[str, Any] | None = door.ask("production:getProductionSession", {"sessionId": wanted})
    if session is not None:
        return session
    candidates = [session for session in sessions_of(door) if session["_id"].startswith(wanted)]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise DoorError("not_found", f"there is no session {wanted!r}; `ledger sessions` lists them")
    told = ", ".join(session["_id"] for session in candidates[:_TOLD_MAX])
    more = ", …" if len(candidates) > _TOLD_MAX else ""
    raise DoorError("conflict", f"{len(candidates)} sessions begin with {wanted!r}: {told}{more}; type more of the Id")


def newest(door: Door) -> dict[str, Any]:
    """The session that started last. Raises DoorError in an empty ledger."""
    session = next(sessions_of(door, 1), None)
    if session is None:
        raise DoorError("not_found", "the ledger holds no session yet; `ledger demo` shows one, a writer starts one")
    return session


def active_or_newest(door: Door) -> dict[str, Any]:
    """The session that goes on now, else the one that started last. Raises DoorError in an empty ledger."""
    active: dict[str, Any] | None = door.ask("production:getActiveProductionSession", {})
    return active or newest(door)
