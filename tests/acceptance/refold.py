"""The views of a log, built from nothing: what views that came about in any other way must be equal to."""

from pathlib import Path
from shutil import copy
from time import monotonic, sleep
from typing import Any

from ledger import bootstrap
from ledger.application.ledger import Ledger
from ledger.domain.vocabulary import Vocabulary
from tests.acceptance.look import view_rows


def catch_up(ledger: Ledger) -> None:
    """Wait until the views show the whole log."""
    deadline = monotonic() + 60
    while ledger.runner.lag():
        assert ledger.runner.halted is None, ledger.runner.halted
        assert monotonic() < deadline, "the views stand still"
        sleep(0.001)


def fresh_fold(directory: Path, elsewhere: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The views of a copy of the log of ``directory``."""
    elsewhere.mkdir()
    for file in directory.glob("log.sqlite*"):
        copy(file, elsewhere)
    with bootstrap.open_for_writing(elsewhere, Vocabulary()) as ledger:
        catch_up(ledger)
    return view_rows(elsewhere)
