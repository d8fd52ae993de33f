from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.log.opened import OpenLog


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenLog]:
    """A log on a file of its own, with its one writer running."""
    log = OpenLog(tmp_path / "log.sqlite")
    yield log
    log.close()
