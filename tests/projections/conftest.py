from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.log.opened import OpenLog
from tests.projections.viewed import Viewed


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenLog]:
    log = OpenLog(tmp_path / "log.sqlite")
    yield log
    log.close()


@pytest.fixture
def viewed(opened: OpenLog, tmp_path: Path) -> Iterator[Viewed]:
    """The views of a log that is still empty; their runner is not running."""
    views = Viewed(opened, tmp_path / "views.sqlite")
    yield views
    views.close()
