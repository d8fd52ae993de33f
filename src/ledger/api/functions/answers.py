"""What a caller is told: the answer of a function, or what it said no with, each as the client that asks can read it."""

import json
from typing import Final, NamedTuple, Self

from starlette.types import Scope

from ledger.api.asgi import header
from ledger.api.functions.values import with_floats, with_names_allowed
from ledger.application.ledger import Answer
from ledger.application.live.registry import NOTHING, Lack
from ledger.domain.refusals import Refusal, Unauthorized

_PYTHON: Final = "python-"


class Style(NamedTuple):
    """How a client wants to be answered."""

    wants_floats: bool

    @classmethod
    def of(cls, scope: Scope) -> Self:
        return cls((header(scope, b"convex-client") or "").startswith(_PYTHON))


def told(answer: Answer, style: Style, form: str) -> str:
    """A function's answer. As plain ``json`` it is what every other door says."""
    value = answer.json if form == "json" else with_names_allowed(answer.json)
    lines = log_lines(Lack(answer.stale, answer.parked))
    return f'{{"status":"success","value":{_written(value, style)},"logLines":{lines}}}'


def log_lines(lack: Lack) -> str:
    """What an answer lacks, as what a function logs: clients show that to whoever builds a page, beside the query's name."""
    if lack == NOTHING:
        return "[]"
    lines = []
    if lack.stale:
        lines.append("[WARN] 'the views are behind the log: the answer may lack the newest facts'")
    if lack.parked:
        lines.append(f"[WARN] 'the views lack events of {', '.join(lack.parked)}, which are parked'")
    return json.dumps(lines)


def told_failure(failure: Exception, style: Style) -> str:
    """What a function says no with. Raises the failure itself where that is none of a function's.

    A key that is none, a log that cannot be written, a fault of ours: those are told by a status.
    """
    if not isinstance(failure, Refusal) or isinstance(failure, Unauthorized):
        raise failure
    data = json.dumps({"code": failure.code, "message": failure.message, **failure.detail}, ensure_ascii=False)
    message = json.dumps(failure.message, ensure_ascii=False)
    return f'{{"status":"error","errorMessage":{message},"errorData":{_written(data, style)},"logLines":[]}}'


def _written(value: str, style: Style) -> str:
    return with_floats(value) if style.wants_floats else value
