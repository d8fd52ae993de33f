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
    if response.status_code == 200 and told.get("ok") is True and "result" in told:
        result = told["result"]
        ids = result if isinstance(result, list) else [result]
        return Taken(ids) if len(ids) == count else NoAnswer(f"{len(ids)} facts were acknowledged and not {count}")
    error = told.get("error")
    if not isinstance(error, dict) or "code" not in error or "message" not in error:
        return NoAnswer(f"status {response.status_code}, and not as a ledger answers")
    if 400 <= response.status_code < 500 and response.status_code not in _TRY_AGAIN:
        detail = error.get("detail")
        field = detail.get("field") if isinstance(detail, dict) else None
        return Refused(error["code"], error["message"], field or "")
    after = response.headers.get("Retry-After", "")
    return NoAnswer(f"{error['code']}: {error['message']}", float(after) if after.isdecimal() else 0.0)


def _decoded(content: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
