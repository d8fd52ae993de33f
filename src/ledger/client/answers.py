"""What the ledger's answer means for the batches of a request: taken, refused for good, or not answered, to be asked again."""

from collections.abc import Sequence
from http import HTTPStatus
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

    @property
    def place(self) -> int | None:
        """The place that it names in a batch: 3 for ``events[3].eventType``."""
        if not self.field.startswith("events["):
            return None
        digits = self.field.removeprefix("events[").partition("]")[0]
        return int(digits) if digits.isdecimal() else None


class NoAnswer(NamedTuple):
    why: str
    retry_after_seconds: float = 0.0


Answer = Taken | Refused | NoAnswer


def answer_of(response: httpx2.Response, fact_count: int) -> Answer:
    """What a response says of a batch of so many facts. Only the ledger's own words refuse: a proxy may say anything."""
    told = _decoded(response.content)
    return _result(told, fact_count) if response.status_code == HTTPStatus.OK else _failure(told, response)


def answers_of(
    response: httpx2.Response, fact_counts: Sequence[int], *, is_one_call: bool = False
) -> list[Taken | Refused] | Refused | NoAnswer:
    """What a response says of several batches of so many facts: of each in order, or of the request as a whole.

    Of those behind one that was refused it may say nothing: they were not tried.
    """
    if is_one_call:
        answer = answer_of(response, *fact_counts)
        return answer if isinstance(answer, NoAnswer) else [answer]
    told = _decoded(response.content)
    if response.status_code != HTTPStatus.OK:
        return _failure(told, response)
    results = told.get("results")
    if not isinstance(results, list) or not 0 < len(results) <= len(fact_counts):
        return NoAnswer(f"status 200, and not as a ledger answers {len(fact_counts)} calls")
    answers: list[Taken | Refused] = []
    for result, fact_count in zip(results, fact_counts, strict=False):
        answer = _result(result, fact_count)
        if isinstance(answer, NoAnswer):
            return answer
        answers.append(answer)
    if len(answers) < len(fact_counts) and isinstance(answers[-1], Taken):
        return NoAnswer(f"{len(answers)} calls were answered, and not {len(fact_counts)}")
    return answers


def _result(told: Any, fact_count: int) -> Answer:
    match told:
        case {"ok": True, "result": result} | {"status": "success", "value": result, "logLines": _}:
            ids = result if isinstance(result, list) else [result]
            if len(ids) == fact_count:
                return Taken(ids)
            return NoAnswer(f"{len(ids)} facts were acknowledged and not {fact_count}")
        case {"status": "error", "errorData": {"code": str(code), "message": str(message)} as detail}:
            # A function that was called by its name says no in an answer, and names the field beside the code.
            return Refused(code, message, _field_in(detail))
        case _:
            return NoAnswer("status 200, and not as a ledger answers")


def _failure(told: dict[str, Any], response: httpx2.Response) -> Refused | NoAnswer:
    status = response.status_code
    match told:
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
