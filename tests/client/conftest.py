"""What tests have opened is closed after them."""

from collections.abc import Iterator

import pytest

from tests.client.spools import OPENED


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()
