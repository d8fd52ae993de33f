"""A restored ledger is another one: what the lost one gave out is never taken for its own."""

from pathlib import Path

import pytest

from ledger import bootstrap
from ledger.domain.vocabulary import Vocabulary
from ledger.log.backup import back_up
from ledger.log.epochs import OfAnotherEpoch
from ledger.log.restore import restore
from tests.application.asking import Asking
from tests.careless import careless


def _assert_the_lost_future_is_refused(folder: Path) -> None:
    """A position that was given out after the backup is refused once the restored ledger has grown past it."""
    log = folder / "ledger" / bootstrap.LOG_FILE
    with bootstrap.open_for_writing(log.parent, Vocabulary()) as ledger:
        ask = Asking(ledger)
        shoot = ask.start()
        back_up(log, folder / "backup", bootstrap.now_ms())
        lost = ask.written("markHeroPose", sessionId=shoot, timestampMs=1).position
    restore(folder / "backup", log, bootstrap.now_ms(), replace=True)
    with bootstrap.open_for_writing(log.parent, Vocabulary()) as ledger:
        ask = Asking(ledger)
        for at in range(3):
            ask.cut(shoot, at)
        with pytest.raises(OfAnotherEpoch):
            ask.answered("getProductionTimeline", at_least=lost, sessionId=shoot)


def test_a_position_of_the_lost_future_is_refused(tmp_path: Path):
    _assert_the_lost_future_is_refused(tmp_path)


@pytest.mark.parametrize("fault", ["restored-as-the-same"])
def test_a_ledger_that_takes_itself_for_the_lost_one_is_found_out(tmp_path: Path, fault: str):
    with careless(fault), pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        _assert_the_lost_future_is_refused(tmp_path)
