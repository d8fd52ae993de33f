"""What tests have opened is closed after them."""

from collections.abc import Iterator

import pytest

from tests.client.spools import OPENED
from tests.places import POSTGRES_AS_WELL, server_on
from tests.serving import Serving


@pytest.fixture(scope="session", params=POSTGRES_AS_WELL)
def serving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server that the tests of the client share among themselves: jobs of theirs go on when they are over."""
    with server_on(request.param, tmp_path_factory.mktemp("shared")) as server:
        yield server


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()
