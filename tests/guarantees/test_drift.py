"""Views that show something else than was recorded are found out, by whoever verifies them and by the patrol that nobody asks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from ledger.application.drift import check_views
from ledger.application.ledger import Ledger
from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.log.scan import Fault
from ledger.projections.drift import Drift
from ledger.projections.patrol import Patrol
from tests.acceptance.refold import catch_up
from tests.application.asking import Asking
from tests.careless import careless


@contextmanager
def _with_a_favourite(folder: Path) -> Iterator[tuple[Ledger, str]]:
    """A shoot in which somebody liked a still a while after it was taken."""
    with open_for_writing(folder, Vocabulary()) as ledger:
        ask = Asking(ledger)
        shoot = ask.start()
        still = ask.write("createStillCandidate", sessionId=shoot, cameraId="hero", timestampMs=1, score=0.5)
        catch_up(ledger)
        ask.write("updateStillCandidate", stillCandidateId=still, isFavorite=True)
        catch_up(ledger)
        yield ledger, shoot


def _found(folder: Path, flaw: Any) -> tuple[Sequence[Fault], Sequence[Drift], str]:
    """What verifying finds, and what the patrol has told of, with the shoot's Id."""
    with flaw, _with_a_favourite(folder) as (ledger, shoot):
        verified = check_views(ledger.log, ledger.views).faults
        Patrol(ledger.log, ledger.views, 0, share=1).go_round()
        return verified, ledger.standing().drifts, shoot


def test_views_that_show_what_was_recorded_are_not_complained_of(tmp_path: Path):
    assert _found(tmp_path / "sound", nullcontext())[:2] == ([], [])


@pytest.mark.parametrize(
    ("fault", "field"), [("changes-overlooked", "is_favorite"), ("changes-never-taken", "isFavorite")]
)
def test_a_view_that_forgets_what_was_changed_is_found_out_by_both(tmp_path: Path, fault: str, field: str):
    verified, told, shoot = _found(tmp_path / "careless", careless(fault))
    (complaint,), (drift,) = verified, told
    assert (complaint.partition, drift.partition, drift.view) == (shoot, shoot, "stills")
    assert f"differs in {field}" in complaint.rule
