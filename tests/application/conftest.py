from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asking]:
    """A ledger of this test's own, with everything running that runs in a server."""
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        yield Asking(ledger)
