"""The studio is furnished once; commands only look at it."""

from collections.abc import Iterator

import pytest

from tests.cli.terminal import Studio, furnish
from tests.serving import Serving


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    server = Serving(tmp_path_factory.mktemp("studio"))
    yield furnish(server)
    server.leave()
