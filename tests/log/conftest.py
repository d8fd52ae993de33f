from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def _opened(database: str, folder: Path, *, shards: int) -> Iterator[OpenLog]:
    with place(database, folder) as empty:
        log = OpenLog(folder / "log.sqlite" if database == "sqlite" else empty, shards=shards)
        yield log
        log.close()


@pytest.fixture(params=DATABASES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenLog]:
    """A log in a place of its own, with its one writer running."""
    with _opened(request.param, tmp_path, shards=1) as log:
        yield log


@pytest.fixture(params=DATABASES)
def sharded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenLog]:
    """The same with four shards: the partitions s3, s8, s2 and s1 are in one each, in that order."""
    with _opened(request.param, tmp_path, shards=4) as log:
        yield log


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[OpenLog]:
    """The same on a database that others may write meanwhile."""
    with _opened("postgresql", tmp_path, shards=4) as log:
        yield log
