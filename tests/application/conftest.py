from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.bootstrap import open_database, open_for_writing
from ledger.domain.vocabulary import Vocabulary
from tests.application.asking import Asking
from tests.application.timed import Timed, timed
from tests.places import POSTGRES_AS_WELL
from tests.postgres import empty_database


@pytest.fixture
def embedded_ask(tmp_path: Path) -> Iterator[Asking]:
    """A ledger in a folder, for what only such a ledger has."""
    with open_for_writing(tmp_path, Vocabulary()) as ledger:
        yield Asking(ledger)


@pytest.fixture(params=POSTGRES_AS_WELL)
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Asking]:
    """A ledger of this test's own, with everything running that runs in a server."""
    if request.param == "sqlite":
        with open_for_writing(tmp_path, Vocabulary()) as ledger:
            yield Asking(ledger)
        return
    with empty_database() as url, open_database(url, Vocabulary(), shards=1) as ledger:
        yield Asking(ledger)


@pytest.fixture(params=POSTGRES_AS_WELL)
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Timed]:
    """A ledger whose clock this test moves."""
    with timed(tmp_path, request.param) as ask:
        yield ask
