"""After a power cut: the real code opens what is left, and everything that was promised must be there."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from shutil import copytree

from ledger import bootstrap
from ledger.application.verify import verify
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import OutcomeUnknownError, Receipt
from tests.acceptance.look import Row, assert_gapless, log_rows, view_rows
from tests.acceptance.refold import catch_up, fresh_fold
from tests.guarantees.disk import power_cut
from tests.guarantees.simulation import Asked, Life, Told, ask, start


def assert_survives(life: Life, moment: int, chance: Random, folder: Path) -> None:
    """Cut the power after so many of a life's notes; ``folder`` is made to hold what is left of it.

    What is left must keep its promises as it is found, and go on keeping them when everybody asks again.
    """
    left, opened = folder / "left", folder / "opened"
    left.mkdir(parents=True)
    power_cut(life.notes[:moment], chance, left)
    told = {note.told.request: note.told for note in life.notes[:moment] if isinstance(note.told, Told)}
    with bootstrap.open_for_writing(left, Vocabulary()) as ledger:
        catch_up(ledger)
        copytree(left, opened)
        assert json.loads(start(ledger).json) == life.session_id
        again = {request: json.loads(ask(ledger, life.session_id, request).json) for request in life.asked}
    found = log_rows(opened)
    if any(note.told == life.session_id for note in life.notes[:moment]):
        assert found, "the session was acknowledged"
    _assert_kept(found, life, told)
    assert view_rows(opened) == fresh_fold(opened, folder / "fresh")
    assert verify(opened / bootstrap.LOG_FILE, opened / bootstrap.VIEWS_FILE).faults == []
    rows = log_rows(left)
    _assert_kept(rows, life, told, again)


def _assert_kept(
    rows: Sequence[Row], life: Life, told: dict[Asked, Told], again: dict[Asked, list[str]] | None = None
) -> None:
    """What was acknowledged is there under the Ids that were told, what was refused is not, and nothing is there in part.

    Where nobody was told, or only that it is not known, either is right. ``again``: what was answered to those who asked again.
    """
    assert_gapless(list(rows))
    by_request: dict[int, list[Row]] = defaultdict(list)
    for row in rows[1:]:
        by_request[row.body["metadata"]["request"]].append(row)
    for request in life.asked:
        found = by_request.pop(request.number, [])
        ids = [f"{life.session_id}-e{row.sequence}" for row in found]
        outcome = told[request].outcome if request in told else None
        assert len(ids) in (0, request.events), f"request {request.number} is there in part"
        if again is not None:
            assert ids == again[request], f"request {request.number} was answered when it was asked again"
        elif isinstance(outcome, Exception) and not isinstance(outcome, OutcomeUnknownError):
            assert not ids, f"request {request.number} was told: {outcome}"
        if isinstance(outcome, Receipt):
            assert ids == json.loads(outcome.answer), f"request {request.number} was acknowledged"
        assert all(row.body == request.body() for row in found), f"request {request.number} is not what was sent"
    assert not by_request, "nobody asked for these"
