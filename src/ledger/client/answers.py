"""What the ledger's answer to a batch means for it: taken, refused for good, or not answered at all, which is to be asked again."""

from typing import Any, Final, NamedTuple

import httpx2
import msgspec

_TRY_AGAIN: Final = frozenset({401, 408, 425, 429})
"""Refusals that are not about the fact: the key may be put right, the server may have less to do."""


class Taken(NamedTuple):
    ids: list[str | None]


class Refused(NamedTuple):
    code: str
    message: str
    field: str


class NoAnswer(NamedTuple):
    why: str
    retry_after_seconds: float = 0.0


Answer = Taken | Refused | NoAnswer


def answer_of(response: httpx2.Response, count: int) -> Answer:
    """What a response says of ``count`` facts. Only the ledger's own words refuse: a proxy may say anything."""
    told = _decoded(response.content)
    status = response.status_code
    match told:
        case {"ok": True, "result": result} | {"status": "success", "value": result, "logLines": _} if status == 200:
            ids = result if isinstance(result, list) else [result]
            return Taken(ids) if len(ids) == count else NoAnswer(f"{len(ids)} facts were acknowledged and not {count}")
        case {"status": "error", "errorData": {"code": str(code), "message": str(message)} as detail} if status == 200:
            # A function that was called by its name says no in an answer, and names the field beside the code.
            return Refused(code, message, _field_in(detail))
        case {"ok": False, "error": {"code": str(code), "message": str(message), "detail": detail}}:
            pass
        case {"code": str(code), "message": str(message), "detail": detail}:
            pass
        case _:
            return NoAnswer(f"status {status}, and not as a ledger answers")
    if 400 <= status < 500 and status not in _TRY_AGAIN:
        return Refused(code, message, _field_in(detail))
    after = response.headers.get("Retry-After", "")
    return NoAnswer(f"{code}: {message}", float(after) if after.isdecimal() else 0.0)


def _field_in(detail: Any) -> str:
    field = detail.get("field") if isinstance(detail, dict) else None
    return field if isinstance(field, str) else ""


def _decoded(content: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
