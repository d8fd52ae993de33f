from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.log.opened import OpenLog
from tests.places import DATABASES, place


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[OpenLog]:
    """A log in a file, for what only such a log has."""
    log = OpenLog(tmp_path / "log.sqlite")
    yield log
    log.close()


@pytest.fixture(params=DATABASES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenLog]:
    """A log in a place of its own, with its one writer running."""
    with place(request.param, tmp_path) as empty:
        log = OpenLog(tmp_path / "log.sqlite" if request.param == "sqlite" else empty)
        yield log
        log.close()
