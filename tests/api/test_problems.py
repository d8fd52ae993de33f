"""One table from a failure's code to its status, and what nobody foresaw is told without its trace."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
import sqlalchemy.exc

from ledger import bootstrap
from ledger.api.problems import STATUS_OF_CODE, Problem, problem_of
from ledger.api.server import create_app
from ledger.application.ledger import StaleError
from ledger.domain import refusals
from ledger.domain.refusals import Invalid, Refusal
from ledger.log.codec import UnreadableEventError
from ledger.log.positions import Position
from ledger.log.requests import LogUnavailableError
from ledger.settings import Settings


def _every_refusal(kind: type[Refusal] = Refusal) -> set[type[Refusal]]:
    return {kind} | {found for derived in kind.__subclasses__() for found in _every_refusal(derived)}


def test_every_refusal_has_a_status():
    kinds = _every_refusal() - {Refusal}
    assert len(kinds) >= len([name for name in vars(refusals) if isinstance(vars(refusals)[name], type)]) - 1
    assert {kind.code for kind in kinds} <= STATUS_OF_CODE.keys()


def test_statuses_are_those_of_the_contract():
    contract = {"invalid": 422, "not_found": 404, "conflict": 409, "refused": 409, "too_large": 413}
    contract |= {"unauthorized": 401, "forbidden": 403, "stale": 503}
    assert contract.items() <= STATUS_OF_CODE.items()
    assert min(STATUS_OF_CODE.values()) >= 400


def test_an_event_that_cannot_be_read_is_named():
    problem = problem_of(UnreadableEventError("no event is stored as 'vanished.1'"))
    assert (problem.status, "no event is stored as 'vanished.1'" in problem.message) == (500, True)


POSITION = Position("e", ((0, 1),))


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Invalid("score", "must be a number"), "invalid"),
        (StaleError(POSITION, POSITION), "stale"),
        (LogUnavailableError("nothing was recorded"), "unavailable"),
        (psycopg.OperationalError("connection to a secret place failed"), "unavailable"),
        (sqlalchemy.exc.OperationalError("", {}, Exception("a secret disk is full")), "unavailable"),
        (ZeroDivisionError("of a secret"), "internal"),
    ],
)
def test_a_failure_is_a_problem(failure: Exception, code: str):
    problem = problem_of(failure)
    assert problem.code == code
    assert "secret" not in problem.message


def test_a_problem_in_json_keeps_every_script():
    assert json.loads(Problem("invalid", "Jürgen 📷", {}).to_json()) == {
        "ok": False,
        "error": {"code": "invalid", "message": "Jürgen 📷", "detail": {}},
    }


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/production/session/active"])
def test_what_nobody_foresaw_is_told_in_the_same_shape_and_logged(
    tmp_path: Path, path: str, caplog: pytest.LogCaptureFixture
):
    settings = Settings(directory=tmp_path)

    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("of a secret")

    async def ask(app: Any) -> httpx2.Response:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    with bootstrap.open_for_writing(tmp_path, settings.vocabulary) as ledger:
        ledger.views.snapshot = fail  # type: ignore[method-assign]
        ledger.log.heads = fail  # type: ignore[method-assign]
        answer = asyncio.run(ask(create_app(ledger, settings)))
    assert answer.status_code == 500
    assert answer.json()["error"] == {
        "code": "internal",
        "message": "the server failed; its log says why",
        "detail": {},
    }
    assert "ZeroDivisionError: of a secret" in caplog.text
