from collections.abc import Iterator

import pytest

from tests.api.locked import Locked
from tests.serving import Serving


@pytest.fixture(scope="session")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    """A server that asks for keys, which many tests share: each makes sessions of its own."""
    server = Serving(tmp_path_factory.mktemp("locked"), LEDGER_ALLOW_ORIGIN="https://stage.example")
    yield Locked(server)
    server.leave()
