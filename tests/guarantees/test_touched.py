"""Whoever changes what was recorded, be it the ledger itself, is found out by verifying it."""

from pathlib import Path

import pytest

from ledger.application.verify import verify
from ledger.bootstrap import LOG_FILE, VIEWS_FILE, open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.log.scan import Fault
from tests.application.asking import Asking
from tests.careless import careless


def _faults_after_a_correction(folder: Path) -> list[Fault]:
    with open_for_writing(folder, Vocabulary()) as ledger:
        ask = Asking(ledger)
        shoot = ask.start()
        cut = ask.cut(shoot, 1, reason="the phrase opened")
        ask.write("correctDirectorEvent", sessionId=shoot, eventId=cut, changes={"timestampMs": 2}, reason="slip")
    return verify(folder / LOG_FILE, folder / VIEWS_FILE).faults


def test_a_correction_leaves_what_it_corrects_untouched(tmp_path: Path):
    assert _faults_after_a_correction(tmp_path) == []


@pytest.mark.parametrize("fault", ["corrected-in-place"])
def test_a_correction_that_is_written_over_the_original_is_found_out(tmp_path: Path, fault: str):
    with careless(fault):
        faults = _faults_after_a_correction(tmp_path)
    assert faults[0].sequence == 2, "the first bad place is named"
