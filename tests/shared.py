"""What tests of several rooms share: servers that are really running."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.places import POSTGRES_AS_WELL, server_on
from tests.serving import Serving, wait_for_all

Serve = Callable[..., Serving]


def pytest_sessionfinish() -> None:
    wait_for_all()


@pytest.fixture(scope="session", params=POSTGRES_AS_WELL)
def serving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server that many tests share: each makes sessions of its own, and leaves nothing behind that goes on by itself."""
    with server_on(request.param, tmp_path_factory.mktemp("shared")) as server:
        yield server


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a server on an empty folder of this test's own, and ends it after the test."""
    started: list[Serving] = []

    def start(**options: Any) -> Serving:
        started.append(Serving(tmp_path / f"ledger-{len(started)}", **options))
        return started[-1]

    yield start
    for server in started:
        server.leave()
