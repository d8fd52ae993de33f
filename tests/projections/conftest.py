from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.log.conftest import embedded, opened, sharded
from tests.projections.viewed import Viewed

__all__ = ["embedded", "opened", "sharded"]


@pytest.fixture
def embedded_viewed(embedded, tmp_path: Path) -> Iterator[Viewed]:
    """Views in a file, for what only SQLite says."""
    views = Viewed(embedded, tmp_path / "views.sqlite")
    yield views
    views.close()


@pytest.fixture
def viewed(opened, tmp_path: Path) -> Iterator[Viewed]:
    """The views of a log that is still empty; their runner is not running."""
    views = Viewed(opened, tmp_path / "views.sqlite")
    yield views
    views.close()
